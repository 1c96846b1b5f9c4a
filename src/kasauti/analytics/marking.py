"""
What an account was worth at each moment of its data, computed on whole columns.

Worth is the capital, less what all trades so far have paid and cost, and what is held at its last price.
That equals the ledger's funds and the value of its positions, since average costs cancel out.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kasauti.analytics.equity_tape import EquityTape
from kasauti.analytics.excursions import Prices
from kasauti.analytics.run import Equity
from kasauti.analytics.trips_of_fills import Flow
from kasauti.domain.market import Ints


@dataclass(frozen=True, slots=True)
class Payments:
    """Money that came or went beyond trades, in order of time; negative went."""

    at: Ints
    amount: Ints


@dataclass(frozen=True, slots=True)
class Closes:
    """
    The ends of trading days, in order: `marks` are the closing prices of what was held, by instrument.

    `at` is when the books closed, after everything of that day.
    """

    at: list[int]
    marks: list[dict[int, int]]


class Valuation:
    """
    Values an account over the moments of a tape and the ends of its days.

    `instruments` are the ids of the flow's places. Where an instrument has no price yet it stands at the
    price of the trade that opened it.
    """

    def __init__(
        self, capital: int, flow: Flow, payments: Payments, closes: Closes, instruments: list[str]
    ) -> None:
        self._flow = flow
        self._closes = closes
        self._ids = instruments
        spent = flow.side * flow.quantity * flow.price + flow.charges.sum(axis=1)
        at = np.concatenate((flow.at, payments.at))
        in_order = np.argsort(at, kind="stable")
        self._at = at[in_order]
        change = np.concatenate((-spent, payments.amount))[in_order]
        self._cash: Ints = capital + np.concatenate((np.zeros(1, np.int64), np.cumsum(change)))
        self._rows = {int(key): np.flatnonzero(flow.key == key) for key in np.unique(flow.key)}

    def cash(self, moments: Ints) -> Ints:
        """Return the money there was at each moment, everything of that moment included."""
        firsts = np.searchsorted(moments, self._at, "left")
        counts = np.diff(np.concatenate((np.zeros(1, np.int64), firsts, [len(moments)])))
        cash: Ints = np.repeat(self._cash, counts)
        return cash

    def curve(self, tape: EquityTape | None) -> Equity:
        """Return the equity at every moment of `tape` and at every close of a day."""
        moments = np.zeros(0, np.int64) if tape is None else tape.moments
        ends = np.array(self._closes.at, np.int64)
        at = _with(moments, ends)
        equity, exposure = self.cash(at), np.zeros(len(at), np.int64)
        for rows in self._rows.values():
            place = int(self._flow.instrument[rows[0]])
            known = None if tape is None else tape.prices(self._ids[place])
            self._mark(rows, known, at, equity, exposure)
        where = np.searchsorted(at, ends)
        equity[where], exposure[where] = self.closing
        benchmark = np.zeros(len(at), np.int64)
        followed = None if tape is None or not tape.benchmark_id else tape.prices(tape.benchmark_id)
        if followed is not None:
            benchmark = _standing(followed, at, 0)
        return Equity(at, equity, exposure, benchmark)

    def _mark(self, rows: Ints, known: Prices | None, at: Ints, equity: Ints, exposure: Ints) -> None:
        """Add one position's value where it is held."""
        flow = self._flow
        held = np.cumsum(flow.side[rows] * flow.quantity[rows])
        firsts = np.searchsorted(at, flow.at[rows], "left")
        lasts = np.append(firsts[1:], len(at))
        if held[-1] == 0:
            lasts[-1] = firsts[-1]
        begin, end = int(firsts[0]), int(lasts[-1])
        if begin == end:
            return
        counts = lasts - firsts
        units = np.repeat(held, counts)
        paid = np.repeat(flow.price[rows], counts)
        price = paid if known is None else _standing(known, at[begin:end], paid)
        value = units * price
        equity[begin:end] += value
        exposure[begin:end] += np.abs(value)

    @cached_property
    def closing(self) -> tuple[list[int], list[int]]:
        """The (equity, exposure) at each close of a day, at that day's closing prices."""
        closes, flow = self._closes, self._flow
        ends = np.array(closes.at, np.int64)
        equity, exposure = self.cash(ends).tolist(), [0] * len(ends)
        for rows in self._rows.values():
            place = int(flow.instrument[rows[0]])
            held = np.concatenate((np.zeros(1, np.int64), np.cumsum(flow.side[rows] * flow.quantity[rows])))
            done = np.searchsorted(flow.at[rows], ends, "right")
            mark = 0
            for day in np.flatnonzero(held[done]).tolist():
                units = int(held[done[day]])
                mark = closes.marks[day].get(place) or mark or int(flow.price[rows[done[day] - 1]])
                equity[day] += units * mark
                exposure[day] += abs(units * mark)
        return equity, exposure


def _with(moments: Ints, more: Ints) -> Ints:
    """Return both in order, each moment once; both rise."""
    places = np.searchsorted(moments, more, "left")
    new = np.ones(len(more), np.bool_)
    inside = places < len(moments)
    new[inside] = moments[places[inside]] != more[inside]
    return np.insert(moments, places[new], more[new])


def _standing(known: Prices, at: Ints, before: Ints | int) -> Ints:
    """Return the last price at each moment, `before` where there is none yet."""
    if not len(at):
        return known.close[:0]
    first = int(np.searchsorted(known.at, at[0], "left"))
    if np.array_equal(known.at[first : first + len(at)], at):
        return known.close[first : first + len(at)]
    rows = np.searchsorted(known.at, at, "right") - 1
    return np.where(rows >= 0, known.close[rows], before)
