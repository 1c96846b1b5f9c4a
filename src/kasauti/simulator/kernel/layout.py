"""
Where everything stands in the kernel's arrays of whole numbers: a name for each column and each code.

They are plain numbers and not enums, because compiled code takes them for constants.
"""

from kasauti.simulator.kernel.schedules import SIDE_WIDTH

#: After every moment, and more than any amount, as far as 64 bits go.
NEVER = 2**63 - 1
ENDLESS = 2**62

#: Heads of charges that an order has, in the order of `domain.charges.Charges`.
HEADS = 7

# Everything that changes, or is read often, stands in one array, `state`: what a run came to (ACC_), what is
# kept of the position (HOLD_), the day's sums (DAY_SUM_), what an order costs (COST_HEADS), the run's terms
# (TERM_), today (DAY_), its charges (SCHEDULE_) and the working orders by their places.

# What a run came to. NUMBER, ROW, AT and CLOSE say where it is: day, row, its end and its close. PROFIT and
# LOSS are after charges, of trips won and lost. MARKED is what daily settlement has moved for the future
# that is held, HELD_BACK what sales brought and cannot be used today; SETTLED and UNSETTLED are the units of
# a share that were held when the day began, SOLD the day's sales of units less its purchases.
# HOLD_ is what `strategies.signal_orders.Holding` keeps, PLANNED the row that decided the entry. BUY and SELL
# are the day's values, UNITS_ its units, SQUARED the orders of the square-off that traded. The heads of the
# day's charges follow from DAY_SUM_HEADS on, those of the latest order from COST_HEADS on.
(
    ACC_RESULT,
    ACC_NUMBER,
    ACC_ROW,
    ACC_AT,
    ACC_CLOSE,
    ACC_CASH,
    ACC_FUNDS,
    ACC_POSITION,
    ACC_COST,
    ACC_MARGIN,
    ACC_PENDING_BUY,
    ACC_PENDING_SELL,
    ACC_WORKING,
    ACC_ORDERS,
    ACC_DENIED,
    ACC_SHORT_OF_FUNDS,
    ACC_FILLS,
    ACC_TRIPS,
    ACC_WINS,
    ACC_PROFIT,
    ACC_LOSS,
    ACC_GROSS,
    ACC_CHARGES,
    ACC_ROUNDING,
    ACC_TRIP_CHARGES,
    ACC_PEAK,
    ACC_DRAWDOWN,
    ACC_ROWS_HELD,
    ACC_MARKED,
    ACC_HELD_BACK,
    ACC_SETTLED,
    ACC_UNSETTLED,
    HOLD_PLANNED,
    HOLD_ENTRY,
    HOLD_STOP,
    HOLD_TARGET,
    HOLD_LEAVING,
    HOLD_PROTECTED,
    HOLD_ASKED,
    DAY_SUM_ORDERS,
    DAY_SUM_ASKED,
    DAY_SUM_FILLS,
    DAY_SUM_REALISED,
    DAY_SUM_CHARGES,
    DAY_SUM_BUY,
    DAY_SUM_SELL,
    DAY_SUM_SOLD,
    DAY_SUM_UNITS_BOUGHT,
    DAY_SUM_UNITS_SOLD,
    DAY_SUM_SQUARED,
    DAY_SUM_BILLED,
    DAY_SUM_HEADS,
) = range(52)
COST_HEADS = DAY_SUM_HEADS + HEADS
_TERMS = COST_HEADS + HEADS

