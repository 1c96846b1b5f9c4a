"""The measured workloads. Each function prepares untimed, then times one thing, and returns its figures."""

import gc
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, time
from pathlib import Path
from time import perf_counter

import numpy as np
from bench.desk_week import desk_week
from bench.server_workloads import SERVER_WORKLOADS
from bench.ticker_fanout import ticker_fanout
from bench.yardstick import YARDSTICKS

from kasauti.compose.markets import built_in_market
from kasauti.compose.recorded import run_in_memory
from kasauti.config import load_config
from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.commands import Command, PlaceOrder, buy, sell
from kasauti.domain.inputs import Ask
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_DAY, NS_PER_SECOND, ist_date, ist_ns
from kasauti.domain.market import Quote, TickBatch
from kasauti.domain.money import rupees
from kasauti.domain.order import Order, OrderType, Side
from kasauti.domain.state import State
from kasauti.domain.view import Subscriptions, View
from kasauti.engine.engine import Engine
from kasauti.engine.rules import Rules
from kasauti.exchange.broker_rules import BrokerRules, uncounted
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.margins import MarginTable
from kasauti.exchange.products import ProductRules
from kasauti.ports import EventLog
from kasauti.risk.gate import RiskGate
from kasauti.risk.rules import MaxDailyLoss, MaxOpenOrders, MaxOrdersPerDay, MaxOrderValue
from kasauti.simulator.fills import Touch
from kasauti.simulator.latency import FixedLatency
from kasauti.simulator.market.built_in import DEMO_DAY
from kasauti.simulator.slippage import NoSlippage
from kasauti.simulator.venue import SimulatedVenue
from kasauti.store.memory import MemoryLog
from kasauti.store.snapshot import load_state, save_snapshot
from kasauti.store.sqlite import SqliteLog

DAY = date(2026, 11, 20)
OPEN = ist_ns(DAY, time(9, 15))
LOT = 75
_LONG_NS = 10**15
_GATE = (
    MaxOrderValue(rupees(10**9)),
    MaxOpenOrders(10**6),
    MaxOrdersPerDay(10**9),
    MaxDailyLoss(rupees(10**9)),
)


def _futures(count: int) -> Universe:
    return Universe(
        Instrument(
            Exchange.NFO,
            f"NIFTY26NOV{number:04d}FUT",
            Kind.FUTURE,
            tick_size=500,
            lot_size=LOT,
            freeze_quantity=1800,
            name="NIFTY",
            expiry=date(2026, 11, 23),
            underlying="NSE:NIFTY 50",
            on_index=True,
        )
        for number in range(count)
    )


def share_futures(count: int, expiry: date, lot: int = LOT) -> Universe:
    """Return contracts on as many shares, which nothing squares off in the evening."""
    return Universe(
        Instrument(
            Exchange.NFO,
            f"STK{number:03d}{expiry:%y%b}FUT".upper(),
            Kind.FUTURE,
            tick_size=500,
            lot_size=lot,
            freeze_quantity=1_800,
            name=f"STK{number:03d}",
            expiry=expiry,
            underlying=f"NSE:STK{number:03d}",
        )
        for number in range(count)
    )


def engine_of(
    universe: Universe, log: EventLog, *strategies: Callable[[], object], broker: BrokerRules | None = None
) -> Engine:
    """Return an engine with real rules, gate, charges and margins; orders reach the venue at once."""
    state = State()
    opened = ev.AccountOpened("bench", "paper", "PAPER", rupees(10**10), "zerodha")
    first = ev.Recorded(1, 0, "session", opened)
    log.append(first)
    state.apply(first)
    board = Board(universe)
    venue = SimulatedVenue(board, Touch(), NoSlippage(), FixedLatency(0), stale_after_ns=_LONG_NS)
    rules = Rules(
        Calendar(),
        ChargeBook("zerodha"),
        MarginTable(),
        ProductRules(),
        RiskGate(_GATE),
        broker=broker or uncounted(),
    )
    return Engine(state=state, log=log, board=board, venue=venue, rules=rules, strategies=strategies)  # type: ignore[arg-type]


class _Quiet:
    """A strategy that does nothing; the others change one hook."""

    name = "bench"

    def subscriptions(self) -> Subscriptions:
        return Subscriptions()

    def restore(self, note: bytes) -> None:
        raise AssertionError

    def on_start(self, view: View) -> tuple[Command, ...]:
        return ()

    def on_tick(self, quote: Quote, instrument: Instrument, view: View) -> tuple[Command, ...]:
        return ()

    def on_fill(self, fill: ev.OrderFilled, order: Order, view: View) -> tuple[Command, ...]:
        return ()

    on_candle = on_chain = on_timer = on_tick


