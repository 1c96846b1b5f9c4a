"""Where tasks are computed: what a sweep asks of it, and the simplest answer, this very process."""

from collections.abc import Sequence
from typing import Protocol

from kasauti.sweeps.work import Bench, Finished, Task, Work


class Executor(Protocol):
    """
    Computes tasks, in whatever order they finish.

    A task whose worker dies is tried again, and then is an outcome that says so. `close` ends the workers at
    once; what they were at is lost.
    """

    def room(self) -> int:
        """Return how many more chunks can be submitted now."""

    def submit(self, tasks: Sequence[Task]) -> None:
        """Have a chunk of tasks computed."""

    def wait(self, seconds: float) -> list[Finished]:
        """Return what finished; wait for the first of them `seconds` at most."""

    def busy(self) -> bool:
        """Return whether anything that was submitted has not come back."""

    def close(self) -> None:
        """End it."""


class Inline:
    """Computes in this process, one chunk at a time."""

    def __init__(self, work: Work) -> None:
        self._bench = Bench(work)
        self._chunk: Sequence[Task] = ()

    def room(self) -> int:
        """One chunk at a time."""
        return 0 if self._chunk else 1

    def submit(self, tasks: Sequence[Task]) -> None:
        """Keep it until somebody waits for it."""
        self._chunk = tasks

    def wait(self, seconds: float) -> list[Finished]:
        """Compute the chunk."""
        chunk, self._chunk = self._chunk, ()
        return self._bench.compute(chunk)

    def busy(self) -> bool:
        """Whether there is a chunk."""
        return bool(self._chunk)

    def close(self) -> None:
        """Nothing is held."""
