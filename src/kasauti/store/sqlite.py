"""
The durable log: append-only rows in SQLite, each chained to the one before by its hash.

WAL with synchronous FULL: a commit that returned is on the disk. Updates and deletes are refused by the
database itself. A row's hash covers the hash before it and everything in the row, each part with its
length, so that no byte can change, move or go unnoticed.
"""

import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from struct import Struct
from types import TracebackType
from typing import Self

from kasauti.domain.events import Event, Recorded
from kasauti.errors import LogCorrupt, LogError, LogTooNew, LogWriteFailed
from kasauti.store.codec import decode, encode
from kasauti.store.lock import WriterLock

#: "KASA" in ASCII: what `PRAGMA application_id` says of our files.
APPLICATION = 0x4B415341
#: The layout of the table below.
FORMAT = 1

_TABLE = """
CREATE TABLE log (
    stream TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, cause TEXT NOT NULL, tag TEXT NOT NULL,
    version INTEGER NOT NULL, payload BLOB NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (stream, seq)
) WITHOUT ROWID;
CREATE TRIGGER log_is_never_updated BEFORE UPDATE ON log
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_is_never_deleted BEFORE DELETE ON log
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
"""
_INSERT = "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_READ = (
    "SELECT seq, at, cause, tag, version, payload, hash FROM log WHERE stream = ? AND seq >= ? ORDER BY seq"
)
_FRAME = Struct(">qqqIII").pack

_Row = tuple[str, int, int, str, str, int, bytes, bytes]


def genesis(stream: str) -> bytes:
    """Return what the first row of a stream is chained to."""
    return sha256(b"kasauti log " + stream.encode()).digest()


def chained(before: bytes, recorded: Recorded, payload: bytes) -> bytes:
    """Return the hash of a row behind the one whose hash is `before`."""
    event = recorded.event
    return _hash(before, recorded.seq, recorded.at, recorded.cause, event.TAG, event.VERSION, payload)


def _hash(before: bytes, seq: int, at: int, cause: str, tag: str, version: int, payload: bytes) -> bytes:
    words, name = cause.encode(), tag.encode()
    frame = _FRAME(seq, at, version, len(words), len(name), len(payload))
    return sha256(b"".join((before, frame, words, name, payload))).digest()


