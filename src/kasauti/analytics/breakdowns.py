"""A run's result by month, weekday, hour, symbol, exit reason and so on; each adds up to the whole."""

from collections.abc import Callable, Sequence
from datetime import date

import msgspec
import numpy as np

from kasauti.analytics.amounts import Money
from kasauti.analytics.run import HEADS, Run
from kasauti.analytics.trip_figures import profit_factor, win_rate
from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY, NS_PER_SECOND
from kasauti.domain.market import Ints

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SECONDS_AN_HOUR = 3600


class Group(msgspec.Struct, frozen=True):
    """The round trips that have something in common. `net` is after charges."""

    name: str
    trips: int
    win_rate: float | None
    profit_factor: float | None
    gross: Money
    charges: Money
    net: Money
    mean: Money


class Month(msgspec.Struct, frozen=True):
    """
    One calendar month of trading days.

    `net` is the change of equity, marked to market, `part` the same by equity at its begin, None where that
    was nothing.
    """

    year: int
    month: int
    days: int
    net: Money
    part: float | None


class Day(msgspec.Struct, frozen=True):
    """One trading day. `net` is the change of equity, marked to market; `equity` what it came to."""

    day: str
    fills: int
    gross: Money
    charges: Money
    net: Money
    equity: Money


class Cost(msgspec.Struct, frozen=True):
    """One head of charges. `turnover` is its part of what was traded, None where nothing was."""

    head: str
    amount: Money
    turnover: float | None


def groups(run: Run, keys: Ints, name: Callable[[int], str], *, by_net: bool = False) -> list[Group]:
    """
    Return the round trips of a run by `keys`, one a trip, in the order of the keys.

    `name` names a key to a person; with `by_net` the best group comes first.
    """
    net, trips = run.trips.net, run.trips
    found = []
    for key in np.unique(keys).tolist():
        own = keys == key
        total = int(net[own].sum())
        found.append(
            Group(
                name(key),
                int(own.sum()),
                win_rate(net[own]),
                profit_factor(net[own]),
                int(trips.gross[own].sum()),
                int(trips.charges[own].sum()),
                total,
                round(total / int(own.sum())),
            )
        )
    return sorted(found, key=lambda group: -group.net) if by_net else found


def by_weekday(run: Run) -> list[Group]:
    """Return round trips by the weekday of their exit."""
    days = (run.trips.exit_at + IST_OFFSET_NS) // NS_PER_DAY
    # 1970-01-01 was a Thursday.
    return groups(run, (days + 3) % 7, lambda weekday: _WEEKDAYS[weekday])


def by_hour(run: Run) -> list[Group]:
    """Return round trips by the IST hour of their entry."""
    seconds = (run.trips.entry_at + IST_OFFSET_NS) % NS_PER_DAY // NS_PER_SECOND
    return groups(run, seconds // _SECONDS_AN_HOUR, lambda hour: f"{hour:02d}:00 - {hour + 1:02d}:00")


def by_symbol(run: Run) -> list[Group]:
    """Return round trips by instrument, the best first."""
    names = [each.tradingsymbol for each in run.instruments]
    return groups(run, run.trips.instrument.astype(np.int64), names.__getitem__, by_net=True)


def by_reason(run: Run) -> list[Group]:
    """Return round trips by what closed them, the best first."""
    return groups(
        run,
        run.trips.reason.astype(np.int64),
        lambda reason: run.reasons[reason] or "no reason given",
        by_net=True,
    )


def by_side(run: Run) -> list[Group]:
    """Return round trips by whether they were long or short."""
    return groups(run, -run.trips.side.astype(np.int64), lambda side: "Long" if side < 0 else "Short")


def by_strategy(run: Run) -> list[Group]:
    """Return round trips by who traded, the best first."""
    return groups(
        run,
        run.trips.strategy.astype(np.int64),
        lambda place: run.strategies[place] or "by hand",
        by_net=True,
    )


def daily(run: Run) -> list[Day]:
    """Return the trading days of a run with the change of equity on each."""
    days = run.days
    before = _before(run)
    columns = (days.fills, days.gross, days.charges, days.equity - before, days.equity)
    return [
        Day(day, *values)
        for day, *values in zip(days.day, *(column.tolist() for column in columns), strict=True)
    ]


def monthly(run: Run) -> list[Month]:
    """Return the calendar months of a run with the change of equity in each."""
    before, months = _before(run), [date.fromisoformat(day) for day in run.days.day]
    found: list[Month] = []
    for key in dict.fromkeys((each.year, each.month) for each in months):
        rows = [row for row, each in enumerate(months) if (each.year, each.month) == key]
        begin, end = int(before[rows[0]]), int(run.days.equity[rows[-1]])
        part = (end - begin) / begin if begin > 0 else None
        found.append(Month(*key, len(rows), end - begin, part))
    return found


def costs(run: Run) -> list[Cost]:
    """
    Return what was charged by head, in the order of a contract note: by trade and by the notes.

    `rounding` is what the notes charged beyond the trades where a run has only the sum of that.
    """
    traded = int((run.fills.price * run.fills.quantity).sum())
    names: Sequence[str] = (*HEADS, "rounding")
    noted = run.days.noted.sum(axis=0)
    unsaid = int(run.days.rounding.sum()) - int(noted.sum())
    amounts = [*(run.fills.charges.sum(axis=0) + noted).tolist(), unsaid]
    return [
        Cost(name, amount, amount / traded if traded else None)
        for name, amount in zip(names, amounts, strict=True)
    ]


def _before(run: Run) -> Ints:
    """Return the equity at the begin of each day."""
    equity = run.days.equity
    return np.append(np.int64(run.capital), equity[:-1]) if len(equity) else equity
