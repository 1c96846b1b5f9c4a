"""What may happen to an account between its trades: settlement, delivery and what the broker holds back."""

from typing import ClassVar

import msgspec

from kasauti.domain.charges import Charges
from kasauti.domain.event import Event
from kasauti.domain.evidence import Evidence
from kasauti.domain.order import Product


class FuturesMarked(Event, frozen=True, gc=False, omit_defaults=True):
    """
    A future that is held was settled for the day at `price`: `amount` came in, or went out if it is negative.

    The position keeps what it cost: its result is realised when it is closed, less what was moved here.
    `basis` says what the price is, in words.
    """

    TAG: ClassVar[str] = "futures.marked"
    instrument: str
    product: Product
    quantity: int
    price: int
    amount: int
    basis: str


class DeliveryDue(Event, frozen=True, gc=False, omit_defaults=True):
    """
    What the delivery trades of `day` in a share come to: `quantity` units to receive, negative to give.

    They settle on `settles`; both are ISO dates.
    """

    TAG: ClassVar[str] = "delivery.due"
    instrument: str
    quantity: int
    day: str
    settles: str
    isin: str = ""


class DeliverySettled(Event, frozen=True, gc=False, omit_defaults=True):
    """The delivery trades of `day` in a share settled: units came in or left. `due` is when they were to."""

    TAG: ClassVar[str] = "delivery.settled"
    instrument: str
    quantity: int
    day: str
    due: int


class ProceedsHeld(Event, frozen=True, gc=False, omit_defaults=True):
    """`amount` of what a sale brought cannot be used before the ISO date `until`, for the reason `why`."""

    TAG: ClassVar[str] = "proceeds.held"
    trade_id: str
    amount: int
    until: str
    why: str


class SharesAssigned(Event, frozen=True, gc=False, omit_defaults=True):
    """
    Contracts on a share ended in its delivery: `quantity` units come at `price`, or go where it is negative.

    It is what their legs come to together; the legs themselves are settled at the same price. `contracts` are
    their ids, `parts` the units of each strategy. They are in CNC from now on.
    """

    TAG: ClassVar[str] = "shares.assigned"
    instrument: str
    quantity: int
    price: int
    charges: Charges
    contracts: tuple[str, ...]
    evidence: Evidence
    parts: dict[str, int] = msgspec.field(default_factory=dict)


class SettlementMissing(Event, frozen=True, gc=False, omit_defaults=True):
    """A contract expired and what it settles at is not known: it stays until that is. `message` says why."""

    TAG: ClassVar[str] = "settlement.missing"
    instrument: str
    expiry: str
    message: str


class PositionConverted(Event, frozen=True, gc=False, omit_defaults=True):
    """What is held in one product is held in another from now on, at the same cost; `why` says what for."""

    TAG: ClassVar[str] = "position.converted"
    instrument: str
    product: Product
    to: Product
    quantity: int
    why: str


class SharesAuctioned(Event, frozen=True, gc=False, omit_defaults=True):
    """
    `quantity` units that were to be delivered on `day`'s trades and were not there were bought in at `price`.

    `penalty` comes on top, and the tax on it as `charges`; `basis` says what the price is. `due` is when it
    was to be done.
    """

    TAG: ClassVar[str] = "shares.auctioned"
    instrument: str
    quantity: int
    price: int
    day: str
    penalty: int
    charges: Charges
    basis: str
    evidence: Evidence
    due: int


class InterestCharged(Event, frozen=True, gc=False, omit_defaults=True):
    """
    The broker's interest of one day on `principal`: `amount`, of the kind that `reason` says.

    `day` is the ISO date it is for, `due` when it was to be booked.
    """

    TAG: ClassVar[str] = "interest.charged"
    day: str
    reason: str
    principal: int
    amount: int
    due: int


#: Every one of them.
SETTLEMENT_EVENTS: tuple[type[Event], ...] = (
    FuturesMarked,
    DeliveryDue,
    DeliverySettled,
    ProceedsHeld,
    SharesAssigned,
    SettlementMissing,
    PositionConverted,
    SharesAuctioned,
    InterestCharged,
)