# What holds for the whole run. DELIVERY is 1 where nothing can be sold that is not held, PAID_UP where a
# trade is paid in full at once, THROUGH where a bar has to go through a limit and a touch is not enough.
# STOP_LIMIT is how far a stop's limit lies beyond its trigger in parts of it; 0: it has none. KEEPS is 1 if
# orders and fills are written down. AT_CLOSE is 1 if fills take the close of the signal's own bar. MARKED is
# 1 if what is held is settled in cash every day. SPANS is 1 where a sale to open is margined by the price of
# the underlying, which the kernel does not have.
(
    TERM_LOT,
    TERM_FREEZE,
    TERM_TICK,
    TERM_OPTION,
    TERM_STRIKE,
    TERM_DELIVERY,
    TERM_PAID_UP,
    TERM_THROUGH,
    TERM_SLIP_TICKS,
    TERM_SLIP_BASIS_POINTS,
    TERM_STOP_LIMIT,
    TERM_CAPITAL,
    TERM_MAX_ORDER_VALUE,
    TERM_MAX_OPEN_ORDERS,
    TERM_MAX_ORDERS_PER_DAY,
    TERM_MAX_DAILY_LOSS,
    TERM_STEP,
    TERM_STOP_KIND,
    TERM_TARGET_KIND,
    TERM_KEEPS,
    TERM_AT_CLOSE,
    TERM_MARKED,
    TERM_SPANS,
    TODAY,
) = range(_TERMS, _TERMS + 24)

# Columns of a trading day: of the table of days, and in the state from TODAY on. Its rows go from FIRST to
# before LAST; moments are ns UTC. No intraday order is taken from CUTOFF on, timers ring before LAST_CLOSE,
# orders lapse at LAPSE. SCHEDULE is what orders are charged by; BILLED is the one whose brokerage is billed
# for the day in the end where both was done, bought and sold; -1: the same. MARGIN_STEP is the denominator of
# the margin's fraction times `PAISA`. EXPIRES is 1 if the instrument expires that day, CARRIES 1 if what is
# asked for goes on into the next. MARK is what a future that is held settles at, 0: its last close. Purchases
# of the days from UNSETTLED on have not settled; USABLE is how much of a delivery sale can be used the same
# day, in ten-thousandths. MATCHES is 1 for a share, whose buys and sells of a day are taxed together:
# INTRADAY_TAX and _DUTY are numerators for what was both bought and sold, BUY_TAX, SELL_TAX and BUY_DUTY for
# the rest, TAX_STEP and DUTY_STEP their divisors, for whole rupees. DP and SQUARE_OFF are what the services
# cost, _GST the tax on them. MOST_ASKED is how many orders the broker takes. From SLABS on are those of
# market protection, cheapest first: the highest price, the way in hundredths of a per cent (-1: no
# protection), the least way.
(
    DAY_FIRST,
    DAY_LAST,
    DAY_OPEN_1,
    DAY_CLOSE_1,
    DAY_OPEN_2,
    DAY_CLOSE_2,
    DAY_CUTOFF,
    DAY_LAST_CLOSE,
    DAY_LAPSE,
    DAY_SCHEDULE,
    DAY_BILLED,
    DAY_MARGIN_NUMERATOR,
    DAY_MARGIN_STEP,
    DAY_EXPIRES,
    DAY_CARRIES,
    DAY_MARK,
    DAY_UNSETTLED,
    DAY_USABLE,
    DAY_USABLE_UNSETTLED,
    DAY_MATCHES,
    DAY_INTRADAY_TAX,
    DAY_BUY_TAX,
    DAY_SELL_TAX,
    DAY_TAX_STEP,
    DAY_INTRADAY_DUTY,
    DAY_BUY_DUTY,
    DAY_DUTY_STEP,
    DAY_DP,
    DAY_DP_GST,
    DAY_SQUARE_OFF,
    DAY_SQUARE_OFF_GST,
    DAY_MOST_ASKED,
    DAY_SLABS,
) = range(33)
SLAB_LAST, SLAB_SHARE, SLAB_LEAST, SLAB_WIDTH = range(4)
#: How many slabs there is room for.
SLABS = 6
DAY_WIDTH = DAY_SLABS + SLABS * SLAB_WIDTH
#: What a buyer and a seller pay today; the columns are named in `schedules`.
SCHEDULE_BUY = TODAY + DAY_WIDTH
SCHEDULE_SELL = SCHEDULE_BUY + SIDE_WIDTH
#: What they pay by the day's other schedule, where BILLED names one.
BILLED_BUY = SCHEDULE_SELL + SIDE_WIDTH
BILLED_SELL = BILLED_BUY + SIDE_WIDTH
_WORKING = BILLED_SELL + SIDE_WIDTH

