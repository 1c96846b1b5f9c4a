"""Why a rule file does not fit its form, in words: what stands there, what may, and what was meant."""

import re
from difflib import get_close_matches
from typing import Any

import msgspec
from msgspec import inspect

from kasauti.exchange.clock import CLOCK
from kasauti.exchange.rule_checks import NO_SOURCE, Problem

_PLACE = re.compile(r"^(.*?)(?: - at `(.*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_MISSING = re.compile(r"Object missing required field `(.*)`")
_WORD = re.compile(r"Invalid enum value '?(.*?)'?$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def misfit(error: msgspec.ValidationError, form: type[msgspec.Struct], values: dict[str, Any]) -> Problem:
    """Return the place in a file of form `form` that `error` is about, and what to do there."""
    found = _PLACE.match(str(error))
    assert found is not None, "the pattern takes every text"
    said, path = found[1], found[2] or "$"
    kind = _kind_at(inspect.type_info(form), path)
    if unknown := _UNKNOWN.fullmatch(said):
        return Problem(f"{path}.{unknown[1]}", _unknown_field(unknown[1], kind))
    if missing := _MISSING.fullmatch(said):
        return Problem(path, _missing_field(missing[1]))
    if _WORD.fullmatch(said) and isinstance(kind, inspect.EnumType):
        return Problem(path, _unknown_word(_value_at(values, path), kind, path))
    return Problem(path, f"{_shown(_value_at(values, path))} cannot be used: {_plain(said)}.")


def _unknown_field(name: str, kind: inspect.Type | None) -> str:
    known = [field.encode_name for field in kind.fields] if isinstance(kind, inspect.StructType) else []
    return f"{name!r} is not a field here.{_meant(name, known)} Fields: {', '.join(known)}."


def _missing_field(name: str) -> str:
    if name == "source":
        return NO_SOURCE
    return f"the field {name!r} is missing; add it."


def _unknown_word(word: object, kind: inspect.EnumType, path: str) -> str:
    known = [str(member.value) for member in kind.cls]
    field = path.rpartition(".")[2].partition("[")[0]
    return f"{_shown(word)} is no {field} that is known.{_meant(str(word), known)} Known: {', '.join(known)}."


def _meant(word: str, known: list[str]) -> str:
    lowered = {each.lower(): each for each in known}
    close = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return f" Did you mean {lowered[close[0]]!r}?" if close else ""


def _plain(said: str) -> str:
    """Return msgspec's sentence with the words of a file in place of those of a program."""
    if said.endswith(f"'{CLOCK}'"):
        return "a time of day is wanted, like 09:15"
    return (
        said.replace("Expected `str` matching regex", "a text is wanted that looks like")
        .replace("Expected", "wanted is")
        .replace("`null`", "nothing")
        .replace("`str`", "a text")
        .replace("`int`", "a whole number")
        .replace("`array`", "a list")
        .replace("`object`", "a group in braces")
    )


def _shown(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004  a line on a screen


def _kind_at(kind: inspect.Type, path: str) -> inspect.Type | None:
    """Return the type that belongs at `path`, None where it cannot be told."""
    for field, _ in _STEP.findall(path):
        inner = _bare(kind)
        if field:
            fields = {each.encode_name: each.type for each in getattr(inner, "fields", ())}
            if field not in fields:
                return None
            kind = fields[field]
        elif isinstance(inner, inspect.DictType):
            kind = inner.value_type
        else:
            kind = getattr(inner, "item_type", inner)
    return _bare(kind)


def _bare(kind: inspect.Type) -> inspect.Type:
    """Return a type without its remarks, and without the null it may also be."""
    if isinstance(kind, inspect.Metadata):
        return _bare(kind.type)
    if isinstance(kind, inspect.UnionType):
        others = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
        return _bare(others[0]) if len(others) == 1 else kind
    return kind


def _value_at(value: Any, path: str) -> Any:  # noqa: ANN401  any JSON value
    for field, place in _STEP.findall(path):
        try:
            value = value[field] if field else value[int(place)]
        except (KeyError, IndexError, TypeError, ValueError):
            return value
    return value
