"""
One backtest of a sweep, from parameters to figures, wherever it is computed: here, in a worker, on a node.

`Work` is what all backtests of a sweep share and is sent to a worker once; `Bench` is that worker's own:
data mapped, strategy imported, ready to compute.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, Self

import msgspec

from kasauti.compose.markets import Market
from kasauti.compose.parts import rules_of
from kasauti.sweeps.columns import Columns, Span
from kasauti.sweeps.outcome import Outcome
from kasauti.sweeps.space import Combination
from kasauti.sweeps.trial import Setup, attempted, run_trial


class Work(msgspec.Struct, frozen=True):
    """What all backtests of a sweep have in common: how one is set up, and the file with its data."""

    setup: Setup
    data: str


class Task(msgspec.Struct, frozen=True):
    """One backtest to compute: its key in the store, its parameters and its days."""

    key: str
    combination: Combination
    span: Span


class Finished(msgspec.Struct, frozen=True):
    """What a task came to, and how many seconds that took."""

    task: Task
    outcome: Outcome
    seconds: float


class Together(Protocol):
    """Computes many combinations at once."""

    def outcomes(
        self, combinations: Sequence[Combination], span: Span, market: Market
    ) -> Sequence[Outcome | None]:
        """Return what each combination comes to; None for one that has to be computed by itself."""


class Bench:
    """Where tasks are computed, one after the other."""

    def __init__(self, setup: Setup, columns: Columns, together: "Together | None" = None) -> None:
        self._setup = setup
        self._columns = columns
        self._together = together

    @classmethod
    def of(cls, work: Work, together: "Together | None" = None) -> Self:
        """Return a bench for `work`, its data mapped from the file."""
        return cls(work.setup, Columns(Path(work.data)), together)

    def compute(self, tasks: Sequence[Task]) -> list[Finished]:
        """
        Return what each task came to; a backtest that fails is an outcome with its error.

        Where many can be computed together, they are; what that leaves out is computed by itself.
        """
        with rules_of(self._setup.loaded):
            return self._compute(tasks)

    def _compute(self, tasks: Sequence[Task]) -> list[Finished]:
        begun = time.perf_counter()
        found: Sequence[Outcome | None] = [None] * len(tasks)
        if self._together is not None and tasks:
            span = tasks[0].span
            assert all(task.span == span for task in tasks), "a chunk is of one search over one span"
            found = self._together.outcomes([t.combination for t in tasks], span, self._columns.market(span))
        each = (time.perf_counter() - begun) / max(1, len(tasks))
        return [
            self._computed(task) if outcome is None else Finished(task, outcome, each)
            for task, outcome in zip(tasks, found, strict=True)
        ]

    def _computed(self, task: Task) -> Finished:
        begun = time.perf_counter()
        outcome = attempted(lambda: run_trial(self._setup, self._columns.market(task.span), task.combination))
        return Finished(task, outcome, time.perf_counter() - begun)
