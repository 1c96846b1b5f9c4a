"""A run in memory, from Python: no file, no clock, no terminal; what the `for` loop is for."""

from collections.abc import Callable, Iterator, Sequence
from datetime import time

import msgspec

from kasauti import __version__
from kasauti.analytics.equity_tape import EquityTape
from kasauti.analytics.run import Ending
from kasauti.compose import parts
from kasauti.compose.interleaved import interleaved
from kasauti.compose.markets import Batch, Market, check_tradable, within
from kasauti.compose.strategies import strategies
from kasauti.config import Loaded
from kasauti.domain import events as ev
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.board import Board
from kasauti.domain.inputs import Advance, Ask
from kasauti.domain.ist import ist_date, ist_iso, ist_ns
from kasauti.domain.state import State
from kasauti.engine.engine import Engine
from kasauti.engine.host import StrategyGaveUp, StrategyMaker
from kasauti.engine.recorded import run_recorded
from kasauti.errors import MarketDataError
from kasauti.exchange.rules import rules_in_force
from kasauti.store.memory import MemoryLog

#: When the session of most days begins and ends, for a guess how much of a day is over.
_SESSION = time(9, 15), time(15, 30)


class Progress(msgspec.Struct, frozen=True):
    """
    How far a run has come.

    `rows` are the bars or ticks so far, `at` is the last one's moment in ns UTC, `day` the number of its
    trading day, from 1, of `days`.
    """

    rows: int
    at: int
    day: int
    days: int

    @property
    def part(self) -> float:
        """Which part of the days is done, from 0 to 1; within a day by the clock of the usual session."""
        opens, closes = (ist_ns(ist_date(self.at), each) for each in _SESSION)
        of_day = min(max((self.at - opens) / (closes - opens), 0.0), 1.0)
        return min(max(self.day - 1 + of_day, 0.0) / max(self.days, 1), 1.0)


Watch = Callable[[Progress], None]


class Traded(msgspec.Struct, frozen=True):
    """
    What a run left: its log, the log's fold, the prices of what it held, and how it ended.

    `failure` says what failed where `ending` says so; `rows` are the bars or ticks it has seen.
    """

    log: MemoryLog
    state: State
    tape: EquityTape
    rows: int
    ending: Ending
    failure: str = ""


def run_in_memory(loaded: Loaded, market: Market) -> tuple[MemoryLog, State]:
    """
    Trade `market` from its first day to its last as `loaded` says; return what was recorded and its fold.

    The log reads like any other: `analytics.reporting.day_report(log.read())` reports on it, `save` writes
    it to a file. Its days close, also where `feed.ends_at` cuts their data. A strategy that fails is stopped
    for the day, as in a session.
    """
    check_tradable(market, loaded.config.simulator.assume_rules_of)
    log, state = _opened(loaded, market)
    engine = _engine(loaded, market, log, state, strategies(loaded, market.universe))
    run_recorded(engine, _batches(loaded, market))
    return log, state


def ask_in_memory(loaded: Loaded, market: Market, asks: Sequence[Ask]) -> MemoryLog:
    """Trade `market` with the orders of `asks` alone, each at its moment; return what was recorded."""
    check_tradable(market, loaded.config.simulator.assume_rules_of)
    log, state = _opened(loaded, market)
    engine = _engine(loaded, market, log, state, ())
    for item in interleaved(_batches(loaded, market), asks):
        engine.handle(item)
    engine.handle(Advance(max(engine.now, engine.day_closes)))
    return log


