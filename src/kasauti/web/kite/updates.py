"""
Tells of orders as Kite does: not that one was placed, but what became of it, once that is durable.

A trade, a change, a trigger that was hit, and every end of an order make an update.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from kasauti.desk.account import DeskAccount
from kasauti.desk.books import order_of
from kasauti.domain import events as ev
from kasauti.domain.instrument import Universe
from kasauti.domain.order import Order
from kasauti.domain.standing_events import StandingDenied
from kasauti.web.kite.order_rows import Book, order_row

_NEWS = (
    ev.OrderDenied,
    StandingDenied,
    ev.OrderTriggered,
    ev.OrderModified,
    ev.OrderCancelled,
    ev.OrderRejected,
    ev.OrderExpired,
    ev.OrderFilled,
)
_UPDATE = "UPDATE"


def updates_of(
    account: DeskAccount, recorded: Sequence[ev.Recorded], universe: Universe, user: str, secret: str
) -> list[dict[str, object]]:
    """Return the updates that events make, one for each order; `secret` signs them."""
    book = Book(account, universe, user)
    news: dict[str, ev.Event] = {}
    for each in recorded:
        if isinstance(each.event, _NEWS):
            news[about(each.event)] = each.event
    found = ((order_of(account, order_id), event) for order_id, event in news.items())
    return [signed(_told(book, order, event), secret) for order, event in found if order is not None]


def about(event: ev.Event) -> str:
    """Return the id of the order, or of the refused instruction, that an event is about; "" for none."""
    order_id: str = getattr(event, "order_id", "") or (
        event.standing_id if isinstance(event, StandingDenied) else ""
    )
    return order_id


def _told(book: Book, order: Order, event: ev.Event) -> dict[str, object]:
    changed = order.is_working and isinstance(event, ev.OrderModified | ev.OrderFilled)
    row = order_row(book, order, _UPDATE if changed else "")
    return {"user_id": book.user, "unfilled_quantity": row["pending_quantity"], "app_id": 0, **row}


def signed(row: dict[str, object], secret: str) -> dict[str, object]:
    """Return an update with its checksum: of order id, time and the secret of the app."""
    text = f"{row['order_id']}{row['order_timestamp']}{secret}"
    return {**row, "checksum": hashlib.sha256(text.encode()).hexdigest()}


def as_text(kind: str, data: object) -> str:
    """Return a text message of the ticker."""
    return msgspec.json.encode({"type": kind, "data": data}).decode()
