"""
The tables for reading, kept up with the logs.

They are believed only as far as the log has the hash that they name; otherwise they are made anew from the
first event. Whoever asks calls `catch_up` as often as it likes: it costs what happened since.
"""

from collections.abc import Iterable
from itertools import groupby, islice
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from kasauti.domain.events import Recorded
from kasauti.errors import InvalidInput, NumberTooLarge
from kasauti.store.log_store import LogStore, StoredLog
from kasauti.store.reading import tables
from kasauti.store.reading.fold import LogFold
from kasauti.store.sql import SqlDatabase

#: Events whose rows are written at once.
_GROUP: Final = 5_000


class Reading:
    """Brings the tables in a database up to the logs that it is shown."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database
        self._insert = sqlite.insert if database.engine.dialect.name == "sqlite" else postgresql.insert
        self._folds: dict[str, LogFold] = {}

    def catch_up(self, log: StoredLog) -> int:
        """Take in what was committed to a log and is not in the tables; return how many events that was."""
        fold = self._folds.get(log.stream) or self._begin(log)
        return self._take(fold, log.read(fold.state.seq + 1), log)

    def rebuild(self, store: LogStore) -> int:
        """
        Make the tables anew from all logs of a store; return how many events there are.

        Raises `NumberTooLarge`, once all others are done, naming the logs that no table can hold.
        """
        self._folds.clear()
        with self._database.write() as connection:
            for table in tables.ALL:
                connection.execute(table.delete())
        count, spoilt = 0, []
        for name in store.streams():
            try:
                count += self.catch_up(store.stream(name))
            except InvalidInput:
                spoilt.append(name)
        if spoilt:
            raise NumberTooLarge(
                f"no table can hold numbers in the logs of {', '.join(spoilt)}: more than 64 bits, as earlier"
                f" versions took them. All others are in the tables, {count} events; `kasauti account reset`"
                " begins an account anew"
            )
        return count

    def forget(self, stream: str) -> None:
        """Let go of what is kept in memory for a log; the tables stay."""
        self._folds.pop(stream, None)

    def _begin(self, log: StoredLog) -> LogFold:
        """Come to where the tables are, if the log is still the one that they were made of."""
        query = sa.select(tables.PROJECTED).where(tables.PROJECTED.c.stream == log.stream)
        with self._database.read() as connection:
            known = connection.execute(query).first()
        fold = self._folds[log.stream] = LogFold(log.stream)
        if known is None:
            return fold
        if log.hash_at(known.seq) != known.hash:
            with self._database.write() as connection:
                for table in tables.ALL:
                    connection.execute(table.delete().where(table.c.stream == log.stream))
            return fold
        for recorded in islice(log.read(), known.seq):
            fold.take(recorded)
        fold.forget()
        return fold

    def _take(self, fold: LogFold, events: Iterable[Recorded], log: StoredLog) -> int:
        count, rest = 0, iter(events)
        while group := list(islice(rest, _GROUP)):
            for recorded in group:
                fold.take(recorded)
            count += len(group)
            self._write(fold, log.hash_at(fold.state.seq))
        return count

    def _write(self, fold: LogFold, last_hash: bytes) -> None:
        """Write what changed, and how far it goes, in one transaction."""
        changed = sorted(fold.rows(), key=lambda each: each[0].name)
        progress = {"stream": fold.stream, "seq": fold.state.seq, "hash": last_hash}
        changed.append((tables.PROJECTED, progress))
        try:
            self._write_rows(changed)
        except InvalidInput:
            self._write_rows([(table, _without_null(row)) for table, row in changed])

    def _write_rows(self, changed: list[tuple[sa.Table, dict[str, Any]]]) -> None:
        with self._database.write() as connection:
            for table, rows in groupby(changed, key=lambda each: each[0]):
                self._upsert(connection, table, [row for _, row in rows])

    def _upsert(self, connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        insert = self._insert(table)
        key = [column.name for column in table.primary_key]
        values = {name: insert.excluded[name] for name in rows[0] if name not in key}
        connection.execute(insert.on_conflict_do_update(index_elements=key, set_=values), rows)


def _without_null(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as PostgreSQL holds it: its texts have no U+0000, which a log may have."""
    return {
        name: value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value
        for name, value in row.items()
    }
