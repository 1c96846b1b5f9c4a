"""
The inbox of alerts: each is stored before it is answered, and says how far it came.

One that comes again with the same key for the same strategy is the same alert.
"""

from enum import StrEnum
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from kasauti.errors import InvalidInput, NotThere
from kasauti.store.registry.rows import checked_text, many, one, struct
from kasauti.store.sql import SqlDatabase
from kasauti.store.tables import ALERTS, STRATEGIES


class Stage(StrEnum):
    """How far an alert came; the last three are ends."""

    RECEIVED = "received"
    VALIDATED = "validated"
    RISK = "risk"
    ORDER = "order"
    FILLED = "filled"
    REFUSED = "refused"
    FAILED = "failed"


#: What may follow what. An order may fill in parts, so `order` and `filled` are reached once and may be told
#: again.
_MOVES: Final = {
    Stage.RECEIVED: {Stage.VALIDATED, Stage.REFUSED, Stage.FAILED},
    Stage.VALIDATED: {Stage.RISK, Stage.REFUSED, Stage.FAILED},
    Stage.RISK: {Stage.ORDER, Stage.REFUSED, Stage.FAILED},
    Stage.ORDER: {Stage.FILLED, Stage.REFUSED, Stage.FAILED},
}
_ENDS: Final = frozenset({Stage.FILLED, Stage.REFUSED, Stage.FAILED})

#: Which column has the time of a stage.
_TIMES: Final = {
    Stage.VALIDATED: "validated_at",
    Stage.RISK: "risk_at",
    Stage.ORDER: "order_at",
    Stage.FILLED: "filled_at",
}


_CHANGING: Final = ("status", *_TIMES.values(), "ended_at", "order_id", "reason")
_BY_ID: Final = sa.select(ALERTS).where(ALERTS.c.id == sa.bindparam("alert_id"))
_ADVANCE: Final = (
    ALERTS.update()
    .where(ALERTS.c.id == sa.bindparam("alert_id"))
    .values({name: sa.bindparam(f"new_{name}") for name in _CHANGING})
)


class Alert(msgspec.Struct, frozen=True):
    """
    An alert as it came, and how far it came; a time is 0 until its stage is reached.

    `dedupe` is the sender's key, or one derived from what was sent; `dialect` says how `content` is to be
    read. `reason` says why it was refused or failed.
    """

    id: int
    strategy_id: int
    dedupe: str
    dialect: str
    address: str
    content: bytes
    status: Stage
    received_at: int
    validated_at: int
    risk_at: int
    order_at: int
    filled_at: int
    ended_at: int
    order_id: str
    reason: str


class Alerts:
    """The alerts of a desk."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database
        insert = sqlite.insert if database.engine.dialect.name == "sqlite" else postgresql.insert
        # Statements are put together once: that takes longer than the database does.
        self._insert = insert(ALERTS).on_conflict_do_nothing().returning(*ALERTS.c)

    def store(
        self, strategy_id: int, dedupe: str, content: bytes, at: int, *, dialect: str = "", address: str = ""
    ) -> tuple[Alert, bool]:
        """Keep an alert, durably; return it, or the one that came with that key before, and if it is new."""
        row = {
            "strategy_id": strategy_id,
            "dedupe": checked_text(dedupe, "the alert's key"),
            "dialect": dialect,
            "address": address,
            "content": content,
            "status": Stage.RECEIVED.value,
            "received_at": at,
        }
        with self._database.write() as connection:
            new = connection.execute(self._insert, row).mappings().first()
            if new is not None:
                return struct(Alert, new), True
            same = (ALERTS.c.strategy_id == strategy_id) & (ALERTS.c.dedupe == dedupe)
            return _alert(connection, same, dedupe), False

    def advance(self, alert_id: int, to: Stage, at: int, *, order_id: str = "", reason: str = "") -> Alert:
        """Say how far an alert came, once or again; raises `InvalidInput` for a step back."""
        with self._database.write() as connection:
            row = connection.execute(_BY_ID, {"alert_id": alert_id}).mappings().first()
            if row is None:
                raise NotThere(f"there is no alert {alert_id}; a list shows what there is")
            found = struct(Alert, row)
            if found.status is to:
                return found
            if to not in _MOVES.get(found.status, ()):
                raise InvalidInput(f"alert {alert_id} is {found.status}: it cannot become {to}")
            fields: dict[str, Any] = {"status": to}
            if to in _TIMES:
                fields[_TIMES[to]] = at
            if to in _ENDS:
                fields["ended_at"] = at
            if order_id:
                fields["order_id"] = order_id
            if reason:
                fields["reason"] = checked_text(reason, "the reason")
            advanced = msgspec.structs.replace(found, **fields)
            changed = {f"new_{name}": getattr(advanced, name) for name in _CHANGING}
            connection.execute(_ADVANCE, {"alert_id": alert_id, **changed})
            return advanced

    def get(self, alert_id: int) -> Alert:
        """Return the alert of a number."""
        with self._database.read() as connection:
            return _alert(connection, ALERTS.c.id == alert_id, str(alert_id))

    def of(self, account_id: int, limit: int = 200) -> list[Alert]:
        """Return the alerts of an account's strategies, newest first."""
        query = sa.select(ALERTS).join(STRATEGIES, STRATEGIES.c.id == ALERTS.c.strategy_id)
        query = query.where(STRATEGIES.c.account_id == account_id).order_by(ALERTS.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return many(connection, query, Alert)

    def waiting(self) -> list[Alert]:
        """Return the alerts that have not ended, oldest first: a start goes on with them."""
        going = [stage.value for stage in Stage if stage not in _ENDS]
        query = sa.select(ALERTS).where(ALERTS.c.status.in_(going)).order_by(ALERTS.c.id)
        with self._database.read() as connection:
            return many(connection, query, Alert)


def _alert(connection: sa.Connection, which: sa.ColumnElement[bool], called: str) -> Alert:
    return one(connection, sa.select(ALERTS).where(which), Alert, f"alert {called!r}")
