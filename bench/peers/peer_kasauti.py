"""Kasauti: every workload through the engine that trades paper, with risk gate, charges and log."""

import sys
from datetime import date
from pathlib import Path

import common
import numpy as np
from common import clock, columns, tell

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import workloads

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from bench import bars

from kasauti.domain.commands import PlaceOrder
from kasauti.domain.inputs import Ask
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.market import TickBatch
from kasauti.domain.order import OrderType, Side
from kasauti.store.memory import MemoryLog

_SCALE = 10_000
_BATCH = 65_536


def _money(rupees):
    return np.rint(rupees * _SCALE).astype(np.int64)


def _futures(count, lot):
    """Return contracts that nothing squares off in the evening."""
    return Universe(
        Instrument(
            Exchange.NFO,
            f"STK{number:03d}26JULFUT",
            Kind.FUTURE,
            tick_size=500,
            lot_size=lot,
            freeze_quantity=1000,
            name=f"STK{number:03d}",
            expiry=date(2026, 7, 28),
            underlying=f"NSE:STK{number:03d}",
        )
        for number in range(count)
    )


def w1():
    figures = bars.minute_bars(columns("w1"))
    answer = common.w1_answer(columns("w1"), next_open=True)
    assert (figures["fills"], figures["profit"]) == answer, (figures, answer)
    tell("W1", "kasauti", "the engine, on_candle, next open", figures["n"], figures["seconds"], *answer)


def w2():
    figures = bars.option_chain(columns("w2"))
    answer = common.w2_answer(columns("w2"), next_open=True)
    assert (figures["fills"], figures["profit"], figures["stops"]) == answer, (figures, answer)
    tell("W2", "kasauti", "the engine, next open", figures["n"], figures["seconds"], *answer[:2])


def w3():
    ticks, figures = columns("w3"), {}
    universe = _futures(int(ticks["inst"].max()) + 1, 10)
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


{"W1": w1, "W2": w2, "W3": w3, "W5": w5}[sys.argv[1]]()
