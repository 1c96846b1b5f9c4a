"""
One backtest of a sweep, from parameters to figures, wherever it is computed: here, in a worker, on a node.

`Work` is what all backtests of a sweep share and is sent to a worker once; `Bench` is that worker's own:
data mapped, strategy imported, ready to compute.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import msgspec

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


class Bench:
    """Where tasks are computed, one after the other."""

    def __init__(self, setup: Setup, columns: Columns) -> None:
        self._setup = setup
        self._columns = columns

    @classmethod
    def of(cls, work: Work) -> Self:
        """Return a bench for `work`, its data mapped from the file."""
        return cls(work.setup, Columns(Path(work.data)))

    def compute(self, tasks: Sequence[Task]) -> list[Finished]:
        """Return what each task came to; a backtest that fails is an outcome with its error."""
        return [self._computed(task) for task in tasks]

    def _computed(self, task: Task) -> Finished:
        begun = time.perf_counter()
        outcome = attempted(lambda: run_trial(self._setup, self._columns.market(task.span), task.combination))
        return Finished(task, outcome, time.perf_counter() - begun)
