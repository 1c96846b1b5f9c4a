"""A guard for strategies that trade against a clock: a hook that hangs is left behind."""

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from kasauti.domain.commands import Command

_Answer = tuple[Sequence[Command], BaseException | None]


class HookOverdue(Exception):
    """A hook took longer than its budget and was left behind."""


class _Worker:
    """A thread that runs hooks one by one until it is told to end."""

    def __init__(self) -> None:
        self.tasks: SimpleQueue[Callable[[], Sequence[Command]] | None] = SimpleQueue()
        self.answers: SimpleQueue[_Answer] = SimpleQueue()
        threading.Thread(target=self._run, name="strategy", daemon=True).start()

    def _run(self) -> None:
        while (task := self.tasks.get()) is not None:
            try:
                self.answers.put((task(), None))
            except BaseException as error:  # noqa: BLE001  handed to the engine's side, which raises it there
                self.answers.put(((), error))


class TimedGuard:
    """
    Runs each hook in a thread of its own and waits `budget_s` seconds for it, no longer.

    The engine stands still meanwhile, so there is no concurrency; but what a hook can delay an exit by is
    bounded. An overdue hook keeps its thread until it returns and what it returns then is dropped.
    """

    def __init__(self, budget_s: float) -> None:
        self._budget_s = budget_s
        self._worker = _Worker()

    def __call__(self, hook: Callable[[], Sequence[Command]]) -> Sequence[Command]:
        """Return what the hook yields; raise what it raised, or `HookOverdue`."""
        worker = self._worker
        worker.tasks.put(hook)
        try:
            commands, error = worker.answers.get(timeout=self._budget_s)
        except Empty:
            worker.tasks.put(None)
            self._worker = _Worker()
            raise HookOverdue(f"no answer within {self._budget_s:g} s") from None
        if error is not None:
            raise error
        return commands

    def close(self) -> None:
        """Let the thread end."""
        self._worker.tasks.put(None)
