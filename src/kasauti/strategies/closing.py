"""Asking for a position to be closed or an order to end, without ever asking twice."""

from collections.abc import Iterable

from kasauti.domain.commands import CancelOrder, PlaceOrder
from kasauti.domain.instrument import Instrument
from kasauti.domain.order import Order, Product, Side
from kasauti.domain.position import Position
from kasauti.domain.view import View
from kasauti.strategies.parameters import WHOLE


def close(position: Position, view: View, tag: str) -> list[PlaceOrder]:
    """
    Return market orders for what is held of `position` and not being closed already.

    One is enough unless the freeze quantity wants more. None while orders for all of it can still trade;
    what was denied, cancelled or filled in part is asked for by the next call.
    """
    side = Side.SELL if position.quantity > 0 else Side.BUY
    closing = sum(
        order.leaves
        for order in view.working()
        if order.side is side and order.position_key == f"{position.instrument}|{position.product}"
    )
    quantities = sliced(abs(position.quantity) - closing, view.instrument(position.instrument))
    product = Product(position.product)
    return [PlaceOrder(position.instrument, side, each, product=product, tag=tag) for each in quantities]


def sliced(quantity: int, instrument: Instrument | None) -> list[int]:
    """Return the quantities of orders for `quantity` units in all; one, unless the freeze wants more."""
    most = quantity
    if instrument is not None and instrument.freeze_quantity:
        most = instrument.freeze_quantity // instrument.lot_size * instrument.lot_size
    quantities = []
    while quantity > 0:
        quantities.append(min(quantity, most))
        quantity -= quantities[-1]
    return quantities


def stop_price(cost: int, quantity: int, basis_points: int) -> int:
    """
    Return the highest price at which what cost `cost` has lost `basis_points` of it or more.

    Rounded down, so that a price in whole money units is at or below it exactly where the loss is that large.
    """
    return cost * (WHOLE - basis_points) // (quantity * WHOLE)


def cancel(orders: Iterable[Order], reason: str) -> list[CancelOrder]:
    """Return commands to end those of `orders` whose end has not been asked for."""
    return [CancelOrder(order.order_id, reason) for order in orders if not order.cancel_asked]
