"""
The durable log: one SQLite file, one stream for each account, one commit for all of them.

`append` only gathers. `commit` writes what was gathered in one transaction and returns when the disk has it,
or raises `LogWriteFailed`; after that the object takes nothing more, because what a disk did with a write
that failed is not known. The truth is then what the file holds when it is opened again.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from kasauti.errors import LogCorrupt, LogError
from kasauti.store import database
from kasauti.store.chained_log import ChainedLog, Row
from kasauti.store.lock import WriterLock, holder
from kasauti.store.row_home import RowHome

_INSERT = (
    "INSERT INTO log (stream, seq, at, cause, tag, version, payload, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_RECORDS = (
    "SELECT seq, at, cause, tag, version, payload, hash FROM log WHERE stream = ? AND seq >= ? ORDER BY seq"
)
_EVENTS = _RECORDS.replace("hash", "NULL")
_STREAMS = "SELECT DISTINCT stream FROM log ORDER BY stream"


class SqliteStore(RowHome):
    """A file with the logs of one or more accounts; `path` is where it is."""

    WRITE_ERRORS = (sqlite3.Error, OSError)
    MEND = "make room or mend the disk"

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: WriterLock | None) -> None:
        super().__init__()
        self.path = path
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

    def _write(self, rows: list[Row]) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_INSERT, map(_bound, rows))
        connection.execute("COMMIT")

    def check_structure(self) -> None:
        """Raise `LogCorrupt` if the file's structure is broken, or an account's numbers have a gap."""
        problem = next(self.rows("PRAGMA quick_check(1)"))[0]
        if problem != "ok":
            raise database.broken(self.path, problem)
        self.check_numbers()

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

    def records(self, stream: str, from_seq: int, *, hashes: bool) -> Iterator[Any]:
        """Yield the rows of a stream from a number on, with their hashes or None."""
        return self.rows(_RECORDS if hashes else _EVENTS, stream, from_seq)

    def writer_of(self, stream: str) -> str:
        """Who else writes to the file now, and since when; "" if nobody does."""
        return "" if self.is_writer else holder(self.path)

    def broken(self, why: str) -> LogCorrupt:
        """Return the error for a file that is not a whole log."""
        return database.broken(self.path, why)

    def close(self) -> None:
        """Let go of the file. What was appended and not committed is not kept."""
        self._connection.close()
        if self._lock is not None:
            self._lock.release()


class SqliteLog(ChainedLog[SqliteStore]):
    """The log of one account in a file."""

    @property
    def path(self) -> Path:
        """The file."""
        return self.store.path

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


def streams(path: Path) -> list[str]:
    """Return the names of the accounts in a log file; see `SqliteStore.open` for errors."""
    with SqliteStore.open(path, readonly=True) as store:
        return store.streams()


def _bound(row: Row) -> tuple[object, ...]:
    """Return a row as it is handed to SQLite, whose module asks of `bytes` whether they can be adapted."""
    stream, seq, at, cause, tag, version, payload, hashed = row
    return stream, seq, at, cause, tag, version, bytearray(payload), bytearray(hashed)


def _must_be_empty(store: SqliteStore, stream: str) -> None:
    names = store.streams()
    if names:
        raise LogError(f"{store.path} has no account {stream!r}; it has {', '.join(names)}")
