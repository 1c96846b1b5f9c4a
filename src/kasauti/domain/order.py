"""An order: its words, its life as a table, and what is known of it at one moment."""

from enum import StrEnum
from typing import Self

import msgspec

from kasauti.domain.charges import Charges


class Side(StrEnum):
    """Which way an order trades; `sign` is +1 for a buy and -1 for a sell."""

    sign: int

    BUY = "BUY", 1
    SELL = "SELL", -1

    def __new__(cls, word: str, sign: int) -> Self:
        """Make a member of its word and its sign."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.sign = sign
        return member

    # Enum hashes by a function in Python; words are looked up millions of times.
    __hash__ = str.__hash__

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """
    How an order wants its price.

    `has_limit` is whether it names the worst price it takes, `has_trigger` whether it sleeps until a price
    trades.
    """

    has_limit: bool
    has_trigger: bool

    MARKET = "MARKET", False, False
    LIMIT = "LIMIT", True, False
    SL = "SL", True, True
    SL_M = "SL-M", False, True

    def __new__(cls, word: str, has_limit: bool, has_trigger: bool) -> Self:  # noqa: FBT001  a row of a table
        """Make a member of its word and what it asks for."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.has_limit = has_limit
        member.has_trigger = has_trigger
        return member

    __hash__ = str.__hash__


class Product(StrEnum):
    """What becomes of the position: delivery, intraday, carried forward, or delivery on borrowed money."""

    CNC = "CNC"
    MIS = "MIS"
    NRML = "NRML"
    MTF = "MTF"

    __hash__ = str.__hash__


class Validity(StrEnum):
    """How long an order waits: for the day, or not at all."""

    DAY = "DAY"
    IOC = "IOC"

    __hash__ = str.__hash__


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

    __hash__ = str.__hash__


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
    _S.OPEN: frozenset(
        {_S.OPEN, _S.COMPLETE, _S.CANCELLED, _S.REJECTED, _S.EXPIRED}
    ),  # OPEN twice: part filled
    _S.DENIED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.COMPLETE: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.EXPIRED: frozenset(),
}

NO_CHARGES = Charges()

#: The tag of the account's own intraday square-off; nobody else may use it.
SQUARE_OFF = "square_off"
#: The tag of what the broker closes because margin is short.
MARGIN_CALL = "margin_call"
#: Tags that nobody may give an order of his own.
RESERVED_TAGS = frozenset({SQUARE_OFF, MARGIN_CALL})


def position_key(instrument: str, product: str) -> str:
    """Return the key under which positions of an instrument in a product are kept."""
    # Every order makes one: text put together is four times as fast as a template with an enum in it.
    return instrument + "|" + product


# It holds words and numbers only, so the garbage collector need not look at the orders of the day.
class Order(msgspec.Struct, gc=False):
    """
    What is known of one order; changed only by the fold in `state.py`.

    Quantities are units, prices and amounts money units. `turnover` is the sum of price times quantity of
    its trades, `charges` what they cost so far, `blocked` the money held for what is still open;
    `blocked_for_change` of that is held only until the venue answers a change. `band` and `parent` are as in
    `OrderPlaced`. `disclosed` is what a change made of the units that the market is shown at a time (0: all),
    None where none did.
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
    blocked: int = 0
    updated_at: int = 0
    band: int = 0
    parent: str = ""
    status: Status = Status.SUBMITTED
    filled: int = 0
    turnover: int = 0
    charges: Charges = NO_CHARGES
    blocked_for_change: int = 0
    modifications: int = 0
    cancel_asked: bool = False
    modify_asked: bool = False
    queue_ahead: int = 0
    rested_at: int = 0
    reason: str = ""
    disclosed: int | None = None

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
