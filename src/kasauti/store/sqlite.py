"""
The durable log: one SQLite file, one stream for each account, one commit for all of them.

`append` only gathers. `commit` writes what was gathered in one transaction and returns when the disk has it,
or raises `LogWriteFailed`; after that the object takes nothing more, because what a disk did with a write
that failed is not known. The truth is then what the file holds when it is opened again.
"""

import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from struct import error as StructError  # noqa: N812  named like the class it is
from types import TracebackType
from typing import Any, Self

from kasauti.domain.events import Recorded
from kasauti.errors import InvalidInput, LogError, LogWriteFailed
from kasauti.store import database
from kasauti.store.chain import HASH_SIZE, frame, genesis, link
from kasauti.store.codec import CODEC, encode
from kasauti.store.lock import WriterLock, holder
from kasauti.store.log_store import NO_EVENT

_INSERT = (
    "INSERT INTO log (stream, seq, at, cause, tag, version, payload, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_RECORDS = (
    "SELECT seq, at, cause, tag, version, payload, hash FROM log WHERE stream = ? AND seq >= ? ORDER BY seq"
)
_EVENTS = _RECORDS.replace("hash", "NULL")
_LAST = (
    "SELECT seq, at, cause, tag, version, payload, hash FROM log WHERE stream = ? ORDER BY seq DESC LIMIT 1"
)
_LAST_OF = _LAST.replace("stream = ?", "stream = ? AND seq < ? AND tag = ?")
_HASH = "SELECT hash FROM log WHERE stream = ? AND seq = ?"
_NUMBERS = "SELECT stream, min(seq), max(seq), count(*) FROM log GROUP BY stream"
_STREAMS = "SELECT DISTINCT stream FROM log ORDER BY stream"

_Row = tuple[str, int, int, str, str, int, bytes, bytes]


