"""The call auctions of a day: when they collect orders, when they match, and which orders they take."""

from collections.abc import Callable, Sequence
from datetime import date

import msgspec

from kasauti.domain.instrument import Instrument, Kind, Universe
from kasauti.errors import RuleUnknown
from kasauti.exchange.calendar import Calendar, Phase, Segment, segment
from kasauti.exchange.phases import PhaseKind
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


class Auctions:
    """
    The call auctions of a universe, day by day.

    From `calm_from` until `calm_to` no instrument is in one. A day whose phases nobody knows has none.
    """

    def __init__(self, universe: Universe, calendar: Calendar) -> None:
        self._universe = universe
        self._calendar = calendar
        self._timetable = Timetable(calendar)
        self._segments = sorted({segment(each) for each in universe if each.kind is not Kind.INDEX})
        self._day = date.min
        self._of: dict[str, tuple[Auction, ...]] = {}
        self._closing: dict[Segment, Auction] = {}
        self.calm_from, self.calm_to = _ALWAYS, _NEVER

    def begin_day(self, day: date) -> None:
        """Take up a day."""
        self._day = day
        self._of.clear()
        self._closing.clear()
        self.calm_from, self.calm_to = _ALWAYS, _NEVER
        for which in self._segments:
            for auction in _known(lambda of=which: self._calendar.phases(day, of)):  # type: ignore[misc]
                if auction.closes:
                    self._closing[which] = auction
                    self.calm_to = min(self.calm_to, auction.begins)
                else:
                    self.calm_from = max(self.calm_from, auction.ends)

    def closing(self, which: Segment) -> Auction | None:
        """Return the closing auction of a segment today, or None."""
        return self._closing.get(which)

    def at(self, instrument: Instrument, now: int) -> Auction | None:
        """Return the auction that an instrument is in at `now`, or None."""
        if self.calm_from <= now < self.calm_to:
            return None
        found = self._of.get(instrument.id)
        if found is None:
            found = _known(lambda: self._timetable.phases_of(instrument, self._day))
            self._of[instrument.id] = found
        return next((each for each in found if each.begins <= now < each.ends), None)


def _known(phases: Callable[[], Sequence[Phase]]) -> tuple[Auction, ...]:
    try:
        return auctions_of(phases())
    except RuleUnknown:
        return ()
