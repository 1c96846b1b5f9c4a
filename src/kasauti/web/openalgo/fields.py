"""
Fields of a request as OpenAlgo's clients send them, and its own words for what is wrong with them.

A request is a struct whose fields are annotated with one of these: `Annotated[int, Rupees(...)]`. Numbers may
come as text, as most clients send them. Prices become money units, quantities whole units.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar, get_args, get_type_hints

import msgspec

from kasauti.domain.money import RUPEE, rupees
from kasauti.errors import InvalidInput

#: Larger numbers are no price and no quantity of anything.
_MOST = 10**12
_TRUE = frozenset({"t", "true", "on", "y", "yes", "1"})
_FALSE = frozenset({"f", "false", "off", "n", "no", "0"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Wrong(Exception):
    """What is wrong with a request: sentences about a value, or about its fields by their names."""

    def __init__(self, messages: Any) -> None:  # noqa: ANN401  lists in dicts, nested as the request is
        super().__init__(messages)
        self.messages = messages


class Field(Protocol):
    """Reads one value, or raises `Wrong`."""

    #: Whether null counts as left out.
    nullable: bool

    def read(self, value: object) -> object:
        """Return the value as the struct has it."""


class Text(msgspec.Struct, frozen=True):
    """Text of `least` to `most` characters, or one of some words."""

    least: int = 0
    most: int = 0
    one_of: tuple[str, ...] = ()
    error: str = ""
    nullable: bool = False
    check: Callable[[str], str] | None = None

    def read(self, value: object) -> str:
        """Return the text."""
        if not isinstance(value, str):
            raise Wrong(["Not a valid string."])
        if self.one_of and value not in self.one_of:
            raise Wrong([f"Must be one of: {', '.join(self.one_of)}."])
        if (self.most and len(value) > self.most) or len(value) < self.least:
            raise Wrong([self.error or f"Length must be between {self.least} and {self.most}."])
        error = self.check(value) if self.check is not None else ""
        if error:
            raise Wrong([error])
        return value


def number(value: object) -> Decimal:
    """Return a number, also one that is written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Wrong(["Not a valid number."])
    try:
        read = Decimal(str(value).strip())
    except InvalidOperation:
        raise Wrong(["Not a valid number."]) from None
    if not read.is_finite():
        raise Wrong(["Special numeric values (nan or infinity) are not permitted."])
    if abs(read) > _MOST:
        raise Wrong(["Number too large."])
    return read


class Rupees(msgspec.Struct, frozen=True):
    """Rupees, not below 0; money units in the struct."""

    error: str = "Price must be a non-negative number."
    nullable: bool = False

    def read(self, value: object) -> int:
        """Return money units."""
        amount = number(value)
        if amount < 0:
            raise Wrong([self.error])
        try:
            return rupees(amount)
        except InvalidInput as error:
            raise Wrong([str(error)]) from None


class Units(msgspec.Struct, frozen=True):
    """Whole units of at least `least`; `signed` ones may be below 0. Without `strict` 65.0 is 65."""

    error: str = "Quantity must be a positive number."
    least: int = 1
    signed: bool = False
    strict: bool = False
    nullable: bool = False

    def read(self, value: object) -> int:
        """Return units."""
        if self.strict:
            return self._strict(value)
        amount = number(value)
        if not self.signed and (amount <= 0 if self.least else amount < 0):
            raise Wrong([self.error])
        if amount != amount.to_integral_value():
            raise Wrong([f"Fractional quantity ({float(amount)}) is not allowed for non-crypto exchanges."])
        return int(amount)

    def _strict(self, value: object) -> int:
        whole = re.fullmatch(r"\s*[+-]?\d+\s*", value) is not None if isinstance(value, str) else True
        if not whole or isinstance(value, bool) or not isinstance(value, int | float | str):
            raise Wrong(["Not a valid integer."])
        amount = number(value)
        if amount != amount.to_integral_value():
            raise Wrong(["Not a valid integer."])
        if amount < self.least:
            raise Wrong([self.error])
        return int(amount)


