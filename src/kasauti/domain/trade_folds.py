"""What trades and settlements do to the state: order, position, margin and ledger move in one step."""

from typing import TYPE_CHECKING, cast

from kasauti.domain import events as ev
from kasauti.domain.account_folds import Folds
from kasauti.domain.money import PAISA
from kasauti.domain.order import NO_CHARGES, Order, Side, Status, position_key
from kasauti.domain.position import Position

if TYPE_CHECKING:
    from kasauti.domain.state import State

# Members of an enum are looked up by a function of its class; the fold uses these millions of times.
_BUY = Side.BUY
_SUBMITTED, _OPEN, _COMPLETE = Status.SUBMITTED, Status.OPEN, Status.COMPLETE


def _order_filled(state: "State", event: ev.OrderFilled, at: int) -> None:
    order = state.orders[event.order_id]
    quantity, price = event.quantity, event.price
    leaves = order.quantity - order.filled
    assert 0 < quantity <= leaves, f"{order.order_id} has {leaves} open, a fill of {quantity} is too much"
    complete = quantity == leaves
    assert order.status is _OPEN or order.status is _SUBMITTED, f"{order.order_id} is {order.status}"
    order.status = _COMPLETE if complete else _OPEN
    order.updated_at = at
    order.filled += quantity
    order.turnover += price * quantity
    order.charges = event.charges if order.charges is NO_CHARGES else order.charges.plus(event.charges)
    charges = event.charges.total
    released = order.blocked
    if complete:
        del state.working[event.order_id]
        order.blocked = 0
    else:
        released = (released - order.blocked_for_change) * quantity // (leaves * PAISA) * PAISA
        order.blocked -= released
    position = state.positions[order.position_key]
    if order.side is _BUY:
        signed = quantity
        position.pending_buy -= quantity
        position.day_buy_quantity += quantity
        position.day_buy_value += price * quantity
    else:
        signed = -quantity
        position.pending_sell -= quantity
        position.day_sell_quantity += quantity
        position.day_sell_value += price * quantity
    held = position.quantity
    if held == 0 or (held > 0) is not (held + signed > 0):
        position.opened_at = at
    change = event.position_margin - position.margin - released
    if change:
        state.ledger.block(change)
    position.margin = event.position_margin
    _book_trade(state, position, signed, price, charges)
    state.ledger.pay_charges(event.charges, charges)
    state.trades += 1
    state.day_trades += 1
    if order.strategy:
        _book_for_strategy(state, order, signed, price, charges)


def _book_trade(state: "State", position: Position, signed: int, price: int, charges: int) -> None:
    """Move the position and the ledger by one trade of `signed` units."""
    change, realised = position.trade(signed, price)
    state.ledger.book_trade(change, realised, paid_up=position.paid_up)
    position.day_realised += realised
    position.charges += charges
    position.day_charges += charges
    state.day_realised += realised
    state.day_charges += charges


def _book_for_strategy(state: "State", order: Order, signed: int, price: int, charges: int) -> None:
    """Keep the strategy's own position: the same fold over its own trades."""
    book = state.books.get(order.strategy)
    if book is None:
        book = state.books[order.strategy] = {}
    own = book.get(order.position_key)
    if own is None:
        own = book[order.position_key] = Position(order.instrument, order.product, order.paid_up)
    held = own.quantity
    if held == 0 or (held > 0) is not (held + signed > 0):
        own.opened_at = order.updated_at
    _, realised = own.trade(signed, price)
    own.day_realised += realised
    own.charges += charges
    own.day_charges += charges


def _position_settled(state: "State", event: ev.PositionSettled, at: int) -> None:
    key = position_key(event.instrument, event.product)
    position = state.positions[key]
    assert position.quantity == event.quantity, "a settlement closes the whole position"
    state.ledger.block(-position.margin)
    position.margin = 0
    if position.paid_up and event.quantity > 0:
        position.day_exercised += event.price * event.quantity
    charges = event.charges.total
    _book_trade(state, position, -event.quantity, event.price, charges)
    state.ledger.pay_charges(event.charges, charges)
    for book in state.books.values():
        own = book.get(key)
        if own is not None and own.quantity:
            _, realised = own.trade(-own.quantity, event.price)
            own.day_realised += realised


FOLDS = cast(
    "Folds",
    {
        ev.OrderFilled: _order_filled,
        ev.PositionSettled: _position_settled,
    },
)
