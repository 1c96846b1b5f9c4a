"""An order: its words, its life as a table, and what is known of it at one moment."""

from enum import StrEnum

import msgspec

from kasauti.domain.charges import Charges


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """How an order wants its price."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    SL = "SL"
    SL_M = "SL-M"

    @property
    def has_limit(self) -> bool:
        """Whether the order names the worst price it takes."""
        return self is OrderType.LIMIT or self is OrderType.SL

    @property
    def has_trigger(self) -> bool:
        """Whether the order sleeps until a trigger price trades."""
        return self is OrderType.SL or self is OrderType.SL_M


class Product(StrEnum):
    """What becomes of the position: delivery, intraday, or carried forward."""

    CNC = "CNC"
    MIS = "MIS"
    NRML = "NRML"


class Validity(StrEnum):
    """How long an order waits: for the day, or not at all."""

    DAY = "DAY"
    IOC = "IOC"


class Status(StrEnum):
    """
    Where an order is in its life.

    SUBMITTED is recorded and on its way to the venue. DENIED is our own refusal, REJECTED the venue's.
    """

    SUBMITTED = "SUBMITTED"
    DENIED = "DENIED"
    REJECTED = "REJECTED"
    TRIGGER_PENDING = "TRIGGER PENDING"
    OPEN = "OPEN"
    COMPLETE = "COMPLETE"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


_S = Status

#: Orders that can still trade.
WORKING: frozenset[Status] = frozenset({_S.SUBMITTED, _S.TRIGGER_PENDING, _S.OPEN})

#: Orders whose life is over.
DONE: frozenset[Status] = frozenset(Status) - WORKING

#: Every move an order can make. A pair that is not here is a bug of ours, or an anomaly of a venue.
MOVES: dict[Status, frozenset[Status]] = {
    _S.SUBMITTED: frozenset(
        {_S.REJECTED, _S.TRIGGER_PENDING, _S.OPEN, _S.COMPLETE, _S.CANCELLED, _S.EXPIRED}
    ),
    _S.TRIGGER_PENDING: frozenset({_S.OPEN, _S.CANCELLED, _S.REJECTED, _S.EXPIRED}),
    _S.OPEN: frozenset({_S.OPEN, _S.COMPLETE, _S.CANCELLED, _S.REJECTED, _S.EXPIRED}),  # OPEN twice: part filled
    _S.DENIED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.COMPLETE: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.EXPIRED: frozenset(),
}

NO_CHARGES = Charges()


class Order(msgspec.Struct):
    """
    What is known of one order; changed only by the fold in `state.py`.

    Quantities are units, prices and amounts money units. `turnover` is the sum of price times quantity of
    its trades, `charges` what they cost so far, `blocked` the money held for what is still open.
    """

    order_id: str
    instrument: str
    side: Side
    product: Product
    order_type: OrderType
    validity: Validity
    quantity: int
    price: int = 0
    trigger_price: int = 0
    placed_at: int = 0
    command_id: str = ""
    strategy: str = ""
    tag: str = ""
    paid_up: bool = False
    position_key: str = ""
    status: Status = Status.SUBMITTED
    filled: int = 0
    turnover: int = 0
    charges: Charges = NO_CHARGES
    blocked: int = 0
    modifications: int = 0
    cancel_asked: bool = False
    modify_asked: bool = False
    queue_ahead: int = 0
    rested_at: int = 0
    updated_at: int = 0
    reason: str = ""

    @property
    def leaves(self) -> int:
        """Units that have not traded."""
        return self.quantity - self.filled

    @property
    def average_price(self) -> int:
        """The mean price of its trades, to the nearest unit; 0 before the first."""
        return (2 * self.turnover + self.filled) // (2 * self.filled) if self.filled else 0

    @property
    def is_working(self) -> bool:
        """Whether it can still trade."""
        return self.status in WORKING
