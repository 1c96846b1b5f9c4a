"""The call auctions of a day: when they collect orders, when they match, and which orders they take."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from kasauti.domain.instrument import Instrument, Kind, Universe
from kasauti.errors import RuleUnknown
from kasauti.exchange.calendar import Calendar, Phase, Segment, segment
from kasauti.exchange.phases import PhaseKind
from kasauti.exchange.price_range import PriceRange, around
from kasauti.exchange.rules import per_billion
from kasauti.exchange.timetable import Timetable

_ALWAYS, _NEVER = 0, 2**63 - 1
_MATCHING = frozenset({PhaseKind.PRE_OPEN_MATCHING, PhaseKind.AUCTION_MATCHING})


class Auction(msgspec.Struct, frozen=True):
    """
    One call auction, ns UTC.

    Continuous trading stands still from `begins`, the exchange matches from `matches`, and it is over at
    `ends`; `phases` say what is taken meanwhile. `closes` is whether it is the one that ends the day.
    """

    begins: int
    matches: int
    ends: int
    closes: bool
    phases: tuple[Phase, ...]

    @property
    def band_percent(self) -> Decimal | None:
        """How far from its reference price an order may be, None where that is not limited."""
        return next((each.band_percent for each in self.phases if each.band_percent is not None), None)

    @property
    def average(self) -> tuple[int, int] | None:
        """From when to when trades count for its reference price, None where it has none."""
        return next((each.average for each in self.phases if each.average is not None), None)

    def phase_at(self, at: int) -> Phase | None:
        """Return the phase that takes orders at `at`, or None."""
        return next((each for each in self.phases if each.takes and each.opens <= at < each.closes), None)


def auctions_of(phases: Sequence[Phase]) -> tuple[Auction, ...]:
    """Return the auctions among the phases of a day, the opening one first."""
    opening = tuple(each for each in phases if each.kind.is_pre_open)
    closing = tuple(each for each in phases if each.kind.is_closing_auction)
    return tuple(_auction(group, closes=group is closing) for group in (opening, closing) if group)


def _auction(phases: tuple[Phase, ...], *, closes: bool) -> Auction:
    matches = next(each.opens for each in phases if each.kind in _MATCHING)
    return Auction(phases[0].opens, matches, phases[-1].closes, closes, phases)


class AuctionDay:
    """
    The call auctions of a universe on one day, the same for everybody who trades in it.

    From `calm_from` until `calm_to` no instrument is in one. A day whose phases nobody knows has none.
    """

    def __init__(
        self, calendar: Calendar, timetable: Timetable, segments: Sequence[Segment], day: date
    ) -> None:
        self._timetable = timetable
        self._day = day
        self._of: dict[str, tuple[Auction, ...]] = {}
        self._closing: dict[Segment, Auction] = {}
        self.calm_from, self.calm_to = _ALWAYS, _NEVER
        for which in segments:
            for auction in _known(lambda of=which: calendar.phases(day, of)):  # type: ignore[misc]
                if auction.closes:
                    self._closing[which] = auction
                    self.calm_to = min(self.calm_to, auction.begins)
                else:
                    self.calm_from = max(self.calm_from, auction.ends)

    def closing(self, which: Segment) -> Auction | None:
        """Return the closing auction of a segment, or None."""
        return self._closing.get(which)

    def at(self, instrument: Instrument, now: int) -> Auction | None:
        """Return the auction that an instrument is in at `now`, or None."""
        found = self._of.get(instrument.id)
        if found is None:
            found = _known(lambda: self._timetable.phases_of(instrument, self._day))
            self._of[instrument.id] = found
        return next((each for each in found if each.begins <= now < each.ends), None)


class AuctionDays:
    """The call auctions of a universe, day by day, for any number of accounts: each day is made once."""

    def __init__(self, universe: Universe, calendar: Calendar) -> None:
        self._calendar = calendar
        self._timetable = Timetable(calendar)
        self._segments = sorted({segment(each) for each in universe if each.kind is not Kind.INDEX})
        self._last: tuple[date, AuctionDay] | None = None

    def on(self, day: date) -> AuctionDay:
        """Return the auctions of a day."""
        if self._last is None or self._last[0] != day:
            self._last = (day, AuctionDay(self._calendar, self._timetable, self._segments, day))
        return self._last[1]


class Auctions:
    """
    The call auctions as one account meets them, day by day.

    From `calm_from` until `calm_to` no instrument is in one. `reference` returns the price that the band of
    an auction lies around, 0 where it is not known: whoever sees the day's trades gives it.
    """

    def __init__(self, days: AuctionDays) -> None:
        self._days = days
        self._today: AuctionDay | None = None
        self.calm_from, self.calm_to = _ALWAYS, _NEVER
        self.reference: Callable[[str], int] = _unknown

    def begin_day(self, day: date) -> None:
        """Take up a day."""
        today = self._today = self._days.on(day)
        self.calm_from, self.calm_to = today.calm_from, today.calm_to

    def closing(self, which: Segment) -> Auction | None:
        """Return the closing auction of a segment today, or None."""
        return None if self._today is None else self._today.closing(which)

    def band(self, instrument: Instrument, now: int) -> PriceRange | None:
        """Return the prices that orders may have in the auction of `now`, None where nothing limits them."""
        auction = self.at(instrument, now)
        percent = None if auction is None else auction.band_percent
        reference = 0 if percent is None else self.reference(instrument.id)
        if percent is None or not reference:
            return None
        away = reference * per_billion(percent, file="phases.json")
        return around(reference, away, away, instrument.tick_size)

    def at(self, instrument: Instrument, now: int) -> Auction | None:
        """Return the auction that an instrument is in at `now`, or None."""
        if self._today is None or self.calm_from <= now < self.calm_to:
            return None
        return self._today.at(instrument, now)


def _unknown(_: str) -> int:
    return 0


def _known(phases: Callable[[], Sequence[Phase]]) -> tuple[Auction, ...]:
    try:
        return auctions_of(phases())
    except RuleUnknown:
        return ()
