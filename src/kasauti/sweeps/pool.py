"""
Workers on this machine: processes of their own, replaced when they die.

Each is a fresh interpreter, on every system alike, so nothing of this process (threads, locks, open files) is
copied into it; the data is mapped from one file, so it is in memory once. A thread here waits for each.
"""

import contextlib
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import msgspec

from kasauti.errors import KasautiError
from kasauti.sweeps.executors import Retries
from kasauti.sweeps.work import Finished, Task, Work
from kasauti.sweeps.worker import START, receive, send, send_pickled


class _Answer(msgspec.Struct, frozen=True):
    """
    What came of a chunk: its results, or how its worker ended, or why no worker can do the work.

    `started` is whether the worker had got as far as to its first task.
    """

    place: int
    tasks: Sequence[Task]
    results: list[Finished] | None
    ended: str = ""
    refusal: str = ""
    started: bool = True


class Pool:
    """`jobs` workers for one `work`; what they print goes to the file `log`."""

    def __init__(self, work: Work, jobs: int, log: Path) -> None:
        self._work = _pickled(work)
        self._log = log.open("ab")
        self._answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
        self._waiting: list[Sequence[Task]] = []
        self._retries = Retries()
        self._workers = {place: self._worker(place) for place in range(jobs)}
        self._idle = list(self._workers)

    def room(self) -> int:
        """Return how many workers have nothing to do."""
        return len(self._idle)

    def busy(self) -> bool:
        """Return whether any worker has something to do."""
        return len(self._idle) < len(self._workers)

    def submit(self, tasks: Sequence[Task]) -> None:
        """Give a chunk to a worker that is idle, or keep it for the next one that will be."""
        self._waiting.append(tasks)
        self._hand_out()

    def wait(self, seconds: float) -> list[Finished]:
        """
        Return what finished meanwhile.

        Raises `KasautiError` if the work cannot be done at all, or if no worker survives.
        """
        finished: list[Finished] = []
        block = True
        while True:
            try:
                answer = self._answers.get(block, seconds if block else None)
            except queue.Empty:
                return finished
            block = False
            finished += self._taken(answer)
            self._hand_out()

    def close(self) -> None:
        """Kill every worker."""
        for worker in self._workers.values():
            worker.kill()
        self._log.close()

    def _worker(self, place: int) -> "_Worker":
        return _Worker(place, self._work, self._log, self._answers)

    def _hand_out(self) -> None:
        while self._waiting and self._idle:
            self._workers[self._idle.pop()].give(self._waiting.pop(0))

    def _taken(self, answer: _Answer) -> list[Finished]:
        if answer.refusal:
            raise KasautiError(answer.refusal)
        if answer.results is not None:
            self._retries.worked()
            self._idle.append(answer.place)
            return answer.results
        hint = f"{self._log.name} has what it printed"
        again, failed = self._retries.died(answer.tasks, answer.ended, hint, started=answer.started)
        self._waiting[:0] = again
        self._workers[answer.place].kill()
        self._workers[answer.place] = self._worker(answer.place)
        self._idle.append(answer.place)
        return failed


class _Worker:
    """One process, and the thread that talks to it."""

    def __init__(
        self, place: int, work: bytes, log: IO[bytes], answers: "queue.SimpleQueue[_Answer]"
    ) -> None:
        self._place = place
        self._work = work
        self._answers = answers
        self._chunks: queue.SimpleQueue[Sequence[Task] | None] = queue.SimpleQueue()
        # In a group of its own, a worker does not get the terminal's Ctrl-C: its parent ends it.
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            [sys.executable, "-c", START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        threading.Thread(target=self._serve, name=f"worker {place}", daemon=True).start()

    def give(self, tasks: Sequence[Task]) -> None:
        """Have a chunk computed; its answer comes to the queue of answers."""
        self._chunks.put(tasks)

    def kill(self) -> None:
        """End the process at once, and wait until it has."""
        self._chunks.put(None)
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # what was not sent is of no use to a dead worker
                    stream.close()

    def _serve(self) -> None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        with contextlib.suppress(OSError, ValueError):  # it comes up again when there is something to do
            send(stdin, sys.path)
            send_pickled(stdin, self._work)
        ready = False
        while (tasks := self._chunks.get()) is not None:
            try:
                if not ready:
                    refusal = receive(stdout)
                    if refusal:
                        self._answers.put(_Answer(self._place, tasks, None, refusal=refusal))
                        return
                    ready = True
                send(stdin, tasks)
                self._answers.put(_Answer(self._place, tasks, receive(stdout)))
            except (OSError, EOFError, ValueError):  # ValueError: the stream was closed by `kill`
                ended = _how(self._process.wait())
                self._answers.put(_Answer(self._place, tasks, None, ended=ended, started=ready))
                return


def _pickled(work: Work) -> bytes:
    try:
        return pickle.dumps(work, pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise KasautiError(
            f"The strategy and its parameters cannot be sent to other processes: {error}. Put the class"
            " into a file of its own, or use --jobs 1"
        ) from error


def _how(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
