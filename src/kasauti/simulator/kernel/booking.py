"""
Booking inside the kernel: what a fill costs and changes, what a day's note rounds. Compiled.

It is the arithmetic of `exchange.charges`, `exchange.contract_note`, `domain.trade_folds` and `domain.ledger`
on arrays of whole numbers; columns are named in `layout`. Yes and no are 1 and 0.
"""

from kasauti.domain.market import Ints
from kasauti.domain.money import PAISA, RUPEE
from kasauti.exchange.rules import ONE
from kasauti.simulator.kernel.asking import order_block
from kasauti.simulator.kernel.compiling import CUBE, NOTHING, ROW, TABLE, WHOLE, compiled
from kasauti.simulator.kernel.layout import (
    ACC_AT,
    ACC_CASH,
    ACC_CHARGES,
    ACC_COST,
    ACC_COST_HEADS,
    ACC_DAY_BUY,
    ACC_DAY_CHARGES,
    ACC_DAY_FILLS,
    ACC_DAY_HEADS,
    ACC_DAY_ORDERS,
    ACC_DAY_REALISED,
    ACC_DAY_SELL,
    ACC_FILLS,
    ACC_FUNDS,
    ACC_GROSS,
    ACC_LOSS,
    ACC_MARGIN,
    ACC_NUMBER,
    ACC_PENDING_BUY,
    ACC_PENDING_SELL,
    ACC_POSITION,
    ACC_PROFIT,
    ACC_RESULT,
    ACC_ROUNDING,
    ACC_ROW,
    ACC_TRIP_CHARGES,
    ACC_TRIPS,
    ACC_WINS,
    DAILY_CHARGES,
    DAILY_FILLS,
    DAILY_GROSS,
    DAILY_ROUNDING,
    DAY_SCHEDULE,
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
    ORDER_END,
    ORDER_ENDED_AT,
    RESULT_FULL,
    RESULT_TOO_LARGE,
    TERM_KEEPS,
    TERM_PAID_UP,
    WORK_BLOCKED,
    WORK_BUYS,
    WORK_ON,
    WORK_ORDER,
    WORK_QUANTITY,
)
from kasauti.simulator.kernel.schedules import (
    BROKERAGE_CAP,
    BROKERAGE_FLAT,
    BROKERAGE_FLOOR,
    BROKERAGE_RATE,
    CAPPED_FROM,
    GST_BASE,
    GST_HALF,
    GST_NUMERATOR,
    GST_STEP,
    HEAD_WIDTH,
    LARGEST,
    RATED,
)

#: Sums of brokerage beyond which the base of a day's tax might not fit.
_MOST_BROKERAGE = 2**31


@compiled(WHOLE, CUBE, WHOLE, WHOLE, WHOLE)
def brokerage_of(schedules: Ints, schedule: int, side: int, turnover: int) -> int:
    """Return an order's brokerage in billionths of a money unit."""
    cap: int = schedules[schedule, side, BROKERAGE_CAP]
    if turnover >= schedules[schedule, side, CAPPED_FROM]:
        return cap
    brokerage: int = turnover * schedules[schedule, side, BROKERAGE_RATE]
    brokerage += schedules[schedule, side, BROKERAGE_FLAT]
    if brokerage > cap:
        return cap
    floor: int = schedules[schedule, side, BROKERAGE_FLOOR]
    return max(brokerage, floor)


