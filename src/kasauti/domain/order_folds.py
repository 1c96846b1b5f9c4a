"""What events of an order do to the state: the order, its block and its pending units move together."""

from typing import TYPE_CHECKING, Final, cast

from msgspec.structs import astuple

from kasauti.domain import events as ev
from kasauti.domain.account_folds import Folds
from kasauti.domain.ist import NS_PER_MINUTE, NS_PER_SECOND
from kasauti.domain.order import MOVES, SQUARE_OFF, Order, Side, Status, position_key
from kasauti.domain.position import Position

if TYPE_CHECKING:
    from kasauti.domain.state import State

#: How the rules begin that refuse an order because there were too many: such an order counts for nothing.
TOO_FAST = "rate."

# Looked up once: a member of an enum costs a function call, a name of another module a look into it.
_BUY: Final = Side.BUY
_OPEN: Final = Status.OPEN
_PENDING: Final = Status.TRIGGER_PENDING
_MOVES: Final = MOVES
_SQUARE_OFF: Final = SQUARE_OFF
_take_apart: Final = astuple


def _next_second(state: "State", at: int) -> None:
    """Begin to count the orders of the second of the clock, and of the minute, that `at` lies in."""
    before = state.second_orders
    state.day_asked += before
    if at >= state.minute_ends:
        state.minute_ends = at - at % NS_PER_MINUTE + NS_PER_MINUTE
        state.minute_orders = 0
    else:
        state.minute_orders += before
    state.second_ends = at - at % NS_PER_SECOND + NS_PER_SECOND
    state.second_orders = 0


def order_placed(state: "State", event: ev.OrderPlaced, at: int) -> None:
    """Begin an order: it works from now on, and what it may cost is blocked."""
    # Taken apart at once: one by one, fields of a struct cost compiled code four times as much.
    instrument: str
    quantity: int
    blocked: int
    (
        order_id, instrument, side, product, order_type, quantity, blocked, validity, price, trigger_price,
        command_id, strategy, tag, paid_up, _, band, parent, _, risk_marks,
    ) = _take_apart(event)  # fmt: skip
    key = position_key(instrument, product)
    state.orders[order_id] = Order(
        order_id, instrument, side, product, order_type, validity, quantity, price, trigger_price, at,
        command_id, strategy, tag, paid_up, key, blocked, at, band, parent,
    )  # fmt: skip
    state.working[order_id] = None
    state.day_orders += 1
    if tag != _SQUARE_OFF:
        if at >= state.second_ends:
            _next_second(state, at)
        state.second_orders += 1
    if command_id:
        state.commands[command_id] = order_id
    if blocked:
        state.ledger.block(blocked)
    position = state.positions.get(key)
    if position is None:
        position = state.positions[key] = Position(instrument, product, paid_up)
    if side is _BUY:
        position.pending_buy += quantity
    else:
        position.pending_sell += quantity
    if risk_marks:
        for mark in risk_marks:
            state.risk_marks[mark.instrument] = mark


def _order_denied(state: "State", event: ev.OrderDenied, at: int) -> None:
    state.day_denied += 1
    if event.tag != _SQUARE_OFF and not event.rule.startswith(TOO_FAST):
        if at >= state.second_ends:
            _next_second(state, at)
        state.second_orders += 1
    if event.command_id:
        state.commands[event.command_id] = event.order_id


def _move(order: Order, status: Status, at: int) -> None:
    assert status in _MOVES[order.status], f"{order.order_id} cannot go from {order.status} to {status}"
    order.status = status
    order.updated_at = at


def order_opened(state: "State", event: ev.OrderOpened, at: int) -> None:
    """Have an order wait at the venue, for its trigger or for its price."""
    order_id, trigger_pending, queue_ahead = _take_apart(event)
    order = state.orders[order_id]
    _move(order, _PENDING if trigger_pending else _OPEN, at)
    order.queue_ahead = queue_ahead
    order.rested_at = at


def _order_triggered(state: "State", event: ev.OrderTriggered, at: int) -> None:
    order = state.orders[event.order_id]
    _move(order, Status.OPEN, at)
    order.rested_at = at


def _modify_requested(state: "State", event: ev.ModifyRequested, at: int) -> None:
    order = state.orders[event.order_id]
    order.modify_asked = True
    order.modifications += 1
    order.blocked_for_change = event.blocked - order.blocked
    _block(state, order, event.blocked)


def _block(state: "State", order: Order, amount: int) -> None:
    """Hold `amount` for an order, whatever was held before."""
    state.ledger.block(amount - order.blocked)
    order.blocked = amount


def _modify_denied(state: "State", event: ev.ModifyDenied, at: int) -> None:
    state.day_denied += 1


def _order_modified(state: "State", event: ev.OrderModified, at: int) -> None:
    order = state.orders[event.order_id]
    added = event.quantity - order.quantity
    position = state.positions[order.position_key]
    if order.side is _BUY:
        position.pending_buy += added
    else:
        position.pending_sell += added
    order.quantity = event.quantity
    order.price, order.trigger_price, order.band = event.price, event.trigger_price, event.band
    if event.order_type is not None:
        order.order_type = event.order_type
        if order.status is Status.TRIGGER_PENDING and not event.order_type.has_trigger:
            _move(order, Status.OPEN, at)
    if event.validity is not None:
        order.validity = event.validity
    if event.disclosed is not None:
        order.disclosed = event.disclosed
    order.modify_asked = False
    order.blocked_for_change = 0
    _block(state, order, event.blocked)
    order.updated_at = at
    if not event.kept_priority:
        order.queue_ahead = event.queue_ahead
        order.rested_at = at


def _modify_rejected(state: "State", event: ev.ModifyRejected, at: int) -> None:
    order = state.orders[event.order_id]
    order.modify_asked = False
    order.updated_at = at
    order.blocked_for_change = 0
    _block(state, order, event.blocked)


def _cancel_requested(state: "State", event: ev.CancelRequested, at: int) -> None:
    state.orders[event.order_id].cancel_asked = True


def _end(state: "State", order_id: str, status: Status, reason: str, at: int) -> None:
    """Finish an order: its place among the working ones, its block and its pending units go."""
    order = state.orders[order_id]
    _move(order, status, at)
    order.reason = reason
    del state.working[order_id]
    _block(state, order, 0)
    position = state.positions[order.position_key]
    if order.side is _BUY:
        position.pending_buy -= order.quantity - order.filled
    else:
        position.pending_sell -= order.quantity - order.filled


def _order_cancelled(state: "State", event: ev.OrderCancelled, at: int) -> None:
    _end(state, event.order_id, Status.CANCELLED, event.reason, at)


def _order_rejected(state: "State", event: ev.OrderRejected, at: int) -> None:
    _end(state, event.order_id, Status.REJECTED, event.message, at)


def _order_expired(state: "State", event: ev.OrderExpired, at: int) -> None:
    _end(state, event.order_id, Status.EXPIRED, event.reason, at)


FOLDS: Folds = cast(
    "Folds",
    {
        ev.OrderPlaced: order_placed,
        ev.OrderDenied: _order_denied,
        ev.OrderOpened: order_opened,
        ev.OrderTriggered: _order_triggered,
        ev.ModifyRequested: _modify_requested,
        ev.ModifyDenied: _modify_denied,
        ev.OrderModified: _order_modified,
        ev.ModifyRejected: _modify_rejected,
        ev.CancelRequested: _cancel_requested,
        ev.OrderCancelled: _order_cancelled,
        ev.OrderRejected: _order_rejected,
        ev.OrderExpired: _order_expired,
    },
)
