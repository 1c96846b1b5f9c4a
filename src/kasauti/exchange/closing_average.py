"""
The average that closing and settlement prices are: of the trades of the last half hour, to the paisa.

Trades count by their units; where none are known, as of an index, each price counts once. A bar counts as
the mean of its high, low and close.
"""

from typing import Final

import numpy as np

from kasauti.domain.market import Ints
from kasauti.domain.money import PAISA, to_paise_half_up

#: What is divided by for the mean of three prices in paise.
_THREE_PAISE: Final = 3 * PAISA
#: Products of whole columns stay below this, or are taken one by one.
_EXACT: Final = 2**62


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

    def add_bars(self, at: int, high: Ints, low: Ints, close: Ints, units: Ints) -> None:
        """Add bars, the last of which ends `at`: as `add_bar` for each."""
        sums = high + low + close
        # As `to_paise_half_up`: halves away from zero.
        paise = (2 * np.abs(sums) + _THREE_PAISE) // (2 * _THREE_PAISE) * np.sign(sums)
        traded = int(units.sum())
        if int(np.abs(paise).max()) * traded < _EXACT:
            value = int(paise @ units)
        else:
            value = sum(one * many for one, many in zip(paise.tolist(), units.tolist(), strict=True))
        self._value += value * PAISA
        self._units += traded
        self._total += int(paise.sum()) * PAISA
        self._count += len(sums)
        self.at = at

    @property
    def price(self) -> int:
        """The average so far, 0 before anything was added."""
        if self._units:
            return to_paise_half_up(self._value, self._units)
        return to_paise_half_up(self._total, self._count) if self._count else 0
