"""What settlement does to the state: futures are marked, shares come and go, proceeds are held back."""

from typing import TYPE_CHECKING, cast

from kasauti.domain import settlement_events as stl
from kasauti.domain.account_folds import Folds
from kasauti.domain.charges import Charges
from kasauti.domain.holding import Delivery, Holding, delivery_key
from kasauti.domain.order import Product, position_key
from kasauti.domain.position import Position

if TYPE_CHECKING:
    from kasauti.domain.state import State


def _futures_marked(state: "State", event: stl.FuturesMarked, at: int) -> None:
    position = state.positions[position_key(event.instrument, event.product)]
    assert position.quantity == event.quantity, "all that is held is marked"
    assert position.to_mark(event.price) == event.amount, "what moves is what the price makes it"
    state.ledger.mark(event.amount)
    position.marked += event.amount


def _delivery_due(state: "State", event: stl.DeliveryDue, at: int) -> None:
    _owe(state, Delivery(event.instrument, event.quantity, event.day, event.settles, event.isin))


def _owe(state: "State", due: Delivery) -> None:
    """Add what is to be delivered to what the same day's trades in the share came to before."""
    key = delivery_key(due.instrument, due.day)
    before = state.deliveries.get(key)
    if before is not None:
        due.quantity += before.quantity
    if due.quantity:
        state.deliveries[key] = due
    else:
        state.deliveries.pop(key, None)


def _delivery_settled(state: "State", event: stl.DeliverySettled, at: int) -> None:
    due = state.deliveries.pop(delivery_key(event.instrument, event.day))
    assert due.quantity == event.quantity, "a delivery settles as a whole"
    held = state.holdings.setdefault(event.instrument, Holding(event.instrument))
    held.quantity += event.quantity
    held.isin = due.isin or held.isin
    if not held.quantity:
        del state.holdings[event.instrument]


def _proceeds_held(state: "State", event: stl.ProceedsHeld, at: int) -> None:
    state.ledger.hold_back(event.amount)
    state.held_back[event.until] = state.held_back.get(event.until, 0) + event.amount


def _delivered_position(state: "State", instrument: str) -> Position:
    """Return the account's position of a share in delivery, begun if there is none."""
    key = position_key(instrument, Product.CNC)
    position = state.positions.get(key)
    if position is None:
        position = state.positions[key] = Position(instrument, Product.CNC, paid_up=True)
    return position


def _trade(state: "State", instrument: str, quantity: int, price: int, charges: Charges, at: int) -> None:
    """Trade shares without an order: the account, and what other fill models would have made of it."""
    position, ledger = _delivered_position(state, instrument), state.ledger
    paid = ledger.pay_charges(charges)
    change, realised = position.trade(quantity, price, paid, at)
    ledger.book_trade(change, realised, paid_up=True)
    state.day_realised += realised
    state.day_charges += paid
    for shade in state.band.values():
        shade.trade(position_key(instrument, Product.CNC), quantity, price)


def _shares_assigned(state: "State", event: stl.SharesAssigned, at: int) -> None:
    _trade(state, event.instrument, event.quantity, event.price, event.charges, at)
    key = position_key(event.instrument, Product.CNC)
    for strategy, units in event.parts.items():
        book = state.books.setdefault(strategy, {})
        if key not in book:
            book[key] = Position(event.instrument, Product.CNC, paid_up=True)
        book[key].trade(units, event.price, at=at)


def _settlement_missing(state: "State", event: stl.SettlementMissing, at: int) -> None:
    state.unsettled[event.instrument] = event.message


def _position_converted(state: "State", event: stl.PositionConverted, at: int) -> None:
    position = state.positions[position_key(event.instrument, event.product)]
    assert position.quantity == event.quantity, "all that is held is converted"
    assert event.to is Product.CNC, "what is converted is delivered"
    ledger = state.ledger
    ledger.block(-position.margin)
    position.margin = 0
    # What clearing carried is paid for, or has been received, in full.
    ledger.clearing += position.cost
    ledger.cash -= position.cost
    _move(position, _delivered_position(state, event.instrument), at)
    for book in state.books.values():
        own = book.get(position_key(event.instrument, event.product))
        if own is not None and own.quantity:
            key = position_key(event.instrument, event.to)
            _move(own, book.setdefault(key, Position(event.instrument, event.to, paid_up=True)), at)


def _move(source: Position, target: Position, at: int) -> None:
    """Hand what is held over at its cost."""
    assert not target.quantity or (target.quantity > 0) == (source.quantity > 0), "nothing is closed by it"
    if not target.quantity:
        target.opened_at = at
    target.quantity += source.quantity
    target.cost += source.cost
    source.quantity = source.cost = 0


def _shares_auctioned(state: "State", event: stl.SharesAuctioned, at: int) -> None:
    _trade(state, event.instrument, event.quantity, event.price, event.charges, at)
    state.ledger.pay_penalty(event.penalty)
    key = delivery_key(event.instrument, event.day)
    due = state.deliveries[key]
    due.quantity += event.quantity
    if not due.quantity:
        del state.deliveries[key]


def _interest_charged(state: "State", event: stl.InterestCharged, at: int) -> None:
    state.ledger.pay_interest(event.amount)
    state.interest_to = max(state.interest_to, event.day)


FOLDS: Folds = cast(
    "Folds",
    {
        stl.FuturesMarked: _futures_marked,
        stl.DeliveryDue: _delivery_due,
        stl.DeliverySettled: _delivery_settled,
        stl.ProceedsHeld: _proceeds_held,
        stl.SharesAssigned: _shares_assigned,
        stl.SettlementMissing: _settlement_missing,
        stl.PositionConverted: _position_converted,
        stl.SharesAuctioned: _shares_auctioned,
        stl.InterestCharged: _interest_charged,
    },
)
