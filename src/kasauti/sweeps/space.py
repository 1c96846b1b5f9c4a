"""
What a sweep tries: one axis a parameter, all combinations of their values, and conditions between them.

An axis is written `fast=5:50:5` (from, to, step; both ends are tried), `mode=a,b` (a list) or `x=3`. Whole
numbers stay `int`, numbers with a point are exact `Decimal`, `true` and `false` are `bool`, all else is text.
"""

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import msgspec

from kasauti.config.words import did_you_mean
from kasauti.errors import ConfigError, InvalidInput
from kasauti.sweeps.conditions import Condition, condition

Value = int | Decimal | bool | str
Combination = dict[str, Value]

#: A space may have more combinations than anybody can try; an axis with more values is a slip of the pen.
MOST_VALUES = 100_000

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)\Z")
_NAME = re.compile(r"[A-Za-z_]\w*\Z")
_HOW = "write it like fast=5:50:5 (from, to, step) or mode=a,b"


class Axis(msgspec.Struct, frozen=True):
    """
    One parameter and the values to try, in order, each once.

    `step` is the distance of a range's values, None for a list.
    """

    name: str
    values: tuple[Value, ...]
    step: int | Decimal | None = None


class Space(msgspec.Struct, frozen=True):
    """Axes, and the conditions that a combination has to meet."""

    axes: tuple[Axis, ...]
    conditions: tuple[Condition, ...] = ()

    @property
    def size(self) -> int:
        """How many combinations there are before conditions."""
        return math.prod(len(axis.values) for axis in self.axes)

    def allows(self, combination: Combination) -> bool:
        """Return whether a combination meets every condition."""
        return all(each.holds(combination) for each in self.conditions)

    def combinations(self) -> Iterator[Combination]:
        """Yield every allowed combination, the last axis fastest."""
        names = [axis.name for axis in self.axes]
        for values in itertools.product(*(axis.values for axis in self.axes)):
            combination = dict(zip(names, values, strict=True))
            if self.allows(combination):
                yield combination

    def numbered(self, number: int) -> Combination:
        """Return the combination that has this place among all `size` of them, conditions aside."""
        found: Combination = {}
        for axis in reversed(self.axes):
            number, place = divmod(number, len(axis.values))
            found[axis.name] = axis.values[place]
        return {axis.name: found[axis.name] for axis in self.axes}


def space(parameters: Iterable[str] | Mapping[str, object], where: str | Iterable[str] = ()) -> Space:
    """
    Return the space that texts like `fast=5:50:5`, or names with their values, describe.

    `where` is a condition or several, like "fast < slow". Raises `InvalidInput` for an axis or condition
    that cannot be read, that comes twice, or that names a parameter which is not swept.
    """
    if isinstance(parameters, Mapping):
        axes = [_axis_of(name, values) for name, values in parameters.items()]
    else:
        axes = [parsed(text) for text in parameters]
    names = [axis.name for axis in axes]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidInput(f"--param {twice} is given twice; give all its values at once, like {twice}=1,2,3")
    if not axes:
        raise InvalidInput(f"A sweep needs at least one parameter to try values of; {_HOW}")
    texts = [where] if isinstance(where, str) else list(where)
    return Space(tuple(axes), tuple(condition(text, names) for text in texts if text))


def parsed(text: str) -> Axis:
    """Return the axis that `name=values` describes."""
    name, equals, values = text.partition("=")
    name = name.strip()
    if not equals or not _NAME.match(name) or not values.strip():
        raise InvalidInput(f"--param {text} has no name and values; {_HOW}")
    parts = values.split(":")
    if len(parts) in {2, 3} and all(_NUMBER.match(part.strip()) for part in parts):
        return _range(name, [_value(part.strip()) for part in parts], text)
    return _listed(name, [_value(part.strip()) for part in values.split(",")], text)


def check_names(axes: Iterable[Axis], known: Iterable[str], owner: str) -> None:
    """Raise `ConfigError` for an axis that is no parameter of the strategy `owner`, with a suggestion."""
    has = list(known)
    for axis in axes:
        if axis.name not in has:
            listed = ", ".join(has) or "none"
            raise ConfigError(
                f"{owner} has no parameter {axis.name!r}.{did_you_mean(axis.name, has)} It has: {listed}."
            )


def shown(value: Value) -> str:
    """Return a value as it is written on a command line."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _axis_of(name: str, values: object) -> Axis:
    """Return the axis of a Python mapping: a text as on the command line, a range, or values one by one."""
    if isinstance(values, str):
        return parsed(f"{name}={values}")
    given = list(values) if isinstance(values, Iterable) else [values]
    return _listed(name, [_plain(name, value) for value in given], f"{name}={values}")


def _plain(name: str, value: object) -> Value:
    if isinstance(value, bool | int | Decimal | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return Decimal(str(value))
    item = getattr(value, "item", None)  # a scalar of numpy
    if item is not None and isinstance(item(), int | float | bool):
        return _plain(name, item())
    raise InvalidInput(f"{name}: {value!r} is no value to sweep; give numbers, texts, true or false")


def _listed(name: str, values: list[Value], text: str) -> Axis:
    if not values or any(value == "" for value in values):
        raise InvalidInput(f"--param {text} has an empty value; {_HOW}")
    return Axis(name, tuple(dict.fromkeys(values)))


def _range(name: str, parts: list[Value], text: str) -> Axis:
    low, high, *rest = (Decimal(part) for part in parts)
    whole = all(isinstance(part, int) for part in parts)
    if not rest and not whole:
        raise InvalidInput(f"--param {text} needs a step for numbers with a point, like {name}=0.5:2.0:0.1")
    step = rest[0] if rest else Decimal(1)
    if step <= 0 or low > high:
        raise InvalidInput(f"--param {text}: a range goes up, by a step above 0, like {name}=5:50:5")
    count = int((high - low) / step) + 1
    if count > MOST_VALUES:
        raise InvalidInput(f"--param {text} has {count:,} values; choose a larger step")
    values = [low + number * step for number in range(count)]
    if whole:
        return Axis(name, tuple(int(value) for value in values), int(step))
    return Axis(name, tuple(values), step)


def _value(text: str) -> Value:
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if not _NUMBER.match(text):
        return text
    return int(text) if text.lstrip("+-").isdecimal() else Decimal(text)
