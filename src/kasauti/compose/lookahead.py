"""
Whether a strategy decides on what it cannot know yet: it is run again on less data, and must decide the same.

The data is cut at moments of the strategy's own decisions, everything later left out: prices, and instruments
that have none before the cut. What it decided until then is compared one by one. The columns of a signal
strategy are cut as well. A strategy that reads files by itself, or was handed the whole data, cannot be found
out in this way: what it knows is not cut.

Early cuts come first, as they cost least: what time does not suffice for are the late ones.
"""

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import cast

import msgspec
import numpy as np

from kasauti.analytics.run import Ending
from kasauti.compose.markets import Batch, Market
from kasauti.compose.played import Played
from kasauti.compose.recorded import Progress, trade_in_memory
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
#: How long the runs on less data may take together.
SECONDS = 120.0

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
    """
    What a check found: how many decisions there were, where the data was cut, and what changed, if any.

    `left_out` are cuts that were meant and not made: time did not suffice, or somebody `interrupted` it.
    `unchecked` is how many decisions came after the last cut: of these nothing is known.
    """

    decisions: int
    cuts: list[int]
    changed: Changed | None
    left_out: list[int] = []
    unchecked: int = 0
    interrupted: bool = False


class Step(msgspec.Struct, frozen=True):
    """How far a check has come: in run `run` of `runs`, with `done` of all its work, a part of one."""

    run: int
    runs: int
    done: float


Tell = Callable[[Step], None]


def check_lookahead(
    loaded: Loaded,
    market: Market,
    given: GivenStrategy,
    *,
    cuts: int = CUTS,
    seconds: float = SECONDS,
    tell: Tell | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Checked:
    """
    Run a strategy on all of `market` and then on longer and longer beginnings of it; compare its decisions.

    A run on less data that would end later than `seconds` after the first of them began is not made; the
    first always is. `tell` is told how far it has come. Ctrl-C while cuts are made ends it with what is known
    by then. Raises `InvalidInput` if the strategy decides nothing at all.
    """
    played, pace = Played(market), _Pace(cuts, tell)
    begun = clock()
    every = _decisions(loaded, played.market, given, pace)
    whole = clock() - begun
    if not every:
        raise InvalidInput(
            f"{given.label} asked for nothing on this data, so there is no decision that could change; choose"
            " data on which it trades"
        )
    moments = _moments(every, cuts)
    parts = [played.part(cut) for cut in moments]
    made: list[int] = []
    changed, interrupted, begun = None, False, clock()
    wanted = _wanted(given, market)
    try:
        for cut, part in zip(moments, parts, strict=True):
            if made and clock() - begun + part * whole > seconds:
                break
            pace.next(parts, len(made))
            less = _decisions(loaded, _until(market, played, cut, wanted), given, pace)
            made.append(cut)
            changed = _first_change(every, less, cut)
            if changed is not None:
                break
    except KeyboardInterrupt:
        interrupted = True
    last = made[-1] if made else 0
    left_out = [] if changed is not None else moments[len(made) :]
    later = sum(each.at > last for each in every) if left_out else 0
    return Checked(len(every), made, changed, left_out, later, interrupted)


class _Pace:
    """How far a check has come: the work of a run on less data is the part of the rows that it sees."""

    def __init__(self, cuts: int, tell: Tell | None) -> None:
        self._tell = tell
        # Until the first run has shown where the decisions are, cuts are taken to lie evenly.
        self._parts = [1.0, *([0.5] * cuts)]
        self._run = 0

    def next(self, parts: list[float], number: int) -> None:
        """Go on to the run on less data with this number, from 0, of `parts` of the whole."""
        self._parts, self._run = [1.0, *parts], number + 1

    def watch(self, progress: Progress) -> None:
        """Take how far the run has come."""
        if self._tell is not None:
            before, own = sum(self._parts[: self._run]), self._parts[self._run]
            done = (before + own * progress.part) / sum(self._parts)
            self._tell(Step(self._run + 1, len(self._parts), done))


def _moments(every: list[Decision], cuts: int) -> list[int]:
    """Return the moments of at most `cuts` decisions, the first and the last among them, evenly chosen."""
    places = np.unique(np.linspace(0, len(every) - 1, min(cuts, len(every))).round().astype(np.int64))
    return sorted({every[place].at for place in places.tolist()})


def _wanted(given: GivenStrategy, market: Market) -> list[str]:
    made = given.make()
    if isinstance(made, SignalStrategy):  # it trades one instrument, and has to have it
        made = given.fitted(market.universe)()
    return wanted_by(made)


def _first_change(every: list[Decision], less: list[Decision], cut: int) -> Changed | None:
    """Return the first decision until `cut` that is another one with less data."""
    known, again = ([each for each in those if each.at <= cut] for those in (every, less))
    pairs = zip_longest(known, again)
    return next((_changed(one, other, cut) for one, other in pairs if one != other), None)


def _changed(with_all: Decision | None, with_less: Decision | None, cut: int) -> Changed:
    """Return the earlier of two decisions that differ; at one moment, both."""
    at = min(each.at for each in (with_all, with_less) if each is not None)
    words = [each.words if each is not None and each.at == at else "" for each in (with_all, with_less)]
    return Changed(at, cut, *words)


def _decisions(loaded: Loaded, market: Market, given: GivenStrategy, pace: _Pace) -> list[Decision]:
    """Return what a strategy decides on `market`; `KeyboardInterrupt` if somebody does not want to know."""
    make = given.fitted(market.universe)
    if isinstance(make(), SignalStrategy):
        # Computed over all bars at once, as a backtest has them; by one engine always, so that logs compare.
        signals = cast("Callable[[], SignalStrategy]", make)
        traded = trade_signals(loaded, market, signals, pace.watch, event_engine=True).traded
    else:
        traded = trade_in_memory(loaded, market, [make], pace.watch)
    if traded.ending is Ending.INTERRUPTED:
        raise KeyboardInterrupt
    found = []
    for recorded in traded.log.read():
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


def _until(market: Market, played: Played, cut: int, wanted: Collection[str]) -> Market:
    """Return what a market has until `cut`: the instruments that have a price by then, or are `wanted`."""
    known = np.array([each.id in wanted for each in market.universe], np.bool_) | (played.first <= cut)
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
