"""Orders as a property machine wishes for them: in lots, and in ticks from the last price."""

from typing import Any

import msgspec
from hypothesis import strategies as st
from tests.trading import FUTURE, NEXT_CALL, SHARE, order

from kasauti.domain.commands import PlaceOrder
from kasauti.domain.instrument import Instrument
from kasauti.domain.money import to_decimal
from kasauti.domain.order import Product, Side, Validity

INSTRUMENTS = (SHARE, FUTURE, NEXT_CALL)
START = {SHARE.id: 100_0000, FUTURE.id: 26_000_0000, NEXT_CALL.id: 120_0000}
instruments = st.sampled_from(INSTRUMENTS)
offsets = st.integers(-4, 4)


class Wish(msgspec.Struct):
    """An order in ticks from the last price."""

    instrument: Instrument
    side: Side
    lots: int
    odd: int
    limit: int | None
    trigger: int
    product: Product | None
    validity: Validity
    command_id: str

    def command(self, last: int) -> PlaceOrder:
        """Return the order, where the last price is `last`."""
        instrument, side = self.instrument, self.side
        tick = instrument.tick_size
        terms: dict[str, Any] = {"validity": self.validity, "command_id": self.command_id}
        if self.product is not None:
            terms["product"] = self.product
        if self.trigger:
            terms["trigger"] = str(to_decimal(last + side.sign * self.trigger * tick))
        price = ""
        if self.limit is not None:
            price = str(to_decimal(last + (self.limit + side.sign * self.trigger) * tick))
        return order(side, instrument, self.lots * instrument.lot_size + self.odd, price, **terms)


wishes = st.builds(
    Wish,
    instrument=instruments,
    side=st.sampled_from(Side),
    lots=st.sampled_from([1, 1, 1, 2, 3, 10, 0]),
    odd=st.sampled_from([0] * 9 + [1]),
    limit=st.one_of(st.none(), offsets, offsets),
    trigger=st.sampled_from([0, 0, 0, 1, 3]),
    product=st.sampled_from([None, None, None, *Product]),
    validity=st.sampled_from([Validity.DAY, Validity.DAY, Validity.DAY, Validity.IOC]),
    command_id=st.sampled_from(["", "", "", "a", "b"]),
)