@contextmanager
def timed(figures: dict[str, float]) -> Iterator[None]:
    """Time a block into `figures['seconds']`; earlier garbage is not billed to it."""
    gc.collect()
    began = perf_counter()
    yield
    figures["seconds"] = perf_counter() - began


def _one_quote(universe: Universe, slot: int) -> TickBatch:
    return TickBatch.of(at=[OPEN], slot=[slot], last=[1_000_000], bid=[1_000_000], ask=[1_000_500])


def market_orders(orders: int = 20_000, log: EventLog | None = None) -> dict[str, float]:
    """
    W5: a strategy places a market order, hears of its fill, places the next; one instrument.

    Everything is in the path: strategy, checks, risk gate, venue, evidence, charges, margin, positions,
    ledger, log.
    """
    universe = _futures(10)
    instrument = universe[7].id

    class Chain(_Quiet):
        def __init__(self) -> None:
            self.left = orders

        def subscriptions(self) -> Subscriptions:
            return Subscriptions(ticks=[instrument])

        def on_tick(self, quote: Quote, instrument_: Instrument, view: View) -> tuple[Command, ...]:
            return (buy(instrument, LOT),)

        def on_fill(self, fill: ev.OrderFilled, order: Order, view: View) -> tuple[Command, ...]:
            self.left -= 1
            if not self.left:
                return ()
            return (sell(instrument, LOT) if self.left & 1 else buy(instrument, LOT),)

    engine = engine_of(universe, MemoryLog() if log is None else log, Chain)
    figures: dict[str, float] = {"n": orders}
    with timed(figures):
        engine.handle(_one_quote(universe, 7))
        engine.commit()
    assert engine.state.trades == orders
    return figures


def deciding(orders: int = 100_000) -> dict[str, float]:
    """
    Decide one order again and again: every rule of the date, protection, rates, margin, money and the gate.

    Nothing is recorded, so each order meets the same account; 5 us an order is what all look-ups may cost.
    """
    universe = _futures(10)
    engine = engine_of(universe, MemoryLog(), broker=BrokerRules())
    engine.handle(_one_quote(universe, 7))
    decide, command = engine._decider.place, buy(universe[7].id, LOT)  # noqa: SLF001  the part that is timed
    figures: dict[str, float] = {"n": orders}
    with timed(figures):
        for _ in range(orders):
            decide(command, OPEN)
    assert isinstance(decide(command, OPEN), ev.OrderPlaced)
    figures["us"] = round(figures["seconds"] / orders * 1e6, 2)
    return figures


