"""What a trading day has to do, and when: jobs of the account, candles, chains and timers of strategies."""

from collections.abc import Callable
from enum import IntEnum
from heapq import heappop, heappush
from typing import Final

#: After every moment, and a number that compiled code need not put into an object.
NEVER: Final = 2**62 - 1

Job = Callable[[int], None]


class Rank(IntEnum):
    """What comes first of what is due at one moment."""

    ACCOUNT = 0
    CANDLE = 1
    CHAIN = 2
    TIMER = 3


class Agenda:
    """
    Jobs in order of when they are due, then by rank, then in the order they were added.

    After a restart, what was due at or before `after` has been done: `every` goes on behind it.
    """

    def __init__(self, after: int = -1) -> None:
        #: When the next job is due, `NEVER` if there is none.
        self.due = NEVER
        self._after = after
        self._jobs: list[tuple[int, int, int, Job]] = []
        self._count = 0
        self._now = 0

    def add(self, due: int, rank: Rank, job: Job) -> None:
        """Have `job` called once, with the moment it runs at: when it is due, or now if that is past."""
        self._count += 1
        heappush(self._jobs, (due, rank, self._count, lambda due: job(max(due, self._now))))
        self.due = self._jobs[0][0]

    def every(self, step: int, first: int, last: int, rank: Rank, job: Job) -> None:
        """Have `job` called at `first`, and every `step` nanoseconds until `last`."""
        if first <= self._after:
            first += ((self._after - first) // step + 1) * step
        if first > last:
            return
        order = self._count = self._count + 1

        def run(due: int) -> None:
            if due + step <= last:
                heappush(self._jobs, (due + step, rank, order, run))
                self.due = self._jobs[0][0]
            job(max(due, self._now))

        heappush(self._jobs, (first, rank, order, run))
        self.due = self._jobs[0][0]

    def reserve(self) -> int:
        """Return a place for `at`: among the jobs of one moment and rank, now is when they were added."""
        self._count += 1
        return self._count

    def at(self, due: int, rank: Rank, place: int, job: Job) -> None:
        """As `add`, in a place that was reserved. One that was due before a restart has been done."""
        if due > self._after:
            heappush(self._jobs, (due, rank, place, lambda due: job(max(due, self._now))))
            self.due = self._jobs[0][0]

    def run_next(self, now: int) -> None:
        """Run the next job. `now` is later than it was due if nobody was here then."""
        due, _, _, job = heappop(self._jobs)
        self.due = self._jobs[0][0] if self._jobs else NEVER
        self._now = now
        job(due)
