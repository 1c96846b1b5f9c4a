"""Which ticks can matter to what rests: thresholds a slot, compared with whole columns at once."""

import numpy as np
from numpy.typing import NDArray

from kasauti.domain.market import Slots, TickBatch

#: Above every price, and below every price and its absence.
NEVER_HIGH = 2**62
NEVER_LOW = -1


class Interest:
    """
    The prices at which each slot's orders have to be looked at.

    A tick matters if its ask or last price is at or below `low`, its bid or last price at or above `high`,
    or if its slot is watched `always`. `version` grows whenever more ticks may matter than before, so that
    a scan made earlier has to be made again.
    """

    def __init__(self, slots: int) -> None:
        self.low = np.full(slots, NEVER_LOW, np.int64)
        self.high = np.full(slots, NEVER_HIGH, np.int64)
        self.always = np.zeros(slots, np.bool_)
        self.version = 0

    def set(self, slot: int, low: int, high: int, *, always: bool) -> None:
        """Replace the thresholds of one slot."""
        wider = low > self.low[slot] or high < self.high[slot] or (always and not self.always[slot])
        self.low[slot], self.high[slot], self.always[slot] = low, high, always
        if wider:
            self.version += 1

    def watch(self, slot: int) -> None:
        """Have every tick of one slot looked at, until `set` says otherwise."""
        if not self.always[slot]:
            self.always[slot] = True
            self.version += 1

    def holds(self, slots: Slots) -> NDArray[np.bool_]:
        """Return for each of `slots` whether anything rests there."""
        return self.always[slots] | (self.low[slots] > NEVER_LOW) | (self.high[slots] < NEVER_HIGH)

    def rows(self, batch: TickBatch, start: int, stop: int, watched: NDArray[np.bool_]) -> NDArray[np.intp]:
        """
        Return the rows of `batch` from `start` to `stop` that matter, or whose slot is in `watched`.

        A row may be returned that does not matter, where a price is missing; never the other way round.
        """
        slots = batch.slot[start:stop]
        low, high = self.low[slots], self.high[slots]
        last = batch.last[start:stop]
        hits = last <= low
        hits |= last >= high
        hits |= batch.bid[start:stop] >= high
        hits |= batch.ask[start:stop] <= low
        hits |= (self.always | watched)[slots]
        return np.flatnonzero(hits) + start
