"""What traded on a day, summed as contract notes have it."""

from collections.abc import Iterable
from typing import Self

import msgspec

from kasauti.domain.instrument import Exchange, Instrument
from kasauti.domain.order import Product, Side
from kasauti.exchange.charge_class import ChargeClass, charge_class


class Sums(msgspec.Struct, frozen=True):
    """What was bought and sold of one security on one exchange and day: units and money units."""

    bought: int = 0
    paid: int = 0
    sold: int = 0
    received: int = 0

    @property
    def matched(self) -> int:
        """How many units were both bought and sold."""
        return min(self.bought, self.sold)

    @property
    def given(self) -> int:
        """How many units were sold and not bought: they leave the demat account."""
        return max(0, self.sold - self.bought)


class NoteLine(msgspec.Struct, frozen=True, kw_only=True):
    """
    The day's trades of one instrument or class under one product, summed.

    Amounts are money units. `brokerage` is the sum of what the orders were billed. `name` is the underlying
    where rates depend on it (BSE index options, commodities), `series` the share's series or group.
    `orders` are what the orders behind a share's line traded, side and value of each, for brokerage that goes
    by that. `exercised` is the intrinsic value of the long options that were exercised. `security` is what a
    share's buys and sells are matched by, its ISIN or symbol, and of a contract its id; without it and the
    quantities a share's tax is that of the class alone.
    """

    exchange: Exchange
    charge_class: ChargeClass
    buy_turnover: int = 0
    sell_turnover: int = 0
    brokerage: int = 0
    name: str = ""
    exercised: int = 0
    series: str = ""
    product: str = ""
    security: str = ""
    buy_quantity: int = 0
    sell_quantity: int = 0
    orders: tuple[tuple[Side, int], ...] = ()

    @classmethod
    def of(
        cls,
        instrument: Instrument,
        product: Product,
        sums: Sums,
        *,
        brokerage: int = 0,
        exercised: int = 0,
        orders: Iterable[tuple[Side, int]] = (),
    ) -> Self:
        """Return the line of what traded in `instrument` under `product`."""
        return cls(
            exchange=instrument.exchange,
            charge_class=charge_class(instrument, product),
            name=instrument.name,
            series=instrument.series,
            product=str(product),
            security=instrument.isin or instrument.tradingsymbol,
            buy_quantity=sums.bought,
            sell_quantity=sums.sold,
            buy_turnover=sums.paid,
            sell_turnover=sums.received,
            exercised=exercised,
            brokerage=brokerage,
            orders=tuple(orders),
        )
