"""
When currency and commodity futures expire: on a day that is counted in their month, or that a list names.

Source: market_rules.md 2.3 and 2.6; the rows of `expiries.json` say where each day can be read.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Annotated

import msgspec

from kasauti.errors import RuleUnknown
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.rules import Row
from kasauti.exchange.segments import Segment
from kasauti.exchange.weekdays import PLACE, Expiry, Weekday

_ONE_DAY = timedelta(days=1)
_MONTHS = tuple(range(1, 13))


class MonthRow(Row, frozen=True, kw_only=True):
    """
    How the day is counted: `day_of_month`, or so many business days before the month's last.

    The calendar is that of `segment`; `weekly` is the day of weekly options, where there are any.
    """

    names: tuple[str, ...]
    segment: Segment
    day_of_month: Annotated[int, msgspec.Meta(ge=1, le=28)] | None = None
    business_days_before_last: Annotated[int, msgspec.Meta(ge=0, le=10)] | None = None
    months: tuple[Annotated[int, msgspec.Meta(ge=1, le=12)], ...] = _MONTHS
    weekly: Weekday | None = None

    def __post_init__(self) -> None:
        if (self.day_of_month is None) == (self.business_days_before_last is None):
            raise ValueError("give day_of_month or business_days_before_last, one of the two")


class DateRow(Row, frozen=True, kw_only=True):
    """The days themselves."""

    names: tuple[str, ...]
    segment: Segment
    days: tuple[date, ...]


class MonthExpiries:
    """The expiries of what expires by month; a commodity's are those of its futures."""

    def __init__(
        self, calendar: Calendar, by_month: Iterable[MonthRow], by_date: Iterable[DateRow], known_to: date
    ) -> None:
        self._calendar = calendar
        self._known_to = known_to
        self._by_month = {name: row for row in by_month for name in row.names}
        self._by_date = {name: row for row in by_date for name in row.names}

    @property
    def names(self) -> list[str]:
        """The currencies and commodities whose expiries are known."""
        return sorted({*self._by_month, *self._by_date})

    def expiries(self, name: str, first: date, last: date) -> list[Expiry]:
        """Return the expiries from `first` to `last`; `RuleUnknown` outside the dates that are known."""
        listed = self._by_date.get(name)
        row = self._by_month[name] if listed is None else listed
        known_to = min(self._known_to, row.effective_to or self._known_to)
        if not row.effective_from <= first <= last <= known_to:
            raise RuleUnknown(
                f"The expiries of {name} from {first} to {last} are not known: they are known from"
                f" {row.effective_from} to {known_to}. Choose dates inside, or add a row with its source to"
                " exchange/data/expiries.json."
            )
        found = (
            self._counted(self._by_month[name], first, last)
            if listed is None
            else [Expiry(day, monthly=True, scheduled=day) for day in listed.days]
        )
        return sorted(each for each in found if first <= each.day <= last)

    def _counted(self, row: MonthRow, first: date, last: date) -> Iterator[Expiry]:
        monthly = set()
        for year in range(first.year, last.year + 1):
            for month in row.months:
                expiry = self._of_month(row, year, month)
                monthly.add(expiry.day)
                yield expiry
        if row.weekly is None:
            return
        day = first
        while day <= last:
            if day.weekday() == PLACE[row.weekly]:
                moved = self._rolled_back(day, row.segment)
                if moved not in monthly:
                    yield Expiry(moved, monthly=False, scheduled=day)
            day += _ONE_DAY

    def _of_month(self, row: MonthRow, year: int, month: int) -> Expiry:
        if row.day_of_month is not None:
            scheduled = date(year, month, row.day_of_month)
            return Expiry(self._rolled_back(scheduled, row.segment), monthly=True, scheduled=scheduled)
        following = date(year + month // _MONTHS[-1], month % _MONTHS[-1] + 1, 1)
        day = self._rolled_back(following - _ONE_DAY, row.segment)
        for _ in range(row.business_days_before_last or 0):
            day = self._rolled_back(day - _ONE_DAY, row.segment)
        return Expiry(day, monthly=True, scheduled=day)

    def _rolled_back(self, day: date, segment: Segment) -> date:
        while not self._calendar.is_regular_day(day, segment):
            day -= _ONE_DAY
        return day
