"""What may happen to an account between its trades: settlement, delivery and what the broker holds back."""

from typing import ClassVar

from kasauti.domain.event import Event
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
