"""What every durable home of logs offers, whichever database it is in."""

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Final, Protocol, Self

from kasauti.domain.events import Recorded

#: A number that no event has, larger than any.
NO_EVENT: Final = 2**63 - 1


class StoredLog(Protocol):
    """
    The log of one account in a `LogStore`; `stream` is its name.

    `seq` is the number of the last event appended and `last_hash` its hash.
    """

    stream: str
    seq: int
    last_hash: bytes

    @property
    def where(self) -> str:
        """The file or database it is in, as a message names it: never with a password."""

    @property
    def is_writer(self) -> bool:
        """Whether it was opened to be written."""

    @property
    def other_writer(self) -> str:
        """Who else writes to it now; "" if nobody does."""

    def append(self, recorded: Recorded) -> None:
        """Add one event; durable after the next commit. Raises `InvalidInput` for a text no log can hold."""

    def commit(self) -> None:
        """Make everything appended durable, in all logs of the store, or raise `LogWriteFailed`."""

    def read(self, from_seq: int = 1, *, verify: bool = False) -> Iterator[Recorded]:
        """
        Yield every committed event from number `from_seq` on.

        With `verify` each is checked against its hash; the first that is wrong raises `LogCorrupt`.
        """

    def verify(self) -> int:
        """Check every record, and return how many there are; `LogCorrupt` names the first that is wrong."""

    def hash_at(self, seq: int) -> bytes:
        """Return the hash of a committed event, the genesis hash for 0, nothing for one that is not there."""

    def last(self, tag: str, before: int = NO_EVENT) -> Recorded | None:
        """Return the last committed event with `tag`, of those numbered below `before`."""

    def close(self) -> None:
        """Let go of the store, also for its other logs."""

    def __enter__(self) -> Self:
        """Return itself, to be closed at the end of a block."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""


class LogStore(Protocol):
    """
    The logs of many accounts, with one commit for all of them.

    `failed` says why nothing more is taken; it is empty while all is well.
    """

    failed: str

    @property
    def pending(self) -> Sequence[Any]:
        """What was appended since the last commit, in order, of all logs."""

    @property
    def where(self) -> str:
        """The file or database it is, as a message names it: never with a password."""

    @property
    def is_writer(self) -> bool:
        """Whether this object may write."""

    def stream(self, name: str) -> StoredLog:
        """
        Return the log of one account, with nothing in it if the store does not know it yet.

        Raises `LogLocked` if this store writes and another process has that account.
        """

    def streams(self) -> list[str]:
        """Return the names of all accounts in it."""

    def commit(self) -> None:
        """Make everything appended to any log durable, or raise `LogWriteFailed`: then it takes no more."""

    def check_writable(self) -> None:
        """Raise `LogWriteFailed` if a write has failed, `LogError` if this is a reader."""

    def check_structure(self) -> None:
        """Raise `LogCorrupt` if the store is broken, or an account's numbers have a gap."""

    def close(self) -> None:
        """Let go of it. What was appended and not committed is not kept."""

    def __enter__(self) -> Self:
        """Return itself, to be closed at the end of a block."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""


class NamesTaken(Protocol):
    """The names that were taken at one moment."""

    def __contains__(self, name: object) -> bool:
        """Whether a name was."""


class SharedStore(LogStore, Protocol):
    """
    A home of logs that several processes write to, each to the accounts it has taken.

    `taken` are this one's. `stream` takes an account.
    """

    taken: set[str]

    def lock(self, name: str, what: str) -> None:
        """Take a name for as long as the store is open; raises `LogLocked`, calling it `what`."""

    def held(self) -> NamesTaken:
        """Return which names are taken at this moment, by whichever process, this one included."""

    def release(self, name: str) -> None:
        """Let another process take an account; its log must not be written to any more."""

    def rows(self, query: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a query with `?` for its values."""
