"""Charges in 64 bits: to the paisa those of `exchange.charges`, up to what a schedule calls safe."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from tests.trading import CALL, CHARGES, FUTURE, SHARE

from kasauti.domain.order import Product, Side
from kasauti.exchange.charge_rates import Rates
from kasauti.exchange.charges import ChargeBook, ChargeSchedule
from kasauti.exchange.rules import ONE
from kasauti.simulator.kernel.booking import charge
from kasauti.simulator.kernel.layout import COST_HEADS, SCHEDULE_BUY, SCHEDULE_SELL, STATE_WIDTH
from kasauti.simulator.kernel.schedules import LARGEST, compiled, reduced

BIGGEST = 2**63 - 1
_RATE = st.integers(0, 20_000_000)
_AMOUNT = st.integers(0, 10**7).map(lambda units: units * ONE)

ANY_RATES = st.builds(
    Rates,
    brokerage_rate=_RATE,
    brokerage_flat=_AMOUNT,
    brokerage_cap=st.none() | _AMOUNT,
    brokerage_floor=_AMOUNT,
    stt_buy=_RATE,
    stt_sell=_RATE,
    exchange=_RATE,
    ipft=_RATE,
    sebi=_RATE,
    stamp_buy=_RATE,
    gst=st.integers(0, ONE) | st.just(180_000_000),
    ipft_in_gst=st.booleans(),
    brokerage_ceiling=st.just(25_000_000) | st.integers(1, 50_000_000),
).filter(lambda rates: rates.brokerage_cap is None or rates.brokerage_cap >= rates.brokerage_floor)
REAL = [
    CHARGES.schedule(SHARE, Product.MIS, date(2026, 1, 13)),
    CHARGES.schedule(SHARE, Product.CNC, date(2026, 1, 13)),
    CHARGES.schedule(FUTURE, Product.NRML, date(2024, 1, 15)),
    CHARGES.schedule(CALL, Product.NRML, date(2026, 1, 13)),
    ChargeBook("angelone").schedule(SHARE, Product.CNC, date(2026, 1, 13)),
]


@njit
def _charge(state: np.ndarray, side: int, turnover: int) -> int:
    return charge(state, side, turnover)


def _in_64_bits(schedule: ChargeSchedule, side: Side, turnover: int) -> tuple[int, ...]:
    state = np.zeros(STATE_WIDTH, np.int64)
    state[SCHEDULE_BUY : SCHEDULE_SELL + SCHEDULE_SELL - SCHEDULE_BUY] = compiled(schedule).ravel()
    paid = _charge(state, SCHEDULE_BUY if side is Side.BUY else SCHEDULE_SELL, turnover)
    heads = tuple(state[COST_HEADS : COST_HEADS + 7].tolist())
    assert paid == sum(heads)
    return heads


def _largest(schedule: ChargeSchedule, side: Side) -> int:
    return int(compiled(schedule)[int(side is Side.SELL), LARGEST])


def _exact(schedule: ChargeSchedule, side: Side, turnover: int) -> tuple[int, ...]:
    charges = schedule.order_charges(side, turnover)
    return tuple(getattr(charges, name) for name in charges.__struct_fields__ if name != "services")


@given(ANY_RATES.map(ChargeSchedule) | st.sampled_from(REAL), st.sampled_from(Side), st.data())
def test_charges_are_those_of_the_exact_integers_up_to_the_largest_safe_turnover(
    schedule: ChargeSchedule, side: Side, data: st.DataObject
) -> None:
    largest = _largest(schedule, side)
    if largest:
        near = st.integers(max(1, largest - 100), largest)
        turnover = data.draw(st.integers(1, min(largest, 10**13)) | near)
        assert _in_64_bits(schedule, side, turnover) == _exact(schedule, side, turnover)


def test_real_schedules_are_safe_for_days_of_twenty_five_crores() -> None:
    twenty_five_crores = 25 * 10**7 * 10_000
    assert all(_largest(schedule, side) > twenty_five_crores for schedule in REAL for side in Side)


@given(st.integers(0, 10**9), st.sampled_from([10**11, 10**13, 10**20]), st.integers(0, 10**15))
def test_a_reduced_fraction_has_the_same_quotients(rate: int, step: int, units: int) -> None:
    numerator, half, divisor = reduced(rate, step)
    assert (units * numerator + half) // divisor == (units * rate + step // 2) // step
