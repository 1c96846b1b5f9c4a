"""
What `strategies.signal_orders` decides, inside the kernel: the same orders from the same signals. Compiled.

Columns are named in `layout`. Yes and no are 1 and 0.
"""

from kasauti.domain.market import Ints
from kasauti.domain.signals import LONG_ENTRY, LONG_EXIT, PARTS, SHORT_ENTRY, SHORT_EXIT
from kasauti.simulator.kernel.asking import ask, end
from kasauti.simulator.kernel.compiling import COLUMN, NOTHING, ROW, TABLE, WHOLE, compiled
from kasauti.simulator.kernel.layout import (
    ACC_AT,
    ACC_CLOSE,
    ACC_POSITION,
    ACC_ROW,
    CLOSING,
    DAY_CUTOFF,
    DAY_LAST_CLOSE,
    END_CANCELLED,
    ENTERED,
    ENTRY,
    EXITED,
    HOLD_ASKED,
    HOLD_ENTRY,
    HOLD_LEAVING,
    HOLD_PLANNED,
    HOLD_PROTECTED,
    HOLD_STOP,
    HOLD_TARGET,
    KIND_LONG,
    KIND_SHORT,
    KIND_SIGNAL,
    KIND_SQUARE_OFF,
    KIND_STOP,
    KIND_TARGET,
    MAKE_LIMIT,
    MAKE_MARKET,
    MAKE_SL,
    MAKE_SL_M,
    STOP,
    TARGET,
    TERM_DELIVERY,
    TERM_STOP_KIND,
    TERM_STOP_LIMIT,
    TERM_TARGET_KIND,
    TERM_TICK,
    TODAY,
    WHY_LEAVING,
    WHY_OTHER_TRADED,
    WHY_SQUARE_OFF,
    WORK_AWAKE,
    WORK_ON,
)

_KIND_PRICE, _KIND_PARTS = 1, 2


