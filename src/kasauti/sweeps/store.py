"""
What has been computed, kept as it comes: kill a sweep, start it again, and nothing is computed twice.

One SQLite file. A result's key is a hash of everything it depends on; other code, data or settings give other
keys, so an old result is never taken for a new one, and stays for when its settings come back. A commit
outlives the process, however that ends.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec
import numpy as np

from kasauti.errors import LogError
from kasauti.store.files import make_folder
from kasauti.store.lock import WriterLock
from kasauti.sweeps.columns import Span
from kasauti.sweeps.outcome import Outcome
from kasauti.sweeps.space import Combination, Value, shown

#: The store in a sweep's folder.
FILE: Final = "sweep.db"

_APPLICATION_ID: Final = 0x4B535745  # "KSWE"
_FORMAT: Final = 1
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS contexts (context TEXT PRIMARY KEY NOT NULL, parts TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS results (
    key TEXT PRIMARY KEY NOT NULL,
    context TEXT NOT NULL,
    span TEXT NOT NULL,
    parameters TEXT NOT NULL,
    error TEXT NOT NULL,
    refused INTEGER NOT NULL,
    capital INTEGER NOT NULL,
    figures TEXT NOT NULL,
    days BLOB NOT NULL,
    equity BLOB NOT NULL,
    seconds REAL NOT NULL
) WITHOUT ROWID;
"""


class Context(msgspec.Struct, frozen=True):
    """
    Everything that results rest on besides the combination and the span, part by part.

    The parts are what a person is told when one of them has changed: strategy, data, settings, version.
    """

    parts: dict[str, str]

    @property
    def hash(self) -> str:
        """What stands for all parts together."""
        return _hashed(self.parts)

    def key(self, combination: Combination, span: Span) -> str:
        """Return the key of one result."""
        values = {name: _typed(value) for name, value in sorted(combination.items())}
        return _hashed({"context": self.hash, "span": str(span), **values})


class Done(msgspec.Struct, frozen=True):
    """A result to be kept, and how long it took."""

    key: str
    combination: Combination
    span: Span
    outcome: Outcome
    seconds: float


class ResultStore:
    """The results of one folder; one process at a time."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder, "--out", LogError)
        self.path = folder / FILE
        self._lock = WriterLock(self.path)
        try:
            self._database = _opened(self.path)
        except sqlite3.Error as error:
            self._lock.release()
            raise LogError(
                f"{self.path} cannot be used for results: {error}; choose another --out, or remove it"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._lock.release()

    def others(self, context: Context) -> list[str]:
        """
        Return which parts differ from the results that are here, if none of them has the same context.

        Empty where the store is empty, or has results of this very context.
        """
        known = dict(self._database.execute("SELECT context, parts FROM contexts"))
        if not known or context.hash in known:
            return []
        kept = [msgspec.json.decode(parts, type=dict[str, str]) for parts in known.values()]
        closest = min((_differences(each, context.parts) for each in kept), key=len)
        return closest or ["settings"]

    def known(self, context: Context) -> dict[str, Outcome]:
        """Return every result of this context by its key."""
        self._database.execute(
            "INSERT OR IGNORE INTO contexts VALUES (?, ?)",
            (context.hash, msgspec.json.encode(context.parts).decode()),
        )
        rows = self._database.execute(
            "SELECT key, error, refused, capital, figures, days, equity FROM results WHERE context = ?",
            (context.hash,),
        )
        return {row[0]: _outcome(*row[1:]) for row in rows}

    def keep(self, context: Context, done: Iterable[Done]) -> None:
        """Keep results, all in one commit."""
        rows = [_row(context, each) for each in done]
        self._database.execute("BEGIN IMMEDIATE")
        try:
            self._database.executemany(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise LogError(
                f"{self.path} does not take a result: {error}; make room on the disk, then start again:"
                " what was computed before is in it"
            ) from error


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    try:
        _prepare(database)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _prepare(database: sqlite3.Connection) -> None:
    """Make the tables of a new file; raise `sqlite3.Error` for one that is not ours to write in."""
    found = database.execute("PRAGMA application_id").fetchone()[0]
    tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and found != _APPLICATION_ID:
        raise sqlite3.DatabaseError("it is a database of something else")
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version > _FORMAT:
        raise sqlite3.DatabaseError("a newer version of Kasauti wrote it")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.executescript(_TABLES)
    database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    database.execute(f"PRAGMA user_version = {_FORMAT}")


def _row(context: Context, done: Done) -> tuple[object, ...]:
    outcome = done.outcome
    return (
        done.key,
        context.hash,
        str(done.span),
        msgspec.json.encode({name: shown(value) for name, value in done.combination.items()}).decode(),
        outcome.error,
        outcome.refused,
        outcome.capital,
        msgspec.json.encode(outcome.figures).decode(),
        np.array([date.fromisoformat(day).toordinal() for day in outcome.days], "<i4").tobytes(),
        np.array(outcome.equity, "<i8").tobytes(),
        done.seconds,
    )


def _outcome(error: str, refused: int, capital: int, figures: str, days: bytes, equity: bytes) -> Outcome:
    return Outcome(
        figures=msgspec.json.decode(figures, type=dict[str, float | None]),
        days=tuple(date.fromordinal(day).isoformat() for day in np.frombuffer(days, "<i4").tolist()),
        equity=tuple(np.frombuffer(equity, "<i8").tolist()),
        capital=capital,
        error=error,
        refused=bool(refused),
    )


def _typed(value: Value) -> str:
    """Return a value with its kind: 1, 1.0 and "1" are not the same parameter."""
    return f"{type(value).__name__}:{shown(value)}"


def _hashed(parts: Mapping[str, str]) -> str:
    return hashlib.blake2b(msgspec.json.encode(parts, order="sorted"), digest_size=16).hexdigest()


def _differences(kept: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    return [name for name in wanted if kept.get(name) != wanted[name]]
