"""
A home of accounts as a whole: the logs, the registry, and the tables that follow from the logs.

A copy of one is a home too: a folder with a `log.db` and a `desk.db`, whatever it was copied from.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from kasauti.domain.state import State
from kasauti.errors import LogCorrupt, LogError, NumberTooLarge, StorageError
from kasauti.store.chained_log import Row, RowStore
from kasauti.store.log_store import LogStore, StoredLog
from kasauti.store.opening import open_store, path_of, shown
from kasauti.store.reading import tables as reading
from kasauti.store.reading.reading import Reading
from kasauti.store.registry.audit import Audit
from kasauti.store.registry.registry import DATABASE
from kasauti.store.sql import SqlDatabase
from kasauti.store.tables import METADATA

#: The file of the logs in a folder.
LOGS: Final = "log.db"
#: Rows that are copied in one transaction.
_GROUP: Final = 2_000


class Checked(msgspec.Struct, frozen=True):
    """A log that is whole: how many events it has, its last hash in hex, and when the last happened."""

    stream: str
    events: int
    last_hash: str
    until: int


class Home:
    """Where a desk keeps its accounts: its `folder`, or the database that `url` names."""

    def __init__(self, folder: Path, url: str = "") -> None:
        path = path_of(url) if url else folder / LOGS
        self._logs: str | Path = url if path is None else path
        self._registry: str | Path = url if path is None else path.with_name(DATABASE)
        self._files = [] if path is None else [path, path.with_name(DATABASE)]
        #: As a message names it.
        self.where = shown(url) if path is None else str(path.parent)

    @contextmanager
    def logs(self, *, readonly: bool = True) -> Iterator[LogStore]:
        """Open the logs; what may be written is made if it is missing."""
        with open_store(self._logs, create=not readonly, readonly=readonly) as store:
            yield store

    @contextmanager
    def registry(self) -> Iterator[SqlDatabase]:
        """Open the database of the registry, made if it is missing."""
        database = SqlDatabase.open(self._registry)
        try:
            yield database
        finally:
            database.close()

    @property
    def has_registry(self) -> bool:
        """Whether there is a registry; a database always has one."""
        return not self._files or self._files[1].exists()

    def check(self) -> Iterator[Checked]:
        """Check every log, event by event, then the audit trail; raises `LogCorrupt` or `StorageError`."""
        with self.logs() as store:
            for name in store.streams():
                yield check_log(store.stream(name))
            store.check_structure()
        if self.has_registry:
            with self.registry() as database:
                Audit(database).verify()

    def rebuild(self) -> int:
        """Make the tables for reading anew from the logs; return how many events there are."""
        with self.logs() as store, self.registry() as database:
            return Reading(database).rebuild(store)

    def copy_to(self, other: "Home") -> list[Checked]:
        """
        Copy everything to a home that has nothing yet, also while this one is in use; return what is there.

        Each log is copied as it was at one moment, and checked where it came to. Raises `LogError` or
        `StorageError` if there is something already: nothing is ever written over.
        """
        with ExitStack() as opened:
            source = opened.enter_context(self.logs())
            other.refuse_if_used()
            target = opened.enter_context(other.logs(readonly=False))
            _refuse_if(bool(target.streams()), other.where)
            _copy_logs(source, target)
            checked = [check_log(target.stream(name)) for name in target.streams()]
        if self.has_registry:
            with self.registry() as ours, other.registry() as theirs:
                _copy_registry(ours, theirs, other.where)
            # A log that no table can hold is copied all the same.
            with suppress(NumberTooLarge):
                other.rebuild()
            # Whoever only reads leaves SQLite's own files behind; who writes takes them in.
            with other.logs(readonly=False):
                pass
        return checked

    def refuse_if_used(self) -> None:
        """Raise `LogError` if there are files in its place."""
        for path in self._files:
            _refuse_if(path.exists(), str(path))


def check_log(log: StoredLog) -> Checked:
    """Check a log: every hash, every number, every fold, and the books after each event; `LogCorrupt`."""
    state = State()
    for recorded in log.read(verify=True):
        state.apply(recorded)
        if state.ledger.trial_balance:
            raise LogCorrupt(
                f"event {recorded.seq} of {log.stream!r} leaves the books out by {state.ledger.trial_balance}"
            )
        state.commands.clear()
    return Checked(log.stream, state.seq, log.hash_at(state.seq).hex(), state.at)


def _refuse_if(used: bool, where: str) -> None:  # noqa: FBT001  the only thing it is asked
    if used:
        raise LogError(f"{where} has accounts already: nothing is written over; name an empty place")


def _copy_logs(source: LogStore, target: LogStore) -> None:
    """Copy rows as they are, hashes included."""
    rows_of, rows_to = _rows(source), _rows(target)
    for name in source.streams():
        target.stream(name)
        rows: list[Row] = []
        for record in rows_of.records(name, 1, hashes=True):
            rows.append((name, *record))
            if len(rows) == _GROUP:
                rows_to.pending.extend(rows)
                target.commit()
                rows.clear()
        rows_to.pending.extend(rows)
        target.commit()


def _rows(store: LogStore) -> RowStore:
    rows: Any = store  # both homes keep their logs as rows
    return rows  # type: ignore[no-any-return]


def _copy_registry(ours: SqlDatabase, theirs: SqlDatabase, where: str) -> None:
    """Copy every table that is not made from the logs, as they all are at one moment."""
    kept = [table for table in METADATA.sorted_tables if table not in reading.ALL]
    with ours.read() as source, theirs.write() as target:
        for table in kept:
            if target.execute(sa.select(sa.func.count()).select_from(table)).scalar():
                raise StorageError(
                    f"{where} has a registry already: nothing is written over; name an empty place"
                )
            for part in source.execute(_in_order(table)).mappings().partitions(_GROUP):
                target.execute(table.insert(), [dict(row) for row in part])
            if target.dialect.name == "postgresql" and table.c.get("id") is not None:
                _count_on(target, table)


def _in_order(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table).order_by(*table.primary_key) if len(table.primary_key) else sa.select(table)


def _count_on(target: sa.Connection, table: sa.Table) -> None:
    """Have the database number new rows behind those that were copied."""
    sequence = target.execute(sa.select(sa.func.pg_get_serial_sequence(table.name, "id"))).scalar()
    last = target.execute(sa.select(sa.func.max(table.c.id))).scalar()
    if sequence and last:
        target.execute(sa.select(sa.func.setval(sequence, last)))
