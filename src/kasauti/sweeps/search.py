"""
Which combination comes next: every one in order, drawn by lot, or where the results so far point to.

A search is asked for combinations and told what they came to. Asked and told in the same order with the same
seed it takes the same way, which is how a sweep that was killed finds its way back.
"""

import random
from enum import StrEnum
from itertools import islice
from typing import Any, Final, Protocol

from kasauti.errors import InvalidInput
from kasauti.sweeps.outcome import Outcome, better
from kasauti.sweeps.space import Combination, Space

#: Grids above this have to be searched otherwise, or asked for with --trials.
LARGEST_GRID: Final = 200_000
#: Trials where nobody says how many.
DEFAULT_TRIALS: Final = 100
#: Draws in a row that bring nothing new before a search gives up.
_PATIENCE: Final = 1_000


class SearchKind(StrEnum):
    """How combinations are chosen."""

    GRID = "grid"
    RANDOM = "random"
    BAYES = "bayes"


class Search(Protocol):
    """Chooses combinations. `total` is how many it will ask for at most."""

    total: int

    def ask(self) -> Combination | None:
        """Return the next combination, None where there is none any more."""

    def tell(self, combination: Combination, outcome: Outcome) -> None:
        """Take in what a combination came to."""


def searching(space: Space, kind: SearchKind, metric: str, trials: int | None, seed: int) -> Search:
    """
    Return a search of `space` for the best of `metric`.

    `trials` bounds how many combinations are tried; a grid without it takes all. Raises `InvalidInput` for
    trials below 1, a grid that is too large, or conditions that no combination meets.
    """
    if trials is not None and trials < 1:
        raise InvalidInput(f"--trials {trials} tries nothing; give a number from 1")
    if kind is SearchKind.BAYES:
        return _Bayes(space, metric, trials or DEFAULT_TRIALS, seed)
    if kind is SearchKind.RANDOM:
        return Listed(_drawn(space, trials or DEFAULT_TRIALS, seed))
    if trials is None and space.size > LARGEST_GRID:
        raise InvalidInput(
            f"The grid has {space.size:,} combinations, and {LARGEST_GRID:,} are the most; choose larger"
            " steps, or --search random or bayes with --trials"
        )
    return Listed(list(islice(space.combinations(), trials)))


class Listed:
    """Combinations that are known from the start, in their order."""

    def __init__(self, combinations: list[Combination]) -> None:
        if not combinations:
            raise InvalidInput(
                "No combination meets the conditions of --where; loosen them or widen the ranges"
            )
        self.total = len(combinations)
        self._left = iter(combinations)

    def ask(self) -> Combination | None:
        """Return the next of them."""
        return next(self._left, None)

    def tell(self, combination: Combination, outcome: Outcome) -> None:
        """Nothing is learned."""


def _drawn(space: Space, trials: int, seed: int) -> list[Combination]:
    """Return different allowed combinations by lot; all of them, where there are not more."""
    if space.size <= LARGEST_GRID:
        every = list(space.combinations())
        return random.Random(seed).sample(every, min(trials, len(every)))
    draws, found, misses = random.Random(seed), dict[int, Combination](), 0
    while len(found) < trials and misses < _PATIENCE:
        number = draws.randrange(space.size)
        combination = space.numbered(number)
        if number in found or not space.allows(combination):
            misses += 1
            continue
        found[number], misses = combination, 0
    return list(found.values())


class _Bayes:
    """
    Optuna's tree-structured Parzen estimator.

    A combination that was tried before is not asked for again: the estimator is told its result once more,
    until it comes up with a new one. What the conditions exclude is told as the worst so far.
    """

    def __init__(self, space: Space, metric: str, trials: int, seed: int) -> None:
        import optuna  # noqa: PLC0415  a slow import, of use to this search only

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._optuna = optuna
        self._space = space
        self._metric = metric
        self.total = min(trials, space.size)
        self._asked = 0
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=len(space.axes) > 1)
        self._study = optuna.create_study(
            direction="maximize" if better(metric) > 0 else "minimize", sampler=sampler
        )
        self._open: dict[tuple[int, ...], Any] = {}
        self._values: dict[tuple[int, ...], float | None] = {}

    def ask(self) -> Combination | None:
        """Return a new combination; None after `total`, or where the estimator finds no new one."""
        for _ in range(_PATIENCE if self._asked < self.total else 0):
            trial = self._study.ask()
            places = tuple(self._place(trial, number) for number in range(len(self._space.axes)))
            combination = self._combination(places)
            if places in self._open:
                self._fail(trial)
            elif places in self._values:
                self._settle(trial, self._values[places])
            elif not self._space.allows(combination):
                self._values[places] = None
                self._settle(trial, None)
            else:
                self._open[places] = trial
                self._asked += 1
                return combination
        return None

    def tell(self, combination: Combination, outcome: Outcome) -> None:
        """Take in a result; one without a value of the metric counts as worse than all others."""
        places = tuple(axis.values.index(combination[axis.name]) for axis in self._space.axes)
        value = outcome.figure(self._metric) if outcome.ok else None
        self._values[places] = value
        self._settle(self._open.pop(places), value)

    def _place(self, trial: Any, number: int) -> int:  # noqa: ANN401  optuna's own trial
        """Return which value of an axis the estimator suggests: near places are near values in a range."""
        axis = self._space.axes[number]
        if axis.step is None:
            return int(trial.suggest_categorical(axis.name, list(range(len(axis.values)))))
        return int(trial.suggest_int(axis.name, 0, len(axis.values) - 1))

    def _combination(self, places: tuple[int, ...]) -> Combination:
        return {axis.name: axis.values[place] for axis, place in zip(self._space.axes, places, strict=True)}

    def _settle(self, trial: Any, value: float | None) -> None:  # noqa: ANN401  optuna's own trial
        """Tell the estimator; what has no value is as bad as the worst that was seen, and so is avoided."""
        if value is None:
            seen = [known for known in self._values.values() if known is not None]
            if not seen:
                self._fail(trial)
                return
            value = (min if better(self._metric) > 0 else max)(seen)
        self._study.tell(trial, value)

    def _fail(self, trial: Any) -> None:  # noqa: ANN401  optuna's own trial
        self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)
