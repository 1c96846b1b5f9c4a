"""What may be asked of an account. A command is a wish: it becomes history only as the events it leads to."""

import msgspec

from kasauti.domain.order import OrderType, Product, Side, Validity


class PlaceOrder(msgspec.Struct, frozen=True, gc=False):
    """
    Ask for an order.

    `quantity` is in units, prices in money units. `command_id` is the caller's idempotency key: the same
    one never makes a second order. Strategies need none: a moment is recorded whole or not at all.
    """

    instrument: str
    side: Side
    quantity: int
    order_type: OrderType = OrderType.MARKET
    product: Product = Product.NRML
    price: int = 0
    trigger_price: int = 0
    validity: Validity = Validity.DAY
    tag: str = ""
    command_id: str = ""


class ModifyOrder(msgspec.Struct, frozen=True, gc=False):
    """Ask for a working order to change. What is None stays as it is; `quantity` is the new total."""

    order_id: str
    quantity: int | None = None
    price: int | None = None
    trigger_price: int | None = None


class CancelOrder(msgspec.Struct, frozen=True, gc=False):
    """Ask for a working order to end."""

    order_id: str
    reason: str = "asked by the user"


class Note(msgspec.Struct, frozen=True):
    """
    Ask for a strategy's memory to be recorded.

    `state` is whatever the strategy needs to go on after a crash, as JSON-able data.
    """

    state: msgspec.Struct


class MoveMoney(msgspec.Struct, frozen=True, gc=False):
    """Ask for a deposit, or with a negative `amount` a withdrawal, in money units."""

    amount: int
    reason: str


class HaltTrading(msgspec.Struct, frozen=True, gc=False):
    """Ask that no new risk be taken; what reduces a position goes on."""

    reason: str


class ResumeTrading(msgspec.Struct, frozen=True, gc=False):
    """Ask that new risk be allowed again."""

    reason: str


Command = PlaceOrder | ModifyOrder | CancelOrder | Note | MoveMoney | HaltTrading | ResumeTrading


def buy(instrument: str, quantity: int, **terms: object) -> PlaceOrder:
    """Return a command to buy; `terms` are the other fields of `PlaceOrder`."""
    return PlaceOrder(instrument, Side.BUY, quantity, **terms)  # type: ignore[arg-type]


def sell(instrument: str, quantity: int, **terms: object) -> PlaceOrder:
    """Return a command to sell; `terms` are the other fields of `PlaceOrder`."""
    return PlaceOrder(instrument, Side.SELL, quantity, **terms)  # type: ignore[arg-type]
