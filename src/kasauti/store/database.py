"""
The SQLite file of a log: its tables and guards, opening it, and sentences for what can be wrong with it.

WAL with synchronous=FULL: a commit has reached the disk when it returns, readers never wait for the writer.
The database itself refuses to change or remove what was written.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from kasauti.errors import LogCorrupt, LogError, LogTooNew

#: Marks a SQLite file as a log of ours: "KSTI".
_APPLICATION_ID: Final = 0x4B535449
#: Version of the tables and the hash chain; events have their own.
FORMAT: Final = 1

#: Larger pages than SQLite's default: fewer of them for each group of events.
_PAGE_SIZE: Final = 16_384
#: How long to wait for another process that recovers the file after a crash.
_WAIT_S: Final = 5.0

#: Name and definition of everything in the file.
_SCHEMA: Final = {
    "log": """CREATE TABLE log (
    stream TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    cause TEXT NOT NULL,
    tag TEXT NOT NULL,
    version INTEGER NOT NULL,
    payload BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (stream, seq)
) WITHOUT ROWID""",
    "meta": "CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID",
} | {
    f"{table}_{action}": f"""CREATE TRIGGER {table}_{action} BEFORE {action.upper()} ON {table} BEGIN
    SELECT RAISE(ABORT, 'what was written stays as it is');
END"""
    for table in ("log", "meta")
    for action in ("update", "delete")
}

#: What reading a broken file can raise: some of SQLite's own messages quote bytes that are not text.
UNREADABLE: Final = (sqlite3.Error, UnicodeDecodeError)
_BROKEN: Final = {
    sqlite3.SQLITE_ERROR,  # our queries are right, so its tables are not
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_FORMAT,
}


def connect(path: Path, *, readonly: bool, create: bool) -> sqlite3.Connection:
    """
    Open the log in `path`, in autocommit mode; `create` makes its tables if there is nothing in it yet.

    Raises `LogCorrupt` for a file that is not a whole log, `LogTooNew` for one of a newer format, and
    `LogError` if it cannot be opened.
    """
    if size(path) == 0 and size(_wal(path)) > 0:
        raise broken(path, "it is empty, but events for it wait in the file beside it")
    try:
        connection = _opened(path, readonly=readonly)
    except UNREADABLE as error:
        raise explained(error, path) from error
    try:
        if create and not _objects(connection) and not _pragma(connection, "application_id"):
            _make(connection)
        _check(connection, path)
        if not readonly:
            connection.execute("PRAGMA synchronous = FULL")
    except UNREADABLE as error:
        connection.close()
        raise explained(error, path) from error
    except BaseException:
        connection.close()
        raise
    return connection


def size(path: Path) -> int:
    """Return how many bytes are in a file, -1 if it is not there; `LogError` if that is not to be known."""
    try:
        return path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return -1
    except OSError as error:
        raise LogError(
            f"{path} cannot be looked at: {error.strerror}; is the folder yours to read?"
        ) from error


def explained(error: Exception, path: Path) -> LogError:
    """Return what an error of SQLite means for the log in `path`."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    # Bytes that are not text come up as errors without a code of SQLite.
    no_text = not code and isinstance(error, (sqlite3.OperationalError, UnicodeDecodeError))
    if code in _BROKEN or no_text:
        return broken(path, str(error))
    return LogError(f"{path} cannot be opened or read: {error}; check that the file and its folder are yours")


def broken(path: Path, why: str) -> LogCorrupt:
    """Return the error for a file that is not a whole log."""
    return LogCorrupt(f"{path} is not a whole log: {why}; keep the file as it is and go on from a backup")


def _opened(path: Path, *, readonly: bool) -> sqlite3.Connection:
    uri = path.absolute().as_uri()
    if not readonly:
        return _plain(f"{uri}?mode=rw{'c' if size(path) < 0 else ''}")
    connection = _plain(f"{uri}?mode=ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_master").close()
    except sqlite3.OperationalError:
        connection.close()
        # A folder that nobody may write to has no place for SQLite's shared index; without a write-ahead log
        # there is nothing to share.
        if size(_wal(path)) > 0:
            raise
        return _plain(f"{uri}?mode=ro&immutable=1")
    except BaseException:
        connection.close()
        raise
    return connection


def _plain(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, timeout=_WAIT_S, isolation_level=None, uri=True)


def _wal(path: Path) -> Path:
    """Return where SQLite keeps what is committed and not yet in the file."""
    return path.with_name(f"{path.name}-wal")


def _make(connection: sqlite3.Connection) -> None:
    """Make the tables, all in one step: a process killed here leaves an empty file or a whole log."""
    connection.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    for definition in _SCHEMA.values():
        connection.execute(definition)
    connection.execute("INSERT INTO meta VALUES ('format', ?)", (str(FORMAT),))
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute("COMMIT")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse what is not a log of this format, with exactly the tables and guards it was made with."""
    if _pragma(connection, "application_id") != _APPLICATION_ID:
        empty = not _objects(connection)
        raise broken(path, "it is empty" if empty else "it is a SQLite file of another program")
    objects = _objects(connection)
    if "meta" in objects:
        with closing(connection.execute("SELECT value FROM meta WHERE name = 'format'")) as found:
            formats = [str(value) for (value,) in found]
        if formats and formats[0].isdecimal() and int(formats[0]) > FORMAT:
            raise LogTooNew(
                f"{path} has the log format {formats[0]}, this Kasauti reads up to {FORMAT}: update Kasauti"
            )
        if formats != [str(FORMAT)]:
            raise broken(path, "it does not say which format it has")
    if objects != _SCHEMA:
        names = sorted(map(str, objects.keys() | _SCHEMA))
        changed = [name for name in names if objects.get(name) != _SCHEMA.get(name)]
        raise broken(path, f"its tables or guards are not those it was made with ({', '.join(changed)})")


def _objects(connection: sqlite3.Connection) -> dict[str, str]:
    with closing(
        connection.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    ) as found:
        return dict(found)


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    with closing(connection.execute(f"PRAGMA {name}")) as found:
        value: int = found.fetchone()[0]
        return value
