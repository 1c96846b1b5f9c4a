"""What homes of logs have in common: rows are gathered, written as one group, and after a failure no more."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from types import TracebackType
from typing import Any, ClassVar, Final, Self

from kasauti.errors import LogCorrupt, LogError, LogWriteFailed
from kasauti.store.chained_log import Row

_NUMBERS: Final = "SELECT stream, min(seq), max(seq), count(*) FROM log GROUP BY stream"


class RowHome(ABC):
    """The logs of one or more accounts in a database, with one commit for all of them."""

    #: What the database raises when it does not take a write.
    WRITE_ERRORS: ClassVar[tuple[type[Exception], ...]]
    #: What is to be done then.
    MEND: ClassVar[str]

    def __init__(self) -> None:
        #: What was appended since the last commit, in order, of all streams.
        self.pending: list[Row] = []
        #: Why nothing more is taken; empty while all is well.
        self.failed = ""

    @property
    @abstractmethod
    def where(self) -> str:
        """The file or database, as a message names it."""

    @property
    @abstractmethod
    def is_writer(self) -> bool:
        """Whether this object may write."""

    def commit(self) -> None:
        """Make everything appended to any stream durable, or raise `LogWriteFailed`."""
        self.check_writable()
        if not self.pending:
            return
        rows, self.pending = self.pending, []
        try:
            self._write(rows)
        except self.WRITE_ERRORS as error:
            self.failed = (
                f"{self.where} did not take {len(rows)} events up to number {rows[-1][1]}:"
                f" {str(error).strip()}. The account stops; {self.MEND}, then start again: what was"
                " acknowledged is there"
            )
            raise LogWriteFailed(self.failed) from error

    @abstractmethod
    def _write(self, rows: list[Row]) -> None:
        """Have all of the rows on the disk, or none."""

    def check_writable(self) -> None:
        """Raise `LogWriteFailed` if a write has failed, `LogError` if this is a reader."""
        if self.failed:
            raise LogWriteFailed(self.failed)
        if not self.is_writer:
            raise LogError(f"{self.where} was opened for reading only")

    def check_numbers(self) -> None:
        """Raise `LogCorrupt` if an account's numbers have a gap."""
        for stream, first, last, count in self.rows(_NUMBERS):
            if first != 1 or last != count:
                raise self.broken(
                    f"the account {stream!r} has {count} events numbered from {first} to {last}"
                )

    @abstractmethod
    def rows(self, query: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a query with `?` for its values; `LogCorrupt` or `LogError` if it fails."""

    @abstractmethod
    def broken(self, why: str) -> LogCorrupt:
        """Return the error for a database that is not a whole log."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it. What was appended and not committed is not kept."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
