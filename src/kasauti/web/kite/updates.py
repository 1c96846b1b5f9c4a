"""
Tells of orders as Kite does: not that one was placed, but what became of it, once that is durable.

A trade, a change, a trigger that was hit, and every end of an order make an update.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from kasauti.desk.account import DeskAccount
from kasauti.desk.books import order_of
from kasauti.desk.order_news import OUTCOME, order_id_of
from kasauti.domain import events as ev
from kasauti.domain.instrument import Universe
from kasauti.domain.order import Order
from kasauti.web.kite.order_rows import Book, order_row
from kasauti.web.kite.trail import Orders

_UPDATE = "UPDATE"
#: The number of an event, and the update it makes.
Numbered = tuple[int, dict[str, object]]


def updates_of(
    account: DeskAccount, recorded: Sequence[ev.Recorded], universe: Universe, user: str, secret: str
) -> list[dict[str, object]]:
    """Return the updates that events make, one for each order; `secret` signs them."""
    return [row for _, row in numbered_updates_of(account, recorded, universe, user, secret)]


def numbered_updates_of(
    account: DeskAccount, recorded: Sequence[ev.Recorded], universe: Universe, user: str, secret: str
) -> list[Numbered]:
    """Return the updates that events make with the numbers of the events, one for each order."""
    book = Book(account, universe, user)
    news: dict[str, ev.Recorded] = {}
    for each in recorded:
        if isinstance(each.event, OUTCOME):
            news.pop(order_id_of(each.event), None)
            news[order_id_of(each.event)] = each
    found = ((order_of(account, order_id), each) for order_id, each in news.items())
    return [
        (each.seq, signed(_told(book, order, each.event), secret))
        for order, each in found
        if order is not None
    ]


def missed_updates_of(
    account: DeskAccount, after: int, universe: Universe, user: str, secret: str
) -> list[tuple[str, Numbered]]:
    """
    Return what should have been told of today's orders after an event: what it is about, and the update.

    Each is as the order stood then. Of one that was placed on an earlier day that is not known any more, and
    it is told as it stands now.
    """
    book, orders, found = Book(account, universe, user), Orders(), []
    for each in account.today:
        then = orders.after(each)
        if each.seq <= after or not isinstance(each.event, OUTCOME):
            continue
        about_it = order_id_of(each.event)
        now = order_of(account, about_it) if then is None else then
        if now is not None:
            row = _told(book, now, each.event, 0 if then is None else each.at)
            found.append((about_it, (each.seq, signed(row, secret))))
    return found


def _told(book: Book, order: Order, event: ev.Event, at: int = 0) -> dict[str, object]:
    changed = order.is_working and isinstance(event, ev.OrderModified | ev.OrderFilled)
    row = order_row(book, order, _UPDATE if changed else "", at)
    return {"user_id": book.user, "unfilled_quantity": row["pending_quantity"], "app_id": 0, **row}


def signed(row: dict[str, object], secret: str) -> dict[str, object]:
    """Return an update with its checksum: of order id, time and the secret of the app."""
    text = f"{row['order_id']}{row['order_timestamp']}{secret}"
    return {**row, "checksum": hashlib.sha256(text.encode()).hexdigest()}


def as_text(kind: str, data: object) -> str:
    """Return a text message of the ticker."""
    return msgspec.json.encode({"type": kind, "data": data}).decode()
