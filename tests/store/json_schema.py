"""As much of JSON Schema as the published schema uses; a word that is not known here fails the test."""

import re
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
_REMARKS = {"$schema", "$id", "$defs", "title", "description"}


def problems(value: Any, schema: dict[str, Any], root: dict[str, Any], place: str = "$") -> list[str]:
    """Return what is wrong with `value`, with its place; nothing if all is right."""
    found = []
    for word, rule in schema.items():
        if word not in _REMARKS:
            found += _CHECKS[word](value, rule, schema, root, place)
    return found


def _ref(value: Any, rule: str, schema: dict[str, Any], root: dict[str, Any], place: str) -> list[str]:
    return problems(value, root["$defs"][rule.removeprefix("#/$defs/")], root, place)


def _type(value: Any, rule: str | list[str], schema: Any, root: Any, place: str) -> list[str]:
    names = [rule] if isinstance(rule, str) else rule
    fits = any(
        isinstance(value, _TYPES[n]) and (n == "boolean" or not isinstance(value, bool)) for n in names
    )
    return [] if fits else [f"{place}: {value!r} is not {rule}"]


def _properties(value: Any, rule: dict[str, Any], schema: Any, root: dict[str, Any], place: str) -> list[str]:
    if not isinstance(value, dict):
        return []
    return [p for k, s in rule.items() if k in value for p in problems(value[k], s, root, f"{place}.{k}")]


def _others(value: Any, rule: Any, schema: dict[str, Any], root: dict[str, Any], place: str) -> list[str]:
    if not isinstance(value, dict):
        return []
    others = value.keys() - schema.get("properties", {}).keys()
    if rule is False:
        return [f"{place}.{key} is not in the schema" for key in others]
    return [p for key in others for p in problems(value[key], rule, root, f"{place}.{key}")]


def _items(value: Any, rule: dict[str, Any], schema: Any, root: dict[str, Any], place: str) -> list[str]:
    if not isinstance(value, list):
        return []
    return [p for number, item in enumerate(value) for p in problems(item, rule, root, f"{place}[{number}]")]


def _required(value: Any, rule: list[str], schema: Any, root: Any, place: str) -> list[str]:
    return [f"{place}.{key} is missing" for key in rule if isinstance(value, dict) and key not in value]


def _any_of(
    value: Any, rule: list[dict[str, Any]], schema: Any, root: dict[str, Any], place: str
) -> list[str]:
    return [] if any(not problems(value, s, root) for s in rule) else [f"{place}: {value!r} fits none"]


def _says(fits: Any) -> Any:
    def check(value: Any, rule: Any, schema: Any, root: Any, place: str) -> list[str]:
        return [] if fits(value, rule) else [f"{place}: {value!r} does not fit {rule!r}"]

    return check


_CHECKS: dict[str, Any] = {
    "$ref": _ref,
    "type": _type,
    "properties": _properties,
    "additionalProperties": _others,
    "items": _items,
    "required": _required,
    "anyOf": _any_of,
    "const": _says(lambda value, rule: value == rule),
    "enum": _says(lambda value, rule: value in rule),
    "pattern": _says(lambda value, rule: not isinstance(value, str) or re.search(rule, value)),
    "minimum": _says(lambda value, rule: not isinstance(value, int | float) or value >= rule),
}