def resting_orders(ticks: int = 1_000_000, instruments: int = 500, each: int = 20) -> dict[str, float]:
    """W3: 10,000 resting limit orders over 500 instruments while a million ticks go by."""
    universe = share_futures(instruments, date(2026, 11, 24))
    rng = np.random.default_rng(3)
    slots = np.concatenate((np.arange(instruments), rng.integers(0, instruments, ticks - instruments)))
    start = rng.integers(2_000, 100_000, instruments)
    last = np.empty(ticks, np.int64)
    for slot in range(instruments):
        rows = np.flatnonzero(slots == slot)
        last[rows] = np.maximum(1_000, start[slot] + np.cumsum(rng.integers(-2, 3, len(rows)))) * 500
    half = rng.integers(1, 4, ticks) * 500
    at = OPEN + np.sort(rng.integers(0, 6 * 3600 * 1000, ticks)) * 1_000_000
    at[:instruments] = OPEN
    batch = TickBatch.of(at=at, slot=slots, last=last, bid=last - half, ask=last + half)
    engine = engine_of(universe, MemoryLog())
    engine.handle(batch[:instruments])
    for slot in range(instruments):
        for number in range(each):
            away = 3_000 + 25_000 * number
            side = Side.BUY if number % 2 else Side.SELL
            price = int(last[slot]) - away if side is Side.BUY else int(last[slot]) + away
            command = PlaceOrder(universe[slot].id, side, LOT, OrderType.LIMIT, price=max(price, 500))
            engine.handle(Ask(OPEN + NS_PER_SECOND // 2, command))
    later = batch[int(np.searchsorted(at, OPEN + NS_PER_SECOND)) :]
    figures: dict[str, float] = {"n": len(later), "orders": len(engine.state.working)}
    with timed(figures):
        for begin in range(0, len(later), 65_536):
            engine.handle(later[begin : begin + 65_536])
            engine.commit()
    figures["fills"] = engine.state.trades
    return figures


def durable_orders(orders: int = 20_000, group: int = 200) -> dict[str, float]:
    """Market orders placed by command into a durable log (SQLite, WAL, synchronous FULL), 200 to a commit."""
    universe = _futures(10)
    figures: dict[str, float] = {"n": orders}
    with (
        tempfile.TemporaryDirectory() as folder,
        SqliteLog.open(Path(folder) / "log.db", "bench", create=True) as log,
    ):
        engine = engine_of(universe, log)
        engine.handle(_one_quote(universe, 7))
        instrument = universe[7].id
        with timed(figures):
            for number in range(orders):
                command = sell(instrument, LOT) if number & 1 else buy(instrument, LOT)
                engine.handle(Ask(OPEN + number, command))
                if number % group == group - 1:
                    engine.commit()
            engine.commit()
        assert engine.state.trades == orders
    return figures


def restart(events: int = 1_000_000, days: int = 20) -> dict[str, float]:
    """A restart with a million events of 20 busy days in the log: folded from the first, or by a snapshot."""
    universe = _futures(10)
    figures: dict[str, float] = {"n": events}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.db"
        with SqliteLog.open(path, "bench", create=True) as log:
            engine = engine_of(universe, log)
            _fill_days(engine, universe, events * 99 // 100, days)
            save_snapshot(engine.state, log, Path(folder))
            _fill_days(engine, universe, events, 1)
        with SqliteLog.open(path, "bench") as log:
            folded: dict[str, float] = {}
            with timed(folded):
                state = State.replay(log.read())
            figures["fold_seconds"] = folded["seconds"]
            with timed(figures):
                again = load_state(log, Path(folder))
            assert again == state
    return figures


def _fill_days(engine: Engine, universe: Universe, until: int, days: int) -> None:
    """Trade market orders until the log has `until` events, as many on each of `days` trading days."""
    calendar = Calendar()
    day = ist_date(max(engine.state.at, OPEN - 30 * NS_PER_DAY))
    each = (until - engine.state.seq) // days
    for _ in range(days):
        at = max(ist_ns(day, time(9, 15)), engine.state.at)
        engine.handle(TickBatch.of(at=[at], slot=[7], last=[1_000_000], bid=[1_000_000], ask=[1_000_500]))
        last = engine.state.seq + each
        number = 0
        while engine.state.seq < last:
            command = sell(universe[7].id, LOT) if number & 1 else buy(universe[7].id, LOT)
            engine.handle(Ask(at + number, command))
            number += 1
            if number % 1_000 == 0:
                engine.commit()
        engine.commit()
        day = calendar.next_trading_day(day)


def built_in_day(seed: int = 41) -> dict[str, float]:
    """A whole built-in NIFTY day, generated and traded by the strategy that ships."""
    market = built_in_market(seed, DEMO_DAY)
    loaded = load_config(None, {"account.capital_rupees": "500000"}, {})
    figures: dict[str, float] = {"n": sum(len(batch) for batch in market.play(None))}
    with timed(figures):
        _, state = run_in_memory(loaded, market)
    figures["trades"] = state.trades
    return figures


def python_loop(steps: int = 3_000_000) -> dict[str, float]:
    """A loop of calls and dictionary look-ups: what a step of plain Python costs here."""
    table = {number: number for number in range(100)}

    def step(number: int) -> int:
        return table[number % 100] + number

    total = 0
    figures: dict[str, float] = {"n": steps}
    with timed(figures):
        for number in range(steps):
            total += step(number)
    assert total
    return figures


#: What a fresh process may be asked to measure.
WORKLOADS: dict[str, Callable[[], dict[str, float]]] = {
    "market_orders": market_orders,
    "deciding": deciding,
    "resting_orders": resting_orders,
    "durable_orders": durable_orders,
    "built_in_day": built_in_day,
    "restart": restart,
    "python_loop": python_loop,
    **SERVER_WORKLOADS,
    "ticker_fanout": ticker_fanout,
    **YARDSTICKS,
    "desk_week": desk_week,
}
