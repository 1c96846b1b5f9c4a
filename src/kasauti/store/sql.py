"""
The database of a desk's registry: one pool of connections, short transactions, tables brought up to date.

On SQLite a commit has reached the disk when it returns, foreign keys hold, and the file is its owner's alone.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DataError, SQLAlchemyError

from kasauti.errors import InvalidInput, StorageError
from kasauti.store.migrations.upgrading import bring_up_to_date
from kasauti.store.opening import path_of, shown

#: How long to wait for another process that writes.
_WAIT_S: Final = 5.0
_POOL: Final = 5

#: Marks a transaction that only reads.
_READS: Final = "kasauti_reads"


class SqlDatabase:
    """Transactions on one database; `where` names it in messages, without a password."""

    def __init__(self, engine: sa.Engine, where: str) -> None:
        """Make missing tables and bring older ones up to date; raises `StorageError` if that cannot be."""
        self.engine = engine
        self.where = where
        self._reader = engine.execution_options(**{_READS: True})
        with self.write() as connection:
            bring_up_to_date(connection, where)

    @classmethod
    def open(cls, url_or_path: str | Path) -> Self:
        """
        Open the database that a path or URL names; see `opening.path_of`. A file is made if it is missing.

        Raises `ConfigError` for a URL of something else, and `StorageError` if it cannot be opened.
        """
        path = path_of(url_or_path)
        if path is None:
            return cls(_postgres(str(url_or_path)), shown(str(url_or_path)))
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StorageError(
                f"{path} cannot be opened: {error.strerror}; name a folder that is yours to write to"
            ) from error
        return cls(_sqlite(path), str(path))

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Do what the block does in one transaction, durable when it ends; `StorageError` if it cannot be."""
        with self._explained(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Read in one transaction, also while another process writes; `StorageError` if it cannot be."""
        with self._explained(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (DataError, UnicodeEncodeError, OverflowError) as error:
            raise InvalidInput(
                f"no database can hold a value that was asked for: {_cause(error)}; correct it and ask again"
            ) from error
        except SQLAlchemyError as error:
            raise StorageError(
                f"{self.where} did not do what was asked: {_cause(error)}; nothing of it was kept. See"
                " that the database is there, has room and is yours, then ask again"
            ) from error

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def _cause(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())


def _sqlite(path: Path) -> sa.Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)), pool_size=_POOL, connect_args={"timeout": _WAIT_S}
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, record: object) -> None:  # noqa: ANN401  SQLAlchemy types it so
    # Transactions are begun by `_begin`: Python's own would begin them later than they are asked for.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    # A transaction that will write takes the right to do so at once: one that reads first may have to give
    # up.
    reads = connection.get_execution_options().get(_READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _postgres(url: str) -> sa.Engine:
    address = sa.make_url(url).set(drivername="postgresql+psycopg")
    try:
        return sa.create_engine(address, pool_size=_POOL, pool_pre_ping=True)
    except ImportError as error:
        raise StorageError(
            f"{shown(url)} needs the driver of PostgreSQL; install it with: pip install 'kasauti[postgres]'"
        ) from error
