"""
The session of a day for every instrument of a recording, as columns by slot.

Days outside the exchange calendar (it begins in 2024) keep the usual hours of a weekday, which `hours.json`
has since 2010: that such a day was no holiday, the file itself witnesses. The report says so.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from kasauti.domain.instrument import Kind, Universe
from kasauti.domain.ist import ist_clock, ist_ns
from kasauti.domain.market import Ints, Slots
from kasauti.errors import RuleUnknown
from kasauti.exchange.calendar import Calendar, Segment, segment
from kasauti.exchange.clock import clock_time
from kasauti.exchange.hours import Hours
from kasauti.feeds.recorded.values import Bools

_SATURDAY = 5
_EPOCH = date(1970, 1, 1).toordinal()

Part = tuple[int, int]


class Listing:
    """
    What the checks need to know of each instrument, by slot.

    `ticks` and `lots` as `Instrument` has them; `expiry` is days since 1970-01-01, 0 where there is none;
    `underlying` numbers the underlyings: an index and its options share one.
    """

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self.ticks: Ints = np.array([i.tick_size for i in universe], np.int64)
        self.lots: Ints = np.array([i.lot_size for i in universe], np.int64)
        self.is_index: Bools = np.array([i.kind is Kind.INDEX for i in universe], np.bool_)
        self.is_option: Bools = np.array([i.is_option for i in universe], np.bool_)
        self.is_derivative: Bools = np.array([i.is_derivative for i in universe], np.bool_)
        self.expiry: Ints = np.array(
            [i.expiry.toordinal() - _EPOCH if i.expiry else 0 for i in universe], np.int64
        )
        families: dict[str, int] = {}
        self.underlying: Ints = np.array(
            [families.setdefault(i.underlying or i.id, len(families)) for i in universe], np.int64
        )
        self.underlyings = list(families)
        self.segments = [segment(i) for i in universe]


@dataclass(frozen=True, slots=True)
class Session:
    """
    When the instruments of a recording trade on one day.

    `stretches` are (which slots, from, to); `closes` is when each slot stops. `is_known`: the calendar knows
    the day. Without stretches the market was closed.
    """

    day: date
    words: str
    is_known: bool
    stretches: tuple[tuple[Bools, int, int], ...]
    closes: Ints

    def inside(self, slot: Slots, begin: Ints, end: Ints) -> Bools:
        """Mark what lies within continuous trading, its close included: its price is known then."""
        inside = np.zeros(len(slot), np.bool_)
        for slots, opens, closes in self.stretches:
            inside |= slots[slot] & (begin >= opens) & (end <= closes)
        return inside & (end <= self.closes[slot])

    @property
    def parts(self) -> list[Part]:
        """The stretches of trading of the segment that trades longest."""
        spans = {(opens, closes) for _, opens, closes in self.stretches}
        return [
            span
            for span in sorted(spans)
            if not any(o <= span[0] and span[1] <= c and (o, c) != span for o, c in spans)
        ]


class Sessions:
    """The session of any day for one listing."""

    def __init__(self, calendar: Calendar, listing: Listing) -> None:
        self._calendar = calendar
        self._listing = listing
        self._hours = Hours(provisional=True)
        self._slots = {
            each: np.array([found is each for found in listing.segments], np.bool_)
            for each in sorted(set(listing.segments))
        }

    def on(self, day: date) -> Session:
        """Return the session of `day`; `RuleUnknown` for a day whose hours no rule tells."""
        first, last = self._calendar.known
        is_known = first <= day <= last
        stretches = []
        closes = np.full(len(self._listing.universe), np.iinfo(np.int64).max, np.int64)
        for each, slots in self._slots.items():
            parts = self._parts(day, each, is_known=is_known)
            stretches += [(slots, opens, ends) for opens, ends in parts]
        if is_known and stretches:
            for slot in np.flatnonzero(self._listing.expiry == day.toordinal() - _EPOCH).tolist():
                close = self._calendar.close_of(self._listing.universe[slot], day)
                closes[slot] = closes[slot] if close is None else close
        words = self._calendar.why(day) if is_known else f"{day:%A}, not in the calendar"
        if stretches:
            spans = sorted({(opens, ends) for _, opens, ends in stretches})
            words += "".join(f", {ist_clock(opens)[:5]}-{ist_clock(ends)[:5]}" for opens, ends in spans)
        return Session(day, words, is_known, tuple(stretches), closes)

    def trading_days(self, first: date, last: date) -> list[date]:
        """Return the trading days strictly between two days, as far as the calendar knows them."""
        known_first, known_last = self._calendar.known
        days = []
        for number in range(first.toordinal() + 1, last.toordinal()):
            day = date.fromordinal(number)
            if known_first <= day <= known_last and self._calendar.is_trading_day(day):
                days.append(day)
        return days

    def _parts(self, day: date, each: Segment, *, is_known: bool) -> tuple[Part, ...]:
        if is_known:
            session = self._calendar.session(day, each)
            return () if session is None else session.parts
        if day.weekday() >= _SATURDAY:
            return ()
        try:
            hours = self._hours.on(day, each)
        except RuleUnknown:
            return ()
        return ((ist_ns(day, clock_time(hours.open)), ist_ns(day, clock_time(hours.close))),)
