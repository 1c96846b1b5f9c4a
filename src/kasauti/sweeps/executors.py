"""Where tasks are computed: what a sweep asks of it, and the simplest answer, this very process."""

from collections.abc import Sequence
from typing import Final, Protocol

from kasauti.errors import KasautiError
from kasauti.sweeps.outcome import Outcome
from kasauti.sweeps.work import Bench, Finished, Task, Together, Work

#: How often a task is given to a worker before its death is put down to the task.
ATTEMPTS: Final = 2
#: Workers that end before they can begin, until the sweep gives up.
_LUCKLESS: Final = 3


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


class Retries:
    """Which tasks of workers that died are tried again, and when their death is put down to the task."""

    def __init__(self) -> None:
        self._attempts: dict[str, int] = {}
        self._still_born = 0

    def worked(self) -> None:
        """A worker came to a result."""
        self._still_born = 0

    def died(
        self, tasks: Sequence[Task], ended: str, hint: str, *, started: bool
    ) -> tuple[list[Sequence[Task]], list[Finished]]:
        """
        Return the chunks to try again, one task each, and the tasks that had their chance as failures.

        `ended` says how the worker did, `hint` where to look; `started` is whether it had got as far as to
        its first task. Raises `KasautiError` if several in a row have not.
        """
        self._still_born += not started
        if self._still_born >= _LUCKLESS:
            raise KasautiError(
                f"{self._still_born} workers ended before they could begin: the last {ended}; {hint}"
            )
        if not started:
            return [tasks], []
        again: list[Sequence[Task]] = []
        failed: list[Finished] = []
        for task in tasks:
            tries = self._attempts[task.key] = self._attempts.get(task.key, 0) + 1
            if tries < ATTEMPTS:
                again.append([task])
            else:
                failed.append(
                    Finished(task, Outcome(error=f"its worker {ended}, {tries} times; {hint}"), 0.0)
                )
        return again, failed


class Inline:
    """Computes in this process, one chunk at a time."""

    def __init__(self, work: Work, together: Together | None = None) -> None:
        self._bench = Bench.of(work, together)
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
