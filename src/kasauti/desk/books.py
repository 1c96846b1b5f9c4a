"""The day's orders and trades of an account as its owner sees them: what was denied is an order too."""

from collections.abc import Iterator
from dataclasses import replace
from weakref import WeakKeyDictionary

import msgspec

from kasauti.desk.account import DeskAccount
from kasauti.domain import events as ev
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.order import Order, OrderType, Product, Status, Validity
from kasauti.domain.standing_events import StandingDenied

_TYPES = {str(each): each for each in OrderType}


class DayTrade(msgspec.Struct, frozen=True, gc=False):
    """One trade of today, and its order as it stands now."""

    at: int
    fill: ev.OrderFilled
    order: Order


class DayBook:
    """
    What was denied and what traded today, read on from where it was read to.

    Reading it costs what happened since, however long the day is.
    """

    def __init__(self) -> None:
        self.denied: dict[str, Order] = {}
        self.fills: list[ev.Recorded] = []
        self._first: ev.Recorded | None = None
        self._read = 0

    def read_on(self, today: list[ev.Recorded]) -> None:
        """Take in what happened since; a new day begins a new book."""
        first = today[0] if today else None
        if first is not self._first or len(today) < self._read:
            self.denied, self.fills, self._first, self._read = {}, [], first, 0
        for recorded in today[self._read :]:
            if isinstance(recorded.event, ev.OrderFilled):
                self.fills.append(recorded)
            elif isinstance(recorded.event, ev.OrderDenied):
                self.denied[recorded.event.order_id] = _denied(recorded.event, recorded.at)
            elif isinstance(recorded.event, StandingDenied):
                order = _never_placed(recorded.event, recorded.at)
                if order is not None:
                    self.denied[order.order_id] = order
        self._read = len(today)


_BOOKS: WeakKeyDictionary[DeskAccount, DayBook] = WeakKeyDictionary()


def day_book(account: DeskAccount) -> DayBook:
    """Return the book of an account, up to date."""
    book = _BOOKS.get(account)
    if book is None:
        book = _BOOKS[account] = DayBook()
    book.read_on(account.today)
    return book


def order_of(account: DeskAccount, order_id: str) -> Order | None:
    """Return an order of today, or one that still works, also one that was denied."""
    return account.state.order(order_id) or day_book(account).denied.get(order_id)


def orders_of(account: DeskAccount) -> list[Order]:
    """Return the orders of today and those that still work, oldest first, those denied among them."""
    denied = day_book(account).denied
    orders = [*account.state.orders.values(), *denied.values()]
    return sorted(orders, key=lambda order: order.placed_at) if denied else orders


def trades_of(account: DeskAccount) -> Iterator[DayTrade]:
    """Yield the trades of today, oldest first."""
    orders = account.state.orders
    for recorded in day_book(account).fills:
        fill = recorded.event
        assert isinstance(fill, ev.OrderFilled), "a fill is one"
        yield DayTrade(recorded.at, fill, orders[fill.order_id])


def as_order(asked: PlaceOrder, order_id: str, placed_at: int, updated_at: int) -> Order:
    """Return what an instruction asks for as the order that it would be, under an id of the instruction's."""
    return Order(
        order_id,
        asked.instrument,
        asked.side,
        asked.product,
        asked.order_type,
        asked.validity,
        asked.quantity,
        asked.price,
        asked.trigger_price,
        placed_at=placed_at,
        updated_at=updated_at,
        tag=asked.tag,
    )


def _never_placed(event: StandingDenied, at: int) -> Order | None:
    """Return the order of an instruction that was refused, under the instruction's id; a GTT is no order."""
    asked = getattr(event.plan, "order", None)
    if not isinstance(asked, PlaceOrder):
        return None
    return replace(
        as_order(asked, event.standing_id, at, at),
        command_id=asked.command_id,
        strategy=event.strategy,
        status=Status.DENIED,
        reason=event.message,
    )


def _denied(event: ev.OrderDenied, at: int) -> Order:
    """Return what was denied as an order; nothing of it ever reached a venue."""
    return Order(
        event.order_id,
        event.instrument,
        event.side,
        Product(event.product),
        _TYPES[event.order_type],
        Validity.DAY,
        event.quantity,
        event.price,
        event.trigger_price,
        placed_at=at,
        updated_at=at,
        command_id=event.command_id,
        strategy=event.strategy,
        tag=event.tag,
        status=Status.DENIED,
        reason=event.message,
    )