class SqliteStore:
    """A file with the logs of one or more accounts; `path` is where it is."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: WriterLock | None) -> None:
        self.path = path
        #: What was appended since the last commit, in order, of all streams.
        self.pending: list[_Row] = []
        #: Why nothing more is taken; empty while all is well.
        self.failed = ""
        self._connection = connection
        self._lock = lock

    @classmethod
    def open(cls, path: Path, *, create: bool = False, readonly: bool = False) -> Self:
        """
        Open the file, as its only writer unless `readonly`; `create` makes it if it is missing.

        Raises `LogLocked` if another process writes to it, `LogCorrupt` or `LogTooNew` if it is not a log
        that can be read, and `LogError` if it is missing or may not be opened.
        """
        if not create and database.size(path) < 0:
            raise LogError(f"there is no log in {path}; a session makes one, or name another data folder")
        if readonly:
            return cls(path, database.connect(path, readonly=True, create=False), None)
        lock = WriterLock(path)
        try:
            return cls(path, database.connect(path, readonly=False, create=create), lock)
        except BaseException:
            lock.release()
            raise

    def stream(self, name: str) -> "SqliteLog":
        """Return the log of one account, with nothing in it if the file does not know it yet."""
        return SqliteLog(self, name)

    def streams(self) -> list[str]:
        """Return the names of all accounts in the file."""
        return [name for (name,) in self.rows(_STREAMS)]

    def commit(self) -> None:
        """Make everything appended to any stream durable, or raise `LogWriteFailed`."""
        self.check_writable()
        if not self.pending:
            return
        rows, self.pending = self.pending, []
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_INSERT, rows)
            connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            self.failed = (
                f"{self.path} did not take {len(rows)} events up to number {rows[-1][1]}: {error}. The"
                " account stops; make room or mend the disk, then start again: what was acknowledged is there"
            )
            raise LogWriteFailed(self.failed) from error

    def check_writable(self) -> None:
        """Raise `LogWriteFailed` if a write has failed, `LogError` if this is a reader."""
        if self.failed:
            raise LogWriteFailed(self.failed)
        if not self.is_writer:
            raise LogError(f"{self.path} was opened for reading only")

    def check_structure(self) -> None:
        """Raise `LogCorrupt` if the file's structure is broken, or an account's numbers have a gap."""
        problem = next(self.rows("PRAGMA quick_check(1)"))[0]
        if problem != "ok":
            raise database.broken(self.path, problem)
        for stream, first, last, count in self.rows(_NUMBERS):
            if first != 1 or last != count:
                what = f"the account {stream!r} has {count} events numbered from {first} to {last}"
                raise database.broken(self.path, what)

    @property
    def is_writer(self) -> bool:
        """Whether this object may write."""
        return self._lock is not None

    @property
    def where(self) -> str:
        """The file, as a message names it."""
        return str(self.path)

    def rows(self, query: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a query; `LogCorrupt` or `LogError` if the file does not give them."""
        try:
            yield from self._connection.execute(query, values)
        except database.UNREADABLE as error:
            raise database.explained(error, self.path) from error

    def close(self) -> None:
        """Let go of the file. What was appended and not committed is not kept."""
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class SqliteLog:
    """
    The log of one account in a `store`; `stream` is its name.

    `seq` is the number of the last event appended and `last_hash` its hash.
    """

    def __init__(self, store: SqliteStore, stream: str) -> None:
        """Find the end of the stream; raises `LogCorrupt` if its last record is not what was written."""
        self.store = store
        self.path = store.path
        self.stream = stream
        self._stream_bytes = stream.encode()
        self.seq, self.last_hash = 0, genesis(stream)
        for last in store.rows(_LAST, stream):
            if not isinstance(last[0], int):
                raise database.broken(store.path, f"{last[0]!r} stands where its last event has its number")
            self.seq, self.last_hash = last[0], self._linked(self._hash_before(last[0]), last)

    @classmethod
    def open(cls, path: Path, stream: str, *, create: bool = False, readonly: bool = False) -> Self:
        """
        Open the log of the account `stream` in the file `path`; see `SqliteStore.open`.

        A file that has other accounts only is an error unless `create`.
        """
        store = SqliteStore.open(path, create=create, readonly=readonly)
        try:
            log = cls(store, stream)
            if not log.seq and not create:
                _must_be_empty(store, stream)
        except BaseException:
            store.close()
            raise
        return log

    def append(self, recorded: Recorded) -> None:
        """
        Add one event; durable after the next commit.

        Raises `InvalidInput` if it has a text that is not valid Unicode; then nothing was added.
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
        what = tag.encode()
        head = frame(seq, at, version, len(stream), len(why), len(what), len(payload))
        self.last_hash = sha256(b"".join((self.last_hash, head, stream, why, what, payload))).digest()
        self.seq = seq
        store.pending.append((self.stream, seq, at, cause, tag, version, payload, self.last_hash))

    def commit(self) -> None:
        """Make everything appended durable, in all streams of the file, or raise `LogWriteFailed`."""
        self.store.commit()

    def read(self, from_seq: int = 1, *, verify: bool = False) -> Iterator[Recorded]:
        """
        Yield every committed event from number `from_seq` on.

        With `verify` each one is checked against its hash and its place; the first that is wrong raises
        `LogCorrupt`. Reading all of it then also checks the file's structure.
        """
        rows = self._checked(from_seq) if verify else self.store.rows(_EVENTS, self.stream, from_seq)
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
        end = next(self.store.rows(_LAST, self.stream), (0,))[0]
        before, expected = self._hash_before(from_seq), from_seq
        for row in self.store.rows(_RECORDS, self.stream, from_seq):
            if row[0] != expected:
                raise database.broken(self.path, f"event {expected} is missing, {row[0]} stands in its place")
            before = self._linked(before, row)
            expected += 1
            yield row
        if expected <= end:
            raise database.broken(self.path, f"event {expected} is missing")
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
            raise database.broken(self.path, f"event {seq} ({tag}) is not what was written")
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
            raise database.broken(self.path, f"event {seq - 1} is missing")
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
        """The file, as a message names it."""
        return str(self.path)

    @property
    def is_writer(self) -> bool:
        """Whether the file was opened to be written."""
        return self.store.is_writer

    @property
    def other_writer(self) -> str:
        """Who else writes to the file now, and since when; "" if nobody does."""
        return "" if self.store.is_writer else holder(self.path)

    def close(self) -> None:
        """Let go of the file, also for the other accounts in it."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def streams(path: Path) -> list[str]:
    """Return the names of the accounts in a log file; see `SqliteStore.open` for errors."""
    with SqliteStore.open(path, readonly=True) as store:
        return store.streams()


def _must_be_empty(store: SqliteStore, stream: str) -> None:
    names = store.streams()
    if names:
        raise LogError(f"{store.path} has no account {stream!r}; it has {', '.join(names)}")
