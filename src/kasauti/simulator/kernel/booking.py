"""
Booking inside the kernel: what a fill costs and changes, what a day's note rounds. Compiled.

It is the arithmetic of `exchange.charges`, `exchange.contract_note`, `domain.trade_folds` and `domain.ledger`
on arrays of whole numbers; columns are named in `layout`. Yes and no are 1 and 0.
"""

import numpy as np

from kasauti.domain.market import Ints
from kasauti.domain.money import PAISA, RUPEE
from kasauti.exchange.rules import ONE
from kasauti.simulator.kernel.asking import order_block
from kasauti.simulator.kernel.compiling import NOTHING, ROW, TABLE, WHOLE, compiled
from kasauti.simulator.kernel.layout import (
    ACC_AT,
    ACC_CASH,
    ACC_CHARGES,
    ACC_COST,
    ACC_FILLS,
    ACC_FUNDS,
    ACC_GROSS,
    ACC_HELD_BACK,
    ACC_LOSS,
    ACC_MARGIN,
    ACC_MARKED,
    ACC_NUMBER,
    ACC_PENDING_BUY,
    ACC_PENDING_SELL,
    ACC_POSITION,
    ACC_PROFIT,
    ACC_RESULT,
    ACC_ROUNDING,
    ACC_ROW,
    ACC_SETTLED,
    ACC_TRIP_CHARGES,
    ACC_TRIPS,
    ACC_UNSETTLED,
    ACC_WINS,
    ACC_WORKING,
    BILLED_BUY,
    BILLED_SELL,
    COST_HEADS,
    DAILY_BOUGHT,
    DAILY_CHARGES,
    DAILY_FILLS,
    DAILY_GROSS,
    DAILY_ROUNDING,
    DAILY_SERVICES,
    DAY_BILLED,
    DAY_BUY_DUTY,
    DAY_BUY_TAX,
    DAY_DP,
    DAY_DP_GST,
    DAY_DUTY_STEP,
    DAY_INTRADAY_DUTY,
    DAY_INTRADAY_TAX,
    DAY_MATCHES,
    DAY_SELL_TAX,
    DAY_SQUARE_OFF,
    DAY_SQUARE_OFF_GST,
    DAY_SUM_BILLED,
    DAY_SUM_BUY,
    DAY_SUM_CHARGES,
    DAY_SUM_FILLS,
    DAY_SUM_HEADS,
    DAY_SUM_ORDERS,
    DAY_SUM_REALISED,
    DAY_SUM_SELL,
    DAY_SUM_SOLD,
    DAY_SUM_SQUARED,
    DAY_SUM_UNITS_BOUGHT,
    DAY_SUM_UNITS_SOLD,
    DAY_TAX_STEP,
    DAY_USABLE,
    DAY_USABLE_UNSETTLED,
    END_COMPLETE,
    FILL_AT,
    FILL_CHARGES,
    FILL_MARGIN,
    FILL_ORDER,
    FILL_PRICE,
    FILL_ROW,
    FILL_RULE,
    FILL_SLIP,
    HEADS,
    KIND_SQUARE_OFF,
    ORDER_END,
    ORDER_ENDED_AT,
    RESULT_FULL,
    RESULT_TOO_LARGE,
    SCHEDULE_BUY,
    SCHEDULE_SELL,
    TERM_DELIVERY,
    TERM_KEEPS,
    TERM_PAID_UP,
    TODAY,
    WORK_BLOCKED,
    WORK_BUYS,
    WORK_KIND,
    WORK_ON,
    WORK_ORDER,
    WORK_QUANTITY,
)
from kasauti.simulator.kernel.schedules import (
    BROKERAGE_CAP,
    BROKERAGE_CEILING,
    BROKERAGE_FLAT,
    BROKERAGE_FLOOR,
    BROKERAGE_RATE,
    CAPPED_FROM,
    CEILED_BELOW,
    GST_BASE,
    GST_HALF,
    GST_NUMERATOR,
    GST_STEP,
    HEAD_WIDTH,
    LARGEST,
    RATED,
)

_WHOLE = 10_000

#: What a product may come to, so that two of them and a half still fit into 64 bits.
_MOST = 2**61
#: Sums of brokerage beyond which the base of a day's tax might not fit.
_MOST_BROKERAGE = 2**31


