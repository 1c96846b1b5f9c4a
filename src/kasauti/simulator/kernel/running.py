"""Running the kernel: columns in, an `Outcome` out."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from kasauti.domain.market import Ints
from kasauti.domain.signals import SHORT_ENTRY, LevelKind, SignalRows
from kasauti.simulator.kernel.layout import (
    ACC_CASH,
    ACC_FILLS,
    ACC_FUNDS,
    ACC_ORDERS,
    ACC_RESULT,
    ACC_ROW,
    DAILY_WIDTH,
    DAY_LAST,
    FILL_WIDTH,
    ORDER_WIDTH,
    RESULT_DONE,
    RESULT_EXPIRED,
    RESULT_FULL,
    RESULT_IN_DEBT,
    RESULT_LEFT_OVER,
    RESULT_PARTIAL,
    RESULT_TOO_LARGE,
    RESULT_TOO_MANY,
    TERM_CAPITAL,
    TERM_KEEPS,
    TERM_SPANS,
    TERM_STEP,
    TERM_STOP_KIND,
    TERM_TARGET_KIND,
)
from kasauti.simulator.kernel.terms import NotHere

_ROOM = 256
#: More fills than one in so many bars are unusual: then the kernel runs again with more room.
_BARS_A_FILL = 16

_REASONS = {
    RESULT_PARTIAL: "an order is larger than what its bar traded",
    RESULT_LEFT_OVER: "no bar came after the square-off to close an intraday position",
    RESULT_EXPIRED: "the contract expired while it was held",
    RESULT_TOO_LARGE: "an amount is too large for 64 bits",
    RESULT_IN_DEBT: "its funds are below zero overnight, and a debit balance costs interest",
    RESULT_TOO_MANY: "there are more orders in a day than the broker takes",
}


@dataclass(frozen=True, slots=True)
class BarColumns:
    """Bars of one instrument: contiguous columns, prices in money units; no volume where none is known."""

    start: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    seconds: int

    @classmethod
    def of(cls, start: Ints, prices: tuple[Ints, Ints, Ints, Ints], volume: Ints, seconds: int) -> Self:
        """Return the columns; a volume that is 0 everywhere is left out."""
        return cls(start, *prices, volume if volume.any() else volume[:0], seconds)

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What the kernel computed; the columns are named in `layout`.

    `orders` and `fills` are empty where they were not kept. `state` is the account at the end, `daily` a row
    a day.
    """

    state: Ints
    orders: Ints
    fills: Ints
    daily: Ints


def run_kernel(
    bars: BarColumns, rows: SignalRows, days: Ints, schedules: Ints, terms: Ints, *, keeps: bool = True
) -> Outcome:
    """
    Live through `days` by the signals `rows`.

    Raises `NotHere` with the reason where only the event engine can go on; the bar's place is at its end.
    """
    if rows.trail.kind is not LevelKind.NONE:
        raise NotHere("a stop that follows the price is moved bar by bar")
    if terms[TERM_SPANS] and (rows.codes & SHORT_ENTRY).any():
        raise NotHere("it sells an option to open, whose margin rests on the price of the underlying")
    from kasauti.simulator.kernel.machine import run  # noqa: PLC0415  compiled when it is first needed

    terms = terms.copy()
    terms[TERM_STEP] = bars.seconds * 1_000_000_000
    terms[TERM_KEEPS] = keeps
    terms[TERM_STOP_KIND], terms[TERM_TARGET_KIND] = rows.stop.kind, rows.target.kind
    room = _ROOM + len(bars) // _BARS_A_FILL if keeps else 0
    while True:
        state = terms.copy()
        state[ACC_CASH] = state[ACC_FUNDS] = terms[TERM_CAPITAL]
        orders = np.empty((2 * room, ORDER_WIDTH), np.int64)
        fills = np.empty((room, FILL_WIDTH), np.int64)
        daily = np.zeros((len(days), DAILY_WIDTH), np.int64)
        run(
            bars.start, bars.open, bars.high, bars.low, bars.close, bars.volume,
            rows.codes, rows.quantity, rows.stop.values, rows.target.values,
            days, schedules, state, orders, fills, daily,
        )  # fmt: skip
        result = int(state[ACC_RESULT])
        if result != RESULT_FULL:
            break
        share = max(1, int(state[ACC_ROW])) / max(1, int(days[-1, DAY_LAST]))
        room = int(room / share * 1.1) + _ROOM
    if result != RESULT_DONE:
        raise NotHere(f"{_REASONS[result]} (bar {int(state[ACC_ROW])})")
    if keeps:
        orders, fills = orders[: state[ACC_ORDERS]], fills[: state[ACC_FILLS]]
    return Outcome(state, orders, fills, daily)
