"""The words of orders, and an order's life as a table."""

from enum import StrEnum
from typing import Self


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

#: The tag of the account's own intraday square-off; nobody else may use it.
SQUARE_OFF = "square_off"
#: The tag of what the broker closes because margin is short.
MARGIN_CALL = "margin_call"
#: Tags that nobody may give an order of his own.
RESERVED_TAGS = frozenset({SQUARE_OFF, MARGIN_CALL})
