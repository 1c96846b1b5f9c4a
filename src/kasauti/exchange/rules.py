"""
How the exchange's rules are read from their files and picked by date.

Every rule is a row of a JSON file in `exchange/data/`, with the first day it holds, its value, where that
can be read again and how sure it is. Rates are written as people know them, in per cent. To correct a
rule, edit its row; to add a change, add a row with a later `effective_from`. Whatever cannot be is refused
with its file and line. Rows of a user's own can lie over the packaged ones: see `overlay`. Outside the dates
that are known, nothing is guessed.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any, Generic, TypeVar

import msgspec

from kasauti.errors import ConfigError, RuleUnknown
from kasauti.exchange.overlay import (
    RulesInForce,
    completed,
    fingerprint_of,
    merged,
    overlay_in_use,
    without_provisional,
)
from kasauti.exchange.rule_checks import Problem, problems_of
from kasauti.exchange.rule_text import RuleText
from kasauti.exchange.rule_words import misfit

#: A rate of 1 in the scale rates are compiled to.
ONE = 1_000_000_000
_ONE_DAY = timedelta(days=1)


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
    """
    What every file begins with.

    `known_to` is the last day its rows have been checked for. `keys` says, list by list, which fields name
    what a row is about: two rows for the same of it follow each other in time.
    """

    about: str
    known_to: date
    keys: dict[str, tuple[str, ...]] = {}


FileT = TypeVar("FileT", bound=RuleFile)
RowT = TypeVar("RowT", bound=Row)
ValueT = TypeVar("ValueT")


def read_rules(file: str, form: type[FileT]) -> FileT:
    """
    Read `exchange/data/<file>`, with the rows of the overlay in use, into `form`.

    `ConfigError` has a line with file and line number for each thing that is wrong.
    """
    overlay = overlay_in_use()
    found: FileT = _read(packaged_text(file), overlay.text(file), form, overlay.provisional)
    return found


def packaged_text(file: str) -> RuleText:
    """Return a rule file as it comes with Kasauti."""
    text = files("kasauti.exchange").joinpath("data", file).read_text(encoding="utf-8")
    return RuleText(file, f"exchange/data/{file}", text)


def packaged_files() -> list[str]:
    """Return the names of the rule files that come with Kasauti."""
    folder = files("kasauti.exchange").joinpath("data")
    return sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json"))


def refuse_unknown_file(name: str, folder: str) -> None:
    """Raise `ConfigError` if a file of the user's own is named like none of ours: nothing would read it."""
    known = packaged_files()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise ConfigError(
            f"{folder}/{name}: there are no rules of that name.{meant} Known: {', '.join(known)}."
        )


@lru_cache(maxsize=1)
def packaged_fingerprint() -> str:
    """Return a hash of all rule files that come with Kasauti."""
    return fingerprint_of(tuple((name, packaged_text(name).text) for name in packaged_files()))


def rules_in_force() -> str:
    """Return for an account's log which rules are in force: what comes with Kasauti, and the overlay."""
    overlay = overlay_in_use()
    said = RulesInForce(packaged_fingerprint(), overlay, overlay.fingerprint)
    return msgspec.json.encode(said).decode()


@lru_cache(maxsize=256)
def _read(packaged: RuleText, own: RuleText | None, form: type[FileT], provisional: bool) -> FileT:  # noqa: FBT001
    _refuse(packaged, problems_of(packaged))
    base = _fitted(packaged, packaged.values, form)
    if own is None:
        return base if provisional else _fitted(packaged, without_provisional(packaged.values), form)
    _refuse(own, problems_of(own, packaged.values.get("keys", {})))
    _fitted(own, completed(own, packaged.values), form)
    values = merged(own, packaged.values)
    return _fitted(own, values if provisional else without_provisional(values), form)


def _fitted(read: RuleText, values: dict[str, Any], form: type[FileT]) -> FileT:
    try:
        return msgspec.json.decode(msgspec.json.encode(values), type=form)
    except msgspec.ValidationError as error:
        _refuse(read, [misfit(error, form, values)])
        raise


def _refuse(read: RuleText, problems: list[Problem]) -> None:
    if problems:
        raise ConfigError("\n".join(f"{read.place(each.path)}: {each.says}" for each in problems))


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

    def until(self, day: date) -> date:
        """Return the last day on which what is in force on `day` still is; `RuleUnknown` if nothing is."""
        row, place = self.on(day), bisect_right(self._starts, day)
        last = min(row.effective_to or self._known_to, self._known_to)
        return last if place == len(self._starts) else min(last, self._starts[place] - _ONE_DAY)

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


class Lasting(Generic[ValueT]):
    """
    What was put together from rows of timelines, and the days on which the same rows are in force.

    The rows hold for months, and what is made of them is asked for on every day.
    """

    __slots__ = ("_first", "_last", "value")

    def __init__(self, value: ValueT, timelines: Iterable[Timeline[Any]], day: date) -> None:
        asked = tuple(timelines)
        self.value = value
        self._first: date = max(each.on(day).effective_from for each in asked)
        self._last = min(each.until(day) for each in asked)

    def holds(self, day: date) -> bool:
        """Whether it would be made of the same rows on `day`."""
        return self._first <= day <= self._last


def per_billion(percent: Decimal, *, file: str) -> int:
    """Return a percentage as a whole number of billionths; `ConfigError` if it is finer than that."""
    exact = percent * ONE / 100
    if exact != exact.to_integral_value() or exact < 0:
        raise ConfigError(
            f"exchange/data/{file}: {percent} % is not a whole number of billionths of at least 0;"
            " write it with at most seven decimals."
        )
    return int(exact)