# A working order: at its place, which says what it is for. CLOSING and ENTRY are market orders, whose LIMIT
# is their band; AWAKE is 1 once a stop was triggered, or what a market order met lay beyond its band.
(
    WORK_ON,
    WORK_ORDER,
    WORK_BUYS,
    WORK_QUANTITY,
    WORK_LIMIT,
    WORK_TRIGGER,
    WORK_BLOCKED,
    WORK_ARRIVED,
    WORK_AWAKE,
    WORK_KIND,
    WORK_WIDTH,
) = range(11)
CLOSING, ENTRY, STOP, TARGET, STATE_WIDTH = range(_WORKING, _WORKING + 4 * WORK_WIDTH + 1, WORK_WIDTH)
#: How a bar's fills changed the position.
EXITED, ENTERED = 1, 2

# An order that was asked for.
(
    ORDER_AT,
    ORDER_KIND,
    ORDER_BUYS,
    ORDER_MAKE,
    ORDER_QUANTITY,
    ORDER_PRICE,
    ORDER_TRIGGER,
    ORDER_END,
    ORDER_ENDED_AT,
    ORDER_WHY,
    ORDER_BLOCKED,
    ORDER_REFERENCE,
    ORDER_BAND,
    ORDER_WIDTH,
) = range(14)

# A fill; its charges by head follow from FILL_CHARGES on.
FILL_AT, FILL_ROW, FILL_ORDER, FILL_PRICE, FILL_SLIP, FILL_RULE, FILL_MARGIN, FILL_CHARGES = range(8)
FILL_WIDTH = FILL_CHARGES + HEADS

# Per day: what the account was worth at its end, what its trades realised and cost, how many there were, how
# many units more were bought than sold, and what note and services cost beyond that, by head from
# DAILY_ROUNDING on, services last.
DAILY_EQUITY, DAILY_GROSS, DAILY_CHARGES, DAILY_FILLS, DAILY_BOUGHT, DAILY_ROUNDING = range(6)
DAILY_SERVICES = DAILY_ROUNDING + HEADS
DAILY_WIDTH = DAILY_SERVICES + 1

# Why an order was placed.
KIND_LONG, KIND_SHORT, KIND_SIGNAL, KIND_STOP, KIND_TARGET, KIND_SQUARE_OFF = range(6)
# Order types.
MAKE_MARKET, MAKE_LIMIT, MAKE_SL, MAKE_SL_M = range(4)
# What became of an order.
END_OPEN, END_TRIGGER_PENDING, END_COMPLETE, END_CANCELLED, END_EXPIRED, END_DENIED = range(6)
# Why an order ended without trading.
(
    WHY_NONE,
    WHY_LOT,
    WHY_FREEZE,
    WHY_CLOSED,
    WHY_CUTOFF,
    WHY_HOLDINGS,
    WHY_FUNDS,
    WHY_ORDER_VALUE,
    WHY_OPEN_ORDERS,
    WHY_ORDERS_PER_DAY,
    WHY_DAILY_LOSS,
    WHY_OTHER_TRADED,
    WHY_LEAVING,
    WHY_SQUARE_OFF,
    WHY_LAPSED,
) = range(15)
# By which rule of `simulator.bars` an order traded.
BY_OPEN, BY_GAP, BY_STOP, BY_CLOSE, BY_TOUCH, BY_THROUGH = range(6)
# How the kernel ended. FULL: the arrays of orders and fills have to be longer. The others are for the event
# engine: an order larger than its bar's volume, an intraday position that no bar closed, a contract that
# expired while it was held, an amount that 64 bits may not hold, more orders in a day than the broker takes,
# funds below zero overnight.
(
    RESULT_DONE,
    RESULT_FULL,
    RESULT_PARTIAL,
    RESULT_LEFT_OVER,
    RESULT_EXPIRED,
    RESULT_TOO_LARGE,
    RESULT_TOO_MANY,
    RESULT_IN_DEBT,
) = range(8)