@compiled(WHOLE, WHOLE, WHOLE, WHOLE, WHOLE)
def away(price: int, parts: int, tick: int, up: int) -> int:
    """Return `price` with `parts` of it more or less, to the tick away from it; never negative."""
    if up:
        return -(-price * (PARTS + parts) // (PARTS * tick)) * tick
    return max(0, price * (PARTS - parts) // (PARTS * tick) * tick)


@compiled(WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE)
def level(kind: int, value: int, price: int, tick: int, up: int) -> int:
    """Return where a stop or target lies: `domain.signals.level`."""
    if kind == _KIND_PARTS and value > 0:
        return away(price, value, tick, up)
    return value if kind == _KIND_PRICE else 0


@compiled(WHOLE, WHOLE)
def consistent(code: int) -> int:
    """Return what a row's bits mean: `domain.signals.consistent`."""
    wants = code & ~(code >> 1) & (LONG_ENTRY | SHORT_ENTRY)
    if wants == LONG_ENTRY | SHORT_ENTRY:
        wants = 0
    return (code & (LONG_EXIT | SHORT_EXIT)) | wants


@compiled(NOTHING, ROW, TABLE, WHOLE)
def square_off(state: Ints, orders: Ints, mark: int) -> None:
    """Cancel what is open intraday and trade what is held back to flat: `engine.day`."""
    cutoff, held = state[TODAY + DAY_CUTOFF], state[ACC_POSITION]
    end(state, orders, CLOSING, END_CANCELLED, WHY_SQUARE_OFF, cutoff)
    if held:
        ask(
            state, orders, CLOSING, KIND_SQUARE_OFF, MAKE_MARKET,
            held < 0, abs(held), 0, 0, cutoff, mark,
        )  # fmt: skip


@compiled(NOTHING, ROW, TABLE)
def protect(state: Ints, orders: Ints) -> None:
    """Place stop and target, or decide to leave where the close has passed the stop already."""
    held, stop, target, tick = state[ACC_POSITION], state[HOLD_STOP], state[HOLD_TARGET], state[TERM_TICK]
    at, close = state[ACC_AT], state[ACC_CLOSE]
    state[HOLD_PROTECTED] = 1
    if stop and (close <= stop if held > 0 else close >= stop):
        state[HOLD_LEAVING] = KIND_STOP
        return
    if stop:
        make, limit = MAKE_SL_M, 0
        if state[TERM_STOP_LIMIT]:
            make, limit = MAKE_SL, max(tick, away(stop, state[TERM_STOP_LIMIT], tick, held < 0))
        ask(
            state, orders, STOP, KIND_STOP, make,
            held < 0, abs(held), limit, stop, at, close,
        )  # fmt: skip
    if target and not (stop and state[TERM_DELIVERY]):
        ask(
            state, orders, TARGET, KIND_TARGET, MAKE_LIMIT,
            held < 0, abs(held), target, 0, at, close,
        )  # fmt: skip


@compiled(NOTHING, ROW, TABLE, WHOLE)
def leave(state: Ints, orders: Ints, reverse: int) -> None:
    """
    Cancel what rests; then ask for the way out, and behind it for `reverse` units of the other side.

    Where something rested, the timer behind the candle asks, if one rings before everything is squared off.
    """
    held, at, close = state[ACC_POSITION], state[ACC_AT], state[ACC_CLOSE]
    if state[STOP + WORK_ON] or state[TARGET + WORK_ON]:
        end(state, orders, STOP, END_CANCELLED, WHY_LEAVING, at)
        if at >= min(state[TODAY + DAY_CUTOFF], state[TODAY + DAY_LAST_CLOSE]):
            return
    ask(
        state, orders, CLOSING, state[HOLD_LEAVING], MAKE_MARKET,
        held < 0, abs(held), 0, 0, at, close,
    )  # fmt: skip
    if reverse:
        state[HOLD_PLANNED] = state[ACC_ROW]
        ask(
            state, orders, ENTRY, KIND_SHORT if held > 0 else KIND_LONG,
            MAKE_MARKET, held < 0, reverse, 0, 0, at, close,
        )  # fmt: skip


@compiled(WHOLE, ROW, WHOLE)
def why_leave(state: Ints, code: int) -> int:
    """Return the kind of exit that is due at a bar's end, 0 for none."""
    side, close = (1 if state[ACC_POSITION] > 0 else -1), state[ACC_CLOSE]
    stop, target = state[HOLD_STOP], state[HOLD_TARGET]
    if stop and (state[STOP + WORK_AWAKE] if state[STOP + WORK_ON] else side * (close - stop) <= 0):
        return KIND_STOP
    if target and not state[TARGET + WORK_ON] and side * (close - target) >= 0:
        return KIND_TARGET
    out = (LONG_EXIT | SHORT_ENTRY) if side > 0 else (SHORT_EXIT | LONG_ENTRY)
    return KIND_SIGNAL if code & out else 0


@compiled(NOTHING, ROW, TABLE, WHOLE, WHOLE)
def hold(state: Ints, orders: Ints, code: int, quantity: int) -> None:
    """Decide at a bar's end on what is held: leave it, or protect it where that was not done today."""
    held = state[ACC_POSITION]
    if not state[HOLD_LEAVING]:
        state[HOLD_LEAVING] = why_leave(state, code)
    if not state[HOLD_LEAVING] and not state[HOLD_PROTECTED]:
        protect(state, orders)
    if state[HOLD_LEAVING]:
        against = code & (SHORT_ENTRY if held > 0 else LONG_ENTRY)
        leave(state, orders, quantity if against else 0)


@compiled(NOTHING, ROW, TABLE, WHOLE, WHOLE)
def enter(state: Ints, orders: Ints, code: int, quantity: int) -> None:
    """Decide at a bar's end on an entry, where nothing is held."""
    wants = 1 if code & LONG_ENTRY else -1 if code & SHORT_ENTRY else 0
    if state[HOLD_ASKED] == wants:
        return
    state[HOLD_ASKED] = wants
    if wants:
        state[HOLD_PLANNED] = state[ACC_ROW]
        ask(
            state, orders, ENTRY, KIND_LONG if wants > 0 else KIND_SHORT,
            MAKE_MARKET, wants > 0, quantity, 0, 0, state[ACC_AT], state[ACC_CLOSE],
        )  # fmt: skip


@compiled(NOTHING, ROW, TABLE, COLUMN, COLUMN, COLUMN, WHOLE, WHOLE)
def decide(
    state: Ints,
    orders: Ints,
    quantities: Ints,
    stops: Ints,
    targets: Ints,
    traded: int,
    code: int,
) -> None:
    """Decide what `strategies.signal_orders` does on the bar's fills, `traded`, and at its end."""
    if traded & EXITED:
        state[HOLD_LEAVING] = state[HOLD_STOP] = state[HOLD_TARGET] = 0
        end(state, orders, STOP, END_CANCELLED, WHY_OTHER_TRADED, state[ACC_AT])
    if traded & ENTERED:
        held, price, planned = state[ACC_POSITION], state[HOLD_ENTRY], state[HOLD_PLANNED]
        stop, target = stops[planned if len(stops) > 1 else 0], targets[planned if len(targets) > 1 else 0]
        state[HOLD_STOP] = level(state[TERM_STOP_KIND], stop, price, state[TERM_TICK], held < 0)
        state[HOLD_TARGET] = level(state[TERM_TARGET_KIND], target, price, state[TERM_TICK], held > 0)
        protect(state, orders)
        if state[HOLD_LEAVING]:
            leave(state, orders, 0)
    if state[CLOSING + WORK_ON] or state[ENTRY + WORK_ON]:
        return
    quantity = quantities[state[ACC_ROW] if len(quantities) > 1 else 0]
    code = consistent(code)
    if state[ACC_POSITION]:
        hold(state, orders, code, quantity)
    else:
        enter(state, orders, code, quantity)
