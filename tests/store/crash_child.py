"""
Writes a log until it is killed: the child of the crash tests.

    python -m tests.store.crash_child HOME SEED [DIE_AT]

Goes on where the log in HOME, a file or the URL of a database, ends, in groups of random size, and says the
number of the last event of each group once it is committed. With DIE_AT it kills itself at that statement of
the database.
"""

import os
import random
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice
from typing import Any

from tests.store.stories import Story, session

from kasauti.domain import events as ev
from kasauti.store.chained_log import Row
from kasauti.store.opening import open_store
from kasauti.store.postgres import PostgresStore

#: Events in the whole story.
LENGTH = 4_000


def story() -> Iterator[ev.Recorded]:
    """Yield the same events every time."""
    told = Story()
    yield from told.opened()
    yield from islice(session(told, LENGTH), LENGTH - 1)


class DyingConnection:
    """A connection in whose statement number `die_at`, before or behind its work, the process ends."""

    def __init__(self, real: Any, die_at: int) -> None:
        self._real = real
        self._left = die_at

    def _step(self) -> None:
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)

    def execute(self, query: str, values: Sequence[object] = ()) -> Any:
        if query.startswith("SELECT"):
            return self._real.execute(query, values)
        self._step()
        result = self._real.execute(query, values)
        self._step()
        return result

    def executemany(self, query: str, rows: Iterable[Any]) -> None:
        all_rows = list(rows)
        half = len(all_rows) // 2
        self._step()
        self._real.executemany(query, all_rows[:half])
        self._step()
        self._real.executemany(query, all_rows[half:])
        self._step()

    def close(self) -> None:
        self._real.close()


def die_around_writes(store: PostgresStore, die_at: int) -> None:
    """End the process before or behind one of the writes: they are counted as two steps each."""
    write, steps = store._write, count(1)

    def step() -> None:
        if next(steps) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def dying(rows: list[Row]) -> None:
        step()
        write(rows)
        step()

    store._write = dying  # type: ignore[method-assign]


def main(home: str, seed: str, die_at: str = "") -> None:
    chance = random.Random(int(seed))
    with open_store(home, create=True) as store:
        log = store.stream("main")
        if die_at and isinstance(store, PostgresStore):
            die_around_writes(store, int(die_at))
        elif die_at:
            store._connection = DyingConnection(store._connection, int(die_at))  # type: ignore[attr-defined]
        sys.stdout.write(f"{log.seq}\n")
        sys.stdout.flush()
        rest = islice(story(), log.seq, None)
        while group := list(islice(rest, chance.randint(1, 60))):
            for recorded in group:
                log.append(recorded)
            log.commit()
            sys.stdout.write(f"{log.seq}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
