"""
How the exchange's rules are read from their files and picked by date.

Every rule is a row of a JSON file in `exchange/data/`, with the first day it holds, its value, where that
can be read again and how sure it is. Rates are written as people know them, in per cent. To correct a
rule, edit its row; to add a change, add a row with a later `effective_from`. A word that no rule knows is
refused with its place in the file. Outside the dates that are known, nothing is guessed.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files
from typing import Generic, TypeVar

import msgspec

from kasauti.errors import ConfigError, RuleUnknown

#: A rate of 1 in the scale rates are compiled to.
ONE = 1_000_000_000


class Confidence(StrEnum):
    """
    How sure a row is.

    CERTAIN: a circular, a statute or several independent sources. LIKELY: one decent source. CONFIGURABLE:
    a broker's policy or a volatile number; the row holds a usable value that the user may have to change.
    """

    CERTAIN = "certain"
    LIKELY = "likely"
    CONFIGURABLE = "configurable"


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    One dated rule; each file adds its own values.

    It holds from `effective_from` until the next row of the same thing begins, or to `effective_to`, the
    last day, where one is given.
    """

    effective_from: date
    source: str
    confidence: Confidence
    effective_to: date | None = None
    note: str = ""


class RuleFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every file begins with. `known_to` is the last day its rows have been checked for."""

    about: str
    known_to: date


FileT = TypeVar("FileT", bound=RuleFile)
RowT = TypeVar("RowT", bound=Row)


def read_rules(file: str, form: type[FileT]) -> FileT:
    """Read `exchange/data/<file>` into `form`; `ConfigError` names the place of whatever does not fit."""
    text = files("kasauti.exchange").joinpath("data", file).read_bytes()
    try:
        return msgspec.json.decode(text, type=form)
    except msgspec.DecodeError as error:
        raise ConfigError(f"exchange/data/{file} cannot be used: {error}. Correct that place.") from error


class Timeline(Generic[RowT]):
    """The rows of one thing in order of date. `what` names the thing in messages, `file` its home."""

    __slots__ = ("_file", "_known_to", "_rows", "_starts", "_what")

    def __init__(self, what: str, rows: Iterable[RowT], *, file: str, known_to: date) -> None:
        self._what = what
        self._file = file
        self._known_to = known_to
        self._rows = sorted(rows, key=lambda row: row.effective_from)
        self._starts = [row.effective_from for row in self._rows]
        for earlier, later in zip(self._starts, self._starts[1:], strict=False):
            if earlier == later:
                raise ConfigError(f"exchange/data/{file} has two rows for {what} from {later}; keep one.")

    def on(self, day: date) -> RowT:
        """Return the row in force on `day`, or raise `RuleUnknown`."""
        place = bisect_right(self._starts, day)
        if place == 0 or day > self._known_to:
            raise self._unknown(day)
        row = self._rows[place - 1]
        if row.effective_to is not None and day > row.effective_to:
            raise self._unknown(day)
        return row

    def find(self, day: date) -> RowT | None:
        """Return the row in force on `day`, None where there is none: for things that need not be."""
        place = bisect_right(self._starts, day)
        row = self._rows[place - 1] if place and day <= self._known_to else None
        return None if row is None or (row.effective_to is not None and day > row.effective_to) else row

    def _unknown(self, day: date) -> RuleUnknown:
        if not self._rows:
            return RuleUnknown(f"{self._what} is not known on any date. Add {self._remedy()}")
        last = min(self._rows[-1].effective_to or self._known_to, self._known_to)
        return RuleUnknown(
            f"{self._what} is not known on {day}: it is known from {self._starts[0]} to {last}"
            f"{self._gaps()}. Choose a date inside, or add {self._remedy()}"
        )

    def _gaps(self) -> str:
        ended = [
            f"{row.effective_to} to {later}"
            for row, later in zip(self._rows, self._starts[1:], strict=False)
            if row.effective_to is not None and (later - row.effective_to).days > 1
        ]
        return f", but not between {' and '.join(ended)}" if ended else ""

    def _remedy(self) -> str:
        return f"a dated row with its source to exchange/data/{self._file}."


def per_billion(percent: Decimal, *, file: str) -> int:
    """Return a percentage as a whole number of billionths; `ConfigError` if it is finer than that."""
    exact = percent * ONE / 100
    if exact != exact.to_integral_value() or exact < 0:
        raise ConfigError(
            f"exchange/data/{file}: {percent} % is not a whole number of billionths of at least 0;"
            " write it with at most seven decimals."
        )
    return int(exact)
