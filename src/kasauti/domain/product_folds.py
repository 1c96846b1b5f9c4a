"""What a change of product does to the state: units, cost, margin and money move together."""

from typing import TYPE_CHECKING, cast

from kasauti.domain.account_folds import Folds
from kasauti.domain.order import position_key
from kasauti.domain.position import Position
from kasauti.domain.product_events import ProductChanged, ProductChangeDenied
from kasauti.domain.trade_folds import renew_margins

if TYPE_CHECKING:
    from kasauti.domain.state import State


def _product_changed(state: "State", event: ProductChanged, at: int) -> None:
    source = state.positions[position_key(event.instrument, event.product)]
    key = position_key(event.instrument, event.to)
    target = state.positions.get(key)
    if target is None:
        target = state.positions[key] = Position(event.instrument, event.to, event.paid_up)
    cost = hand_over(source, target, event.quantity, at, today=event.today)
    ledger = state.ledger
    ledger.book_trade(-cost, 0, source.paid_up, event.margin - source.margin)
    ledger.book_trade(cost, 0, target.paid_up, event.to_margin - target.margin)
    source.margin, target.margin = event.margin, event.to_margin
    renew_margins(state, event.margins, event.risk_marks)
    book = state.books.get(event.strategy)
    if book is not None:
        own = book.setdefault(key, Position(event.instrument, event.to, event.paid_up))
        hand_over(book[source_key(event)], own, event.quantity, at, today=False)
    for shade in state.band.values():
        units = shade.held.get(source_key(event), 0)
        moved = min(units, event.quantity) if event.quantity > 0 else max(units, event.quantity)
        if moved and (units > 0) == (event.quantity > 0):
            shade.trade(source_key(event), -moved, 0)
            shade.trade(key, moved, 0)


def source_key(event: ProductChanged) -> str:
    """Return the key of the position that units are taken from."""
    return position_key(event.instrument, event.product)


def hand_over(source: Position, target: Position, signed: int, at: int, *, today: bool) -> int:
    """
    Have so many units be in another position, with their part of the cost; return that.

    A part is rounded towards zero, and the last unit takes all that is left. Units of `today` take their part
    of what was bought, or sold, today with them.
    """
    held, units = source.quantity, abs(signed)
    assert held * signed > 0, "what is handed over is held"
    assert units <= abs(held), "what is handed over is held"
    assert target.quantity * signed >= 0, "nothing is closed by it"
    if not target.quantity:
        target.opened_at = source.opened_at or at
    cost, marked = (_part(sum_, units, abs(held)) for sum_ in (source.cost, source.marked))
    source.quantity, source.cost, source.marked = held - signed, source.cost - cost, source.marked - marked
    target.quantity, target.cost, target.marked = (
        target.quantity + signed,
        target.cost + cost,
        target.marked + marked,
    )
    if today and signed > 0:
        value = _part(source.day_buy_value, units, source.day_buy_quantity)
        source.day_buy_quantity, source.day_buy_value = (
            source.day_buy_quantity - units,
            source.day_buy_value - value,
        )
        target.day_buy_quantity, target.day_buy_value = (
            target.day_buy_quantity + units,
            target.day_buy_value + value,
        )
    elif today:
        value = _part(source.day_sell_value, units, source.day_sell_quantity)
        source.day_sell_quantity, source.day_sell_value = (
            source.day_sell_quantity - units,
            source.day_sell_value - value,
        )
        target.day_sell_quantity, target.day_sell_value = (
            target.day_sell_quantity + units,
            target.day_sell_value + value,
        )
    return cost


def _part(total: int, units: int, of: int) -> int:
    """Return the part of a sum that `units` of `of` have, rounded towards zero."""
    return total * units // of if total >= 0 else -(-total * units // of)


def _product_change_denied(state: "State", event: ProductChangeDenied, at: int) -> None:
    """Nothing changes."""


FOLDS: Folds = cast("Folds", {ProductChanged: _product_changed, ProductChangeDenied: _product_change_denied})
