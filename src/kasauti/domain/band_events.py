"""What may have happened at the edges of the band around an account's result."""

from typing import ClassVar

from kasauti.domain.event import Event
from kasauti.domain.order import Product, Side


class BandFilled(Event, frozen=True, gc=False, omit_defaults=True):
    """
    What an order would have traded by another fill model: one edge of the band around the account's own P&L.

    `order_id` is empty for what closes, at the day's last price, a position that the model ended the day with
    and the account did not. `charges` is what the trade would have cost, in money units.
    """

    TAG: ClassVar[str] = "band.filled"
    profile: str
    instrument: str
    product: Product
    side: Side
    quantity: int
    price: int
    charges: int
    order_id: str = ""