@compiled(WHOLE, CUBE, WHOLE, WHOLE, WHOLE, ROW)
def charge(schedules: Ints, schedule: int, side: int, turnover: int, state: Ints) -> int:
    """Write what an order of `turnover` costs into COST_HEADS; return the sum. See `order_charges`."""
    brokerage = brokerage_of(schedules, schedule, side, turnover)
    step = PAISA * ONE
    paid: int = (brokerage + step // 2) // step * PAISA
    state[ACC_COST_HEADS] = paid
    for head in range(RATED):
        at = head * HEAD_WIDTH
        rate = schedules[schedule, side, at]
        part = 0
        if rate:
            part = turnover * rate + schedules[schedule, side, at + 1]
            part = part // schedules[schedule, side, at + 2] * PAISA
        state[ACC_COST_HEADS + head + 1] = part
        paid += part
    base = brokerage + turnover * schedules[schedule, side, GST_BASE]
    tax = base * schedules[schedule, side, GST_NUMERATOR] + schedules[schedule, side, GST_HALF]
    tax = tax // schedules[schedule, side, GST_STEP] * PAISA
    state[ACC_COST_HEADS + 6] = tax
    paid += tax
    return paid


@compiled(NOTHING, ROW, TABLE, CUBE, TABLE)
def close_day(state: Ints, days: Ints, schedules: Ints, daily: Ints) -> None:
    """Book what the day's contract note rounds, write the day down, and begin its sums anew."""
    number = state[ACC_NUMBER]
    schedule = days[number, DAY_SCHEDULE]
    bought, sold = state[ACC_DAY_BUY], state[ACC_DAY_SELL]
    brokerage = state[ACC_DAY_HEADS]
    largest = min(schedules[schedule, 0, LARGEST], schedules[schedule, 1, LARGEST])
    rounding = 0
    if bought + sold > largest or brokerage > _MOST_BROKERAGE:
        state[ACC_RESULT] = RESULT_TOO_LARGE
    elif bought or sold:
        for head in range(RATED):
            at = head * HEAD_WIDTH + 3
            note = bought * schedules[schedule, 0, at] + sold * schedules[schedule, 1, at]
            note = (note + schedules[schedule, 0, at + 1]) // schedules[schedule, 0, at + 2]
            note *= RUPEE if head == 0 or head == RATED - 1 else PAISA
            note -= state[ACC_DAY_HEADS + 1 + head]
            daily[number, DAILY_ROUNDING + 1 + head] = note
            rounding += note
        base = brokerage * ONE + (bought + sold) * schedules[schedule, 0, GST_BASE]
        numerator, half = schedules[schedule, 0, GST_NUMERATOR], schedules[schedule, 0, GST_HALF]
        if base > (2**63 - 1 - half) // max(1, numerator):
            state[ACC_RESULT] = RESULT_TOO_LARGE
        tax = (base * numerator + half) // schedules[schedule, 0, GST_STEP] * PAISA
        tax -= state[ACC_DAY_HEADS + 6]
        daily[number, DAILY_ROUNDING + 6] = tax
        rounding += tax
    state[ACC_CASH] -= rounding
    state[ACC_FUNDS] -= rounding
    state[ACC_ROUNDING] += rounding
    daily[number, DAILY_GROSS] = state[ACC_DAY_REALISED]
    daily[number, DAILY_CHARGES] = state[ACC_DAY_CHARGES] + rounding
    daily[number, DAILY_FILLS] = state[ACC_DAY_FILLS]
    for column in range(ACC_DAY_ORDERS, ACC_COST_HEADS):
        state[column] = 0


@compiled(NOTHING, ROW, WHOLE, WHOLE, WHOLE)
def count(state: Ints, realised: int, paid: int, held: int) -> None:
    """Add a fill to the sums of the day and of the run; a trip is over when nothing is `held`."""
    state[ACC_DAY_FILLS] += 1
    state[ACC_DAY_REALISED] += realised
    state[ACC_DAY_CHARGES] += paid
    state[ACC_CHARGES] += paid
    state[ACC_TRIP_CHARGES] += paid
    for head in range(HEADS):
        state[ACC_DAY_HEADS + head] += state[ACC_COST_HEADS + head]
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
        fills[one, FILL_CHARGES + head] = state[ACC_COST_HEADS + head]
    orders[order, ORDER_END], orders[order, ORDER_ENDED_AT] = END_COMPLETE, state[ACC_AT]


@compiled(NOTHING, ROW, TABLE, TABLE, TABLE, TABLE, CUBE, ROW, WHOLE, WHOLE, WHOLE, WHOLE)
def fill(
    state: Ints,
    work: Ints,
    orders: Ints,
    fills: Ints,
    days: Ints,
    schedules: Ints,
    terms: Ints,
    place: int,
    price: int,
    slip: int,
    rule: int,
) -> None:
    """Book that the order at `place` traded in full: order, position, margin, cash and charges."""
    buys, quantity = work[place, WORK_BUYS], work[place, WORK_QUANTITY]
    turnover = price * quantity
    schedule, side = days[state[ACC_NUMBER], DAY_SCHEDULE], 1 - buys
    if turnover > schedules[schedule, side, LARGEST]:
        state[ACC_RESULT] = RESULT_TOO_LARGE
        return
    paid = charge(schedules, schedule, side, turnover, state)
    signed = quantity if buys else -quantity
    state[ACC_PENDING_BUY if buys else ACC_PENDING_SELL] -= quantity
    state[ACC_DAY_BUY if buys else ACC_DAY_SELL] += turnover
    work[place, WORK_ON] = 0
    change, realised = signed * price, 0
    if state[ACC_POSITION]:
        change, realised = -state[ACC_COST], -signed * price - state[ACC_COST]
    held = state[ACC_POSITION] + signed
    state[ACC_COST] += change
    state[ACC_POSITION] = held
    margin = 0
    if held and not (held > 0 and terms[TERM_PAID_UP]):
        margin = order_block(state, terms, days, abs(held), price, 0)
    moved = realised - paid
    if terms[TERM_PAID_UP]:
        moved -= change
    state[ACC_FUNDS] += moved
    state[ACC_CASH] += moved + work[place, WORK_BLOCKED] + state[ACC_MARGIN] - margin
    state[ACC_MARGIN] = margin
    count(state, realised, paid, held)
    if terms[TERM_KEEPS]:
        write(state, orders, fills, work[place, WORK_ORDER], price, slip, rule)
    state[ACC_FILLS] += 1
