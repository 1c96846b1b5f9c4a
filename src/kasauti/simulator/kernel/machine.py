"""
The kernel's loop: a signal strategy's life on the bars of one instrument, as the event engine would live it.

Per bar: what was due before it (square-off), the matching of `simulator.bars`, what
`strategies.signal_orders` decides on its fills and at its end, what is due at that moment. Where nothing
rests and nothing is wanted, rows are passed over. Compiled.
"""

from kasauti.domain.market import Ints
from kasauti.domain.signals import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT, Codes
from kasauti.simulator.kernel.asking import end
from kasauti.simulator.kernel.booking import close_day
from kasauti.simulator.kernel.compiling import COLUMN, CUBE, NOTHING, ROW, SIGNS, TABLE, WHOLE, compiled
from kasauti.simulator.kernel.deciding import decide, square_off
from kasauti.simulator.kernel.layout import (
    ACC_AT,
    ACC_CASH,
    ACC_CLOSE,
    ACC_COST,
    ACC_DRAWDOWN,
    ACC_FUNDS,
    ACC_HELD_BACK,
    ACC_MARKED,
    ACC_NUMBER,
    ACC_PEAK,
    ACC_POSITION,
    ACC_RESULT,
    ACC_ROW,
    ACC_ROWS_HELD,
    ACC_SETTLED,
    ACC_UNSETTLED,
    ACC_WORKING,
    BILLED_BUY,
    BILLED_SELL,
    CLOSING,
    DAILY_BOUGHT,
    DAILY_EQUITY,
    DAY_BILLED,
    DAY_CARRIES,
    DAY_CUTOFF,
    DAY_EXPIRES,
    DAY_FIRST,
    DAY_LAPSE,
    DAY_LAST,
    DAY_MARK,
    DAY_SCHEDULE,
    DAY_UNSETTLED,
    DAY_WIDTH,
    END_CANCELLED,
    END_EXPIRED,
    HOLD_ASKED,
    HOLD_LEAVING,
    HOLD_PROTECTED,
    HOLD_STOP,
    HOLD_TARGET,
    NEVER,
    RESULT_EXPIRED,
    RESULT_IN_DEBT,
    RESULT_LEFT_OVER,
    SCHEDULE_BUY,
    SCHEDULE_SELL,
    TERM_AT_CLOSE,
    TERM_DELIVERY,
    TERM_MARKED,
    TERM_PAID_UP,
    TERM_STEP,
    TODAY,
    WHY_LAPSED,
    WHY_SQUARE_OFF,
)
from kasauti.simulator.kernel.matching import match, match_at_close
from kasauti.simulator.kernel.schedules import (
    SIDE_WIDTH,
)


@compiled(NOTHING, ROW, TABLE, CUBE, TABLE, WHOLE)
def begin_day(state: Ints, days: Ints, schedules: Ints, daily: Ints, number: int) -> None:
    """Take up what holds today, and forget what was asked for yesterday, unless it goes on."""
    for column in range(DAY_WIDTH):
        state[TODAY + column] = days[number, column]
    schedule = state[TODAY + DAY_SCHEDULE]
    for column in range(SIDE_WIDTH):
        state[SCHEDULE_BUY + column] = schedules[schedule, 0, column]
        state[SCHEDULE_SELL + column] = schedules[schedule, 1, column]
    billed = state[TODAY + DAY_BILLED]
    if billed >= 0:
        for column in range(SIDE_WIDTH):
            state[BILLED_BUY + column] = schedules[billed, 0, column]
            state[BILLED_SELL + column] = schedules[billed, 1, column]
    state[ACC_NUMBER], state[HOLD_PROTECTED] = number, state[TODAY + DAY_CARRIES]
    if not state[TODAY + DAY_CARRIES]:
        state[HOLD_ASKED] = 0
    if state[TERM_DELIVERY]:
        state[ACC_CASH] += state[ACC_HELD_BACK]
        state[ACC_HELD_BACK] = 0
        bought = 0
        for day in range(state[TODAY + DAY_UNSETTLED], number):
            bought += max(0, daily[day, DAILY_BOUGHT])
        state[ACC_UNSETTLED] = min(bought, state[ACC_POSITION])
        state[ACC_SETTLED] = state[ACC_POSITION] - state[ACC_UNSETTLED]


@compiled(NOTHING, ROW)
def mark(state: Ints) -> None:
    """Settle a future that is held at the day's price: `engine.jobs.futures`."""
    price = state[TODAY + DAY_MARK] or state[ACC_CLOSE]
    amount = state[ACC_POSITION] * price - state[ACC_COST] - state[ACC_MARKED]
    state[ACC_MARKED] += amount
    state[ACC_CASH] += amount
    state[ACC_FUNDS] += amount


