"""What makes risk arrays where no file is at hand, for one underlying on one day."""

from datetime import date
from fractions import Fraction
from typing import Final

#: Contracts that end later than this are scanned by the long-dated range: nine months.
_LONG_DATED_DAYS: Final = 274
#: Where the rules let the volatility fall to nothing: that cannot be divided by.
_NEXT_TO_NOTHING: Final = 1e-9


# Not a msgspec.Struct: compiled to C, the fields of a class are read without a look-up.
class Ranges:
    """
    Fractions, and for `volatility` points of one.

    `spread_amounts` are money units for a unit by the months between, in place of `calendar_charge`.
    `extreme_part` is `extreme_counted` as a float, `least_scanned` above 0.
    """

    __slots__ = (
        "_long_dated_parts",
        "_parts",
        "calendar_charge",
        "carry",
        "extreme_counted",
        "extreme_part",
        "extreme_ranges",
        "least_scanned",
        "least_volatility",
        "long_dated_price",
        "option_minimum",
        "price",
        "spread_amounts",
        "volatility",
    )

    def __init__(
        self,
        price: Fraction,
        long_dated_price: Fraction,
        volatility: float,
        extreme_ranges: int,
        extreme_counted: Fraction,
        calendar_charge: Fraction,
        carry: float,
        least_volatility: float,
        least_scanned: float,
        spread_amounts: tuple[int, ...],
        option_minimum: Fraction,
    ) -> None:
        self.price, self.long_dated_price = price, long_dated_price
        self._parts, self._long_dated_parts = price.as_integer_ratio(), long_dated_price.as_integer_ratio()
        self.volatility = volatility
        self.extreme_ranges, self.extreme_counted = extreme_ranges, extreme_counted
        self.extreme_part = extreme_counted.numerator / extreme_counted.denominator
        self.calendar_charge = calendar_charge
        self.carry = carry
        self.least_volatility = least_volatility
        self.least_scanned = least_scanned or _NEXT_TO_NOTHING
        self.spread_amounts = spread_amounts
        self.option_minimum = option_minimum

    def scan(self, price: int, expiry: date, day: date) -> float:
        """Return the price scan range on `day` of what ends on `expiry`, in the unit of `price`."""
        above, below = self._long_dated_parts if is_long_dated(expiry, day) else self._parts
        return price * above / below

    def price_part(self, expiry: date, day: date) -> Fraction:
        """Return the price scan range of what ends on `expiry`, as a part of the price."""
        return self.long_dated_price if is_long_dated(expiry, day) else self.price


def is_long_dated(expiry: date, day: date) -> bool:
    """Whether what ends on `expiry` has a scan range of its own, so far away it is on `day`."""
    return (expiry - day).days > _LONG_DATED_DAYS
