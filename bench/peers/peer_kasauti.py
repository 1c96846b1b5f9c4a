"""Kasauti: every workload through the engine that trades paper, with risk gate, charges and log."""

import sys
from datetime import date
from pathlib import Path

import common
import numpy as np
from common import clock, columns, middle

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import workloads
from bench import bars

from kasauti import compiled
from kasauti.compose.signal_sweep import figures_of, joined_ground
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.inputs import Ask
from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.market import TickBatch
from kasauti.domain.order import OrderType, Product, Side
from kasauti.store.memory import MemoryLog
from kasauti.strategies.columns import Bars
from kasauti.strategies.signals import Signals, SignalStrategy

_SCALE = 10_000
_BATCH = 65_536


def tell(workload, package, variant, *figures):
    """Tell as the peers do, and which form of the core was measured."""
    common.tell(workload, package, f"{variant}, compiled core" if compiled.MODULES else variant, *figures)


def _money(rupees):
    return np.rint(rupees * _SCALE).astype(np.int64)


def w1():
    figures = bars.minute_bars(columns("w1"))
    answer = common.w1_answer(columns("w1"), next_open=True)
    assert (figures["fills"], figures["profit"]) == answer, (figures, answer)
    tell("W1", "kasauti", "the engine, on_candle, next open", figures["n"], figures["seconds"], *answer)


def w2():
    chain = columns("w2")
    first = {
        name: values if name == "strikes" else values[: 2 * common.MINUTES] for name, values in chain.items()
    }
    bars.option_chain(first)  # two days to warm up on, as the peers have
    figures = bars.option_chain(chain)
    answer = common.w2_answer(chain, next_open=True)
    assert (figures["fills"], figures["profit"], figures["stops"]) == answer, (figures, answer)
    tell("W2", "kasauti", "the engine, next open", figures["n"], figures["seconds"], *answer[:2])


def w3():
    ticks, figures = columns("w3"), {}
    universe = workloads.share_futures(int(ticks["inst"].max()) + 1, date(2026, 7, 28), 10)
    names = {"last": "ltp", "bid": "bid", "ask": "ask"}
    prices = {ours: _money(ticks[theirs]) for ours, theirs in names.items()}
    batch = TickBatch.of(at=ticks["ts"], slot=ticks["inst"], **prices)
    asked = zip(
        ticks["o_inst"].tolist(),
        ticks["o_side"].tolist(),
        _money(ticks["o_price"]).tolist(),
        ticks["o_qty"].astype(np.int64).tolist(),
        strict=True,
    )
    orders = [
        PlaceOrder(
            universe[number].id,
            Side.BUY if side > 0 else Side.SELL,
            units,
            OrderType.LIMIT,
            price=price,
        )
        for number, side, price, units in asked
    ]
    engine = workloads.engine_of(universe, MemoryLog())
    first = len(universe)
    with clock(figures):
        engine.handle(batch[:first])
        at = int(batch.at[first - 1]) + 1
        for order in orders:
            engine.handle(Ask(at, order))
        for begin in range(first, len(batch), _BATCH):
            engine.handle(batch[begin : begin + _BATCH])
            engine.commit()
    tell("W3", "kasauti", "the engine, placing included", len(batch), figures["seconds"], engine.state.trades)


def w5():
    figures = workloads.market_orders(common.ORDERS)
    tell("W5", "kasauti", "order after fill", common.ORDERS, figures["seconds"], common.ORDERS)


def _crossing(name, size):
    """Return the bars of W1 and what the strategies of W1 and W4 have in common: research, days joined."""
    bars = columns("w1")
    share = Instrument(Exchange.NSE, name, Kind.EQUITY, tick_size=500, name=name)
    prices = {each: _money(bars[each][:size]) for each in ("open", "high", "low", "close")}
    volume = bars["volume"][:size].astype(np.int64)

    def ground():
        made = Bars.of(start=bars["ts"][:size], volume=volume, seconds=60, instrument=share, **prices)
        return joined_ground(
            made, share, Product.MIS, plan="zerodha", on=date(2026, 1, 13), capital=10**13, at_close=True
        )

    return ground


class _Crossing(SignalStrategy):
    """Long while the fast average is above the slow one by more than a hair."""

    class Parameters(SignalStrategy.Parameters, frozen=True, kw_only=True):
        fast: int = common.FAST
        slow: int = common.SLOW

    def signals(self, bars):
        gap = bars.sma(self.parameters.fast) - bars.sma(self.parameters.slow)
        return Signals(long_entry=gap > common.HAIR, long_exit=gap < -common.HAIR)


def w1_signals():
    """Averages, signals, fills, charges of every order, notes and figures; at the close, as the peers do."""
    size = len(columns("w1")["ts"])
    ground = _crossing("W1", size)
    seconds, made = middle(lambda: figures_of(ground(), [_Crossing()]))
    profit = int(made.net[0] + made.charges[0] + made.rounding[0]) / _SCALE
    tell("W1 signals", "kasauti", "signals, charges", size, seconds, int(made.fills[0]), profit)


def w4():
    """A hundred pairs on all processors, with charges, notes, drawdowns, daily equity and Sharpe ratios."""
    figures = {}
    ground = _crossing("W4", common.PAIR_BARS)
    pairs = [_Crossing(_Crossing.Parameters(fast=fast, slow=slow)) for fast, slow in common.PAIRS]
    figures_of(ground(), pairs[:2])
    with clock(figures):
        made = figures_of(ground(), pairs)
    seconds, bars = figures["seconds"], len(pairs) * common.PAIR_BARS
    tell("W4", "kasauti", "kernel, figures, charges", bars, seconds, int(made.fills.sum()))


{"W1": w1, "W1 signals": w1_signals, "W2": w2, "W3": w3, "W4": w4, "W5": w5}[sys.argv[1]]()
