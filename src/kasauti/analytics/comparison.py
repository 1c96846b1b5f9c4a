"""
Runs side by side, and where the difference of their results comes from, to the last money unit.

Each run is compared with the first. Round trips are paired when they are in the same instrument on the same
side and began together, or within a few minutes of each other. What is left over are signals that only one
run had; what pairs differ in are prices at the same moment (fills), prices at another moment (timing), size
and charges.
"""

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np

from kasauti.analytics.amounts import Moment, Money
from kasauti.analytics.metrics import Metrics, metrics_of
from kasauti.analytics.run import Run
from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.errors import InvalidInput

#: Entries further apart than this are two signals.
PAIRED_WITHIN = 5 * NS_PER_MINUTE
#: Trades less than this apart met the same market: data has a bar a minute.
SAME_MOMENT = NS_PER_MINUTE


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """
    Why one run made more or less than another; `total` is the sum of all parts after it.

    `signals` is the net result of round trips that only one of them has; `fills` what paired trades gained by
    better prices at the same moment, `timing` by prices at another one, `size` by trading more or less;
    `charges` what pairs saved; `notes` what contract notes charged beyond the trades; `still_open` what open
    positions made.
    `only_here` and `only_there` count the trips that have no pair. `first_difference` is when the first one
    began that has no pair or another result, 0 if there is none.
    """

    total: Money
    signals: Money
    fills: Money
    timing: Money
    size: Money
    charges: Money
    notes: Money
    still_open: Money
    paired: int
    only_here: int
    only_there: int
    first_difference: Moment


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One run among others. `why` is against the first one, None for itself."""

    label: str
    metrics: Metrics
    why: Attribution | None


class Difference(msgspec.Struct, frozen=True):
    """Something that was said or set differently: its name, and its value in each run."""

    name: str
    values: list[str]


class Comparison(msgspec.Struct, frozen=True):
    """Several runs. `settings` are parameters and assumptions that are not the same in all of them."""

    runs: list[Compared]
    settings: list[Difference]


def compare(runs: Sequence[Run]) -> Comparison:
    """Compare each run with the first; `InvalidInput` for less than two."""
    if len(runs) < 2:  # noqa: PLR2004  one run has nothing to be compared with
        raise InvalidInput(f"{len(runs)} run cannot be compared; give two or more")
    first = runs[0]
    compared = [
        Compared(
            label=label,
            metrics=metrics_of(run),
            why=None if run is first else attribution(run, first),
        )
        for run, label in zip(runs, _labels(runs), strict=True)
    ]
    return Comparison(compared, _settings(runs))


def _labels(runs: Sequence[Run]) -> list[str]:
    """Return the runs' labels, numbered where two are the same."""
    labels = [run.label for run in runs]
    return [
        label if labels.count(label) == 1 else f"{label} ({number})" for number, label in enumerate(labels, 1)
    ]


def attribution(run: Run, base: Run) -> Attribution:
    """Return why the net result of `run` is not that of `base`."""
    ours, theirs = _Trips(run), _Trips(base)
    pairs = _pairs(ours, theirs)
    here = np.setdiff1d(np.arange(len(ours.net)), [one for one, _ in pairs])
    there = np.setdiff1d(np.arange(len(theirs.net)), [other for _, other in pairs])
    signals = int(ours.net[here].sum()) - int(theirs.net[there].sum())
    parts = _Parts()
    for one, other in pairs:
        parts.add(ours, one, theirs, other)
    notes = int(base.days.rounding.sum()) - int(run.days.rounding.sum())
    return Attribution(
        total=_net(run) - _net(base),
        signals=signals,
        fills=parts.fills,
        timing=parts.timing,
        size=parts.size,
        charges=parts.charges,
        notes=notes,
        still_open=_open_result(run) - _open_result(base),
        paired=len(pairs),
        only_here=len(here),
        only_there=len(there),
        first_difference=_first_difference(ours, theirs, pairs, here.tolist(), there.tolist()),
    )


def _net(run: Run) -> int:
    return (int(run.days.equity[-1]) if len(run.days.day) else run.capital) - run.capital


def _open_result(run: Run) -> int:
    """Return what open positions made, less their charges: what no round trip and no note has."""
    return _net(run) - int(run.trips.net.sum()) + int(run.days.rounding.sum())


