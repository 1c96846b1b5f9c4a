"""Prices from a lowest to a highest: how limits around a reference become prices that can be traded."""

import msgspec

from kasauti.domain.money import format_price
from kasauti.errors import InvalidInput
from kasauti.exchange.rules import ONE


class PriceRange(msgspec.Struct, frozen=True, gc=False):
    """The prices from `low` to `high`, both allowed, in money units and on the tick."""

    low: int
    high: int

    def holds(self, price: int) -> bool:
        """Whether `price` is inside."""
        return self.low <= price <= self.high

    def within(self, other: "PriceRange") -> "PriceRange":
        """Return what both allow; where that is nothing, `high` is below `low`."""
        return PriceRange(max(self.low, other.low), min(self.high, other.high))

    def __str__(self) -> str:
        return f"{format_price(self.low)} to {format_price(self.high)}"


def around(reference: int, below: int, above: int, tick: int) -> PriceRange:
    """
    Return the prices on the tick that are not further from `reference` than allowed.

    `below` and `above` are distances in money units times `ONE`, so that a per cent of a price is exact.
    The lowest is rounded up to the tick and the highest down: nothing outside is let in. The lowest is never
    under one tick.
    """
    if reference <= 0 or tick <= 0:
        raise InvalidInput(
            f"A range of prices needs a reference and a tick above 0,"
            f" not {format_price(reference)} and {format_price(tick)}."
        )
    low = -((below - reference * ONE) // (tick * ONE)) * tick
    high = (reference * ONE + above) // (tick * ONE) * tick
    return PriceRange(max(tick, low), high)
