"""
Asking for an order inside the kernel, and ending one: `engine.decide` on arrays of whole numbers. Compiled.

`state` is the account; columns are named in `layout`. Yes and no are 1 and 0.
"""

from kasauti.domain.market import Ints
from kasauti.domain.money import PAISA
from kasauti.simulator.kernel.compiling import NOTHING, ROW, TABLE, WHOLE, compiled
from kasauti.simulator.kernel.layout import (
    ACC_CASH,
    ACC_DENIED,
    ACC_ORDERS,
    ACC_PENDING_BUY,
    ACC_PENDING_SELL,
    ACC_POSITION,
    ACC_RESULT,
    ACC_SHORT_OF_FUNDS,
    ACC_WORKING,
    DAY_CLOSE_1,
    DAY_CLOSE_2,
    DAY_CUTOFF,
    DAY_MARGIN_NUMERATOR,
    DAY_MARGIN_STEP,
    DAY_MOST_ASKED,
    DAY_OPEN_1,
    DAY_OPEN_2,
    DAY_SLABS,
    DAY_SUM_ASKED,
    DAY_SUM_CHARGES,
    DAY_SUM_ORDERS,
    DAY_SUM_REALISED,
    END_DENIED,
    END_OPEN,
    END_TRIGGER_PENDING,
    KIND_SQUARE_OFF,
    MAKE_LIMIT,
    MAKE_MARKET,
    MAKE_SL,
    MAKE_SL_M,
    ORDER_AT,
    ORDER_BAND,
    ORDER_BLOCKED,
    ORDER_BUYS,
    ORDER_END,
    ORDER_ENDED_AT,
    ORDER_KIND,
    ORDER_MAKE,
    ORDER_PRICE,
    ORDER_QUANTITY,
    ORDER_REFERENCE,
    ORDER_TRIGGER,
    ORDER_WHY,
    RESULT_FULL,
    RESULT_TOO_MANY,
    SLAB_LAST,
    SLAB_LEAST,
    SLAB_SHARE,
    SLAB_WIDTH,
    STATE_WIDTH,
    TERM_DELIVERY,
    TERM_FREEZE,
    TERM_KEEPS,
    TERM_LOT,
    TERM_MAX_DAILY_LOSS,
    TERM_MAX_OPEN_ORDERS,
    TERM_MAX_ORDER_VALUE,
    TERM_MAX_ORDERS_PER_DAY,
    TERM_OPTION,
    TERM_STRIKE,
    TERM_TICK,
    TODAY,
    WHY_CLOSED,
    WHY_CUTOFF,
    WHY_DAILY_LOSS,
    WHY_FREEZE,
    WHY_FUNDS,
    WHY_HOLDINGS,
    WHY_LOT,
    WHY_NONE,
    WHY_OPEN_ORDERS,
    WHY_ORDER_VALUE,
    WHY_ORDERS_PER_DAY,
    WORK_ARRIVED,
    WORK_AWAKE,
    WORK_BLOCKED,
    WORK_BUYS,
    WORK_KIND,
    WORK_LIMIT,
    WORK_ON,
    WORK_ORDER,
    WORK_QUANTITY,
    WORK_TRIGGER,
    WORK_WIDTH,
)

#: A market order is margined this much above the price that stood, in per cent; as `engine.decide` has it.
_MARKET_BUFFER_PERCENT = 101
#: Hundredths of a per cent in the whole.
_WHOLE = 10_000


