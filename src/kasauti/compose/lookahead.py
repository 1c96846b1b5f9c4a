"""
Whether a strategy decides on what it cannot know yet: it is run again on less data, and must decide the same.

The data is cut at moments of the strategy's own decisions, everything later left out: prices, and instruments
that have none before the cut. What it decided until then is compared one by one. The columns of a signal
strategy are cut as well. A strategy that reads files by itself, or was handed the whole data, cannot be found
out in this way: what it knows is not cut.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import cast

import msgspec
import numpy as np

from kasauti.compose.markets import Batch, Market
from kasauti.compose.recorded import trade_in_memory
from kasauti.compose.signals import trade_signals
from kasauti.compose.strategies import GivenStrategy, wanted_by
from kasauti.config import Loaded
from kasauti.domain import events as ev
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import ist_date, ist_iso
from kasauti.domain.market import BarBatch, Ints, TickBatch
from kasauti.domain.money import format_price
from kasauti.errors import InvalidInput
from kasauti.strategies.signals import SignalStrategy

#: Where the data is cut, at most.
CUTS = 6

_BY_STRATEGY = "strategy:"


class Decision(msgspec.Struct, frozen=True):
    """What a strategy asked for, in words, and when."""

    at: int
    words: str


class Changed(msgspec.Struct, frozen=True):
    """
    The first decision that less data changed.

    `with_all` is what was decided at `at` with all data, `with_less` with the data until `cut`; "" where
    nothing was.
    """

    at: int
    cut: int
    with_all: str
    with_less: str

    @property
    def sentence(self) -> str:
        """It in a sentence."""
        nothing = "nothing"
        return (
            f"At {ist_iso(self.at)} it decided {self.with_all or nothing} with all data, and"
            f" {self.with_less or nothing} with the data until {ist_iso(self.cut)} only."
        )


class Checked(msgspec.Struct, frozen=True):
    """What a check found: how many decisions there were, where the data was cut, and what changed, if any."""

    decisions: int
    cuts: list[int]
    changed: Changed | None


def check_lookahead(
    loaded: Loaded,
    market: Market,
    given: GivenStrategy,
    *,
    cuts: int = CUTS,
    tell: Callable[[int, int], None] | None = None,
) -> Checked:
    """
    Run a strategy on all of `market` and then on shorter and shorter parts of it; compare its decisions.

    `tell` is told how many of how many runs are done. Raises `InvalidInput` if it decides nothing at all.
    """
    every = _decisions(loaded, market, given)
    if not every:
        raise InvalidInput(
            f"{given.label} asked for nothing on this data, so there is no decision that could change; choose"
            " data on which it trades"
        )
    places = np.unique(np.linspace(0, len(every) - 1, min(cuts, len(every))).round().astype(np.int64))
    made = given.make()
    if isinstance(made, SignalStrategy):  # it trades one instrument, and has to have it
        made = given.fitted(market.universe)()
    wanted = wanted_by(made)
    moments = sorted({every[place].at for place in places.tolist()})
    for done, cut in enumerate(moments, 1):
        if tell is not None:
            tell(done, len(moments) + 1)
        known = [each for each in every if each.at <= cut]
        less = [each for each in _decisions(loaded, _until(market, cut, wanted), given) if each.at <= cut]
        for with_all, with_less in zip_longest(known, less):
            if with_all != with_less:
                return Checked(len(every), moments[:done], _changed(with_all, with_less, cut))
    return Checked(len(every), moments, None)


def _changed(with_all: Decision | None, with_less: Decision | None, cut: int) -> Changed:
    """Return the earlier of two decisions that differ; at one moment, both."""
    at = min(each.at for each in (with_all, with_less) if each is not None)
    words = [each.words if each is not None and each.at == at else "" for each in (with_all, with_less)]
    return Changed(at, cut, *words)


def _decisions(loaded: Loaded, market: Market, given: GivenStrategy) -> list[Decision]:
    make = given.fitted(market.universe)
    if isinstance(make(), SignalStrategy):
        # Computed over all bars at once, as a backtest has them; by one engine always, so that logs compare.
        signals = cast("Callable[[], SignalStrategy]", make)
        log = trade_signals(loaded, market, signals, event_engine=True).traded.log
    else:
        log = trade_in_memory(loaded, market, [make]).log
    found = []
    for recorded in log.read():
        if recorded.cause.startswith(_BY_STRATEGY):
            words = _words(recorded.event)
            if words:
                found.append(Decision(recorded.at, words))
    return found


def _words(event: ev.Event) -> str:
    """Return what was asked for; the ids of orders, which count events, are left out."""
    match event:
        case ev.OrderPlaced() | ev.OrderDenied():
            prices = "".join(
                f" {name} {format_price(value)}"
                for name, value in (("at", event.price), ("trigger", event.trigger_price))
                if value
            )
            tag = f" ({event.tag})" if event.tag else ""
            order = f"{event.side} {event.quantity} {event.instrument} {event.order_type}{prices}{tag}"
            return f"{order}, denied by {event.rule}" if isinstance(event, ev.OrderDenied) else order
        case ev.CancelRequested():
            return "to take an order back"
        case ev.ModifyRequested():
            kind = "" if event.order_type is None else f"{event.order_type} "
            return f"to change an order to {kind}{event.quantity} at {format_price(event.price)}"
        case ev.StrategyFailed():
            return f"to fail: {event.error}"
        case _:
            return ""


def _until(market: Market, cut: int, wanted: Collection[str]) -> Market:
    """Return what `market` has until `cut`: the instruments that have a price by then, or are `wanted`."""
    known = np.array([each.id in wanted for each in market.universe], np.bool_)
    for batch in _before(market, cut):
        known[batch.slots if isinstance(batch, BarGrid) else batch.slot] = True
    universe = Universe([each for slot, each in enumerate(market.universe) if known[slot]])
    places = np.cumsum(known) - 1

    def play(start: int | None) -> Iterator[Batch]:
        for batch in _before(market, cut):
            if start is None or int(batch.at[-1]) >= start:
                yield _moved(batch, places)

    days = [day for day in market.days if day <= ist_date(cut)]
    return msgspec.structs.replace(market, universe=universe, days=tuple(days), play=play)


def _before(market: Market, cut: int) -> Iterator[Batch]:
    for batch in market.play(None):
        end = int(batch.at.searchsorted(cut, "right"))
        if end:
            yield batch[:end]
        if end < len(batch):
            return


def _moved(batch: Batch, places: Ints) -> BarBatch | TickBatch:
    """Return a batch as rows whose slots are those of the smaller universe."""
    rows = batch.rows() if isinstance(batch, BarGrid) else batch
    return replace(rows, slot=places[rows.slot].astype(np.int32))
