"""
Writes a log until it is killed: the child of the crash tests.

    python -m tests.store.crash_child FILE SEED [DIE_AT]

Goes on where the log in FILE ends, in groups of random size, and says the number of the last event of each
group once it is committed. With DIE_AT it kills itself at that statement of the database.
"""

import os
import random
import signal
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from tests.store.stories import Story, session

from kasauti.domain import events as ev
from kasauti.store.sqlite import SqliteLog

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

    def executemany(self, query: str, rows: Sequence[Any]) -> None:
        half = len(rows) // 2
        self._step()
        self._real.executemany(query, rows[:half])
        self._step()
        self._real.executemany(query, rows[half:])
        self._step()

    def close(self) -> None:
        self._real.close()


def main(file: str, seed: str, die_at: str = "") -> None:
    chance = random.Random(int(seed))
    with SqliteLog.open(Path(file), "main", create=True) as log:
        if die_at:
            log.store._connection = DyingConnection(log.store._connection, int(die_at))  # type: ignore[assignment]
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
