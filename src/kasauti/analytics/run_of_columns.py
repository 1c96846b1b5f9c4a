"""
From what was traded, as columns, to a run: round trips, excursions, equity and days are worked out here.

`run_of_log` makes such columns of a log; a kernel that has them already needs no log.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kasauti.analytics.equity_tape import EquityTape
from kasauti.analytics.excursions import Prices, excursions
from kasauti.analytics.marking import Closes, Payments, Valuation
from kasauti.analytics.run import Assumptions, Days, Ending, Fills, Orders, Run, Trips
from kasauti.analytics.trips_of_fills import Flow, Legs, closed_trips, legs_of, realised_by_fill
from kasauti.domain.instrument import Instrument
from kasauti.domain.market import Ints

#: The name of trades that no strategy asked for.
BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class TradingDays:
    """
    The trading days of a run: `day` has ISO dates, `of_fill` the row of each fill's day.

    `closes` are their ends, `noted` what each day's contract note charged beyond its fills, by head.
    """

    day: list[str]
    closes: Closes
    noted: Ints
    of_fill: Ints


@dataclass(frozen=True, slots=True)
class Traded:
    """
    All that a run was, before anything is worked out.

    `flow` has the same rows as `fills`. Places in `orders`, `fills` and `flow` count in `instruments`,
    `strategies` and `reasons`. `moved` is money that came in or went out on the way.
    """

    capital: int
    instruments: tuple[Instrument, ...]
    strategies: tuple[str, ...]
    reasons: tuple[str, ...]
    orders: Orders
    fills: Fills
    flow: Flow
    days: TradingDays
    moved: Payments


def run_of_columns(
    traded: Traded,
    *,
    label: str,
    assumptions: Assumptions,
    version: str,
    parameters: Mapping[str, str] | None = None,
    tape: EquityTape | None = None,
    ending: Ending = Ending.COMPLETE,
    failure: str = "",
) -> Run:
    """
    Work a run out.

    With a `tape`, equity is marked at each of its moments and trips have excursions; without, equity is known
    at the ends of days alone.
    """
    flow, days = traded.flow, traded.days
    legs = legs_of(flow)
    ids = [each.id for each in traded.instruments]
    valuation = Valuation(traded.capital, flow, _payments(traded), days.closes, ids)
    trips, strategies = _trips(traded, legs, tape)
    return Run(
        label=label,
        strategies=strategies,
        parameters=dict(parameters or {}),
        instruments=traded.instruments,
        reasons=traded.reasons,
        capital=traded.capital,
        orders=traded.orders,
        fills=traded.fills,
        trips=trips,
        equity=valuation.curve(tape),
        days=_days(traded, realised_by_fill(flow, legs), valuation),
        assumptions=assumptions,
        version=version,
        ending=ending,
        failure=failure,
        open_at_end=_held_at_end(flow),
    )


def _payments(traded: Traded) -> Payments:
    """Return what the contract notes added to the charges, and what money came in or went out."""
    days, moved = traded.days, traded.moved
    at = np.concatenate((np.array(days.closes.at, np.int64), moved.at))
    amount = np.concatenate((-days.noted.sum(axis=1), moved.amount))
    return Payments(at, amount)


def _trips(traded: Traded, legs: Legs, tape: EquityTape | None) -> tuple[Trips, tuple[str, ...]]:
    """Return the closed trips, and the strategies: a trip of several has all their names as one more."""
    closed = closed_trips(traded.flow, legs)

    def prices(place: int) -> Prices | None:
        return None if tape is None else tape.prices(traded.instruments[place].id)

    worst, best = excursions(traded.flow, legs, prices)
    names = {name: number for number, name in enumerate(traded.strategies)}
    for trip, several in closed.strategies.items():
        joined = ", ".join(traded.strategies[name] or BY_HAND for name in several)
        closed.strategy[trip] = names.setdefault(joined, len(names))
    trips = Trips(
        instrument=closed.instrument,
        side=closed.side,
        quantity=closed.quantity,
        entry_at=closed.entry_at,
        entry_price=closed.entry_price,
        exit_at=closed.exit_at,
        exit_price=closed.exit_price,
        gross=closed.gross,
        charges=closed.charges,
        worst=worst,
        best=best,
        reason=closed.reason,
        strategy=closed.strategy,
    )
    return trips, tuple(names)


def _days(traded: Traded, realised: Ints, valuation: Valuation) -> Days:
    days, fills = traded.days, traded.fills
    gross, charges, counts = (np.zeros(len(days.day), np.int64) for _ in range(3))
    np.add.at(gross, days.of_fill, realised)
    np.add.at(charges, days.of_fill, fills.charges.sum(axis=1))
    np.add.at(counts, days.of_fill[fills.order >= 0], 1)
    equity, _ = valuation.closing
    rounding = days.noted.sum(axis=1)
    return Days(days.day, gross, charges + rounding, rounding, days.noted, np.array(equity, np.int64), counts)


def _held_at_end(flow: Flow) -> dict[int, int]:
    held: dict[int, int] = {}
    for place in np.unique(flow.instrument).tolist():
        own = flow.instrument == place
        units = int((flow.side[own] * flow.quantity[own]).sum())
        if units:
            held[place] = units
    return held
