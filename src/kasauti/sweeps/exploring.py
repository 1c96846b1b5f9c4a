"""A search over one span of days: what is known already is taken from the store, the rest is computed."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from kasauti.sweeps.columns import Span
from kasauti.sweeps.executors import Executor
from kasauti.sweeps.outcome import Outcome
from kasauti.sweeps.search import Search
from kasauti.sweeps.space import Combination
from kasauti.sweeps.store import Context, Done, ResultStore
from kasauti.sweeps.work import Finished, Task

#: How long to wait for a result before asking whether to stop.
_PATIENCE_S: Final = 0.1


class Trial(msgspec.Struct, frozen=True):
    """One combination over one span, and what it came to; `reused` if that was known before."""

    combination: Combination
    span: Span
    outcome: Outcome
    reused: bool


class Progress(msgspec.Struct, frozen=True):
    """
    How far a sweep has come.

    `done` of `total` backtests, `reused` of them known before, `failed` without a result, `phase` in words.
    """

    done: int
    total: int
    reused: int
    failed: int
    phase: str


class Interrupted(Exception):
    """Somebody wants the sweep to stop; what was computed is in the store."""


class Explorer:
    """Runs searches on one executor and keeps every result; `stop` is asked whether to go on."""

    def __init__(
        self,
        executor: Executor,
        store: ResultStore | None,
        context: Context,
        *,
        total: int,
        chunk: int = 1,
        watch: Callable[[Progress], None] = lambda _: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._executor = executor
        self._store = store
        self._context = context
        self._chunk = chunk
        self._watch = watch
        self._stop = stop
        self._known = {} if store is None else store.known(context)
        self.progress = Progress(0, total, 0, 0, "")

    def explore(self, search: Search, span: Span, phase: str, into: list[Trial]) -> None:
        """
        Put every combination that `search` asks for, with its outcome, into `into`, in the order asked for.

        Raises `Interrupted` when `stop` says so; `into` then has what is there.
        """
        asked: list[Combination] = []
        found: dict[int, Trial] = {}
        places: dict[str, int] = {}
        self._say(phase=phase)
        try:
            while True:
                self._ask(search, span, asked, found, places)
                if not self._executor.busy():
                    return
                if self._stop():
                    raise Interrupted
                finished = self._executor.wait(_PATIENCE_S)
                self._keep(finished)
                for each in finished:
                    self._take(search, places[each.task.key], each.task, each.outcome, found, reused=False)
        finally:
            into.extend(found[place] for place in sorted(found))

    def _ask(
        self,
        search: Search,
        span: Span,
        asked: list[Combination],
        found: dict[int, Trial],
        places: dict[str, int],
    ) -> None:
        """Submit chunks as long as there is room and the search has something to try."""
        while self._executor.room() > 0:
            chunk: list[Task] = []
            while len(chunk) < self._chunk:
                combination = search.ask()
                if combination is None:
                    break
                task = Task(self._context.key(combination, span), combination, span)
                place = places[task.key] = len(asked)
                asked.append(combination)
                known = self._known.get(task.key)
                if known is None:
                    chunk.append(task)
                else:
                    self._take(search, place, task, known, found, reused=True)
            if not chunk:
                return
            self._executor.submit(chunk)

    def _keep(self, finished: Sequence[Finished]) -> None:
        if self._store is not None and finished:
            done = [
                Done(each.task.key, each.task.combination, each.task.span, each.outcome, each.seconds)
                for each in finished
            ]
            self._store.keep(self._context, done)
        self._known.update((each.task.key, each.outcome) for each in finished)

    def _take(
        self,
        search: Search,
        place: int,
        task: Task,
        outcome: Outcome,
        found: dict[int, Trial],
        *,
        reused: bool,
    ) -> None:
        search.tell(task.combination, outcome)
        found[place] = Trial(task.combination, task.span, outcome, reused)
        before = self.progress
        self._say(
            done=before.done + 1,
            reused=before.reused + reused,
            failed=before.failed + (not outcome.ok),
        )

    def _say(self, **changes: object) -> None:
        self.progress = msgspec.structs.replace(self.progress, **changes)
        self._watch(self.progress)