@compiled(WHOLE, WHOLE, WHOLE)
def quotient(number: int, divisor: int) -> int:
    """Return the whole part of what is never negative: without signs it takes half as long."""
    whole: int = np.int64(np.uint64(number) // np.uint64(divisor))  # type: ignore[assignment]
    return whole


@compiled(WHOLE, ROW, WHOLE, WHOLE)
def brokerage_of(state: Ints, side: int, turnover: int) -> int:
    """Return an order's brokerage in billionths of a money unit; `side` is where its rates stand."""
    cap: int = state[side + BROKERAGE_CAP]
    if turnover >= state[side + CAPPED_FROM]:
        return cap
    brokerage: int = turnover * state[side + BROKERAGE_RATE]
    brokerage += state[side + BROKERAGE_FLAT]
    floor: int = state[side + BROKERAGE_FLOOR]
    brokerage = cap if brokerage > cap else max(brokerage, floor)
    if turnover < state[side + CEILED_BELOW]:
        ceiling: int = turnover * state[side + BROKERAGE_CEILING]
        brokerage = min(brokerage, ceiling)
    return brokerage


@compiled(WHOLE, WHOLE)
def in_paise(brokerage: int) -> int:
    """Return billionths of a money unit in whole paise, halves up."""
    step = PAISA * ONE
    return (brokerage + step // 2) // step * PAISA


@compiled(WHOLE, ROW, WHOLE, WHOLE)
def charge(state: Ints, side: int, turnover: int) -> int:
    """Write what an order of `turnover` costs into COST_HEADS; return the sum. See `order_charges`."""
    brokerage = brokerage_of(state, side, turnover)
    paid = in_paise(brokerage)
    state[COST_HEADS] = paid
    for head in range(RATED):
        at = head * HEAD_WIDTH
        rate = state[side + at]
        part = 0
        if rate:
            part = quotient(turnover * rate + state[side + at + 1], state[side + at + 2]) * PAISA
        state[COST_HEADS + head + 1] = part
        paid += part
    base = brokerage + turnover * state[side + GST_BASE]
    tax = base * state[side + GST_NUMERATOR] + state[side + GST_HALF]
    tax = quotient(tax, state[side + GST_STEP]) * PAISA
    state[COST_HEADS + 6] = tax
    paid += tax
    return paid


@compiled(WHOLE, ROW, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE)
def together(state: Ints, own: int, rate: int, other: int, other_rate: int, step: int) -> int:
    """Return `own` at `rate` and `other` at `other_rate`, in whole rupees, halves up."""
    most = max(rate, other_rate, 1)
    if own > _MOST // most or other > _MOST // most or step > _MOST:
        state[ACC_RESULT] = RESULT_TOO_LARGE
        return 0
    return quotient(own * rate + other * other_rate + step // 2, step) * RUPEE


@compiled(WHOLE, WHOLE, WHOLE)
def times(one: int, other: int) -> int:
    """Return the product, or more than `_MOST` where 64 bits might not hold it."""
    return _MOST + 1 if other and one > _MOST // other else one * other


@compiled(NOTHING, ROW, TABLE)
def tax_shares(state: Ints, daily: Ints) -> None:
    """
    Write what a share's day is taxed beyond its orders: `exchange.contract_note`, for one security.

    What was both bought and sold is intraday at the average price of its side, the rest is delivery. The
    averages are never made: both parts are taken with the units as their common divisor.
    """
    bought, sold = state[DAY_SUM_UNITS_BOUGHT], state[DAY_SUM_UNITS_SOLD]
    paid, received = state[DAY_SUM_BUY], state[DAY_SUM_SELL]
    matched = min(bought, sold)
    intraday, duty = state[TODAY + DAY_INTRADAY_TAX], state[TODAY + DAY_INTRADAY_DUTY]
    buys, sells, stamp = state[TODAY + DAY_BUY_TAX], state[TODAY + DAY_SELL_TAX], state[TODAY + DAY_BUY_DUTY]
    step, duty_step = state[TODAY + DAY_TAX_STEP], state[TODAY + DAY_DUTY_STEP]
    number = state[ACC_NUMBER]
    if matched == 0:
        tax = together(state, paid, buys, received, sells, step)
        stamped = together(state, paid, stamp, 0, 0, duty_step)
    elif bought == sold:
        tax = together(state, received, intraday, 0, 0, step)
        stamped = together(state, paid, duty, 0, 0, duty_step)
    elif bought > sold:
        rest = times(paid, bought - sold)
        tax = together(state, times(received, bought), intraday, rest, buys, times(step, bought))
        stamped = together(state, times(paid, sold), duty, rest, stamp, times(duty_step, bought))
    else:
        rest = times(received, sold - bought)
        tax = together(state, times(received, bought), intraday, rest, sells, times(step, sold))
        stamped = together(state, paid, duty, 0, 0, duty_step)
    daily[number, DAILY_ROUNDING + 1] = tax - state[DAY_SUM_HEADS + 1]
    daily[number, DAILY_ROUNDING + RATED] = stamped - state[DAY_SUM_HEADS + RATED]


@compiled(NOTHING, ROW, TABLE)
def close_day(state: Ints, daily: Ints) -> None:
    """Book what the day's note and services cost, write the day down, and begin its sums anew."""
    number = state[ACC_NUMBER]
    bought, sold = state[DAY_SUM_BUY], state[DAY_SUM_SELL]
    brokerage = state[DAY_SUM_HEADS]
    if state[TODAY + DAY_BILLED] >= 0 and bought and sold:
        brokerage = state[DAY_SUM_BILLED]
        daily[number, DAILY_ROUNDING] = brokerage - state[DAY_SUM_HEADS]
    largest = min(state[SCHEDULE_BUY + LARGEST], state[SCHEDULE_SELL + LARGEST])
    if bought + sold > largest or brokerage > _MOST_BROKERAGE:
        state[ACC_RESULT] = RESULT_TOO_LARGE
    elif bought or sold:
        for head in range(RATED):
            at = head * HEAD_WIDTH + 3
            note = bought * state[SCHEDULE_BUY + at] + sold * state[SCHEDULE_SELL + at]
            note = (note + state[SCHEDULE_BUY + at + 1]) // state[SCHEDULE_BUY + at + 2]
            note *= RUPEE if head == 0 or head == RATED - 1 else PAISA
            daily[number, DAILY_ROUNDING + 1 + head] = note - state[DAY_SUM_HEADS + 1 + head]
        base = brokerage * ONE + (bought + sold) * state[SCHEDULE_BUY + GST_BASE]
        numerator, half = state[SCHEDULE_BUY + GST_NUMERATOR], state[SCHEDULE_BUY + GST_HALF]
        if base > (2**63 - 1 - half) // max(1, numerator):
            state[ACC_RESULT] = RESULT_TOO_LARGE
        tax = (base * numerator + half) // state[SCHEDULE_BUY + GST_STEP] * PAISA
        tax -= state[DAY_SUM_HEADS + 6]
        if state[TODAY + DAY_MATCHES]:
            tax_shares(state, daily)
        left = state[DAY_SUM_UNITS_SOLD] > state[DAY_SUM_UNITS_BOUGHT] and state[TERM_DELIVERY]
        squared = state[DAY_SUM_SQUARED]
        services = state[TODAY + DAY_DP] * left + state[TODAY + DAY_SQUARE_OFF] * squared
        tax += state[TODAY + DAY_DP_GST] * left + state[TODAY + DAY_SQUARE_OFF_GST] * squared
        daily[number, DAILY_ROUNDING + 6], daily[number, DAILY_SERVICES] = tax, services
    rounding = 0
    for head in range(HEADS + 1):
        rounding += daily[number, DAILY_ROUNDING + head]
    state[ACC_CASH] -= rounding
    state[ACC_FUNDS] -= rounding
    state[ACC_ROUNDING] += rounding
    daily[number, DAILY_GROSS] = state[DAY_SUM_REALISED]
    daily[number, DAILY_CHARGES] = state[DAY_SUM_CHARGES] + rounding
    daily[number, DAILY_FILLS] = state[DAY_SUM_FILLS]
    daily[number, DAILY_BOUGHT] = -state[DAY_SUM_SOLD]
    for column in range(DAY_SUM_ORDERS, COST_HEADS):
        state[column] = 0


@compiled(NOTHING, ROW, WHOLE, WHOLE, WHOLE)
def count(state: Ints, realised: int, paid: int, held: int) -> None:
    """Add a fill to the sums of the day and of the run; a trip is over when nothing is `held`."""
    state[DAY_SUM_FILLS] += 1
    state[DAY_SUM_REALISED] += realised
    state[DAY_SUM_CHARGES] += paid
    state[ACC_CHARGES] += paid
    state[ACC_TRIP_CHARGES] += paid
    for head in range(HEADS):
        state[DAY_SUM_HEADS + head] += state[COST_HEADS + head]
    if not held:
        net = realised - state[ACC_TRIP_CHARGES]
        state[ACC_TRIP_CHARGES] = 0
        state[ACC_TRIPS] += 1
        state[ACC_GROSS] += realised
        state[ACC_WINS] += net > 0
        state[ACC_PROFIT if net > 0 else ACC_LOSS] += net


@compiled(NOTHING, ROW, TABLE, TABLE, WHOLE, WHOLE, WHOLE, WHOLE)
def write(state: Ints, orders: Ints, fills: Ints, order: int, price: int, slip: int, rule: int) -> None:
    """Write a fill down, and that its order is complete."""
    one = state[ACC_FILLS]
    if one >= len(fills):
        state[ACC_RESULT] = RESULT_FULL
        return
    fills[one, FILL_AT], fills[one, FILL_ROW], fills[one, FILL_ORDER] = state[ACC_AT], state[ACC_ROW], order
    fills[one, FILL_PRICE], fills[one, FILL_SLIP], fills[one, FILL_RULE] = price, slip, rule
    fills[one, FILL_MARGIN] = state[ACC_MARGIN]
    for head in range(HEADS):
        fills[one, FILL_CHARGES + head] = state[COST_HEADS + head]
    orders[order, ORDER_END], orders[order, ORDER_ENDED_AT] = END_COMPLETE, state[ACC_AT]


@compiled(NOTHING, ROW, WHOLE, WHOLE)
def hold_back(state: Ints, quantity: int, price: int) -> None:
    """Keep what a sale of shares from an earlier day cannot be used for today: `engine.jobs.delivery`."""
    settled, sold = state[ACC_SETTLED], state[DAY_SUM_SOLD]
    before = max(0, sold - quantity)
    first = max(0, min(sold, settled) - min(before, settled)) * price
    second = 0
    if sold > settled:
        second = max(0, min(sold, settled + state[ACC_UNSETTLED]) - max(before, settled)) * price
    usable = first * state[TODAY + DAY_USABLE] + second * state[TODAY + DAY_USABLE_UNSETTLED]
    held = first + second - usable // (_WHOLE * PAISA) * PAISA
    state[ACC_HELD_BACK] += held
    state[ACC_CASH] -= held


@compiled(NOTHING, ROW, TABLE, TABLE, WHOLE, WHOLE, WHOLE, WHOLE)
def fill(
    state: Ints,
    orders: Ints,
    fills: Ints,
    place: int,
    price: int,
    slip: int,
    rule: int,
) -> None:
    """Book that the order at `place` traded in full: order, position, margin, cash and charges."""
    buys, quantity = state[place + WORK_BUYS], state[place + WORK_QUANTITY]
    turnover = price * quantity
    side = SCHEDULE_BUY if buys else SCHEDULE_SELL
    if turnover > state[side + LARGEST]:
        state[ACC_RESULT] = RESULT_TOO_LARGE
        return
    paid = charge(state, side, turnover)
    if state[TODAY + DAY_BILLED] >= 0:
        billed = BILLED_BUY if buys else BILLED_SELL
        if turnover > state[billed + LARGEST]:
            state[ACC_RESULT] = RESULT_TOO_LARGE
            return
        state[DAY_SUM_BILLED] += in_paise(brokerage_of(state, billed, turnover))
    signed = quantity if buys else -quantity
    state[ACC_PENDING_BUY if buys else ACC_PENDING_SELL] -= quantity
    state[DAY_SUM_BUY if buys else DAY_SUM_SELL] += turnover
    state[DAY_SUM_UNITS_BOUGHT if buys else DAY_SUM_UNITS_SOLD] += quantity
    state[DAY_SUM_SQUARED] += state[place + WORK_KIND] == KIND_SQUARE_OFF
    state[place + WORK_ON] = 0
    state[ACC_WORKING] -= 1
    change, realised = signed * price, 0
    if state[ACC_POSITION]:
        change, realised = -state[ACC_COST], -signed * price - state[ACC_COST]
    held = state[ACC_POSITION] + signed
    state[ACC_COST] += change
    state[ACC_POSITION] = held
    margin = 0
    if held and not (held > 0 and state[TERM_PAID_UP]):
        margin = order_block(state, abs(held), price, 0)
    moved = realised - paid - state[ACC_MARKED]
    state[ACC_MARKED] = 0
    if state[TERM_PAID_UP]:
        moved -= change
    state[ACC_FUNDS] += moved
    state[ACC_CASH] += moved + state[place + WORK_BLOCKED] + state[ACC_MARGIN] - margin
    state[ACC_MARGIN] = margin
    state[DAY_SUM_SOLD] -= signed
    if state[TERM_DELIVERY] and not buys:
        hold_back(state, quantity, price)
    count(state, realised, paid, held)
    if state[TERM_KEEPS]:
        write(state, orders, fills, state[place + WORK_ORDER], price, slip, rule)
    state[ACC_FILLS] += 1