class Between(msgspec.Struct, frozen=True):
    """A number between two, a float in the struct."""

    least: float
    most: float = 1e12
    nullable: bool = False

    def read(self, value: object) -> float:
        """Return the number."""
        amount = float(number(value))
        if amount < self.least or amount > self.most:
            upper = "" if self.most >= _MOST else f" and less than or equal to {self.most:g}"
            raise Wrong([f"Must be greater than or equal to {self.least:g}{upper}."])
        return amount


class Switch(msgspec.Struct, frozen=True):
    """Yes or no, in any of the ways in which that is written."""

    nullable: bool = False

    def read(self, value: object) -> bool:
        """Return it."""
        word = str(value).lower()
        if isinstance(value, bool | int | str) and word in _TRUE | _FALSE:
            return word in _TRUE
        raise Wrong(["Not a valid boolean."])


class Day(msgspec.Struct, frozen=True):
    """A day, like 2026-11-23."""

    nullable: bool = False

    def read(self, value: object) -> date:
        """Return the day."""
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass  # no such day: as any other text
        raise Wrong(["Not a valid date."])


class Rows(msgspec.Struct, frozen=True):
    """A list of structs, `least` to `most` of them."""

    kind: type[msgspec.Struct]
    least: int = 0
    most: int = 1_000
    error: str = ""
    nullable: bool = False

    def read(self, value: object) -> list[object]:
        """Return the structs."""
        if not isinstance(value, list):
            raise Wrong(["Not a valid list."])
        read: list[object] = []
        wrong: dict[int, Any] = {}
        for place, each in enumerate(value[: self.most + 1]):
            try:
                read.append(load(self.kind, each))
            except Wrong as error:
                wrong[place] = error.messages
        if wrong:
            raise Wrong(wrong)
        if not self.least <= len(value) <= self.most:
            raise Wrong([self.error or f"Length must be between {self.least} and {self.most}."])
        return read


class Asked(msgspec.Struct, kw_only=True, frozen=True):
    """What all requests have: which fields beside its own one passes over, and checks of several fields."""

    #: Fields that are not this request's are passed over, instead of refused.
    OPEN: ClassVar[bool] = False

    def faults(self) -> dict[str, list[str]]:
        """Return what is wrong between fields."""
        return {}


StructT = TypeVar("StructT", bound=msgspec.Struct)


class _Slot(msgspec.Struct, frozen=True):
    name: str
    wire: str
    field: Any
    required: bool


@cache
def _slots(kind: type[msgspec.Struct]) -> tuple[_Slot, ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple(
        _Slot(each.name, each.encode_name, get_args(hints[each.name])[-1], each.required)
        for each in msgspec.structs.fields(kind)
    )


def load(kind: type[StructT], raw: object) -> StructT:
    """Return a request as its struct; raises `Wrong` with everything that is wrong, by the fields' names."""
    if not isinstance(raw, dict):
        raise Wrong({"_schema": ["Invalid input type."]})
    values: dict[str, object] = {}
    wrong: dict[str, Any] = {}
    slots = _slots(kind)
    for slot in slots:
        try:
            _fill(values, slot, raw)
        except Wrong as error:
            wrong[slot.wire] = error.messages
    if not getattr(kind, "OPEN", False):
        known = {slot.wire for slot in slots}
        wrong.update({str(name): ["Unknown field."] for name in raw if name not in known})
    if wrong:
        raise Wrong(wrong)
    read = kind(**values)
    faults = read.faults() if isinstance(read, Asked) else {}
    if faults:
        raise Wrong(faults)
    return read


def _fill(values: dict[str, object], slot: _Slot, raw: dict[str, object]) -> None:
    """Read one field into `values`, unless it is left out and may be."""
    if slot.wire not in raw:
        if slot.required:
            raise Wrong(["Missing data for required field."])
    elif raw[slot.wire] is not None:
        values[slot.name] = slot.field.read(raw[slot.wire])
    elif slot.required or not slot.field.nullable:
        raise Wrong(["Field may not be null."])


def shown(units: int) -> float:
    """Return money units as rupees for an answer: the nearest float, which is written exactly."""
    return units / RUPEE
