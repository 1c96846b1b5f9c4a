"""Settings in words: what a type allows, the unit in a name, the nearest known word; and values as types."""

import datetime as dt
import re
import types
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from typing import Union, get_args, get_origin

import msgspec
from msgspec import inspect

#: How a key's name ends, and the unit that means.
UNITS = {
    "_rupees": "rupees",
    "_percent": "per cent",
    "_basis_points": "hundredths of a per cent",
    "_ticks": "ticks of the instrument",
    "_ms": "milliseconds",
    "_per_s": "times a second",
    "_s": "seconds",
}

#: The two digits and two digits of an IST time of day, like 14:50.
CLOCK = "^([01][0-9]|2[0-3]):[0-5][0-9]\\Z"

#: Percentages of orders and milliseconds, rising: 0:40,50:70,100:1500.
LATENCY_PROFILE = "^[0-9]{1,3}:[0-9]{1,5}(,[0-9]{1,3}:[0-9]{1,5})+\\Z"

#: An address of the web without a user or a password in it.
WEB_ADDRESS = r"^https?://[^\s@/]+(/[^\s@]*)?\Z"

#: What is shown in place of a value that must not be.
HIDDEN = "(hidden)"

_HIDDEN_WORDS = re.compile(r"(^|_)(secret|password|passwd|pin|totp|token|api_key)(_|$)")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the one of `known` that `word` was probably meant to be, or None."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return close[0] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean X?" for the nearest of `known`, or nothing."""
    close = nearest(word, known)
    return "" if close is None else f" Did you mean {close}?"


def unit_of(key: str) -> str:
    """Return the unit that a key's name ends with, or nothing."""
    return next((unit for ending, unit in UNITS.items() if key.endswith(ending)), "")


def must_be_hidden(key: str) -> bool:
    """Return whether a key names something that no log or screen may show."""
    return _HIDDEN_WORDS.search(key.lower()) is not None


def converted(value: object, kind: object) -> object:
    """
    Return `value`, as YAML has it, as a `kind`.

    A time of day may be written without its seconds, and a whole number with decimals that are all 0.
    Raises `msgspec.ValidationError`.
    """
    if isinstance(value, Decimal) and value == value.to_integral_value() and takes(kind, int):
        value = int(value)
    if isinstance(value, str) and re.match(CLOCK, value) and takes(kind, dt.time):
        value = f"{value}:00"
    return msgspec.convert(value, kind)


def allowed(kind: object) -> str:
    """Return in words what a setting of this type takes, like "a whole number from 0 to 100"."""
    return _say(inspect.type_info(kind))


def takes(kind: object, wanted: type) -> bool:
    """Return whether a setting of type `kind` takes a `wanted`."""
    if get_origin(kind) in {Union, types.UnionType}:
        return any(takes(each, wanted) for each in get_args(kind))
    if hasattr(kind, "__metadata__"):
        return takes(get_args(kind)[0], wanted)
    return kind is wanted


def _say(info: inspect.Type) -> str:
    match info:
        case inspect.Metadata(type=inner, extra_json_schema=schema):
            examples = (schema or {}).get("examples", [])
            return _say(inner) + (f" like {examples[0]}" if examples else "")
        case inspect.UnionType(types=choices):
            return ", or ".join(_say(choice) for choice in choices)
        case inspect.NoneType():
            return "null for none"
        case inspect.LiteralType(values=values):
            words = [str(value) for value in values]
            return words[0] if len(words) == 1 else f"one of {', '.join(words)}"
        case inspect.EnumType(cls=cls):
            return f"one of {', '.join(str(member.value) for member in cls)}"
        case inspect.CustomType(cls=cls):
            return cls.__name__
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number" + _range(info)
        case inspect.FloatType():
            return "a number" + _range(info)
        case _:
            return _PLAIN.get(type(info), f"a {type(info).__name__.removesuffix('Type').lower()}")


_PLAIN: dict[type, str] = {
    inspect.StrType: "a text",
    inspect.DateType: "a date like 2026-11-23",
    inspect.TimeType: "an IST time like 14:50",
    inspect.DecimalType: "a number",
    inspect.TupleType: "a list",
    inspect.VarTupleType: "a list",
    inspect.ListType: "a list",
    inspect.DictType: "a mapping",
    inspect.AnyType: "anything",
}


def _range(info: inspect.IntType | inspect.FloatType) -> str:
    if info.ge is not None and info.le is not None:
        return f" from {_number(info.ge)} to {_number(info.le)}"
    bounds = {"of at least": info.ge, "above": info.gt, "at most": info.le, "below": info.lt}
    parts = [f"{words} {_number(bound)}" for words, bound in bounds.items() if bound is not None]
    return f" {', '.join(parts)}" if parts else ""


def _number(value: float) -> str:
    return f"{int(value) if value == int(value) else value:_}"
