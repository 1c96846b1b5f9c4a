"""
Matching inside the kernel: `simulator.bars` and the venue's slippage on arrays of whole numbers. Compiled.

Columns are named in `layout`. Yes and no are 1 and 0.
"""

from kasauti.domain.market import Ints
from kasauti.simulator.kernel.booking import fill
from kasauti.simulator.kernel.compiling import COLUMN, NOTHING, ROW, TABLE, WHOLE, compiled
from kasauti.simulator.kernel.layout import (
    ACC_CLOSE,
    ACC_RESULT,
    ACC_ROW,
    BY_CLOSE,
    BY_GAP,
    BY_OPEN,
    BY_STOP,
    BY_THROUGH,
    BY_TOUCH,
    CLOSING,
    ENDLESS,
    ENTERED,
    ENTRY,
    EXITED,
    HOLD_ASKED,
    HOLD_ENTRY,
    HOLD_LEAVING,
    RESULT_PARTIAL,
    STATE_WIDTH,
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
    WORK_WIDTH,
)

_WHOLE = 10_000


@compiled(WHOLE, ROW, WHOLE, WHOLE, WHOLE)
def slipped(state: Ints, price: int, limit: int, buys: int) -> int:
    """Return how much worse than `price` a taker trades: `TickSlippage` and the venue's bounds."""
    tick = state[TERM_TICK]
    share = 0
    if state[TERM_SLIP_BASIS_POINTS]:
        share = -(-price * state[TERM_SLIP_BASIS_POINTS] // (_WHOLE * tick))
    slip: int = max(state[TERM_SLIP_TICKS], share) * tick
    if limit:
        slip = min(slip, abs(limit - price))
    if not buys:
        slip = max(0, min(slip, price - tick))
    return slip


@compiled(WHOLE, ROW, COLUMN, COLUMN, COLUMN, WHOLE)
def reached(state: Ints, opens: Ints, highs: Ints, lows: Ints, place: int) -> int:
    """Return the rule by which the order at `place` may trade in a bar, -1 for not at all."""
    buys, limit, trigger = state[place + WORK_BUYS], state[place + WORK_LIMIT], state[place + WORK_TRIGGER]
    row = state[ACC_ROW]
    opened = opens[row]
    best, worst = (lows[row], highs[row]) if buys else (highs[row], lows[row])
    sign = 1 if buys else -1
    if place < STOP and not state[place + WORK_AWAKE]:
        if not limit or sign * (opened - limit) <= 0:
            return BY_OPEN
        state[place + WORK_AWAKE] = 1
    if place == STOP:
        if sign * (opened - trigger) >= 0:
            price, rule = opened, BY_GAP
        elif sign * (worst - trigger) >= 0:
            price, rule = trigger, BY_STOP
        else:
            return -1
        state[place + WORK_AWAKE] = 1
        if limit and sign * (price - limit) > 0:
            return -1
        return rule
    if sign * (limit - opened) > 0:
        return BY_GAP
    beyond = sign * (limit - best)
    if beyond > 0:
        return BY_THROUGH
    if beyond == 0 and not state[TERM_THROUGH]:
        return BY_TOUCH
    return -1


@compiled(WHOLE, ROW, TABLE, TABLE, COLUMN, COLUMN, COLUMN, COLUMN, COLUMN)
def match(  # noqa: C901  the rules of `simulator.bars`, in their order
    state: Ints,
    orders: Ints,
    fills: Ints,
    start: Ints,
    opens: Ints,
    highs: Ints,
    lows: Ints,
    volumes: Ints,
) -> int:
    """
    Match a bar with what rests: market orders, then the stop, then the target; as `simulator.bars` has it.

    The bar is that of ACC_ROW; a volume that is 0 or left out is not known. Returns how the position changed:
    bits `EXITED`, `ENTERED`.
    """
    row, awake, traded, left = state[ACC_ROW], -1, 0, ENDLESS
    if len(volumes) and volumes[row]:
        left = volumes[row]
    for place in range(CLOSING, STATE_WIDTH, WORK_WIDTH):
        if not state[place + WORK_ON] or state[place + WORK_ARRIVED] > start[row]:
            continue
        buys = state[place + WORK_BUYS]
        if place == TARGET and awake == buys:
            continue
        rule = reached(state, opens, highs, lows, place)
        if place == STOP and state[STOP + WORK_AWAKE]:
            awake = buys
        if rule < 0:
            continue
        if state[place + WORK_QUANTITY] > left:
            state[ACC_RESULT] = RESULT_PARTIAL
            break
        left -= state[place + WORK_QUANTITY]
        price, slip = opens[row], 0
        if rule == BY_STOP:
            price = state[place + WORK_TRIGGER]
        if rule >= BY_TOUCH:
            price = state[place + WORK_LIMIT]
        else:
            slip = slipped(state, price, state[place + WORK_LIMIT], buys)
        price += slip if buys else -slip
        fill(state, orders, fills, place, price, slip, rule)
        if place == ENTRY:
            state[HOLD_ENTRY], state[HOLD_ASKED] = price, 0
        traded |= ENTERED if place == ENTRY else EXITED
    return traded


@compiled(NOTHING, ROW, TABLE, TABLE)
def match_at_close(state: Ints, orders: Ints, fills: Ints) -> None:
    """Fill market orders at the close that led to them: for research, no market does it."""
    for place in (CLOSING, ENTRY):
        if state[place + WORK_ON]:
            fill(state, orders, fills, place, state[ACC_CLOSE], 0, BY_CLOSE)
            state[HOLD_ASKED], state[HOLD_LEAVING] = 0, 0
