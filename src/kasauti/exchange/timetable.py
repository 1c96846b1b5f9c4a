"""Which phases one instrument goes through on a day: not every contract of a segment takes part in each."""

from datetime import date

import msgspec

from kasauti.domain.instrument import Instrument, Kind
from kasauti.exchange.calendar import Calendar, Phase, Segment, segment
from kasauti.exchange.expiries import Expiries

_DECEMBER = 12
#: How many trading days before an expiry the next month's futures join the pre-open. FAOP71092.
_ROLLING_DAYS = 5


class Timetable:
    """The phases of single instruments, by calendar and expiries."""

    def __init__(self, calendar: Calendar, expiries: Expiries | None = None) -> None:
        self._calendar = calendar
        self._expiries = Expiries(calendar) if expiries is None else expiries

    def phases_of(self, instrument: Instrument, day: date) -> tuple[Phase, ...]:
        """
        Return the phases in which `instrument` trades on `day`, in order of time.

        An index has none: it does not trade.
        """
        if instrument.kind is Kind.INDEX:
            return ()
        found = self._calendar.phases(day, segment(instrument))
        if instrument.is_derivative and not self.is_in_pre_open(instrument, day):
            found = tuple(each for each in found if not each.kind.is_pre_open)
        close = self._calendar.close_of(instrument, day)
        if close is None or instrument.expiry != day:
            return found
        cut = (msgspec.structs.replace(each, closes=min(each.closes, close)) for each in found)
        return tuple(each for each in cut if each.opens < each.closes)

    def is_in_pre_open(self, instrument: Instrument, day: date) -> bool:
        """
        Return whether `instrument` takes part in the opening auction of `day`, if there is one.

        Shares do. Of derivatives the futures of the current month do, and those of the next month on the last
        five trading days before the current expiry. Source: NSE/FAOP/71092, market_rules.md 2.2.
        """
        if segment(instrument).is_equity:
            return True
        if segment(instrument) is not Segment.DERIVATIVES or instrument.kind is not Kind.FUTURE:
            return False
        assert instrument.expiry is not None, "a future expires"
        front = self._front_month(instrument.name, day)
        month = (instrument.expiry.year, instrument.expiry.month)
        if month == (front.year, front.month):
            return True
        after = (front.year + front.month // _DECEMBER, front.month % _DECEMBER + 1)
        return month == after and self._days_until(front, day) <= _ROLLING_DAYS

    def _front_month(self, name: str, day: date) -> date:
        upcoming = self._expiries.next_expiry(name, day)
        while not upcoming.monthly:
            upcoming = self._expiries.next_expiry(name, date.fromordinal(upcoming.day.toordinal() + 1))
        return upcoming.day

    def _days_until(self, expiry: date, day: date) -> int:
        """Return how many trading days there are from `day` to the expiry, `day` itself counted last."""
        count = 0
        while expiry > day and count <= _ROLLING_DAYS:
            expiry = self._calendar.previous_trading_day(expiry)
            count += 1
        return count