class SqliteLog:
    """
    The log of one account (`stream`) in a file.

    `append` keeps a row until `commit` writes all of them in one transaction. After a write that failed
    nothing is tried again: what the disk then holds is not known, so the log is closed to writing.
    """

    def __init__(
        self, path: Path, stream: str, connection: sqlite3.Connection, lock: WriterLock | None
    ) -> None:
        self.path = path
        self.stream = stream
        self._connection = connection
        self._lock = lock
        self._waiting: list[_Row] = []
        self._failed = ""
        self.seq, self.last_hash = self._tail()

    @classmethod
    def open(cls, path: Path, stream: str, *, create: bool = False, readonly: bool = False) -> Self:
        """
        Open the log of `stream` in the file at `path`.

        Raises `LogError` if there is no such file (and `create` does not ask for one), `LogLocked` if another
        process writes it, `LogCorrupt` if it is not a log, `LogTooNew` if a newer Kasauti made it.
        """
        if not path.exists() and not create:
            raise LogError(f"there is no log at {path}; check the folder")
        lock = None if readonly else WriterLock(path.with_suffix(".lock"))
        try:
            connection = _connect(path, readonly=readonly)
            return cls(path, stream, connection, lock)
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of file and lock; what was not committed is gone."""
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    def append(self, recorded: Recorded) -> None:
        """Add an event; it is durable after the next `commit`."""
        event = recorded.event
        payload = encode(event)
        tag, version = event.TAG, event.VERSION
        mark = _hash(self.last_hash, recorded.seq, recorded.at, recorded.cause, tag, version, payload)
        self._waiting.append(
            (self.stream, recorded.seq, recorded.at, recorded.cause, tag, version, payload, mark)
        )
        self.last_hash, self.seq = mark, recorded.seq

    def commit(self) -> None:
        """Write what waits, durably; raises `LogWriteFailed`, and then for ever."""
        if self._failed:
            raise LogWriteFailed(f"nothing is written to {self.path} any more: {self._failed}")
        if not self._waiting:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(_INSERT, self._waiting)
            self._connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            self._failed = str(error)
            raise LogWriteFailed(
                f"{self.path} could not be written: {error}. The account has stopped; nothing that is not "
                "recorded has left. Make room or mend the disk, then start again."
            ) from error
        self._waiting.clear()

    def read(self, from_seq: int = 1, *, verify: bool = False) -> Iterator[Recorded]:
        """
        Yield the committed events from number `from_seq`.

        With `verify` every hash from the first is computed again. Raises `LogCorrupt` naming the first event
        that is missing or not what was written.
        """
        before, expected = genesis(self.stream), 1 if verify else from_seq
        for seq, at, cause, tag, version, payload, mark in self._rows(expected):
            if seq != expected:
                raise LogCorrupt(f"{self.path}: event {expected} is missing; event {seq} comes instead")
            if verify:
                if _hash(before, seq, at, cause, tag, version, payload) != mark:
                    raise LogCorrupt(f"{self.path}: event {seq} ({tag}) is not what was written")
                before = mark
            expected += 1
            if seq >= from_seq:
                yield Recorded(seq, at, cause, self._event(seq, tag, version, payload))

    def hash_at(self, seq: int) -> bytes:
        """Return the hash of one event; empty if there is none."""
        for _, _, _, _, _, _, mark in self._rows(seq):
            return mark
        return b""

    def _rows(self, from_seq: int) -> Iterator[tuple[int, int, str, str, int, bytes, bytes]]:
        try:
            yield from self._connection.execute(_READ, (self.stream, from_seq))
        except sqlite3.Error as error:
            raise LogCorrupt(
                f"{self.path} cannot be read: {error}; keep the file and use a backup"
            ) from error

    def _event(self, seq: int, tag: str, version: int, payload: bytes) -> Event:
        try:
            return decode(tag, version, payload)
        except (LogCorrupt, LogTooNew) as error:
            raise type(error)(f"{self.path}: event {seq}: {error}") from error

    def _tail(self) -> tuple[int, bytes]:
        query = "SELECT seq, hash FROM log WHERE stream = ? ORDER BY seq DESC LIMIT 1"
        try:
            row = self._connection.execute(query, (self.stream,)).fetchone()
        except sqlite3.Error as error:
            raise LogCorrupt(f"{self.path} is damaged: {error}; keep it and use a backup") from error
        return (row[0], row[1]) if row else (0, genesis(self.stream))


def streams(path: Path) -> list[str]:
    """Return the names of the streams in a log file."""
    connection = _connect(path, readonly=True)
    try:
        return [name for (name,) in connection.execute("SELECT DISTINCT stream FROM log ORDER BY stream")]
    except sqlite3.Error as error:
        raise LogCorrupt(f"{path} cannot be read: {error}; keep the file and use a backup") from error
    finally:
        connection.close()


def _connect(path: Path, *, readonly: bool) -> sqlite3.Connection:
    new = not path.exists()
    mode = "ro" if readonly else "rwc"
    try:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False
        )
        if not readonly:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        if new:
            connection.executescript(
                f"BEGIN; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT};{_TABLE}COMMIT;"
            )
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        layout = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise LogCorrupt(f"{path} is no Kasauti log, or is damaged: {error}; keep it as it is") from error
    except OSError as error:
        raise LogError(f"{path} cannot be opened: {error.strerror}") from error
    if application != APPLICATION:
        connection.close()
        raise LogCorrupt(f"{path} is a database, but not a Kasauti log; choose another --data folder")
    if layout > FORMAT:
        connection.close()
        raise LogTooNew(f"{path} was made by a newer Kasauti (layout {layout}); update Kasauti")
    return connection
