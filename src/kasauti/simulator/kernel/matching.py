"""
Matching inside the kernel: `simulator.bars` and the venue's slippage on arrays of whole numbers. Compiled.

Columns are named in `layout`. Yes and no are 1 and 0.
"""

from kasauti.domain.market import Ints
from kasauti.simulator.kernel.booking import fill
from kasauti.simulator.kernel.compiling import CUBE, NOTHING, ROW, TABLE, WHOLE, compiled
from kasauti.simulator.kernel.layout import (
    ACC_CLOSE,
    ACC_RESULT,
    BY_CLOSE,
    BY_GAP,
    BY_OPEN,
    BY_STOP,
    BY_THROUGH,
    BY_TOUCH,
    ENDLESS,
    ENTERED,
    ENTRY,
    EXITED,
    HOLD_ASKED,
    HOLD_ENTRY,
    HOLD_LEAVING,
    PLACES,
    RESULT_PARTIAL,
    STOP,
    TARGET,
    TERM_SLIP_BASIS_POINTS,
    TERM_SLIP_TICKS,
    TERM_THROUGH,
    TERM_TICK,
    WORK_ARRIVED,
    WORK_AWAKE,
    WORK_BUYS,
    WORK_LIMIT,
    WORK_ON,
    WORK_QUANTITY,
    WORK_TRIGGER,
)

_WHOLE = 10_000


@compiled(WHOLE, ROW, WHOLE, WHOLE, WHOLE)
def slipped(terms: Ints, price: int, limit: int, buys: int) -> int:
    """Return how much worse than `price` a taker trades: `TickSlippage` and the venue's bounds."""
    tick = terms[TERM_TICK]
    share = 0
    if terms[TERM_SLIP_BASIS_POINTS]:
        share = -(-price * terms[TERM_SLIP_BASIS_POINTS] // (_WHOLE * tick))
    slip: int = max(terms[TERM_SLIP_TICKS], share) * tick
    if limit:
        slip = min(slip, abs(limit - price))
    if not buys:
        slip = max(0, min(slip, price - tick))
    return slip


@compiled(WHOLE, TABLE, ROW, WHOLE, WHOLE, WHOLE, WHOLE)
def reached(work: Ints, terms: Ints, place: int, opened: int, high: int, low: int) -> int:
    """Return the rule by which the order at `place` may trade in a bar, -1 for not at all."""
    buys, limit, trigger = work[place, WORK_BUYS], work[place, WORK_LIMIT], work[place, WORK_TRIGGER]
    if place < STOP:
        return BY_OPEN
    best, worst = (low, high) if buys else (high, low)
    sign = 1 if buys else -1
    if place == STOP:
        if sign * (opened - trigger) >= 0:
            price, rule = opened, BY_GAP
        elif sign * (worst - trigger) >= 0:
            price, rule = trigger, BY_STOP
        else:
            return -1
        work[place, WORK_AWAKE] = 1
        if limit and sign * (price - limit) > 0:
            return -1
        return rule
    if sign * (limit - opened) > 0:
        return BY_GAP
    beyond = sign * (limit - best)
    if beyond > 0:
        return BY_THROUGH
    if beyond == 0 and not terms[TERM_THROUGH]:
        return BY_TOUCH
    return -1


@compiled(WHOLE, ROW, TABLE, TABLE, TABLE, TABLE, CUBE, ROW, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE)
def match(
    state: Ints,
    work: Ints,
    orders: Ints,
    fills: Ints,
    days: Ints,
    schedules: Ints,
    terms: Ints,
    started: int,
    opened: int,
    high: int,
    low: int,
    volume: int,
) -> int:
    """
    Match a bar with what rests: market orders, then the stop, then the target; as `simulator.bars` has it.

    `volume` is what it traded, 0 for not known. Returns how the position changed: bits `EXITED`, `ENTERED`.
    """
    left, awake, traded = volume or ENDLESS, -1, 0
    for place in range(PLACES):
        if not work[place, WORK_ON] or work[place, WORK_ARRIVED] > started:
            continue
        buys = work[place, WORK_BUYS]
        if place == TARGET and awake == buys:
            continue
        rule = reached(work, terms, place, opened, high, low)
        if place == STOP and work[STOP, WORK_AWAKE]:
            awake = buys
        if rule < 0:
            continue
        if work[place, WORK_QUANTITY] > left:
            state[ACC_RESULT] = RESULT_PARTIAL
            break
        left -= work[place, WORK_QUANTITY]
        price, slip = opened, 0
        if rule == BY_STOP:
            price = work[place, WORK_TRIGGER]
        if rule >= BY_TOUCH:
            price = work[place, WORK_LIMIT]
        else:
            slip = slipped(terms, price, work[place, WORK_LIMIT], buys)
        price += slip if buys else -slip
        fill(state, work, orders, fills, days, schedules, terms, place, price, slip, rule)
        if place == ENTRY:
            state[HOLD_ENTRY], state[HOLD_ASKED] = price, 0
        traded |= ENTERED if place == ENTRY else EXITED
    return traded


@compiled(NOTHING, ROW, TABLE, TABLE, TABLE, TABLE, CUBE, ROW)
def match_at_close(
    state: Ints, work: Ints, orders: Ints, fills: Ints, days: Ints, schedules: Ints, terms: Ints
) -> None:
    """Fill market orders at the close that led to them: for research, no market does it."""
    for place in range(STOP):
        if work[place, WORK_ON]:
            fill(state, work, orders, fills, days, schedules, terms, place, state[ACC_CLOSE], 0, BY_CLOSE)
            state[HOLD_ASKED], state[HOLD_LEAVING] = 0, 0
