"""What a venue tells about an order. A report is a claim: `engine.admit` checks it before it is history."""

import msgspec

from kasauti.domain.evidence import Evidence


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
    """The order has new terms."""

    order_id: str
    at: int
    quantity: int
    price: int
    trigger_price: int
    kept_priority: bool
    queue_ahead: int = 0


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


Report = Opened | Triggered | Filled | Modified | ModifyRefused | Cancelled | Rejected
