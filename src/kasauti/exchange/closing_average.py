"""
The average that closing and settlement prices are: of the trades of the last half hour, to the paisa.

Trades count by their units; where none are known, as of an index, each price counts once. A bar counts as
the mean of its high, low and close.
"""

from kasauti.domain.money import to_paise_half_up


class ClosingAverage:
    """The average of what has been added; `at` is when the last of it was."""

    __slots__ = ("_count", "_total", "_units", "_value", "at")

    def __init__(self) -> None:
        self.at = 0
        self._value = self._units = self._total = self._count = 0

    def add(self, at: int, price: int, units: int) -> None:
        """Add a price, in money units, at which `units` traded: 0 where that is not known."""
        self._value += price * units
        self._units += units
        self._total += price
        self._count += 1
        self.at = at

    def add_bar(self, at: int, high: int, low: int, close: int, units: int) -> None:
        """Add a bar that ends `at`."""
        self.add(at, to_paise_half_up(high + low + close, 3), units)

    @property
    def price(self) -> int:
        """The average so far, 0 before anything was added."""
        if self._units:
            return to_paise_half_up(self._value, self._units)
        return to_paise_half_up(self._total, self._count) if self._count else 0
