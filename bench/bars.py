"""
W1 and W2: bars through the engine that trades paper, with risk gate, charges and log.

The exchange's rules are known from 2024 on, which is not a million minutes: the bars of W1 are laid out as
bars of 15 seconds, 1,500 to a trading day, on the days that there were. An order of a day's last bar comes
too late for that day and is denied, so the strategy asks again when the next one begins.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta

import numpy as np
from bench.peers.data import LOT, MINUTES, Columns
from bench.workloads import engine_of, timed
from numpy.typing import NDArray

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.commands import CancelOrder, Command, PlaceOrder, buy, sell
from kasauti.domain.events import OrderFilled, OrderPlaced, OrderTriggered
from kasauti.domain.inputs import Advance
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_SECOND, ist_ns
from kasauti.domain.market import Candle
from kasauti.domain.order import Order, OrderType, Product, Side
from kasauti.domain.view import CandleWanted, Subscriptions, TimerWanted, View
from kasauti.engine.engine import Engine
from kasauti.exchange.calendar import Calendar
from kasauti.store.memory import MemoryLog
from kasauti.strategies.base import Strategy
from kasauti.strategies.indicators import Indicator, Sma

BARS_A_DAY, SECONDS = 1_500, 15
_SCALE = 10_000
_OPENS = time(9, 15)

FUTURE = Instrument(
    Exchange.NFO,
    "NIFTY26DECFUT",
    Kind.FUTURE,
    tick_size=500,
    name="NIFTY",
    expiry=date(2026, 12, 29),
    underlying="NSE:NIFTY 50",
    on_index=True,
)
INDEX = Instrument(Exchange.NSE, "NIFTY 50", Kind.INDEX, tick_size=500, name="NIFTY", on_index=True)
EXPIRY = date(2026, 6, 30)


def _money(rupees: NDArray[np.generic]) -> NDArray[np.int64]:
    return np.rint(rupees.astype(np.float64) * _SCALE).astype(np.int64)


def _days(first: date) -> Iterator[date]:
    """Yield the days on which trading had its regular hours."""
    calendar, day = Calendar(), first
    while True:
        if calendar.is_regular_day(day):
            yield day
        day += timedelta(days=1)


def grids(columns: Columns, first: date, seconds: int, a_day: int) -> list[BarGrid]:
    """Return bars, of shape (moments, instruments) or in rows, as grids of `a_day` moments."""
    made = []
    values = {name: _money(columns[name]) for name in ("open", "high", "low", "close")}
    values["volume"] = columns["volume"].astype(np.int64)
    values["open_interest"] = columns.get("oi", np.zeros_like(columns["volume"])).astype(np.int64)
    values = {name: column.reshape(len(column), -1) for name, column in values.items()}
    size, width = values["close"].shape
    for begin, day in zip(range(0, size, a_day), _days(first), strict=False):
        end = min(begin + a_day, size)
        at = ist_ns(day, _OPENS) + np.arange(1, end - begin + 1) * seconds * NS_PER_SECOND
        of_day = {name: np.ascontiguousarray(column[begin:end].T) for name, column in values.items()}
        made.append(BarGrid(seconds, at, np.arange(width, dtype=np.int32), **of_day))
    return made


def run(engine: Engine, days: Iterable[BarGrid]) -> None:
    """Let every day begin at its open, and trade it."""
    for grid in days:
        engine.handle(Advance(grid.at.item(0) - grid.seconds * NS_PER_SECOND))
        engine.handle(grid)
        engine.commit()


class Cross(Strategy):
    """Long while the average of the last 10 closes is above that of the last 30."""

    fast: float | None = None
    slow: float | None = None

    def __init__(self) -> None:
        super().__init__()
        self.long = False

    def subscriptions(self) -> Subscriptions:
        """Every bar."""
        return Subscriptions(candles=[CandleWanted(FUTURE.id, SECONDS)])

    def indicators(self, wanted: CandleWanted) -> dict[str, Indicator]:
        """The two averages."""
        return {"fast": Sma(10), "slow": Sma(30)}

    def on_candle(self, candle: Candle, view: View) -> Iterable[Command]:
        """Turn where the averages cross: as floats they are equal where they are equal."""
        fast, slow = self.fast, self.slow
        if fast is None or slow is None or (fast >= slow if self.long else fast <= slow):
            return ()
        self.long = not self.long
        return (buy(FUTURE.id, 1) if self.long else sell(FUTURE.id, 1),)

    def on_start(self, view: View) -> Iterable[Command]:
        """Catch up with what came too late yesterday."""
        if self.slow is None or self.long is (view.position(FUTURE.id, Product.NRML) > 0):
            return ()
        # A day begins without a price, and a market order needs one: a limit that any open satisfies.
        usual = int(self.slow) // 10_000
        if self.long:
            return (buy(FUTURE.id, 1, order_type="LIMIT", price=usual * 11_000),)
        return (sell(FUTURE.id, 1, order_type="LIMIT", price=usual * 9_000),)


def _option(strike: int, kind: Kind) -> Instrument:
    return Instrument(
        Exchange.NFO,
        f"NIFTY26JUN{strike}{kind}",
        kind,
        tick_size=500,
        lot_size=LOT,
        freeze_quantity=1800,
        name="NIFTY",
        expiry=EXPIRY,
        strike=strike * _SCALE,
        underlying=INDEX.id,
        on_index=True,
    )


def chain_of(strikes: Iterable[float]) -> Universe:
    """Return the instruments of W2, in the order of its columns."""
    listed = [round(strike) for strike in strikes]
    calls, puts = ([_option(strike, kind) for strike in listed] for kind in (Kind.CALL, Kind.PUT))
    return Universe([*calls, *puts, INDEX])


class Straddle(Strategy):
    """Sells call and put at the money at 09:20, with a stop a quarter above each, and is out at 15:10."""

    def __init__(self, chain: Universe) -> None:
        super().__init__()
        self.calls, self.puts = (
            {option.strike: option.id for option in chain if option.kind is kind}
            for kind in (Kind.CALL, Kind.PUT)
        )
        self.strikes = sorted(self.calls)

    def subscriptions(self) -> Subscriptions:
        """The two times."""
        return Subscriptions(timers=[TimerWanted("in", at=time(9, 20)), TimerWanted("out", at=time(15, 10))])

    def on_timer(self, name: str, view: View) -> Iterator[Command]:
        """Sell, or buy back what is left."""
        if name == "out":
            for order in view.working():
                yield CancelOrder(order.order_id)
            for held in view.positions():
                yield buy(held.instrument, -held.quantity)
            return
        spot = view.last(INDEX.id)
        above = bisect_left(self.strikes, spot, 1, len(self.strikes) - 1)
        below, above = self.strikes[above - 1], self.strikes[above]
        strike = below if spot - below <= above - spot else above
        yield sell(self.calls[strike], LOT)
        yield sell(self.puts[strike], LOT)

    def on_fill(self, fill: OrderFilled, order: Order, view: View) -> Iterator[Command]:
        """Put a stop behind what was sold."""
        if order.side is Side.SELL:
            trigger = -(-fill.price * 5 // (4 * 500)) * 500
            yield PlaceOrder(
                order.instrument, Side.BUY, LOT, OrderType.SL, price=2 * trigger, trigger_price=trigger
            )


def outcome(log: MemoryLog, marks: dict[str, int]) -> tuple[int, int, int]:
    """Return the fills, their profit before charges with what is open at `marks`, and the stops hit."""
    fills = profit = stops = 0
    signs: dict[str, tuple[str, int]] = {}
    for recorded in log.read():
        event = recorded.event
        if isinstance(event, OrderPlaced):
            signs[event.order_id] = event.instrument, event.side.sign
        elif isinstance(event, OrderTriggered):
            stops += 1
        elif isinstance(event, OrderFilled):
            fills += 1
            instrument, sign = signs[event.order_id]
            profit += sign * event.quantity * (marks.get(instrument, 0) - event.price)
    return fills, profit, stops


def minute_bars(columns: Columns) -> dict[str, float]:
    """W1: a moving average cross on every bar of one instrument, market orders, filled at the next open."""
    days = grids(columns, date(2024, 1, 1), SECONDS, BARS_A_DAY)
    log = MemoryLog()
    engine = engine_of(Universe([FUTURE]), log, Cross)
    figures: dict[str, float] = {"n": len(columns["close"])}
    with timed(figures):
        run(engine, days)
    fills, profit, _ = outcome(log, {FUTURE.id: days[-1].close.item(0, -1)})
    return figures | {"fills": fills, "profit": profit / _SCALE}


def option_chain(columns: Columns) -> dict[str, float]:
    """W2: a short straddle with resting stops every day on a chain of 240 options."""
    universe = chain_of(columns["strikes"])
    days = grids(columns, date(2026, 6, 1), 60, MINUTES)
    log = MemoryLog()
    engine = engine_of(universe, log, lambda: Straddle(universe))
    figures: dict[str, float] = {"n": columns["close"].size}
    with timed(figures):
        run(engine, days)
    fills, profit, stops = outcome(log, {})
    return figures | {"fills": fills, "profit": profit / _SCALE, "stops": stops}
