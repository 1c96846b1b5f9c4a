"""What a trading service answers: the same values, whoever executes the orders."""

import msgspec

from kasauti.domain.order import OrderType, Product, Side


class Outcome(msgspec.Struct, frozen=True):
    """Whether a request was accepted; `message` says why not, as a sentence."""

    accepted: bool
    order_id: str = ""
    message: str = ""


class ServiceOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that can still trade; prices are money units."""

    order_id: str
    instrument: str
    side: Side
    product: Product
    order_type: OrderType
    quantity: int
    filled: int
    price: int
    trigger_price: int


class ServiceTrade(msgspec.Struct, frozen=True, kw_only=True):
    """One trade of today; `at` is nanoseconds UTC, `value` is price times quantity."""

    trade_id: str
    order_id: str
    instrument: str
    side: Side
    quantity: int
    price: int
    value: int
    at: int


class ServicePosition(msgspec.Struct, frozen=True, kw_only=True):
    """What is held of one instrument in one product; `quantity` is signed, short is negative."""

    instrument: str
    product: str
    quantity: int
    average_price: int


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """The money of an account, in money units of `currency`: what is free, and what is blocked."""

    free: int
    blocked: int
    currency: str
