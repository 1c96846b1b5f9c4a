"""A log in memory, for recorded runs; it can be kept as a file."""

from collections.abc import Iterator
from pathlib import Path

from kasauti.domain.events import Recorded
from kasauti.errors import LogError
from kasauti.store.log_store import NO_EVENT
from kasauti.store.sqlite import SqliteLog

#: Events written in one transaction when a log is saved.
_GROUP = 5_000


class MemoryLog:
    """The events of one account, as long as the process lives."""

    def __init__(self) -> None:
        self._events: list[Recorded] = []
        #: Add one event.
        self.append = self._events.append

    def commit(self) -> None:
        """There is nothing to make durable."""

    def read(self, from_seq: int = 1) -> Iterator[Recorded]:
        """Yield every event from number `from_seq` on."""
        return iter(self._events[from_seq - 1 :] if from_seq > 1 else self._events)

    def last(self, tag: str, before: int = NO_EVENT) -> Recorded | None:
        """Return the last event with `tag`, of those numbered below `before`."""
        earlier = reversed(self._events[: before - 1])
        return next((recorded for recorded in earlier if tag == recorded.event.TAG), None)

    def __len__(self) -> int:
        return len(self._events)

    def save(self, path: Path, stream: str) -> None:
        """
        Keep the events as the log of the account `stream` in a new file.

        Raises `LogError` if there is a file already, `LogWriteFailed` if the disk does not take it.
        """
        if path.exists():
            raise LogError(f"{path} exists already; a log is never written over, choose another name")
        with SqliteLog.open(path, stream, create=True) as log:
            for number, recorded in enumerate(self._events, 1):
                log.append(recorded)
                if number % _GROUP == 0:
                    log.commit()
            log.commit()