@compiled(WHOLE, ROW, SIGNS, COLUMN, COLUMN, WHOLE, WHOLE, WHOLE)
def value(
    state: Ints,
    codes: Codes,
    closes: Ints,
    start: Ints,
    row: int,
    last_row: int,
    cutoff: int,
) -> int:
    """
    Mark the account to the close of `row`, and of the rows behind it on which nothing can happen.

    Returns the next row on which something can: any, unless a position is held without stop and target.
    """
    held = state[ACC_POSITION]
    base = state[ACC_FUNDS] - state[ACC_MARKED] - (0 if state[TERM_PAID_UP] else state[ACC_COST])
    peak, drawdown, first = state[ACC_PEAK], state[ACC_DRAWDOWN], row
    out = (LONG_EXIT | SHORT_ENTRY) if held > 0 else (SHORT_EXIT | LONG_ENTRY)
    passes = held != 0 and not (state[HOLD_STOP] or state[HOLD_TARGET] or state[HOLD_LEAVING])
    passes = passes and state[HOLD_PROTECTED] and not state[ACC_WORKING]
    quiet = cutoff - state[TERM_STEP]
    while True:
        equity = base + held * closes[row]
        peak = max(peak, equity)
        drawdown = max(drawdown, peak - equity)
        row += 1
        if not passes or row == last_row or codes[row] & out or start[row] >= quiet:
            break
    state[ACC_PEAK], state[ACC_DRAWDOWN] = peak, drawdown
    if held:
        state[ACC_ROWS_HELD] += row - first
    return row


@compiled(NOTHING, ROW, TABLE, TABLE, WHOLE)
def end_day(
    state: Ints,
    orders: Ints,
    daily: Ints,
    squared: int,
) -> None:
    """Let the day's orders lapse, close its books and mark the account to the last close."""
    number = state[ACC_NUMBER]
    cutoff = state[TODAY + DAY_CUTOFF]
    if not squared and cutoff < NEVER:
        end(state, orders, CLOSING, END_CANCELLED, WHY_SQUARE_OFF, cutoff)
    if state[ACC_POSITION] and cutoff < NEVER:
        state[ACC_RESULT] = RESULT_LEFT_OVER
    if not state[TODAY + DAY_CARRIES]:
        end(state, orders, CLOSING, END_EXPIRED, WHY_LAPSED, state[TODAY + DAY_LAPSE])
    if state[ACC_POSITION] and state[TODAY + DAY_EXPIRES]:
        state[ACC_RESULT] = RESULT_EXPIRED
    if state[ACC_POSITION] and state[TERM_MARKED] and not state[TODAY + DAY_CARRIES]:
        mark(state)
    close_day(state, daily)
    if state[ACC_FUNDS] < 0 and not state[TODAY + DAY_CARRIES]:
        state[ACC_RESULT] = RESULT_IN_DEBT
    base = state[ACC_FUNDS] - state[ACC_MARKED] - (0 if state[TERM_PAID_UP] else state[ACC_COST])
    equity = base + state[ACC_POSITION] * state[ACC_CLOSE]
    daily[number, DAILY_EQUITY] = equity
    state[ACC_PEAK] = max(state[ACC_PEAK], equity)
    state[ACC_DRAWDOWN] = max(state[ACC_DRAWDOWN], state[ACC_PEAK] - equity)


@compiled(
    NOTHING, COLUMN, COLUMN, COLUMN, COLUMN, COLUMN, COLUMN, SIGNS, COLUMN, COLUMN, COLUMN,
    TABLE, CUBE, ROW, TABLE, TABLE, TABLE
)  # fmt: skip
def run(  # noqa: C901  one loop, and what can be due in a bar
    start: Ints,
    opens: Ints,
    highs: Ints,
    lows: Ints,
    closes: Ints,
    volumes: Ints,
    codes: Codes,
    quantities: Ints,
    stops: Ints,
    targets: Ints,
    days: Ints,
    schedules: Ints,
    state: Ints,
    orders: Ints,
    fills: Ints,
    daily: Ints,
) -> None:
    """
    Live through all days.

    `volumes` is empty where none is known; `quantities`, `stops` and `targets` have one value or one a row.
    `state` begins with the terms, cash and funds at the capital and all else at 0, and ends with what came of
    it. `daily` gets one row a day.
    """
    state[ACC_PEAK] = state[ACC_FUNDS]
    for number in range(len(days)):
        begin_day(state, days, schedules, daily, number)
        cutoff, last_row = state[TODAY + DAY_CUTOFF], state[TODAY + DAY_LAST]
        squared, row = 0, state[TODAY + DAY_FIRST]
        while True:
            if not (state[ACC_POSITION] or state[HOLD_ASKED] or state[ACC_WORKING]):
                # Flat, and nothing asked for: on to the next row that wants something.
                while row < last_row and not codes[row] & (LONG_ENTRY | SHORT_ENTRY):
                    row += 1
            if row >= last_row:
                break
            at = start[row] + state[TERM_STEP]
            state[ACC_ROW], state[ACC_AT], state[ACC_CLOSE] = row, at, closes[row]
            if not squared and cutoff < at:
                squared = 1
                square_off(state, orders, closes[max(0, row - 1)])
            traded = 0
            if state[ACC_WORKING]:
                traded = match(state, orders, fills, start, opens, highs, lows, volumes)
            decide(state, orders, quantities, stops, targets, traded, codes[row])
            if not squared and cutoff == at:
                squared = 1
                square_off(state, orders, closes[row])
            if state[TERM_AT_CLOSE]:
                match_at_close(state, orders, fills)
            if state[ACC_RESULT]:
                return
            row = value(state, codes, closes, start, row, last_row, cutoff)
        state[ACC_CLOSE] = closes[last_row - 1]
        end_day(state, orders, daily, squared)
        if state[ACC_RESULT]:
            return
