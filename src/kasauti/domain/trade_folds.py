"""What trades and settlements do to the state: order, position, margin and ledger move in one step."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, cast

from msgspec.structs import astuple

from kasauti.domain import events as ev
from kasauti.domain.account_folds import Folds
from kasauti.domain.band import settle_in_band
from kasauti.domain.money import PAISA
from kasauti.domain.order import Order, Side, Status, position_key
from kasauti.domain.position import Position
from kasauti.domain.risk_mark import RiskMark

if TYPE_CHECKING:
    from kasauti.domain.state import State

# Looked up once: a member of an enum costs a function call, a name of another module a look into it.
_BUY: Final = Side.BUY
_SUBMITTED: Final = Status.SUBMITTED
_OPEN: Final = Status.OPEN
_COMPLETE: Final = Status.COMPLETE
_take_apart: Final = astuple


def order_filled(state: "State", event: ev.OrderFilled, at: int) -> None:  # noqa: PLR0915  calls cost
    """Take a trade in: what is left of its order, what is held, what was paid."""
    quantity: int
    price: int
    margin: int
    # Taken apart at once: one by one, fields of a struct cost compiled code four times as much.
    order_id, _, quantity, price, charges, margin, _, margins, risk_marks = _take_apart(event)
    order = state.orders[order_id]
    filled, released, strategy = order.filled, order.blocked, order.strategy
    key, status = order.position_key, order.status
    leaves = order.quantity - filled
    assert 0 < quantity <= leaves, f"{order.order_id} has {leaves} open, a fill of {quantity} is too much"
    assert status is _SUBMITTED or status is _OPEN, f"{order.order_id} is {status}"
    if quantity == leaves:
        order.status = _COMPLETE
        order.blocked = 0
        del state.working[order_id]
    else:
        order.status = _OPEN
        released = (released - order.blocked_for_change) * quantity // (leaves * PAISA) * PAISA
        order.blocked -= released
    value = price * quantity
    if filled:
        order.charges, order.filled = order.charges.plus(charges), filled + quantity
        order.turnover += value
    else:
        order.charges, order.filled, order.turnover = charges, quantity, value
    order.updated_at = at
    position = state.positions[key]
    if order.side is _BUY:
        signed = quantity
        position.pending_buy -= quantity
        position.day_buy_quantity += quantity
        position.day_buy_value += value
    else:
        signed = -quantity
        position.pending_sell -= quantity
        position.day_sell_quantity += quantity
        position.day_sell_value += value
    ledger = state.ledger
    paid = ledger.pay_charges(charges)
    change, realised = position.trade(signed, price, paid, at)
    if position.marked:
        ledger.mark(-position.unmark(signed))
    ledger.book_trade(change, realised, position.paid_up, margin - position.margin - released)
    position.margin = margin
    if margins or risk_marks:
        renew_margins(state, margins, risk_marks)
    state.day_realised += realised
    state.day_charges += paid
    state.trades, state.day_trades = state.trades + 1, state.day_trades + 1
    if strategy:
        try:
            own = state.books[strategy][key]
        except KeyError:
            own = _first_position(state, order)
        own.trade(signed, price, paid, at)


def renew_margins(state: "State", margins: Mapping[str, int], marks: Iterable[RiskMark]) -> None:
    """Hold for each position what it needs from now on, and keep the prices that this rests on."""
    more = 0
    for mark in marks:
        state.risk_marks[mark.instrument] = mark
    for key, margin in margins.items():
        position = state.positions[key]
        more += margin - position.margin
        position.margin = margin
    state.ledger.block(more)


def _first_position(state: "State", order: Order) -> Position:
    """Begin a strategy's own position: the same fold as the account's, over its own trades."""
    own = Position(order.instrument, order.product, order.paid_up)
    state.books.setdefault(order.strategy, {})[order.position_key] = own
    return own


def _position_settled(state: "State", event: ev.PositionSettled, at: int) -> None:
    key = position_key(event.instrument, event.product)
    position = state.positions[key]
    assert position.quantity == event.quantity, "a settlement closes the whole position"
    if position.paid_up and event.quantity > 0 and not event.delivers:
        position.day_exercised += event.price * event.quantity
    ledger = state.ledger
    paid = ledger.pay_charges(event.charges)
    change, realised = position.trade(-event.quantity, event.price, paid, at)
    ledger.mark(-position.unmark(-event.quantity))
    ledger.book_trade(change, realised, position.paid_up, -position.margin)
    position.margin = 0
    if state.band:
        settle_in_band(state.band, event)
    state.unsettled.pop(event.instrument, None)
    state.day_realised += realised
    state.day_charges += paid
    for book in state.books.values():
        own = book.get(key)
        if own is not None and own.quantity:
            own.trade(-own.quantity, event.price)


FOLDS: Folds = cast(
    "Folds",
    {
        ev.OrderFilled: order_filled,
        ev.PositionSettled: _position_settled,
    },
)
