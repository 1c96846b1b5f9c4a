"""What may be asked of an account. A command is a wish: it becomes history only as the events it leads to."""

import msgspec

from kasauti.domain.order import OrderType, Product, Side, Validity
from kasauti.errors import InvalidInput

# Looked up once: a member of an enum costs a function call.
_BUY, _SELL = Side.BUY, Side.SELL


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


#: What may stand for a term of an order, by the name of its field.
_WORDS: dict[str, dict[str, object]] = {
    "product": {str(each): each for each in Product},
    "order_type": {str(each): each for each in OrderType},
    "validity": {str(each): each for each in Validity},
}


def buy(instrument: str, quantity: int, **terms: object) -> PlaceOrder:
    """Return a command to buy; `terms` are the other fields of `PlaceOrder`, like product="MIS"."""
    return _order(instrument, _BUY, quantity, terms) if terms else PlaceOrder(instrument, _BUY, quantity)


def sell(instrument: str, quantity: int, **terms: object) -> PlaceOrder:
    """Return a command to sell; `terms` are the other fields of `PlaceOrder`, like product="MIS"."""
    return _order(instrument, _SELL, quantity, terms) if terms else PlaceOrder(instrument, _SELL, quantity)


def _order(instrument: str, side: Side, quantity: int, terms: dict[str, object]) -> PlaceOrder:
    """Return the order; words for product, type and validity become those of the domain."""
    for name, words in _WORDS.items():
        if name in terms:
            word = terms[name]
            if word not in words:
                raise InvalidInput(f"{name} is {word!r}, which is none of {', '.join(words)}")
            terms[name] = words[word]
    return PlaceOrder(instrument, side, quantity, **terms)  # type: ignore[arg-type]
