"""
How far a result depends on how orders are taken to fill: the same orders, by other fill models.

The account's own net result stands between a kinder and a harsher one. Where they lie close together the
result is the strategy's; where they lie apart it is an assumption about queues and spreads.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from kasauti.analytics.amounts import Money
from kasauti.domain import events as ev
from kasauti.domain.band import Shade, adjust_in_band, settle_in_band, trade_in_band


class Edge(msgspec.Struct, frozen=True):
    """
    What the orders of a run would have come to by one fill model, marked to the last prices known.

    `untouched` counts the orders that traded in the account and not at all by this model.
    """

    profile: str
    gross: Money
    charges: Money
    net: Money
    untouched: int


class BandTally:
    """Counts which orders traded in the account and by each model, from `begin` on."""

    def __init__(self) -> None:
        self._own: set[str] = set()
        self._touched: defaultdict[str, set[str]] = defaultdict(set)
        self._before: dict[str, tuple[int, int]] = {}

    def begin(self, band: Mapping[str, Shade], marks: Mapping[str, int]) -> None:
        """Take what the band had made until now, at the last prices, as the start."""
        self._before = {profile: (_made(shade, marks), shade.charges) for profile, shade in band.items()}

    def apply(self, event: ev.Event) -> None:
        """Count one event."""
        if isinstance(event, ev.BandFilled):
            self._touched[event.profile].add(event.order_id)
        elif isinstance(event, ev.OrderFilled):
            self._own.add(event.order_id)

    def edges(self, band: Mapping[str, Shade], marks: Mapping[str, int]) -> tuple[Edge, ...]:
        """Return the edges, the best net first; `marks` are the last prices by instrument."""
        edges = []
        for profile, shade in band.items():
            made, paid = self._before.get(profile, (0, 0))
            gross, charges = _made(shade, marks) - made, shade.charges - paid
            untouched = len(self._own - self._touched[profile])
            edges.append(Edge(profile, gross, charges, gross - charges, untouched))
        return tuple(sorted(edges, key=lambda edge: -edge.net))


def _made(shade: Shade, marks: Mapping[str, int]) -> int:
    """Return what a side of the band made before charges, with what it holds at the last prices."""
    return shade.cash + sum(units * marks.get(key.rpartition("|")[0], 0) for key, units in shade.held.items())


def band_of(events: Iterable[ev.Event], marks: Mapping[str, int]) -> tuple[Edge, ...]:
    """
    Return the band of a whole log, the best net first; empty where none was asked for.

    `events` are its fills and settlements, and those of the band, in their order; `marks` the last prices.
    """
    band: dict[str, Shade] = {}
    tally = BandTally()
    for event in events:
        tally.apply(event)
        if isinstance(event, ev.BandFilled):
            trade_in_band(band, event)
        elif isinstance(event, ev.PositionSettled):
            settle_in_band(band, event)
        elif isinstance(event, ev.PositionAdjusted):
            adjust_in_band(band, event)
    return tally.edges(band, marks)
