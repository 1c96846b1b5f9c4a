"""The kernel and the event engine live the same life: order for order, trade for trade, paisa for paisa."""

from datetime import date, time
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from tests.simulator.kernel.both import Case, bars_on, by_engine, by_kernel

from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_SECOND, ist_ns
from kasauti.domain.money import rupees
from kasauti.domain.order import Product
from kasauti.risk.rules import MaxDailyLoss, MaxOpenOrders, MaxOrdersPerDay, MaxOrderValue, MaxPositions
from kasauti.simulator.kernel.terms import NotHere
from kasauti.strategies.signals import Signals

STEP = 300
TICK = 500

#: Days that follow each other: plain ones, with hours that differ by segment, with a Saturday in two parts.
DAYS = (
    (date(2026, 1, 13), date(2026, 1, 14), date(2026, 1, 16)),
    (date(2026, 8, 4), date(2026, 8, 5)),
    (date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 4)),
)
OPENS, BARS_A_DAY = time(9, 15), 78


def _instruments(expiry: date) -> list[Instrument]:
    def derivative(symbol: str, kind: Kind, strike: int = 0) -> Instrument:
        return Instrument(
            Exchange.NFO,
            symbol,
            kind,
            TICK,
            lot_size=65,
            freeze_quantity=260,
            name="NIFTY",
            expiry=expiry,
            strike=rupees(strike),
            underlying="NSE:NIFTY 50",
            on_index=True,
        )

    return [
        Instrument(Exchange.NSE, "ACME", Kind.EQUITY, TICK, name="ACME"),
        Instrument(Exchange.NSE, "RELIANCE", Kind.EQUITY, TICK, name="RELIANCE"),
        Instrument(Exchange.BSE, "ACME", Kind.EQUITY, TICK, name="ACME"),
        derivative("NIFTYFUT", Kind.FUTURE),
        derivative("NIFTY100CE", Kind.CALL, 100),
        derivative("NIFTY100PE", Kind.PUT, 100),
    ]


_PRODUCTS = {Kind.EQUITY: (Product.MIS, Product.CNC)}
_RULES = (
    MaxOrderValue(rupees(6_500)),
    MaxOpenOrders(1),
    MaxOpenOrders(2),
    MaxOrdersPerDay(3),
    MaxDailyLoss(rupees(20)),
    MaxPositions(1),
)


#: A bar and its signals as one number: draws are what takes the time, and one shrinks well.
_BARS = st.integers(0, 16 * 13 * 13 * 5 * 5 - 1)


def _parts(number: int, *sizes: int) -> list[int]:
    parts = []
    for size in sizes:
        number, part = divmod(number, size)
        parts.append(part)
    return parts


