"""Two parameters against a metric: the grid of values behind every heat map, on paper and in the terminal."""

from collections.abc import Sequence
from itertools import combinations

import msgspec

from kasauti.sweeps.exploring import Trial
from kasauti.sweeps.figures import METRICS
from kasauti.sweeps.outcome import better
from kasauti.sweeps.space import Axis, Value


class Heat(msgspec.Struct, frozen=True):
    """
    A metric by the values of two parameters; `values` has a row for each value of `down`.

    None where nothing was tried or nothing came of it. `others` are parameters of which a cell shows the
    best. `low` and `high` are the extremes; `middle` is where good turns bad, None where nothing does.
    """

    across: Axis
    down: Axis
    values: tuple[tuple[float | None, ...], ...]
    others: tuple[str, ...]
    low: float
    high: float
    middle: float | None

    def part(self, value: float) -> float:
        """
        Return where on a scale from -1 to 1 a value is.

        With a middle the scale is symmetric around it, otherwise -1 is the lowest and 1 the highest.
        """
        if self.middle is not None:
            reach = max(self.high - self.middle, self.middle - self.low)
            return (value - self.middle) / reach if reach > 0 else 0.0
        return 2 * (value - self.low) / (self.high - self.low) - 1 if self.high > self.low else 0.0


def heats(trials: Sequence[Trial], axes: Sequence[Axis], metric: str) -> list[Heat]:
    """Return a map for each pair of parameters that have several values, at most three; the longer across."""
    swept = [axis for axis in axes if len(axis.values) > 1]
    pairs = list(combinations(swept, 2))[:3]
    made = []
    for first, second in pairs:
        across, down = (first, second) if len(first.values) > len(second.values) else (second, first)
        made.append(_heat(trials, across, down, swept, metric))
    return [heat for heat in made if heat is not None]


def _heat(
    trials: Sequence[Trial], across: Axis, down: Axis, swept: Sequence[Axis], metric: str
) -> Heat | None:
    found: dict[tuple[Value, Value], float] = {}
    sign = better(metric)
    for trial in trials:
        value = trial.outcome.figure(metric) if trial.outcome.ok else None
        if value is not None:
            place = trial.combination[down.name], trial.combination[across.name]
            found[place] = max(value, found.get(place, value), key=lambda each: sign * each)
    if not found:
        return None
    values = tuple(tuple(found.get((row, column)) for column in across.values) for row in down.values)
    low, high = min(found.values()), max(found.values())
    others = tuple(axis.name for axis in swept if axis.name not in {across.name, down.name})
    return Heat(across, down, values, others, low, high, _middle(metric))


def _middle(metric: str) -> float | None:
    """Return where a metric turns from bad to good: 1 for what is won by what is lost, 0 for results."""
    if metric in {"profit_factor", "tail_ratio", "payoff"}:
        return 1.0
    if not METRICS[metric].more or metric in {"trips", "win_rate"}:
        return None
    return 0.0
