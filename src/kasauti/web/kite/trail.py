"""The history of an order: every status it had today, oldest first, made from what was recorded of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from kasauti.domain import events as ev
from kasauti.domain.order import Order, OrderType, Status, Validity
from kasauti.web.kite.order_rows import Book, order_row

_ON_ITS_WAY = ("PUT ORDER REQ RECEIVED", "VALIDATION PENDING", "OPEN PENDING")
_TYPES = {str(each): each for each in OrderType}
#: One row of a history: the order as it stood, and the word for where.
_Row = tuple[Order, str]


def history(book: Book, order: Order) -> list[dict[str, object]]:
    """Return the rows of an order; one that was placed before today has what is known of today."""
    rows = []
    trail = _Trail()
    for recorded in book.account.today:
        if getattr(recorded.event, "order_id", "") != order.order_id:
            continue
        for seen, word in trail.rows_of(recorded.event, recorded.at):
            rows.append(order_row(book, seen, word, recorded.at))
    if not rows and order.status is Status.DENIED:
        rows = [order_row(book, order, word) for word in _ON_ITS_WAY[:2]]
        return [*rows, order_row(book, order)]
    return rows or [order_row(book, order)]


class Orders:
    """The orders of a day as they stood after each of its events, which are shown one after the other."""

    def __init__(self) -> None:
        self._trails: dict[str, _Trail] = {}

    def after(self, recorded: ev.Recorded) -> Order | None:
        """Return the order of an event as it stood then, None for one that was placed on an earlier day."""
        order_id = getattr(recorded.event, "order_id", "")
        if not order_id:
            return None
        trail = self._trails.setdefault(order_id, _Trail())
        rows = list(trail.rows_of(recorded.event, recorded.at))
        return rows[-1][0] if rows else None


class _Trail:
    """An order as it goes from event to event."""

    def __init__(self) -> None:
        self._order: Order | None = None

    def rows_of(self, event: ev.Event, at: int) -> Iterator[_Row]:
        """Yield the rows that an event adds."""
        if isinstance(event, ev.OrderPlaced | ev.OrderDenied):
            yield from self._begun(event, at)
        elif self._order is not None:
            step = _STEPS.get(type(event))
            if step is not None:
                yield from step(self._order, event)

    def _begun(self, event: ev.OrderPlaced | ev.OrderDenied, at: int) -> Iterator[_Row]:
        denied = isinstance(event, ev.OrderDenied)
        order = self._order = Order(
            event.order_id,
            event.instrument,
            event.side,
            event.product,  # type: ignore[arg-type]  # a denied one has the word
            _TYPES[event.order_type],
            Validity.DAY if isinstance(event, ev.OrderDenied) else event.validity,
            event.quantity,
            event.price,
            event.trigger_price,
            placed_at=at,
            tag=event.tag,
            parent="" if isinstance(event, ev.OrderDenied) else event.parent,
        )
        for word in _ON_ITS_WAY[:2] if denied else _ON_ITS_WAY:
            yield replace(order), word
        if isinstance(event, ev.OrderDenied):
            order.status, order.reason = Status.DENIED, event.message
            yield order, "REJECTED"


def _opened(order: Order, event: ev.OrderOpened) -> Iterator[_Row]:
    order.status = Status.TRIGGER_PENDING if event.trigger_pending else Status.OPEN
    yield order, str(order.status)


def _triggered(order: Order, event: ev.OrderTriggered) -> Iterator[_Row]:
    order.status = Status.OPEN
    yield order, "OPEN"


def _modify_asked(order: Order, event: ev.ModifyRequested) -> Iterator[_Row]:
    order.modifications += 1
    asked = replace(order)
    _take_terms(asked, event)
    yield asked, "MODIFY VALIDATION PENDING"
    yield asked, "MODIFY PENDING"


def _modified(order: Order, event: ev.OrderModified) -> Iterator[_Row]:
    _take_terms(order, event)
    if order.status is Status.TRIGGER_PENDING and not order.order_type.has_trigger:
        order.status = Status.OPEN
    yield order, "MODIFIED"
    yield order, _standing(order)


def _take_terms(order: Order, event: ev.ModifyRequested | ev.OrderModified) -> None:
    order.quantity, order.price, order.trigger_price = event.quantity, event.price, event.trigger_price
    if event.order_type is not None:
        order.order_type = event.order_type
    if event.validity is not None:
        order.validity = event.validity
    if event.disclosed is not None:
        order.disclosed = event.disclosed


def _not_modified(order: Order, event: ev.ModifyRejected) -> Iterator[_Row]:
    yield order, _standing(order)


def _standing(order: Order) -> str:
    return "TRIGGER PENDING" if order.status is Status.TRIGGER_PENDING else "OPEN"


def _cancel_asked(order: Order, event: ev.CancelRequested) -> Iterator[_Row]:
    yield order, "CANCEL PENDING"


def _cancelled(order: Order, event: ev.OrderCancelled | ev.OrderExpired) -> Iterator[_Row]:
    order.status = Status.CANCELLED
    yield order, "CANCELLED"


def _rejected(order: Order, event: ev.OrderRejected) -> Iterator[_Row]:
    order.status, order.reason = Status.REJECTED, event.message
    yield order, "REJECTED"


def _filled(order: Order, event: ev.OrderFilled) -> Iterator[_Row]:
    if order.status is Status.SUBMITTED:
        yield replace(order), "OPEN"
    order.filled += event.quantity
    order.turnover += event.quantity * event.price
    order.status = Status.OPEN if order.leaves else Status.COMPLETE
    yield order, str(order.status)


_STEPS: dict[type[ev.Event], Callable[..., Iterator[_Row]]] = {
    ev.OrderOpened: _opened,
    ev.OrderTriggered: _triggered,
    ev.ModifyRequested: _modify_asked,
    ev.OrderModified: _modified,
    ev.ModifyRejected: _not_modified,
    ev.CancelRequested: _cancel_asked,
    ev.OrderCancelled: _cancelled,
    ev.OrderExpired: _cancelled,
    ev.OrderRejected: _rejected,
    ev.OrderFilled: _filled,
}
