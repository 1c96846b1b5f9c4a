"""
The phases of a trading day: pre-open, continuous trading, closing auction, post-close, and what each takes.

The clock times are rows of `phases.json`; continuous trading is the session itself, from `hours.json` and
`calendar.json`. Source: market_rules.md 2.1 to 2.3.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from kasauti.domain.ist import ist_ns
from kasauti.domain.order import OrderType, Validity
from kasauti.errors import RuleUnknown
from kasauti.exchange.clock import Clock, clock_time
from kasauti.exchange.rules import Row, RuleFile, Timeline, read_rules
from kasauti.exchange.segments import Segment

_FILE = "phases.json"

_EVERY_TYPE = frozenset(OrderType)
_EVERY_VALIDITY = frozenset(Validity)
_DAY_ONLY = frozenset({Validity.DAY})


class PhaseKind(StrEnum):
    """
    A part of a trading day.

    In a call auction orders collect and meet once, at one price. Block deals and the periodic auctions of
    illiquid shares are windows beside the order market: they are shown and take none of its orders.
    """

    BLOCK_DEAL_MORNING = "block_deal_morning"
    CANCEL_ONLY = "cancel_only"
    PRE_OPEN_ENTRY = "pre_open_entry"
    PRE_OPEN_LIMIT = "pre_open_limit"
    PRE_OPEN_MATCHING = "pre_open_matching"
    PRE_OPEN_BUFFER = "pre_open_buffer"
    CONTINUOUS = "continuous"
    PERIODIC_AUCTION = "periodic_auction"
    BLOCK_DEAL_AFTERNOON = "block_deal_afternoon"
    AUCTION_REFERENCE = "auction_reference"
    AUCTION_ENTRY = "auction_entry"
    AUCTION_LIMIT = "auction_limit"
    AUCTION_MATCHING = "auction_matching"
    POST_CLOSE = "post_close"

    @property
    def is_pre_open(self) -> bool:
        """Whether this belongs to the opening call auction."""
        return self.startswith("pre_open_")

    @property
    def is_closing_auction(self) -> bool:
        """Whether this belongs to the closing call auction."""
        return self.startswith("auction_")

    @property
    def is_beside_the_market(self) -> bool:
        """Whether ordinary orders have no part in this."""
        return self.startswith("block_deal_") or self is PhaseKind.PERIODIC_AUCTION


class Phase(msgspec.Struct, frozen=True):
    """
    One phase of one day.

    `opens` and `closes` are ns UTC, `closes` itself is not inside; where `may_close_from` is given, the
    exchange ends the phase at a random moment between it and `closes`. `takes`, `modifies` and `cancels` are
    the types of order that may be placed, changed and withdrawn; in continuous trading `products.json` says
    more. `average` bounds the trades whose average is an auction's reference price, `band_percent` is how far
    from it an order may be. `provisional`: the times come from a single source.
    """

    kind: PhaseKind
    opens: int
    closes: int
    takes: frozenset[OrderType]
    modifies: frozenset[OrderType]
    cancels: frozenset[OrderType]
    validities: frozenset[Validity]
    may_close_from: int | None = None
    provisional: bool = False
    average: tuple[int, int] | None = None
    band_percent: Decimal | None = None


class _PhaseRow(Row, frozen=True, kw_only=True):
    segment: Segment
    phase: PhaseKind
    opens: Clock
    closes: Clock
    takes: tuple[OrderType, ...]
    modifies: tuple[OrderType, ...] | None = None
    cancels: tuple[OrderType, ...] | None = None
    may_close_from: Clock | None = None
    average_from: Clock | None = None
    average_to: Clock | None = None
    band_percent: Decimal | None = None
    provisional: bool = False


class _PhaseFile(RuleFile, frozen=True, kw_only=True):
    phases: tuple[_PhaseRow, ...]


def continuous(opens: int, closes: int, *, provisional: bool) -> Phase:
    """Return a stretch of continuous trading."""
    every = _EVERY_TYPE
    kind = PhaseKind.CONTINUOUS
    return Phase(kind, opens, closes, every, every, every, _EVERY_VALIDITY, None, provisional)


class PhaseTimes:
    """`phases.json` by segment. Without `provisional`, rows so marked are passed over."""

    def __init__(self, *, provisional: bool) -> None:
        file = read_rules(_FILE, _PhaseFile)
        self._known_to = file.known_to
        rows: dict[tuple[Segment, PhaseKind], list[_PhaseRow]] = {}
        for row in file.phases:
            if provisional or not row.provisional:
                rows.setdefault((row.segment, row.phase), []).append(row)
        self._timelines = {
            (segment, kind): Timeline(
                f"The phase {kind} of the {segment} segment", found, file=_FILE, known_to=file.known_to
            )
            for (segment, kind), found in rows.items()
        }

    def on(self, day: date, segment: Segment, *, shift: int = 0) -> list[Phase]:
        """Return the phases around continuous trading on `day`, each moved by `shift` ns."""
        if day > self._known_to:
            raise RuleUnknown(
                f"The phases of {day} are not known: exchange/data/{_FILE} has been checked to"
                f" {self._known_to}. Check its rows for that day and move known_to."
            )
        found = []
        for where, kind in self._timelines:
            if where is segment:
                row = self._timelines[where, kind].find(day)
                if row is not None:
                    found.append(_phase(row, day, shift))
        return found


def _phase(row: _PhaseRow, day: date, shift: int) -> Phase:
    takes = frozenset(row.takes)
    early, averages = row.may_close_from, (row.average_from, row.average_to)
    return Phase(
        row.phase,
        ist_ns(day, clock_time(row.opens)) + shift,
        ist_ns(day, clock_time(row.closes)) + shift,
        takes,
        takes if row.modifies is None else frozenset(row.modifies),
        takes if row.cancels is None else frozenset(row.cancels),
        _DAY_ONLY,
        None if early is None else ist_ns(day, clock_time(early)) + shift,
        row.provisional,
        _span(day, *averages, shift),
        row.band_percent,
    )


def _span(day: date, first: Clock | None, last: Clock | None, shift: int) -> tuple[int, int] | None:
    if first is None or last is None:
        return None
    return ist_ns(day, clock_time(first)) + shift, ist_ns(day, clock_time(last)) + shift
