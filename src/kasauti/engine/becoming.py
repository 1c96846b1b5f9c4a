"""What a working order would become by a change, as the order that would have to pass today."""

import msgspec

from kasauti.domain.commands import AUTO_PROTECTION, ModifyOrder, PlaceOrder
from kasauti.domain.order import Order, OrderType, Side, Status, Validity
from kasauti.domain.state import State
from kasauti.engine.disclosing import disclosed_of, terms_of


class Becoming(msgspec.Struct, frozen=True):
    """
    A working order and the terms it would have.

    `protection` is as in `PlaceOrder`, None where its worst price stays as it is. `disclosed` are the units
    that the market would be shown at a time, 0 for all; `validates` is whether its validity changes, which
    also ends a life in minutes.
    """

    order: Order
    order_type: OrderType
    validity: Validity
    quantity: int
    price: int
    trigger: int
    protection: int | None
    disclosed: int
    discloses: bool
    validates: bool

    @property
    def retyped(self) -> bool:
        """Whether its type changes."""
        return self.order_type is not self.order.order_type

    @property
    def buys(self) -> bool:
        """Whether it buys."""
        return self.order.side is Side.BUY

    @property
    def sleeps(self) -> bool:
        """Whether it is a stop whose trigger has not traded."""
        return self.order.order_type.has_trigger and self.order.status is not Status.OPEN

    def as_new(self) -> PlaceOrder:
        """Return it as it would have to be placed."""
        order, protection = self.order, self.protection
        return PlaceOrder(
            order.instrument,
            order.side,
            self.quantity,
            self.order_type,
            order.product,
            self.price,
            self.trigger,
            self.validity,
            market_protection=AUTO_PROTECTION if protection is None else protection,
        )


def becoming(state: State, order: Order, command: ModifyOrder) -> Becoming:
    """Return what `command` makes of an order; a price that its new type does not have goes by itself."""
    order_type = order.order_type if command.order_type is None else command.order_type
    retyped = order_type is not order.order_type
    validity = order.validity if command.validity is None else command.validity
    quantity = order.quantity if command.quantity is None else command.quantity
    price = order.price if order_type.has_limit or not retyped else 0
    trigger = order.trigger_price if order_type.has_trigger or not retyped else 0
    plan = terms_of(state, order)
    timed = command.validity is not None and plan is not None and plan.minutes > 0
    before = disclosed_of(state, order)
    disclosed = before if command.disclosed_quantity is None else command.disclosed_quantity
    # All of it is no part of it; and what trades at once has nothing to hide.
    if disclosed >= quantity or (
        command.disclosed_quantity is None and (not order_type.has_limit or validity is not Validity.DAY)
    ):
        disclosed = 0
    return Becoming(
        order,
        order_type,
        validity,
        quantity,
        price if command.price is None else command.price,
        trigger if command.trigger_price is None else command.trigger_price,
        _protection(order_type, command.market_protection, retyped=retyped),
        disclosed,
        disclosed != before,
        validity is not order.validity or timed,
    )


def _protection(order_type: OrderType, asked: int | None, *, retyped: bool) -> int | None:
    """Return the market protection that a change asks for; an order with a limit has none."""
    if order_type.has_limit:
        return None
    return AUTO_PROTECTION if retyped and asked is None else asked
