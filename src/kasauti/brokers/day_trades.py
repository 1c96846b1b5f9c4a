"""What traded in a day so far: the last quantity, the average price, the range of open interest."""

import numpy as np

from kasauti.domain.market import Ints

#: Money units in a paisa.
_PAISA = 100


class DayTrades:
    """
    The day of `size` instruments, as far as ticks have shown it; bars say nothing of single trades.

    What traded is the growth of the day's volume from tick to tick, at the price of the later one; what
    traded before the first tick is not known and counts for nothing. Prices are money units, and 0 is none.
    """

    def __init__(self, size: int) -> None:
        self.last_quantity: Ints = np.zeros(size, np.int64)
        self.interest_high: Ints = np.zeros(size, np.int64)
        self.interest_low: Ints = np.zeros(size, np.int64)
        self._quantity: Ints = np.zeros(size, np.int64)
        self._value: Ints = np.zeros(size, np.int64)

    def begin_day(self) -> None:
        """Forget the day before."""
        for column in (
            self.last_quantity,
            self.interest_high,
            self.interest_low,
            self._quantity,
            self._value,
        ):
            column[:] = 0

    def average(self, slots: Ints) -> Ints:
        """Return the average prices of what traded, by quantity, to the nearest paisa; 0 for none."""
        quantity = np.maximum(self._quantity[slots], 1)
        rounded: Ints = (self._value[slots] + quantity * (_PAISA // 2)) // (quantity * _PAISA) * _PAISA
        return rounded

    def add(self, own: Ints, begins: Ints, prices: Ints, growth: Ints, traded: Ints, interest: Ints) -> None:
        """
        Take ticks in, ordered by instrument and then by time.

        The ticks of the instrument `own[i]` begin at row `begins[i]`, and `traded[i]` is what they traded
        together; `growth` is what traded with each.
        """
        if growth.any():
            self._quantity[own] += traded
            self._value[own] += np.add.reduceat(growth * prices, begins)
            rows = np.flatnonzero(growth)
            which = rows if len(begins) == len(growth) else np.searchsorted(begins, rows, "right") - 1
            self.last_quantity[own[which]] = growth[rows]
        if interest.any():
            high, low = np.maximum.reduceat(interest, begins), np.minimum.reduceat(interest, begins)
            known = self.interest_low[own]
            self.interest_low[own] = np.where((known > 0) & ((low > known) | (low == 0)), known, low)
            self.interest_high[own] = np.maximum(self.interest_high[own], high)
