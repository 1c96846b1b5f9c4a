"""
The durable log in PostgreSQL: rows and chain are those of a SQLite file, and one commit is for all streams.

A group is one statement, so it is there as a whole or not at all. One process writes, or several that share
the accounts among them: then each account has one writer. Both are locks of the session that writes.
"""

from collections.abc import Iterator
from typing import Any, Final, Self

import psycopg

from kasauti.errors import (
    LogCorrupt,
    LogError,
    LogLocked,
    LogTooNew,
    StorageError,
)
from kasauti.store import postgres_session as session
from kasauti.store.chained_log import ChainedLog, Row
from kasauti.store.migrations import VERSIONS
from kasauti.store.opening import shown
from kasauti.store.row_home import RowHome

#: Rows that are read at once; a page is whole groups as of one moment, or goes on in the next.
_PAGE: Final = 5_000

_COPY: Final = "COPY log (stream, seq, at, cause, tag, version, payload, hash) FROM STDIN (FORMAT BINARY)"
_TYPES: Final = ("text", "int8", "int8", "text", "text", "int4", "bytea", "bytea")
_RECORDS: Final = (
    "SELECT seq, at, cause, tag, version, payload, hash FROM log WHERE stream = %s AND seq >= %s"
    " ORDER BY seq LIMIT %s"
)
_EVENTS: Final = _RECORDS.replace("hash", "NULL")
# PostgreSQL does not skip from one value of an index to the next by itself.
_STREAMS: Final = """WITH RECURSIVE found AS (
    (SELECT stream FROM log ORDER BY stream LIMIT 1)
    UNION ALL
    SELECT (SELECT stream FROM log WHERE stream > found.stream ORDER BY stream LIMIT 1)
    FROM found WHERE found.stream IS NOT NULL
) SELECT stream FROM found WHERE stream IS NOT NULL"""
_GUARDS: Final = (
    "SELECT tgname FROM pg_trigger WHERE tgrelid = 'log'::regclass AND tgenabled = 'A' ORDER BY tgname"
)
_ALL_GUARDS: Final = ["log_delete", "log_truncate", "log_update"]

_DATABASE_LOCK: Final = session.lock_key("the database")


