"""On which days one market trades: its holidays and special sessions, from one calendar file."""

from datetime import date, timedelta
from enum import StrEnum

import msgspec

from kasauti.errors import RuleUnknown
from kasauti.exchange.clock import Clock
from kasauti.exchange.hours import SessionKind
from kasauti.exchange.rules import Confidence, RuleFile, read_rules

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


class Part(StrEnum):
    """What of a holiday trades all the same: commodities do in the evening of most."""

    NONE = "none"
    MORNING = "morning"
    EVENING = "evening"


class Holiday(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A weekday on which a market is closed, or open in part."""

    date: date
    name: str
    source: str
    confidence: Confidence
    trades: Part = Part.NONE
    note: str = ""


class Special(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A session outside the usual days or hours; `parts` and `pre_open` are IST clocks."""

    date: date
    kind: SessionKind
    name: str
    source: str
    confidence: Confidence
    parts: tuple[tuple[Clock, Clock], ...] = ()
    pre_open: Clock | None = None
    provisional: bool = False
    note: str = ""


class _CalendarFile(RuleFile, frozen=True, kw_only=True):
    known_from: date
    holidays: tuple[Holiday, ...]
    special_sessions: tuple[Special, ...]


class TradingDays:
    """The days of one market, from `file`; a day outside its years raises `RuleUnknown`."""

    def __init__(self, file: str) -> None:
        read = read_rules(file, _CalendarFile)
        self._file = file
        self.first, self.last = read.known_from, read.known_to
        self._holidays = {row.date: row for row in read.holidays}
        self._specials = {row.date: row for row in read.special_sessions}

    @property
    def holidays(self) -> list[Holiday]:
        """The holidays of all years of the file, in order."""
        return [self._holidays[day] for day in sorted(self._holidays)]

    @property
    def specials(self) -> list[Special]:
        """The special sessions of all years of the file, in order."""
        return [self._specials[day] for day in sorted(self._specials)]

    def special(self, day: date) -> Special | None:
        """Return the special session of `day`, if there is one."""
        return self._specials.get(day)

    def part(self, day: date) -> Part | None:
        """Return what trades on a holiday, None for a day that is none."""
        holiday = self._holidays.get(day)
        return None if holiday is None else holiday.trades

    def is_regular(self, day: date) -> bool:
        """Whether `day` is a weekday that is not a holiday."""
        self.check(day)
        return day.weekday() < _SATURDAY and day not in self._holidays

    def trades(self, day: date) -> bool:
        """Whether there is any session on `day`."""
        return self.is_regular(day) or day in self._specials or self.part(day) not in {None, Part.NONE}

    def why(self, day: date) -> str:
        """Return in words what kind of day it is, like "Holiday: Diwali Balipratipada" or "Saturday"."""
        self.check(day)
        special = self._specials.get(day)
        if special is not None:
            return f"{special.kind.capitalize()} session: {special.name}"
        if day.weekday() >= _SATURDAY:
            return f"{day:%A}"
        holiday = self._holidays.get(day)
        if holiday is None:
            return "Regular trading day"
        only = "" if holiday.trades is Part.NONE else f", {holiday.trades} session only"
        return f"Holiday: {holiday.name}{only}"

    def check(self, day: date) -> None:
        """Raise `RuleUnknown` for a day outside the years of the file."""
        if not self.first <= day <= self.last:
            raise RuleUnknown(
                f"Whether {day} is a trading day is not known: the calendar covers {self.first} to"
                f" {self.last}. The exchanges publish each year's holidays in the December before; add them"
                f" to exchange/data/{self._file}, or to a file of that name in your own folder"
                " (rules.overlay)."
            )
