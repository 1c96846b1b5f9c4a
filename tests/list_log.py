"""A log that tests look into."""

from collections.abc import Iterator

from kasauti.domain import events as ev
from kasauti.errors import LogWriteFailed


class ListLog(list[ev.Recorded]):
    """An event log in memory, until it is full; `committed` is how many events the last commit covered."""

    committed = 0
    is_full = False

    def append(self, recorded: ev.Recorded) -> None:
        if self.is_full:
            raise LogWriteFailed("no space left")
        super().append(recorded)

    def commit(self) -> None:
        self.committed = len(self)

    def read(self) -> Iterator[ev.Recorded]:
        return iter(self)