class PostgresStore(RowHome):
    """The logs in one database."""

    WRITE_ERRORS = (psycopg.Error, OSError)
    MEND = "see to the database"

    def __init__(self, url: str, connection: psycopg.Connection[Any], *, writes: bool) -> None:
        super().__init__()
        self._where = shown(url)
        self._connection = connection
        self._writes = writes
        #: The accounts that this store may write to.
        self.taken: set[str] = set()

    @classmethod
    def open(cls, url: str, *, create: bool = False, readonly: bool = False, shared: bool = False) -> Self:
        """
        Open the database, as its only writer unless `readonly`.

        `create` makes its tables if they are missing. With `shared` other processes may write to it that say
        so too, each to its own accounts. Raises `LogLocked` if somebody else writes to it, `LogCorrupt` or
        `LogTooNew` if it is not a log that can be read, and `LogError` if it cannot be reached or has no log.
        """
        connection = session.connect(url)
        try:
            if not readonly:
                _take_database(connection, shown(url), shared=shared)
            _prepare(connection, url, create=create and not readonly)
        except psycopg.Error as error:
            session.close(connection)
            raise _explained(error, shown(url)) from error
        except BaseException:
            session.close(connection)
            raise
        return cls(url, connection, writes=not readonly)

    def stream(self, name: str) -> "ChainedLog[PostgresStore]":
        """
        Return the log of one account, with nothing in it if the database does not know it yet.

        Raises `LogLocked` if this store writes and another process has that account.
        """
        if self._writes and name not in self.taken:
            self.lock(name, f"the account {name!r}")
            self.taken.add(name)
        return ChainedLog(self, name)

    def release(self, name: str) -> None:
        """Let another process take an account; its log must not be written to any more."""
        assert not any(row[0] == name for row in self.pending), "what was appended has to be committed first"
        self.taken.discard(name)
        session.let_go(self._connection, session.lock_key(name))

    def streams(self) -> list[str]:
        """Return the names of all accounts in the database."""
        return [name for (name,) in self.rows(_STREAMS)]

    def lock(self, name: str, what: str) -> None:
        """Take a name for as long as the store is open; raises `LogLocked`, calling it `what`."""
        key = session.lock_key(name)
        if not session.take_lock(self._connection, key):
            who = session.holder(self._connection, key) or "another process"
            raise LogLocked(f"{what} in {self.where} is in use by {who}; stop that process first")

    def held(self) -> session.Held:
        """Return which names are taken at this moment, by whichever process, this one included."""
        try:
            return session.held(self._connection)
        except psycopg.Error as error:
            raise _explained(error, self.where) from error

    def free(self) -> list[str]:
        """Return the accounts that no process has."""
        held = self.held()
        return [name for name in self.streams() if name not in held]

    def _write(self, rows: list[Row]) -> None:
        # One statement in autocommit mode is a transaction of its own, and COPY the cheapest one at any size.
        with self._connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for row in rows:
                copy.write_row(row)

    def check_structure(self) -> None:
        """Raise `LogCorrupt` if the guards are not in force, or an account's numbers have a gap."""
        _check_guards(self._connection, self.where)
        self.check_numbers()

    @property
    def where(self) -> str:
        """The database, as a message names it."""
        return self._where

    @property
    def is_writer(self) -> bool:
        """Whether this object may write."""
        return self._writes

    def writer_of(self, stream: str) -> str:
        """Who else has a stream now, and since when; "" if nobody does."""
        if stream in self.taken:
            return ""
        try:
            return session.holder(self._connection, session.lock_key(stream))
        except psycopg.Error as error:
            raise _explained(error, self.where) from error

    def rows(self, query: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a query with `?` for its values; `LogCorrupt` or `LogError` if it fails."""
        try:
            with self._connection.cursor(binary=True) as cursor:
                yield from cursor.execute(query.replace("?", "%s"), values).fetchall()
        except psycopg.Error as error:
            raise _explained(error, self.where) from error

    def records(self, stream: str, from_seq: int, *, hashes: bool) -> Iterator[Any]:
        """Yield the rows of a stream from a number on, with their hashes or None."""
        query = _RECORDS if hashes else _EVENTS
        while True:
            page = list(self.rows(query, stream, from_seq, _PAGE))
            yield from page
            if len(page) < _PAGE:
                return
            from_seq = page[-1][0] + 1

    def broken(self, why: str) -> LogCorrupt:
        """Return the error for a database that is not a whole log."""
        return _broken(self.where, why)

    def close(self) -> None:
        """Let go of the database. What was appended and not committed is not kept."""
        session.close(self._connection)


def _take_database(connection: psycopg.Connection[Any], where: str, *, shared: bool) -> None:
    if not session.take_lock(connection, _DATABASE_LOCK, shared=shared):
        who = session.holder(connection, _DATABASE_LOCK) or "another process"
        raise LogLocked(f"{where} is in use by {who}; stop that process, or choose another database")


def _prepare(connection: psycopg.Connection[Any], url: str, *, create: bool) -> None:
    """Make the tables, or see that they are those of this Kasauti with their guards in force."""
    where, version = shown(url), _version(connection)
    if create and (not version or version in VERSIONS[:-1]):
        _make_tables(url)
    elif not version:
        raise LogError(f"there is no log in {where}; make one with: kasauti db init --url URL")
    elif version != VERSIONS[-1]:
        raise LogTooNew(
            f"{where} has tables of version {version}, this Kasauti's are {VERSIONS[-1]}: update Kasauti,"
            " or, if they are older, bring them up to date with: kasauti db init --url URL"
        )
    _check_guards(connection, where)


def _version(connection: psycopg.Connection[Any]) -> str:
    found = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if not found or found[0] is None:
        return ""
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def _make_tables(url: str) -> None:
    # Imported only where there is something to make: it takes as long as the rest of a start.
    from kasauti.store.sql import SqlDatabase  # noqa: PLC0415

    try:
        SqlDatabase.open(url).close()
    except StorageError as error:
        raise LogError(str(error)) from error


def _check_guards(connection: psycopg.Connection[Any], where: str) -> None:
    found = [name for (name,) in connection.execute(_GUARDS)]
    if found != _ALL_GUARDS:
        missing = sorted(set(_ALL_GUARDS) ^ set(found))
        raise _broken(where, f"its guards are not those it was made with ({', '.join(missing)})")


def _explained(error: psycopg.Error, where: str) -> LogError:
    """Return what an error of PostgreSQL means for the log."""
    if isinstance(
        error, psycopg.errors.DataCorrupted | psycopg.errors.IndexCorrupted | psycopg.errors.UndefinedTable
    ):
        return _broken(where, str(error).strip())
    return LogError(f"{where} cannot be read: {str(error).strip()}; see that PostgreSQL runs and lets you in")


def _broken(where: str, why: str) -> LogCorrupt:
    return LogCorrupt(
        f"{where} is not a whole log: {why}; keep the database as it is and go on from a backup"
    )