@compiled(WHOLE, ROW, WHOLE, WHOLE)
def band(state: Ints, price: int, buys: int) -> int:
    """Return the worst price at which a market order around `price` trades, 0 for any: `Protection.band`."""
    slab, tick = TODAY + DAY_SLABS, state[TERM_TICK]
    if state[slab + SLAB_SHARE] < 0:
        return 0
    while state[slab + SLAB_LAST] < price:
        slab += SLAB_WIDTH
    way = max(price * state[slab + SLAB_SHARE] // _WHOLE, state[slab + SLAB_LEAST])
    if buys:
        above: int = max(price, (price + way) // tick * tick)
        return above
    below: int = max(tick, min(price, -((way - price) // tick) * tick))
    return below


@compiled(WHOLE, ROW, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE)
def worst_price(state: Ints, kind: int, make: int, buys: int, trigger: int, last: int) -> int:
    """Return the band of an order: around the last price for MARKET, around its trigger for SL-M."""
    if make == MAKE_MARKET and kind != KIND_SQUARE_OFF:
        return band(state, last, buys)
    if make == MAKE_SL_M:
        return band(state, trigger, buys)
    return 0


@compiled(WHOLE, ROW, WHOLE, WHOLE, WHOLE)
def order_block(state: Ints, units: int, price: int, buys: int) -> int:
    """Return the money an order blocks for `units` that open exposure: `Margin.order`."""
    value, premium = price * units, 0
    if state[TERM_OPTION]:
        premium = -(-value // PAISA) * PAISA
        value = 0 if buys else state[TERM_STRIKE] * units
    if not state[TODAY + DAY_MARGIN_NUMERATOR]:
        return premium
    part = -value * state[TODAY + DAY_MARGIN_NUMERATOR] // state[TODAY + DAY_MARGIN_STEP]
    blocked: int = premium - part * PAISA
    return blocked


@compiled(WHOLE, ROW, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE)
def refusal(  # noqa: C901  a list of checks
    state: Ints,
    kind: int,
    buys: int,
    quantity: int,
    new: int,
    reference: int,
    blocked: int,
    at: int,
) -> int:
    """Return why an order is denied, by the checks of `engine.decide` in their order, or `WHY_NONE`."""
    morning = state[TODAY + DAY_OPEN_1] <= at < state[TODAY + DAY_CLOSE_1]
    if not morning and not state[TODAY + DAY_OPEN_2] <= at < state[TODAY + DAY_CLOSE_2]:
        return WHY_CLOSED
    if kind != KIND_SQUARE_OFF and at >= state[TODAY + DAY_CUTOFF]:
        return WHY_CUTOFF
    if state[TERM_LOT] > 1 and quantity % state[TERM_LOT]:
        return WHY_LOT
    if quantity > state[TERM_FREEZE]:
        return WHY_FREEZE
    if kind == KIND_SQUARE_OFF or not new:
        return WHY_NONE
    if state[TERM_DELIVERY] and not buys:
        return WHY_HOLDINGS
    if blocked > state[ACC_CASH]:
        return WHY_FUNDS
    if reference * quantity > state[TERM_MAX_ORDER_VALUE]:
        return WHY_ORDER_VALUE
    if state[ACC_WORKING] >= state[TERM_MAX_OPEN_ORDERS]:
        return WHY_OPEN_ORDERS
    if state[DAY_SUM_ORDERS] >= state[TERM_MAX_ORDERS_PER_DAY]:
        return WHY_ORDERS_PER_DAY
    if state[DAY_SUM_CHARGES] - state[DAY_SUM_REALISED] >= state[TERM_MAX_DAILY_LOSS]:
        return WHY_DAILY_LOSS
    return WHY_NONE


@compiled(
    NOTHING, ROW, TABLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE
)  # fmt: skip
def ask(
    state: Ints,
    orders: Ints,
    place: int,
    kind: int,
    make: int,
    buys: int,
    quantity: int,
    price: int,
    trigger: int,
    at: int,
    last: int,
) -> None:
    """Ask for an order at `at`, when `last` was the last price: it is placed at its `place`, or denied."""
    limited = make == MAKE_LIMIT or make == MAKE_SL  # noqa: PLR1714  a set would be made each time
    reference = price
    if not (buys and limited):
        reference = max(price, trigger or last)
    if buys:
        closable = -state[ACC_POSITION] - state[ACC_PENDING_BUY]
    else:
        closable = state[ACC_POSITION] - state[ACC_PENDING_SELL]
    new = max(0, quantity - max(0, closable))
    basis = reference
    if not limited:
        basis = reference * _MARKET_BUFFER_PERCENT // 100
    blocked = order_block(state, new, basis, buys)
    why = refusal(state, kind, buys, quantity, new, reference, blocked, at)
    worst = worst_price(state, kind, make, buys, trigger, last)
    state[DAY_SUM_ASKED] += kind != KIND_SQUARE_OFF
    if state[DAY_SUM_ASKED] > state[TODAY + DAY_MOST_ASKED]:
        state[ACC_RESULT] = RESULT_TOO_MANY
        return
    one = state[ACC_ORDERS]
    state[ACC_ORDERS] += 1
    if state[TERM_KEEPS]:
        if one >= len(orders):
            state[ACC_RESULT] = RESULT_FULL
            return
        orders[one, ORDER_AT], orders[one, ORDER_KIND] = at, kind
        orders[one, ORDER_BUYS], orders[one, ORDER_MAKE] = buys, make
        orders[one, ORDER_QUANTITY], orders[one, ORDER_PRICE] = quantity, price
        orders[one, ORDER_TRIGGER], orders[one, ORDER_WHY] = trigger, why
        orders[one, ORDER_END] = END_DENIED if why else END_TRIGGER_PENDING if trigger else END_OPEN
        orders[one, ORDER_ENDED_AT], orders[one, ORDER_BLOCKED] = at, blocked
        orders[one, ORDER_REFERENCE], orders[one, ORDER_BAND] = reference, worst
    if why:
        state[ACC_DENIED] += 1
        if why == WHY_FUNDS:
            state[ACC_SHORT_OF_FUNDS] += 1
        return
    state[DAY_SUM_ORDERS] += 1
    state[ACC_WORKING] += 1
    state[ACC_CASH] -= blocked
    state[ACC_PENDING_BUY if buys else ACC_PENDING_SELL] += quantity
    state[place + WORK_ON], state[place + WORK_ORDER], state[place + WORK_BUYS] = 1, one, buys
    state[place + WORK_QUANTITY], state[place + WORK_LIMIT] = quantity, price or worst
    state[place + WORK_TRIGGER], state[place + WORK_BLOCKED] = trigger, blocked
    state[place + WORK_ARRIVED], state[place + WORK_AWAKE] = at, 0
    state[place + WORK_KIND] = kind


@compiled(NOTHING, ROW, TABLE, WHOLE, WHOLE, WHOLE, WHOLE)
def end(state: Ints, orders: Ints, first: int, how: int, why: int, at: int) -> None:
    """End the orders from the place `first` on, without a trade."""
    for place in range(first, STATE_WIDTH, WORK_WIDTH):
        if not state[place + WORK_ON]:
            continue
        state[place + WORK_ON] = 0
        state[ACC_WORKING] -= 1
        state[ACC_CASH] += state[place + WORK_BLOCKED]
        pending = ACC_PENDING_BUY if state[place + WORK_BUYS] else ACC_PENDING_SELL
        state[pending] -= state[place + WORK_QUANTITY]
        if state[TERM_KEEPS]:
            one = state[place + WORK_ORDER]
            orders[one, ORDER_END], orders[one, ORDER_ENDED_AT], orders[one, ORDER_WHY] = how, at, why
