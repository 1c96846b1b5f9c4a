"""How many lots a strategy asks for. The account's own checks have the last word."""

import msgspec

from kasauti.domain.instrument import Instrument
from kasauti.domain.money import format_price, format_rupees
from kasauti.strategies.parameters import WHOLE


class Size(msgspec.Struct, frozen=True):
    """Units to buy, 0 if none can be, and what they follow from."""

    quantity: int
    because: str


class Sizing(msgspec.Struct, frozen=True, kw_only=True):
    """
    Fixed `lots`, or as many as a `share` of the cash pays for.

    Either way no more than all of the cash pays for, and no more than one order may have. A lot is reckoned
    at `buffer` above the quoted price, because it may trade worse. Both are hundredths of a per cent.
    """

    lots: int
    share: int | None
    buffer: int

    def size(self, instrument: Instrument, price: int, cash: int) -> Size:
        """Return how much of `instrument`, paid in full at `price`, to buy with `cash`."""
        lot = instrument.lot_size
        cost = -(-lot * price * (WHOLE + self.buffer) // WHOLE)
        lots = self.lots if self.share is None else cash * self.share // WHOLE // cost
        if instrument.freeze_quantity:
            lots = min(lots, instrument.freeze_quantity // lot)
        lots = max(0, min(lots, cash // cost))
        because = (
            f"{lots} x {lot} at {format_price(price)}; a lot is reckoned at {format_rupees(cost)}"
            f" and there is {format_rupees(cash)}"
        )
        return Size(lots * lot, because)
