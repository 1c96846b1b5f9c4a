"""What a corporate action does to the state: units and symbols change, what they cost does not."""

from typing import TYPE_CHECKING, cast

from kasauti.domain import events as ev
from kasauti.domain.account_folds import Folds
from kasauti.domain.band import adjust_in_band
from kasauti.domain.holding import Delivery, Holding, delivery_key
from kasauti.domain.order import Product, position_key
from kasauti.domain.position import Position

if TYPE_CHECKING:
    from kasauti.domain.state import State


def _position_adjusted(state: "State", event: ev.PositionAdjusted, at: int) -> None:
    old, new = position_key(event.instrument, event.product), position_key(event.into, event.product)
    position = state.positions[old]
    assert position.quantity == event.quantity, "the whole position is adjusted"
    assert event.units(event.quantity) == event.into_quantity, "its ratio says how many there are"
    assert position.pending_buy == position.pending_sell == 0, "its orders end before it is adjusted"
    lowered = -event.off * event.quantity
    if lowered:
        state.ledger.book_trade(lowered, 0, paid_up=False)
    if event.is_gone:
        _pay_out(state, event)
    elif event.cash:
        state.ledger.receive_dividend(event.cash)
    for book in state.books.values():
        if old in book:
            units = event.units(book[old].quantity)
            _move(book, old, new, event.into, units, -event.off * book[old].quantity)
    _move(state.positions, old, new, event.into, event.into_quantity, lowered)
    adjust_in_band(state.band, event)
    if event.product is Product.CNC:
        _move_shares(state, event)
    mark = state.marks.get(event.instrument, 0)
    if mark and (event.into != event.instrument or event.numerator != event.denominator):
        state.marks = {name: price for name, price in state.marks.items() if name != event.instrument}
        state.marks[event.into] = (mark - event.off) * event.denominator // event.numerator


def _pay_out(state: "State", event: ev.PositionAdjusted) -> None:
    """Close a position of which less than a unit is left for what is paid for that."""
    key = position_key(event.instrument, event.product)
    position = state.positions[key]
    cost, margin = position.cost, position.margin
    realised = _closed(position, event.cash)
    state.ledger.book_trade(-cost, realised, position.paid_up, -margin)
    state.day_realised += realised
    for book in state.books.values():
        own = book.get(key)
        if own is not None and own.quantity:
            _closed(own, event.cash * own.quantity // event.quantity)


def _closed(position: Position, paid: int) -> int:
    """Take the cost out of a position that was paid off, and its margin; return what that realised."""
    realised = paid - position.cost
    position.cost = position.margin = 0
    position.realised += realised
    position.day_realised += realised
    return realised


def _move(book: dict[str, Position], old: str, new: str, into: str, units: int, cost_change: int) -> None:
    """Give a position its new instrument and units; one that is held already takes it in."""
    moved = book.pop(old)
    moved.instrument, moved.quantity, moved.cost = into, units, moved.cost + cost_change
    held = book.get(new)
    if held is None:
        book[new] = moved
        return
    held.quantity += moved.quantity
    held.cost += moved.cost
    held.realised += moved.realised
    held.charges += moved.charges
    held.margin += moved.margin
    held.marked += moved.marked
    held.opened_at = min(held.opened_at, moved.opened_at)


def _move_shares(state: "State", event: ev.PositionAdjusted) -> None:
    """Adjust what is in the depository and on its way there; the parts sum to the position as before."""
    left = event.into_quantity
    for key, due in list(state.deliveries.items()):
        if due.instrument == event.instrument:
            units = event.units(due.quantity)
            left -= units
            del state.deliveries[key]
            if event.is_gone:
                continue
            also = state.deliveries.get(delivery_key(event.into, due.day))
            moved = Delivery(event.into, units, due.day, due.settles, event.isin or due.isin)
            moved.quantity += 0 if also is None else also.quantity
            state.deliveries[delivery_key(event.into, due.day)] = moved
    held = state.holdings.pop(event.instrument, None)
    if held is not None or left:
        isin = event.isin or ("" if held is None else held.isin)
        kept = state.holdings.setdefault(event.into, Holding(event.into, isin))
        kept.quantity += left
        kept.isin = isin or kept.isin


FOLDS: Folds = cast("Folds", {ev.PositionAdjusted: _position_adjusted})
