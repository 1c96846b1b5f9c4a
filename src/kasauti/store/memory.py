"""The log of a recorded run: a list, and a file on request."""

from collections.abc import Iterator
from pathlib import Path

from kasauti.domain.events import Recorded
from kasauti.store.sqlite import SqliteLog


class MemoryLog:
    """Keeps what is recorded for as long as the process lives."""

    def __init__(self) -> None:
        self._events: list[Recorded] = []
        # The engine appends several times an order: no call of ours in between.
        self.append = self._events.append

    def __len__(self) -> int:
        return len(self._events)

    def commit(self) -> None:
        """Memory is as durable as it gets."""

    def read(self) -> Iterator[Recorded]:
        """Yield every event from the first."""
        return iter(self._events)

    def save(self, path: Path, stream: str) -> None:
        """Write everything to a log file that was not there."""
        with SqliteLog.open(path, stream, create=True) as log:
            for recorded in self._events:
                log.append(recorded)
            log.commit()
