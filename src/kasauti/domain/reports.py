"""What a venue tells about an order. A report is a claim: `engine.admit` checks it before it is history."""

import msgspec

from kasauti.domain.evidence import Evidence
from kasauti.domain.order import OrderType, Product, Side, Validity


class Opened(msgspec.Struct, frozen=True, gc=False):
    """The order stands at the venue; `queue_ahead` units were displayed at its price before it."""

    order_id: str
    at: int
    trigger_pending: bool = False
    queue_ahead: int = 0


class Triggered(msgspec.Struct, frozen=True, gc=False):
    """A stop order woke at `price`."""

    order_id: str
    at: int
    price: int


class Filled(msgspec.Struct, frozen=True, gc=False):
    """`quantity` units traded at `price`. `trade_id` is the venue's, empty if it gives none."""

    order_id: str
    at: int
    quantity: int
    price: int
    evidence: Evidence
    trade_id: str = ""


class Modified(msgspec.Struct, frozen=True, gc=False):
    """The order has new terms; what is None of type, validity and `disclosed` is as it was."""

    order_id: str
    at: int
    quantity: int
    price: int
    trigger_price: int
    kept_priority: bool
    queue_ahead: int = 0
    band: int = 0
    order_type: OrderType | None = None
    validity: Validity | None = None
    disclosed: int | None = None


class ModifyRefused(msgspec.Struct, frozen=True, gc=False):
    """The order keeps its terms."""

    order_id: str
    at: int
    message: str


class Cancelled(msgspec.Struct, frozen=True, gc=False):
    """The order is gone."""

    order_id: str
    at: int
    reason: str


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """The venue never took the order."""

    order_id: str
    at: int
    message: str


class Shadowed(msgspec.Struct, frozen=True, gc=False):
    """
    `quantity` units of an order would have traded at `price` by the fill model `profile`, after `turnover`.

    `order_id` is empty where the model ended the day with another position than the account: the difference
    is closed at the last price.
    """

    order_id: str
    at: int
    profile: str
    instrument: str
    product: Product
    side: Side
    quantity: int
    price: int
    turnover: int = 0


Report = Opened | Triggered | Filled | Modified | ModifyRefused | Cancelled | Rejected | Shadowed