def _around(part: int) -> int:
    """Return 0, 1, -1, 2, -2 ... for 0, 1, 2, 3, 4 ..."""
    return -part // 2 if part % 2 == 0 else (part + 1) // 2


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Some days of bars with gaps, signals on them, and an account that may be too small."""
    days = draw(st.sampled_from(DAYS))
    instruments = _instruments(date(days[-1].year, 12, 29))
    instrument = draw(st.sampled_from(instruments))
    product = draw(st.sampled_from(_PRODUCTS.get(instrument.kind, (Product.NRML, Product.MIS))))
    starts = [start for day in days for start in draw(_starts(instrument, day))]
    assume(starts)
    size = len(starts)
    last, rows = draw(st.integers(150, 250)), draw(st.lists(_BARS, min_size=size, max_size=size))
    volume = draw(st.sampled_from([0, 0, 10**6, 100]))
    prices, wanted = [], []
    for row in rows:
        code, jump, body, up, down = _parts(row, 16, 13, 13, 5, 5)
        opened = max(1, last + _around(jump))
        last = max(1, opened + _around(body))
        bar = (opened, max(opened, last) + up, max(1, min(opened, last) - down), last)
        prices.append((*(ticks * TICK for ticks in bar), volume))
        wanted.append(code)
    unit = instrument.lot_size
    codes = np.array(wanted)
    if draw(st.booleans()):
        codes &= np.roll(codes, 1)
    return Case(
        instrument,
        product,
        Universe(instruments if draw(st.booleans()) else [instrument]),
        bars_on(instrument, STEP, starts, prices),
        Signals(
            long_entry=codes & 1 > 0,
            long_exit=codes & 2 > 0,
            short_entry=codes & 4 > 0,
            short_exit=codes & 8 > 0,
            quantity=draw(_quantities(size, unit)),
            **draw(_levels("stop", size)),
            **draw(_levels("target", size)),
        ),
        capital=draw(st.sampled_from([500, 3_000, 8_000, 14_000, 10_000_000])),
        profile=draw(st.sampled_from(["depth", "touch", "ltp", "pessimistic"])),
        ticks=draw(st.integers(0, 3)),
        basis_points=draw(st.sampled_from([0, 0, 7, 40])),
        quantity=unit * draw(st.integers(1, 2)),
        risk=tuple(
            sorted(draw(st.lists(st.sampled_from(_RULES), max_size=2, unique_by=type)), key=_RULES.index)
        ),
    )


def _starts(instrument: Instrument, day: date) -> st.SearchStrategy[list[int]]:
    """Bars of a day: anywhere, but rather side by side, around the open and around the square-off."""
    opens = ist_ns(day, OPENS)
    if day == date(2024, 3, 2):
        slots = [*range(3), *range(6, 9), *range(27, 30), *range(35, 39)]
    else:
        ends = {date(2026, 8, 4): 72, date(2026, 8, 5): 72}.get(day, 75)
        if instrument.kind is not Kind.EQUITY and ends == 72:
            ends = 77
        slots = [*range(4), 30, *range(ends - 6, ends)]
    chosen = st.one_of(
        st.just(slots), st.lists(st.sampled_from(slots), max_size=len(slots), unique=True).map(sorted)
    )
    return chosen.map(lambda some: [opens + slot * STEP * NS_PER_SECOND for slot in some])


def _quantities(size: int, unit: int) -> st.SearchStrategy[list[int] | int | None]:
    some = st.sampled_from([unit, unit, 2 * unit, 3 * unit, 5 * unit, 7 * unit, 0, unit + 1])
    return st.one_of(st.none(), st.lists(some, min_size=size, max_size=size))


def _levels(name: str, size: int) -> st.SearchStrategy[dict[str, Any]]:
    percent = st.sampled_from([0.0, 0.3, 1.0, 1.7, 2.5, 40.0, float("nan")])
    price = st.sampled_from([0.0, 6.0, 9.97, 10.0, 10.4, 11.0])

    def either(value: st.SearchStrategy[float], kind: str) -> st.SearchStrategy[dict[str, Any]]:
        column = st.one_of(value, st.lists(value, min_size=size, max_size=size))
        return column.map(lambda given: {f"{name}_{kind}": given})

    return st.one_of(st.just({}), either(percent, "percent"), either(price, "price"))


@given(cases())
@settings(max_examples=100)
def test_every_order_trade_and_paisa_is_the_engines(case: Case) -> None:
    try:
        kernel = by_kernel(case)
    except NotHere as reason:
        event(f"left to the engine: {str(reason).split(' (')[0]}")
        return
    engine = by_engine(case)
    event(f"{min(len(engine.fills), 6)} fills")

    assert kernel.orders == engine.orders
    assert kernel == engine


#: Codes of the bars of two days (1 enters, 2 leaves), quantities, and whether shares leave the demat account.
_UNEVEN_DAYS = {
    "more is sold": ([1, 0, 0, 0], [2, 1, 0, 0], [500, 1, 1, 1, 1, 200, 1, 1], True),
    "more is bought": ([1, 0, 0, 0], [2, 1, 0, 0], [200, 1, 1, 1, 1, 500, 1, 1], False),
    "all of it is sold": ([1, 0, 0, 0], [2, 0, 0, 0], [500, 1, 1, 1, 1, 1, 1, 1], True),
    "bought and sold on one day": ([0, 0, 0, 0], [1, 2, 1, 2], [1, 1, 1, 1, 700, 1, 90, 1], False),
}


@pytest.mark.parametrize("share", _instruments(date(2026, 12, 29))[:3], ids=lambda share: share.id)
@pytest.mark.parametrize("codes", _UNEVEN_DAYS.values(), ids=_UNEVEN_DAYS)
def test_a_share_is_taxed_by_its_day_in_the_kernel_too(
    share: Instrument, codes: tuple[list[int], list[int], list[int], bool]
) -> None:
    first, second, quantities, leaves_the_account = codes
    days = DAYS[0][:2]
    starts = [ist_ns(day, OPENS) + slot * STEP * NS_PER_SECOND for day in days for slot in range(4)]
    prices = [(1_507_000 + 3_500 * row, *[1_507_000 + 3_500 * row] * 3, 0) for row in range(8)]
    wanted = np.array([*first, *second])
    case = Case(
        share,
        Product.CNC,
        Universe([share]),
        bars_on(share, STEP, starts, prices),
        Signals(long_entry=wanted & 1 > 0, long_exit=wanted & 2 > 0, quantity=quantities),
        quantity=100,
    )

    kernel, engine = by_kernel(case), by_engine(case)

    assert kernel == engine
    assert (engine.days[1][-1][-1] > 0) is leaves_the_account
