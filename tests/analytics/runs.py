"""Runs made by hand: columns of a few rows, with what a test does not say left empty."""

from collections.abc import Sequence
from datetime import date, time, timedelta

import numpy as np

from kasauti.analytics.run import (
    HEADS,
    Assumptions,
    Days,
    Equity,
    Fills,
    Orders,
    Run,
    Trips,
)
from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.ist import ist_ns
from kasauti.domain.money import rupees

DAY = date(2026, 11, 23)
SHARE = Instrument(Exchange.NSE, "INFY", Kind.EQUITY, 500, name="INFY")
CALL = Instrument(
    Exchange.NFO,
    "NIFTY26NOV26000CE",
    Kind.CALL,
    500,
    lot_size=65,
    name="NIFTY",
    expiry=date(2026, 11, 24),
    strike=rupees(26000),
    underlying="NSE:NIFTY 50",
    on_index=True,
)
ASSUMPTIONS = Assumptions(
    data="hand-made",
    bars="1 minute",
    profile="pessimistic",
    latency="none: bars",
    slippage="1 tick",
    plan="zerodha",
    engine="event engine",
)


def clock(hour: int, minute: int = 0, day: date = DAY) -> int:
    return ist_ns(day, time(hour, minute))


def orders_of(*rows: tuple[int, int, int, str, str]) -> Orders:
    """Return orders from rows of (at, instrument, side, type, trigger in rupees), all of one unit."""
    n = len(rows)
    zeros = np.zeros(n, np.int64)
    return Orders(
        order_id=[f"O{row + 1}" for row in range(n)],
        at=np.array([row[0] for row in rows], np.int64),
        ended_at=zeros,
        instrument=np.array([row[1] for row in rows], np.int32),
        side=np.array([row[2] for row in rows], np.int8),
        product=["MIS"] * n,
        order_type=[row[3] for row in rows],
        validity=["DAY"] * n,
        quantity=np.ones(n, np.int64),
        price=zeros,
        trigger_price=np.array([rupees(row[4]) for row in rows], np.int64),
        filled=zeros,
        average=zeros,
        status=["COMPLETE"] * n,
        tag=[""] * n,
        strategy=np.zeros(n, np.int32),
        why=[""] * n,
    )


def fills_of(*rows: tuple[int, int, int, int, str]) -> Fills:
    """Return fills from rows of (at, instrument, side, quantity, price in rupees), without charges."""
    n = len(rows)
    return Fills(
        at=np.array([row[0] for row in rows], np.int64),
        instrument=np.array([row[1] for row in rows], np.int32),
        side=np.array([row[2] for row in rows], np.int8),
        quantity=np.array([row[3] for row in rows], np.int64),
        price=np.array([rupees(row[4]) for row in rows], np.int64),
        charges=np.zeros((n, len(HEADS)), np.int64),
        order=np.arange(n, dtype=np.int64),
        slip=np.zeros(n, np.int64),
        rule=["took the last price"] * n,
        source=["bar"] * n,
    )


def trips_of(*nets: str, side: int = 1, charges: str = "0", reasons: Sequence[int] = ()) -> Trips:
    """Return trips of one unit, one each minute from 10:00, that came to these results in rupees."""
    n = len(nets)
    paid = np.zeros((n, len(HEADS)), np.int64)
    paid[:, 0] = rupees(charges)
    entry = np.array([clock(10) + row * 60_000_000_000 for row in range(n)], np.int64)
    gross = np.array([rupees(net) for net in nets], np.int64) + rupees(charges)
    price = np.full(n, rupees(100), np.int64)
    return Trips(
        instrument=np.zeros(n, np.int32),
        side=np.full(n, side, np.int8),
        quantity=np.ones(n, np.int64),
        entry_at=entry,
        entry_price=price,
        exit_at=entry + 30_000_000_000,
        exit_price=price + side * gross,
        gross=gross,
        charges=paid,
        worst=np.minimum(gross, 0),
        best=np.maximum(gross, 0),
        reason=np.array(reasons or [0] * n, np.int32),
        strategy=np.zeros(n, np.int32),
    )


def days_of(*equity: str, first: date = DAY) -> Days:
    """Return one calendar day after the other, worth this at their ends in rupees; no charges."""
    n = len(equity)
    zeros = np.zeros(n, np.int64)
    return Days(
        day=[(first + timedelta(days=row)).isoformat() for row in range(n)],
        gross=zeros,
        charges=zeros,
        rounding=zeros,
        noted=np.zeros((n, len(HEADS)), np.int64),
        equity=np.array([rupees(each) for each in equity], np.int64),
        fills=zeros,
    )


def equity_of(*values: str, exposure: Sequence[str] = (), start: int = 0) -> Equity:
    """Return a curve of one row a minute from 09:16 on."""
    n = len(values)
    return Equity(
        at=np.array([(start or clock(9, 16)) + row * 60_000_000_000 for row in range(n)], np.int64),
        equity=np.array([rupees(value) for value in values], np.int64),
        exposure=np.array([rupees(value) for value in exposure or ["0"] * n], np.int64),
        benchmark=np.zeros(n, np.int64),
    )


def run_of(
    *,
    orders: Orders | None = None,
    fills: Fills | None = None,
    trips: Trips | None = None,
    equity: Equity | None = None,
    days: Days | None = None,
    capital: str = "100000",
    reasons: tuple[str, ...] = ("target",),
    label: str = "hand-made",
) -> Run:
    return Run(
        label=label,
        strategies=("orb",),
        parameters={"lots": "1"},
        instruments=(SHARE, CALL),
        reasons=reasons,
        capital=rupees(capital),
        orders=orders or orders_of(),
        fills=fills or fills_of(),
        trips=trips or trips_of(),
        equity=equity or equity_of(),
        days=days or days_of(),
        assumptions=ASSUMPTIONS,
        version="0.0.0",
    )
