"""From plain values, as a configuration file has them, to a strategy's own typed parameters."""

import re
from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeVar, get_args

import msgspec

from kasauti.domain.plain import plain
from kasauti.errors import ConfigError, InvalidInput

P = TypeVar("P", bound=msgspec.Struct)

#: A hundredth of a per cent, in which shares and thresholds are computed with.
PER_CENT = 100
WHOLE = 100 * PER_CENT

_LENGTH = re.compile(r"([1-9]\d*)(s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_CLOCK = re.compile(r"\d\d:\d\d")
_PLACE = re.compile(r"(?P<problem>.*) - at `\$\.(?P<key>\w+)")


def read_parameters(kind: type[P], values: Mapping[str, object], owner: str) -> P:
    """
    Return `values` as a `kind`; `owner` is the strategy's name, for the message.

    An IST time may be written "14:50". Raises `ConfigError` for a key that is unknown, missing, or of the
    wrong type.
    """
    fields = _fields(kind)
    for key in values:
        if key not in fields:
            raise ConfigError(f"{owner} has no parameter {key!r}.{_advice(str(key), list(fields))}")
    missing = [name for name, field in fields.items() if field.required and name not in values]
    if missing:
        raise ConfigError(
            f"{owner} needs the parameter {missing[0]!r}; `kasauti strategies {owner}` says what it takes."
        )
    plain = {key: _plain(value, fields[key].type) for key, value in values.items()}
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(_wrong(str(error), values, owner)) from error


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """Return the fields by name; reading annotations takes longest here, and sweeps ask often."""
    return {field.name: field for field in msgspec.structs.fields(kind)}


def candle_seconds(length: str) -> int:
    """Return the seconds of a candle written like "30s", "5m" or "1h"; `InvalidInput` for what is none."""
    found = _LENGTH.fullmatch(length)
    if found is None:
        raise InvalidInput(f"{length!r} is no length of a candle; write it like 30s, 5m or 1h")
    return int(found[1]) * _SECONDS[found[2]]


def basis_points(key: str, percent: Decimal, *, least: int = 1, most: int = WHOLE) -> int:
    """
    Return `percent` in whole hundredths of a per cent, from `least` to `most` of them.

    Raises `InvalidInput`, naming `key`, for what is none.
    """
    exact = Decimal(percent)
    scaled = exact * PER_CENT if exact.is_finite() else Decimal(-1)
    if scaled != scaled.to_integral_value() or not least <= scaled <= most:
        low, high = Decimal(least) / PER_CENT, Decimal(most) / PER_CENT
        raise InvalidInput(
            f"{key} is {percent}, which cannot be used;"
            f" write a number of per cent from {low} to {high} with two decimals at most, like 12.5"
        )
    return int(scaled)


def _plain(value: object, kind: Any) -> object:  # noqa: ANN401  a type as typing has it
    """Return `value` in the form msgspec takes: a clock time with seconds, a whole number as one."""
    kinds, value = {kind, *get_args(kind)}, plain(value)
    if isinstance(value, str) and time in kinds and _CLOCK.fullmatch(value):
        return f"{value}:00"
    if isinstance(value, Decimal) and Decimal not in kinds and value == value.to_integral_value():
        return int(value)
    return value


def _wrong(message: str, values: Mapping[str, object], owner: str) -> str:
    place = _PLACE.match(message)
    if place is None:
        return f"The parameters of {owner} cannot be used: {message}."
    key = place["key"]
    if key not in values:
        return f"The parameters of {owner} cannot be used: {message}."
    hint = ' Write an IST time in quotes, like "14:50".' if "time" in place["problem"] else ""
    return f"The parameter {key} of {owner} is {values[key]!r}: {place['problem'].lower()}.{hint}"


def _advice(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f" Did you mean {close[0]!r}?"
    return f" It has: {', '.join(known)}." if known else " It has none."