class _Trips:
    """The round trips of a run as lists, with names that mean the same in every run."""

    def __init__(self, run: Run) -> None:
        trips = run.trips
        self.net = trips.net
        self.nets: list[int] = trips.net.tolist()
        self.gross: list[int] = trips.gross.tolist()
        self.charges: list[int] = trips.charges.sum(axis=1).tolist()
        self.quantity: list[int] = trips.quantity.tolist()
        self.side: list[int] = trips.side.tolist()
        self.entry_at: list[int] = trips.entry_at.tolist()
        self.exit_at: list[int] = trips.exit_at.tolist()
        self.entry_price: list[int] = trips.entry_price.tolist()
        self.exit_price: list[int] = trips.exit_price.tolist()
        names = [each.id for each in run.instruments]
        self.groups: dict[tuple[str, int], list[int]] = {}
        for row, place in enumerate(trips.instrument.tolist()):
            self.groups.setdefault((names[place], self.side[row]), []).append(row)
        for rows in self.groups.values():
            rows.sort(key=self.entry_at.__getitem__)


def _pairs(ours: _Trips, theirs: _Trips) -> list[tuple[int, int]]:
    """Return the rows of trips that belong together: first those that began together, then those close by."""
    pairs: list[tuple[int, int]] = []
    for key, mine in ours.groups.items():
        others = theirs.groups.get(key, [])
        for within in (0, PAIRED_WITHIN):
            found = _in_step(ours, mine, theirs, others, within)
            pairs += found
            taken, given = {one for one, _ in found}, {other for _, other in found}
            mine = [row for row in mine if row not in taken]  # noqa: PLW2901  the second pass takes what is left
            others = [row for row in others if row not in given]
    return sorted(pairs)


def _in_step(
    ours: _Trips, mine: list[int], theirs: _Trips, others: list[int], within: int
) -> list[tuple[int, int]]:
    """Walk both in order of entry and pair what began no further apart than `within`."""
    found, one, other = [], 0, 0
    while one < len(mine) and other < len(others):
        apart = ours.entry_at[mine[one]] - theirs.entry_at[others[other]]
        if abs(apart) <= within:
            found.append((mine[one], others[other]))
            one, other = one + 1, other + 1
        elif apart < 0:
            one += 1
        else:
            other += 1
    return found


class _Parts:
    """The parts of the difference of paired trips, summed."""

    def __init__(self) -> None:
        self.fills = self.timing = self.size = self.charges = 0

    def add(self, ours: _Trips, one: int, theirs: _Trips, other: int) -> None:
        """Take one pair in: prices count at our quantity, what they leave is size."""
        side, quantity = ours.side[one], ours.quantity[one]
        entry = side * (theirs.entry_price[other] - ours.entry_price[one]) * quantity
        leave = side * (ours.exit_price[one] - theirs.exit_price[other]) * quantity
        rest = ours.gross[one] - theirs.gross[other] - entry - leave
        self._price(entry, ours.entry_at[one] - theirs.entry_at[other])
        self._price(leave, ours.exit_at[one] - theirs.exit_at[other])
        if quantity == theirs.quantity[other]:
            # Mean prices are rounded to the money unit, results are not.
            self.fills += rest
        else:
            self.size += rest
        self.charges += theirs.charges[other] - ours.charges[one]

    def _price(self, gained: int, apart: int) -> None:
        if abs(apart) < SAME_MOMENT:
            self.fills += gained
        else:
            self.timing += gained


def _first_difference(
    ours: _Trips, theirs: _Trips, pairs: list[tuple[int, int]], here: list[int], there: list[int]
) -> int:
    moments = [ours.entry_at[row] for row in here] + [theirs.entry_at[row] for row in there]
    moments += [
        min(ours.entry_at[one], theirs.entry_at[other])
        for one, other in pairs
        if ours.nets[one] != theirs.nets[other]
    ]
    return min(moments, default=0)


def _settings(runs: Sequence[Run]) -> list[Difference]:
    """Return the parameters and assumptions that are not the same in all runs."""
    said: list[dict[str, str]] = []
    for run in runs:
        assumed = run.assumptions
        said.append(
            {
                "strategy": ", ".join(each or "by hand" for each in run.strategies),
                **{f"parameter {name}": value for name, value in run.parameters.items()},
                "data": assumed.data,
                "bars": assumed.bars,
                "fills": assumed.profile,
                "latency": assumed.latency,
                "slippage": assumed.slippage,
                "charges": assumed.plan,
                "engine": assumed.engine,
                "capital": str(run.capital // 10_000),
                "version": run.version,
                "ending": run.ending.value,
            }
        )
    names = dict.fromkeys(name for each in said for name in each)
    rows = [Difference(name, [each.get(name, "not set") for each in said]) for name in names]
    return [row for row in rows if any(one != other for one, other in pairwise(row.values))]
