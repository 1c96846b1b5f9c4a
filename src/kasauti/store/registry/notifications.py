"""Notifications: what users are told of, on the screen and elsewhere."""

from enum import StrEnum

import msgspec
import sqlalchemy as sa

from kasauti.store.registry.rows import checked_text, many
from kasauti.store.sql import SqlDatabase
from kasauti.store.tables import NOTIFICATIONS


class Severity(StrEnum):
    """How soon somebody should look."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Notification(msgspec.Struct, frozen=True):
    """Something to tell a user; `read_at` and `sent_at` are 0 until it was read, and sent elsewhere."""

    id: int
    user_id: int
    kind: str
    severity: Severity
    title: str
    message: str
    order_id: str
    trade_id: str
    strategy: str
    created_at: int
    read_at: int
    sent_at: int


class Notifications:
    """What the users of a desk are told of."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def add(
        self,
        user_id: int,
        kind: str,
        severity: Severity,
        title: str,
        message: str,
        at: int,
        *,
        order_id: str = "",
        trade_id: str = "",
        strategy: str = "",
    ) -> int:
        """Keep a notification for a user; return its number."""
        row = {
            "user_id": user_id,
            "kind": kind,
            "severity": severity.value,
            "title": checked_text(title, "the title"),
            "message": checked_text(message, "the message"),
            "order_id": order_id,
            "trade_id": trade_id,
            "strategy": strategy,
            "created_at": at,
        }
        with self._database.write() as connection:
            insert = NOTIFICATIONS.insert().values(**row).returning(NOTIFICATIONS.c.id)
            number: int = connection.execute(insert).scalar_one()
            return number

    def of(self, user_id: int, *, unread: bool = False, limit: int = 200) -> list[Notification]:
        """Return a user's notifications, newest first."""
        table = NOTIFICATIONS
        query = sa.select(table).where(table.c.user_id == user_id).order_by(table.c.id.desc()).limit(limit)
        if unread:
            query = query.where(table.c.read_at == 0)
        with self._database.read() as connection:
            return many(connection, query, Notification)

    def unsent(self, limit: int = 200) -> list[Notification]:
        """Return what was not sent anywhere yet, oldest first."""
        query = (
            sa.select(NOTIFICATIONS)
            .where(NOTIFICATIONS.c.sent_at == 0)
            .order_by(NOTIFICATIONS.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return many(connection, query, Notification)

    def read(self, user_id: int, up_to: int, at: int) -> None:
        """Mark a user's notifications up to a number as read."""
        mine = (
            (NOTIFICATIONS.c.user_id == user_id)
            & (NOTIFICATIONS.c.id <= up_to)
            & (NOTIFICATIONS.c.read_at == 0)
        )
        with self._database.write() as connection:
            connection.execute(NOTIFICATIONS.update().where(mine).values(read_at=at))

    def sent(self, notification_id: int, at: int) -> None:
        """Mark a notification as sent."""
        with self._database.write() as connection:
            which = NOTIFICATIONS.c.id == notification_id
            connection.execute(NOTIFICATIONS.update().where(which).values(sent_at=at))
