"""
What SPAN knows of a contract and of an underlying: losses by scenario, spreads, minimum.

Amounts are money units for one unit of the underlying, held long; a loss is positive.
Source: CME SPAN, file format 4.00; NSE Clearing; market_rules.md 5.1, 5.4.
"""

from datetime import date
from fractions import Fraction
from typing import Final

import msgspec

from kasauti.domain.instrument import Kind

#: The scenarios in the order of a risk array: price move in parts of the scan range, direction of volatility.
SCENARIOS: tuple[tuple[Fraction, int], ...] = (
    *((Fraction(sign * thirds, 3), volatility)
      for thirds in range(4)
      for sign in ((1,) if thirds == 0 else (1, -1))
      for volatility in (1, -1)),
    (Fraction(2), 0),
    (Fraction(-2), 0),
)  # fmt: skip
#: The first of the two extreme moves, of which only a part of the loss counts; a file's values contain that.
FIRST_EXTREME: Final = 14
#: A delta of one.
ONE_DELTA: Final = 1_000_000

# Looked up once: a member of an enum costs a function call.
_CALL: Final = Kind.CALL
_PUT: Final = Kind.PUT


# Not a msgspec.Struct: compiled to C, the fields of a class are read without a look-up.
class Risk:
    """
    One contract.

    `losses` are those of its risk array, `delta` is in millionths. `price` is what a unit is worth,
    `exposed` what exposure margin is taken on: a future's price, an option's underlying. `key` names it.
    `is_option` is whether this is a call or a put.
    """

    __slots__ = ("delta", "expiry", "exposed", "is_option", "key", "kind", "losses", "price")

    def __init__(
        self,
        key: str,
        kind: Kind,
        expiry: date,
        price: int,
        exposed: int,
        losses: tuple[int, ...],
        delta: int,
    ) -> None:
        self.key, self.kind, self.expiry = key, kind, expiry
        self.price, self.exposed = price, exposed
        self.losses, self.delta = losses, delta
        self.is_option = kind is _CALL or kind is _PUT


class CalendarSpread(msgspec.Struct, frozen=True):
    """
    Two expiries of one underlying against each other: `charge` for each spread, matched by delta.

    The ratios are how much delta of each expiry makes one spread, in millionths.
    """

    near: date
    far: date
    charge: int
    near_ratio: int = ONE_DELTA
    far_ratio: int = ONE_DELTA


class InterSpread(msgspec.Struct, frozen=True):
    """
    Underlyings against each other: `credit` is the part, in millionths, of the price risk that is forgiven.

    `legs` are (underlying, delta for one spread in millionths, side); sides A and B have to be opposite.
    """

    legs: tuple[tuple[str, int, str], ...]
    credit: int


class Underlying(msgspec.Struct, frozen=True):
    """
    What a portfolio on one underlying is netted by: its spreads in order, its short option minimum.

    `minimum` is for each unit of an option sold.
    """

    name: str
    spreads: tuple[CalendarSpread, ...] = ()
    minimum: int = 0


class Holding:
    """Signed units of a contract; `losses` are what they lose together, by scenario."""

    __slots__ = ("losses", "quantity", "risk")

    def __init__(self, risk: Risk, quantity: int) -> None:
        self.risk = risk
        self.quantity = quantity
        # Compiled code multiplies what is not negative many times as fast as anything else.
        units = abs(quantity)
        if quantity > 0:
            self.losses = [units * loss if loss >= 0 else -(units * -loss) for loss in risk.losses]
        else:
            self.losses = [units * -loss if loss < 0 else -(units * loss) for loss in risk.losses]

    @property
    def is_sold_option(self) -> bool:
        """Whether these are options that were sold."""
        return self.quantity < 0 and self.risk.is_option


def scenario_words(place: int) -> str:
    """Return what happens in the scenario at `place` of a risk array, counted from 0."""
    move, volatility = SCENARIOS[place]
    if place >= FIRST_EXTREME:
        return f"price {'up' if move > 0 else 'down'} by twice its range, a part of the loss counted"
    part = "its whole range" if abs(move) == 1 else f"{abs(move)} of its range"
    way = "unchanged" if not move else f"{'up' if move > 0 else 'down'} by {part}"
    return f"price {way}, volatility {'up' if volatility > 0 else 'down'}"
