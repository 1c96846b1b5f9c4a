"""
The audit trail: who changed what, when, from where; append-only and chained.

    hash = SHA-256( hash before | the entry as a JSON list: id, at, user, address, category, event, subject,
                    order, trade, before, after )

Before the first stands the SHA-256 of "kasauti.audit/1". The database refuses changes, and removal for five
years; what was then removed is named by an entry of its own, so that the chain can still be checked.
"""

import csv
import io
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

import msgspec
import sqlalchemy as sa

from kasauti.domain.ist import ist_iso
from kasauti.errors import InvalidInput, StorageError
from kasauti.store.registry.rows import Actor, json_text, struct
from kasauti.store.sql import SqlDatabase
from kasauti.store.tables import AUDIT

#: Five years with two leap days, in nanoseconds: how long the database refuses removal (SEBI, stock brokers'
#: records: five years).
RETENTION_NS: Final = 1_827 * 86_400 * 1_000_000_000

_GENESIS: Final = sha256(b"kasauti.audit/1").digest()
_PURGED: Final = "audit.purged"
_LOCK: Final = 0x4B535449_0002
_PAGE: Final = 1_000
_ENCODE: Final = msgspec.json.Encoder().encode


class Entry(msgspec.Struct, frozen=True):
    """
    One line of the trail; `before` and `after` are JSON, empty where there was or is nothing.

    `subject` is what was changed, as `account:3`. `at` is nanoseconds UTC.
    """

    id: int
    at: int
    user_name: str
    address: str
    category: str
    event: str
    subject: str
    order_id: str
    trade_id: str
    before: str
    after: str
    hash: bytes


class Audit:
    """The trail in one database."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def record(
        self, by: Actor, event: str, subject: str, at: int, *, after: object = None, order_id: str = ""
    ) -> Entry:
        """Add a line that belongs to no other change; see `add`."""
        with self._database.write() as connection:
            return self.add(connection, by, event, subject, at, after=after, order_id=order_id)

    def add(
        self,
        connection: sa.Connection,
        by: Actor,
        event: str,
        subject: str,
        at: int,
        *,
        before: object = None,
        after: object = None,
        order_id: str = "",
        trade_id: str = "",
    ) -> Entry:
        """Add a line in the transaction of what it tells of; the category is the event's first word."""
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        last = connection.execute(
            sa.select(AUDIT.c.id, AUDIT.c.hash).order_by(AUDIT.c.id.desc()).limit(1)
        ).first()
        number, chained = (last.id + 1, last.hash) if last else (1, _GENESIS)
        was, became = ("" if value is None else json_text(value) for value in (before, after))
        bare = Entry(
            number,
            at,
            by.name,
            by.address,
            event.partition(".")[0],
            event,
            subject,
            order_id,
            trade_id,
            was,
            became,
            b"",
        )
        entry = msgspec.structs.replace(bare, hash=_link(chained, bare))
        connection.execute(AUDIT.insert().values(**msgspec.structs.asdict(entry)))
        return entry

    def entries(self, after_id: int = 0, limit: int = _PAGE, category: str = "") -> list[Entry]:
        """Return lines behind number `after_id`, oldest first."""
        query = sa.select(AUDIT).where(AUDIT.c.id > after_id).order_by(AUDIT.c.id).limit(limit)
        if category:
            query = query.where(AUDIT.c.category == category)
        with self._database.read() as connection:
            return [struct(Entry, row) for row in connection.execute(query).mappings()]

    def all(self) -> Iterator[Entry]:
        """Yield every line, oldest first."""
        last = 0
        while page := self.entries(last):
            yield from page
            last = page[-1].id

    def verify(self) -> int:
        """Check the chain, and return how many lines it has; `StorageError` names the first that is wrong."""
        count, chained, expected = 0, _GENESIS, 1
        for entry in self.all():
            if not count and entry.id != 1:
                expected, chained = entry.id, self._purged_before(entry.id)
            if entry.id != expected or entry.hash != _link(chained, entry):
                raise StorageError(
                    f"line {expected} of the audit trail in {self._database.where} is not what was written;"
                    " keep the database as it is and compare it with a backup"
                )
            count, chained, expected = count + 1, entry.hash, expected + 1
        return count

    def purge(self, before: int, by: Actor, at: int) -> int:
        """
        Remove the lines from before a time, leaving one that tells of it; return how many went.

        Raises `InvalidInput` for a time less than five years ago; the database refuses it by its own clock.
        """
        if before > at - RETENTION_NS:
            raise InvalidInput(
                f"the audit trail is kept for five years: {ist_iso(before)} is too recent; name a time before"
                f" {ist_iso(at - RETENTION_NS)}"
            )
        with self._database.write() as connection:
            # Always a beginning of the chain, and never all of it.
            kept = sa.select(sa.func.min(AUDIT.c.id)).where(AUDIT.c.at >= before).scalar_subquery()
            query = sa.select(AUDIT).where(AUDIT.c.id < kept).order_by(AUDIT.c.id.desc()).limit(1)
            last = connection.execute(query).first()
            if last is None:
                return 0
            told = {"id": last.id, "hash": last.hash.hex()}
            self.add(connection, by, _PURGED, f"audit:{last.id}", at, after=told)
            gone = connection.execute(AUDIT.delete().where(AUDIT.c.id <= last.id))
            return gone.rowcount

    def as_csv(self) -> Iterator[str]:
        """Yield the trail as lines of CSV, a header first, times in IST."""
        names = list(Entry.__struct_fields__)
        yield _csv_line(["time", *names])
        for entry in self.all():
            values = [getattr(entry, name) for name in names[:-1]]
            yield _csv_line([ist_iso(entry.at), *map(_plain, values), entry.hash.hex()])

    def as_json(self) -> Iterator[bytes]:
        """Yield the trail as JSON, one object a line."""
        for entry in self.all():
            fields = msgspec.structs.asdict(entry) | {"hash": entry.hash.hex(), "time": ist_iso(entry.at)}
            yield _ENCODE(fields) + b"\n"

    def _purged_before(self, first: int) -> bytes:
        """Return the hash before the first line that is left, as the line about what was removed has it."""
        query = sa.select(AUDIT.c.after).where(
            AUDIT.c.event == _PURGED, AUDIT.c.subject == f"audit:{first - 1}"
        )
        with self._database.read() as connection:
            told = connection.execute(query).scalar()
        return bytes.fromhex(msgspec.json.decode(told)["hash"]) if told else b""


def _csv_line(values: list[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()


def _plain(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def _link(before: bytes, entry: Entry) -> bytes:
    fields = [getattr(entry, name) for name in Entry.__struct_fields__[:-1]]
    return sha256(before + _ENCODE(fields)).digest()
