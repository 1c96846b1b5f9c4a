"""What can be set of the open-interest momentum strategy."""

from datetime import time
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from kasauti.domain.order import Product
from kasauti.errors import InvalidInput
from kasauti.strategies.base import Strategy
from kasauti.strategies.momentum_entry import EntryRules
from kasauti.strategies.momentum_exits import Stops
from kasauti.strategies.parameters import WHOLE, basis_points
from kasauti.strategies.sizing import Sizing

Whole = Annotated[int, Meta(ge=1)]

#: Gains and open interest may more than double; a hundred times is a mistake.
_MOST_GROWTH = 100 * WHOLE


class MomentumParameters(Strategy.Parameters, frozen=True, kw_only=True):
    """
    Times are IST. Percentages are exact, two decimals at most. Names ending in `_s` are seconds.

    `lots` is how many are bought, one if nothing is said; with `capital_percent` it is as many as that share
    of the cash pays for. Neither is more than the cash pays for at `price_buffer_percent` above the quoted
    price, nor more than one order may have. An entry that has not traded after `entry_patience_s` is taken
    back; an exit that came to nothing is asked for again after `exit_retry_s`.
    """

    underlying: str = "NSE:NIFTY 50"
    candle_s: Whole = 300
    chain_s: Whole = 60
    monitor_s: Whole = 60
    strikes_above_spot: Whole = 5
    strikes_below_spot: Whole = 5
    min_unwinding_percent: Decimal = Decimal(0)
    first_entry: time = time(9, 30)
    last_entry: time = time(14, 0)
    lots: Whole | None = None
    capital_percent: Decimal | None = None
    price_buffer_percent: Decimal = Decimal(2)
    product: Product = Product.MIS
    entry_patience_s: Whole = 600
    initial_stop_percent: Decimal = Decimal(25)
    vwap_stop_percent: Decimal = Decimal(5)
    oi_reversal_stop_percent: Decimal = Decimal(10)
    trailing_stop_percent: Decimal = Decimal(10)
    trailing_after_profit_percent: Decimal = Decimal(10)
    mandatory_exit: time = time(14, 50)
    exit_retry_s: Whole = 5

    def __post_init__(self) -> None:
        """Refuse what cannot be used or does not fit together."""
        self.stops()
        self.entry()
        self.sizing()
        if not self.first_entry <= self.last_entry < self.mandatory_exit:
            raise InvalidInput(
                f"first_entry {self.first_entry}, last_entry {self.last_entry} and mandatory_exit"
                f" {self.mandatory_exit} have to follow each other in this order"
            )
        if self.lots is not None and self.capital_percent is not None:
            raise InvalidInput("lots and capital_percent both say how much to buy; leave one of them out")
        if self.product is Product.CNC:
            raise InvalidInput("product is CNC, but options trade as MIS or NRML")

    def entry(self) -> EntryRules:
        """Return the conditions of the entry."""
        least = basis_points("min_unwinding_percent", self.min_unwinding_percent, least=0)
        return EntryRules(self.strikes_above_spot, self.strikes_below_spot, least)

    def sizing(self) -> Sizing:
        """Return how much is bought."""
        share = None
        if self.capital_percent is not None:
            share = basis_points("capital_percent", self.capital_percent)
        buffer = basis_points("price_buffer_percent", self.price_buffer_percent, least=0)
        return Sizing(lots=self.lots or 1, share=share, buffer=buffer)

    def stops(self) -> Stops:
        """Return the thresholds of the exits."""
        return Stops(
            initial=basis_points("initial_stop_percent", self.initial_stop_percent),
            vwap=basis_points("vwap_stop_percent", self.vwap_stop_percent),
            oi_reversal=basis_points(
                "oi_reversal_stop_percent", self.oi_reversal_stop_percent, most=_MOST_GROWTH
            ),
            trailing=basis_points("trailing_stop_percent", self.trailing_stop_percent),
            trailing_after=basis_points(
                "trailing_after_profit_percent", self.trailing_after_profit_percent, most=_MOST_GROWTH
            ),
        )
