"""
Charge schedules as the kernel takes them: exact in 64 bits, or not at all.

A part of the charges is floor((turnover x rate + half) / step) with a step of 1e11, of the tax on services
even 1e20. Rate, half and step have common factors; divided by the largest, the same quotient comes from
smaller numbers: 18 % of a base in billionths is floor((9 base + 2.5e12) / 5e12). What still might not fit
into 64 bits is known from the turnover, so each schedule has the largest that is safe; beyond it the event
engine computes, which has no such bound.
"""

from math import gcd

import numpy as np

from kasauti.domain.market import Ints
from kasauti.domain.money import PAISA, RUPEE
from kasauti.exchange.charges import ChargeSchedule, SideRates
from kasauti.exchange.rules import ONE

_PAISA_STEP = PAISA * ONE
_RUPEE_STEP = RUPEE * ONE
_BIGGEST = 2**63 - 1

#: Columns of one head: numerator, half and divisor of an order's charge, then of the day's note.
HEAD_WIDTH = 6
#: The heads that are a rate of turnover, and what a day's note rounds each to.
_RATED_HEADS = (
    ("stt", _RUPEE_STEP),
    ("exchange", _PAISA_STEP),
    ("ipft", _PAISA_STEP),
    ("sebi", _PAISA_STEP),
    ("stamp", _RUPEE_STEP),
)
RATED = len(_RATED_HEADS)
#: Columns of the heads of one side, then of brokerage and the tax on services.
BROKERAGE_RATE = RATED * HEAD_WIDTH
BROKERAGE_FLAT = BROKERAGE_RATE + 1
BROKERAGE_CAP = BROKERAGE_RATE + 2
BROKERAGE_FLOOR = BROKERAGE_RATE + 3
#: From this turnover on brokerage is the cap, which is known without a product.
CAPPED_FROM = BROKERAGE_RATE + 4
#: The part of turnover that brokerage may not exceed, and the turnover from which on it does not.
BROKERAGE_CEILING = BROKERAGE_RATE + 5
CEILED_BELOW = BROKERAGE_RATE + 6
GST_BASE = BROKERAGE_RATE + 7
GST_NUMERATOR = BROKERAGE_RATE + 8
GST_HALF = BROKERAGE_RATE + 9
GST_STEP = BROKERAGE_RATE + 10
#: The largest turnover, of an order and of a day, for which everything fits.
LARGEST = BROKERAGE_RATE + 11
SIDE_WIDTH = BROKERAGE_RATE + 12


def reduced(rate: int, step: int, other: int = 0) -> tuple[int, int, int]:
    """
    Return numerator, half and divisor of floor((x rate + step / 2) / step), without common factors.

    `other` is a rate that is to have the same divisor.
    """
    half = step // 2
    common = gcd(rate, other, half, step)
    return rate // common, half // common, step // common


def compiled(schedule: ChargeSchedule) -> Ints:
    """
    Return a schedule as an array (2, SIDE_WIDTH): what a buyer pays, and a seller.

    `LARGEST` is 0 where no turnover is safe: then nothing can be computed here.
    """
    sides = schedule.rates_of(buys=True), schedule.rates_of(buys=False)
    rows = [_side(mine, other) for mine, other in (sides, sides[::-1])]
    if any(max(row) > _BIGGEST for row in rows):
        rows = [[0] * SIDE_WIDTH] * 2
    return np.array(rows, np.int64)


def _side(rates: SideRates, other: SideRates) -> list[int]:
    """Return the row of one side; the day's note adds both sides up, so their divisors are the same."""
    row: list[int] = []
    bounds = [_BIGGEST]
    for name, note_step in _RATED_HEADS:
        rate = getattr(rates, name)
        for step, beside in ((_PAISA_STEP, 0), (note_step, getattr(other, name))):
            numerator, half, divisor = reduced(rate, step, beside)
            row += [numerator, half, divisor]
            largest = max(numerator, beside * divisor // step)
            bounds.append((_BIGGEST - half) // max(1, largest))
    cap = min(rates.brokerage_cap, _BIGGEST)
    capped_from = _BIGGEST
    if rates.brokerage_rate and cap < _BIGGEST:
        capped_from = max(0, cap - rates.brokerage_flat) // rates.brokerage_rate + 1
        if capped_from < rates.ceiled_below:
            capped_from = rates.ceiled_below
            bounds.append((_BIGGEST - rates.brokerage_flat) // rates.brokerage_rate)
    numerator, half, divisor = reduced(rates.gst, _PAISA_STEP * ONE)
    # The tax's base is brokerage and fees: `most` is a brokerage's rate and amount at their largest.
    most = 0, max(cap, rates.brokerage_floor)
    if cap == _BIGGEST:
        most = rates.brokerage_rate, max(rates.brokerage_flat, rates.brokerage_floor) + _PAISA_STEP
    room = (_BIGGEST - half) // max(1, numerator)
    bounds.append((room - most[1]) // max(1, rates.gst_base + most[0]))
    row += [rates.brokerage_rate, rates.brokerage_flat, cap, rates.brokerage_floor, capped_from]
    row += [rates.ceiling, rates.ceiled_below, rates.gst_base, numerator, half, divisor]
    return [*row, max(0, min(bounds))]
