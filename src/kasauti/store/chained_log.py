"""
The log of one account as a chain of rows, in whichever database it is.

`append` only gathers, in the store; what is read is checked against the chain where that is asked for.
"""

from collections.abc import Iterator
from hashlib import sha256
from struct import error as StructError  # noqa: N812  named like the class it is
from types import TracebackType
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from kasauti.domain.events import Recorded
from kasauti.errors import InvalidInput, LogCorrupt
from kasauti.store.chain import HASH_SIZE, frame, genesis, link
from kasauti.store.codec import CODEC, encode
from kasauti.store.log_store import NO_EVENT

#: A row of the log as it is written: stream, seq, at, cause, tag, version, payload, hash.
Row = tuple[str, int, int, str, str, int, bytes, bytes]

LAST: Final = (
    "SELECT seq, at, cause, tag, version, payload, hash FROM log WHERE stream = ? ORDER BY seq DESC LIMIT 1"
)
_LAST_OF: Final = LAST.replace("stream = ?", "stream = ? AND seq < ? AND tag = ?")
_HASH: Final = "SELECT hash FROM log WHERE stream = ? AND seq = ?"


class RowStore(Protocol):
    """What a log needs of the store it is in."""

    pending: list[Row]
    failed: str

    @property
    def where(self) -> str:
        """The file or database, as a message names it."""

    @property
    def is_writer(self) -> bool:
        """Whether it may write."""

    def check_writable(self) -> None:
        """Raise `LogWriteFailed` if a write has failed, `LogError` if this is a reader."""

    def check_structure(self) -> None:
        """Raise `LogCorrupt` if the store is broken, or an account's numbers have a gap."""

    def commit(self) -> None:
        """Make what is pending durable, or raise `LogWriteFailed`."""

    def rows(self, query: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a query with `?` for its values; `LogCorrupt` or `LogError` if it fails."""

    def records(self, stream: str, from_seq: int, *, hashes: bool) -> Iterator[Any]:
        """Yield seq, at, cause, tag, version, payload and, if asked for, hash of a stream's rows in order."""

    def writer_of(self, stream: str) -> str:
        """Who else writes to a stream now; "" if nobody does."""

    def broken(self, why: str) -> LogCorrupt:
        """Return the error for a store that is not a whole log."""

    def close(self) -> None:
        """Let go of it."""


StoreT = TypeVar("StoreT", bound=RowStore)


class ChainedLog(Generic[StoreT]):
    """
    The log of one account in a `store`; `stream` is its name.

    `seq` is the number of the last event appended and `last_hash` its hash.
    """

    def __init__(self, store: StoreT, stream: str) -> None:
        """Find the end of the stream; raises `LogCorrupt` if its last record is not what was written."""
        self.store = store
        self.stream = stream
        self._stream_bytes = stream.encode()
        self.seq, self.last_hash = 0, genesis(stream)
        for last in store.rows(LAST, stream):
            if not isinstance(last[0], int):
                raise store.broken(f"{last[0]!r} stands where its last event has its number")
            self.seq, self.last_hash = last[0], self._linked(self._hash_before(last[0]), last)

    def append(self, recorded: Recorded) -> None:
        """
        Add one event; durable after the next commit.

        Raises `InvalidInput` if it has a text that no database can hold; then nothing was added.
        """
        store = self.store
        if store.failed:
            store.check_writable()
        seq, at, cause, event = recorded.seq, recorded.at, recorded.cause, recorded.event
        assert seq == self.seq + 1, f"event {seq} does not follow {self.seq}"
        tag, version, stream = event.TAG, event.VERSION, self._stream_bytes
        try:
            payload, why = encode(event), cause.encode()
        except UnicodeEncodeError as error:
            raise InvalidInput(
                f"a text of {tag} is not valid Unicode: {error}; correct it and ask again"
            ) from error
        if 0 in why:  # a byte is looked for many times as fast by its number
            raise InvalidInput(f"the cause of {tag} has a null character in it; take it out and ask again")
        what = tag.encode()
        head = frame(seq, at, version, len(stream), len(why), len(what), len(payload))
        self.last_hash = sha256(b"".join((self.last_hash, head, stream, why, what, payload))).digest()
        self.seq = seq
        store.pending.append((self.stream, seq, at, cause, tag, version, payload, self.last_hash))

    def commit(self) -> None:
        """Make everything appended durable, in all streams of the store, or raise `LogWriteFailed`."""
        self.store.commit()

    def read(self, from_seq: int = 1, *, verify: bool = False) -> Iterator[Recorded]:
        """
        Yield every committed event from number `from_seq` on.

        With `verify` each one is checked against its hash and its place; the first that is wrong raises
        `LogCorrupt`. Reading all of it then also checks the store's structure.
        """
        rows = self._checked(from_seq) if verify else self.store.records(self.stream, from_seq, hashes=False)
        current, decode = CODEC.current, CODEC.decode
        for seq, at, cause, tag, version, payload, _ in rows:
            known = current.get(tag)
            if known is None or known[0] != version:
                event = decode(tag, version, payload, seq)
            else:
                try:
                    event = known[1](payload)
                except ValueError:  # let the codec say what is wrong with it
                    event = decode(tag, version, payload, seq)
            yield Recorded(seq, at, cause, event)

    def verify(self) -> int:
        """Check every record, and return how many there are; `LogCorrupt` names the first that is wrong."""
        count = 0
        for _ in self.read(verify=True):
            count += 1
        return count

    def _checked(self, from_seq: int) -> Iterator[Any]:
        """Yield rows that follow each other, each with the hash it was written with."""
        end = next(self.store.rows(LAST, self.stream), (0,))[0]
        before, expected = self._hash_before(from_seq), from_seq
        for row in self.store.records(self.stream, from_seq, hashes=True):
            if row[0] != expected:
                raise self.store.broken(f"event {expected} is missing, {row[0]} stands in its place")
            before = self._linked(before, row)
            expected += 1
            yield row
        if expected <= end:
            raise self.store.broken(f"event {expected} is missing")
        if from_seq == 1:
            self.store.check_structure()

    def _linked(self, before: bytes, row: Any) -> bytes:  # noqa: ANN401  a broken file gives values of any type
        """Return the hash of a record, which must be the one that was written with it."""
        seq, at, cause, tag, version, payload, written = row
        try:
            computed = link(
                before, self._stream_bytes, seq, at, cause.encode(), tag.encode(), version, payload
            )
        except (AttributeError, TypeError, StructError):
            computed = b""
        if computed != written:
            raise self.store.broken(f"event {seq} ({tag}) is not what was written")
        return computed

    def hash_at(self, seq: int) -> bytes:
        """Return the hash of a committed event, the genesis hash for 0, nothing for one that is not there."""
        if seq == 0:
            return genesis(self.stream)
        found = next(self.store.rows(_HASH, self.stream, seq), None)
        return found[0] if found and isinstance(found[0], bytes) else b""

    def _hash_before(self, seq: int) -> bytes:
        before = self.hash_at(seq - 1)
        if len(before) != HASH_SIZE:
            raise self.store.broken(f"event {seq - 1} is missing")
        return before

    def last(self, tag: str, before: int = NO_EVENT) -> Recorded | None:
        """Return the last committed event with `tag`, of those numbered below `before`."""
        found = next(self.store.rows(_LAST_OF, self.stream, before, tag), None)
        if found is None:
            return None
        seq, at, cause, _, version, payload, _ = found
        return Recorded(seq, at, cause, CODEC.decode(tag, version, payload, seq))

    @property
    def where(self) -> str:
        """The file or database, as a message names it."""
        return self.store.where

    @property
    def is_writer(self) -> bool:
        """Whether it was opened to be written."""
        return self.store.is_writer

    @property
    def other_writer(self) -> str:
        """Who else writes to it now, and since when; "" if nobody does."""
        return self.store.writer_of(self.stream)

    def close(self) -> None:
        """Let go of the store, also for the other accounts in it."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