def trade_in_memory(
    loaded: Loaded, market: Market, makers: Sequence[StrategyMaker], watch: Watch | None = None
) -> Traded:
    """
    Trade `market` with the strategies of `makers` and end at the first failure of one of them.

    Ctrl-C ends it as well, and what was recorded until then is returned. `watch` is told how far it has come,
    every so many rows.
    """
    check_tradable(market, loaded.config.simulator.assume_rules_of)
    log, state = _opened(loaded, market)
    started = ev.SessionStarted(
        __version__, market.source, "fresh", config=loaded.as_json(), rules=rules_in_force()
    )
    _record(log, state, started)
    engine = _engine(loaded, market, log, state, makers, ends_on_failure=True)
    seen = _Seen(log, state, market, watch)
    ending, failure = Ending.COMPLETE, ""
    try:
        run_recorded(engine, seen.follow(_batches(loaded, market)))
    except (StrategyGaveUp, MarketDataError) as failed:
        # Strategies hear many bars of a grid at once: the last event is later than where that began.
        stopped = max(engine.now, state.at)
        rows = seen.rows_until(stopped)
        ending = Ending.FAILED
        failure = f"{failed}, at {ist_iso(stopped)}, after {rows:,} {'bars' if market.is_bars else 'ticks'}"
    except KeyboardInterrupt:
        ending = Ending.INTERRUPTED
    if ending is not Ending.COMPLETE:
        seen.stop(max(engine.now, state.at))
    _record(log, state, ev.SessionStopped(failure or str(ending)))
    return Traded(log, state, seen.tape, seen.rows, ending, failure)


class _Seen:
    """What a run has seen: how far it has come, and the prices of what it held."""

    def __init__(self, log: MemoryLog, state: State, market: Market, watch: Watch | None) -> None:
        self.tape = EquityTape(market.universe, market.benchmark)
        self.rows = 0
        self._log = log
        self._state = state
        self._days = {day: number for number, day in enumerate(market.days, 1)}
        self._watch = watch
        self._told = 0
        self._held: set[str] = set()
        self._at_hand: Batch | None = None

    def follow(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Hand `batches` on, and look at each when the engine is through with it."""
        for batch in self.tape.follow(batches, self._traded):
            self._at_hand = batch
            yield batch
            self._at_hand = None
            self.rows += batch.bars if isinstance(batch, BarGrid) else len(batch)
            if self._watch is not None:
                last = int(batch.at[-1])
                self._watch(Progress(self.rows, last, self._days.get(ist_date(last), 0), len(self._days)))

    def rows_until(self, moment: int) -> int:
        """Return how many bars or ticks there were until `moment`, which is in the batch at hand."""
        batch = self._at_hand
        if batch is None:
            return self.rows
        place = int(batch.at.searchsorted(moment, "right"))
        return self.rows + (int(batch.counts[place]) if isinstance(batch, BarGrid) else place)

    def stop(self, moment: int) -> None:
        """Take what came until `moment` of the batch that the run ended in."""
        self.tape.stop(moment, self._traded())

    def _traded(self) -> set[str]:
        """Return what was held before, or traded, since this was last asked."""
        held = self._held
        for recorded in self._log.read(self._told + 1):
            if type(recorded.event) is ev.OrderFilled:
                order = self._state.orders.get(recorded.event.order_id)
                held |= set() if order is None else {order.instrument}
        self._told = len(self._log)
        self._held = {position.instrument for position in self._state.held}
        return held | self._held


def _opened(loaded: Loaded, market: Market) -> tuple[MemoryLog, State]:
    log, state = MemoryLog(), State()
    first = ev.Recorded(1, ist_ns(market.days[0]), "session", parts.account_opened(loaded))
    log.append(first)
    state.apply(first)
    return log, state


def _record(log: MemoryLog, state: State, event: ev.Event) -> None:
    recorded = ev.Recorded(len(log) + 1, state.at, "session", event)
    log.append(recorded)
    if state.seq + 1 == recorded.seq:
        state.apply(recorded)


def _engine(
    loaded: Loaded,
    market: Market,
    log: MemoryLog,
    state: State,
    makers: Sequence[StrategyMaker],
    *,
    ends_on_failure: bool = False,
) -> Engine:
    account, board = loaded.config.account, Board(market.universe)
    rules = parts.rules(loaded.config, account.plan, account.capital, market.universe)
    return Engine(
        state=state,
        log=log,
        board=board,
        venue=parts.venue(loaded.config, board, state, rules, is_bars=market.is_bars),
        rules=rules,
        strategies=makers,
        ends_on_failure=ends_on_failure,
    )


def _batches(loaded: Loaded, market: Market) -> Iterator[Batch]:
    feed = loaded.config.feed
    return within(market, feed.starts_at, feed.ends_at).play(None)
