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

    A tick matters if its ask is at or below `low`, its bid at or above `high`, or if its slot is watched
    `always`. So does a last price at or beyond either, but not where `book_decides`, the slot has nothing
    that `last_counts` for, and the tick shows that side of a book. `version` grows whenever more ticks may
    matter than before, so that a scan made earlier has to be made again.
    `held` has the slots where anything is to be looked at, `changed` those of which that may have changed
    since somebody emptied it.
    """

    def __init__(self, slots: int, *, book_decides: bool = False) -> None:
        self.low = np.full(slots, NEVER_LOW, np.int64)
        self.high = np.full(slots, NEVER_HIGH, np.int64)
        self.always = np.zeros(slots, np.bool_)
        self.last_counts = np.full(slots, not book_decides, np.bool_)
        self.version = 0
        self._book_decides = book_decides
        self.held: set[int] = set()
        self.changed: set[int] = set()

    def set(self, slot: int, low: int, high: int, *, always: bool, last_counts: bool = True) -> None:
        """Replace the thresholds of one slot."""
        counts = last_counts or not self._book_decides
        wider = (
            low > self.low[slot]
            or high < self.high[slot]
            or (always and not self.always[slot])
            or (counts and not self.last_counts[slot])
        )
        self.low[slot], self.high[slot], self.always[slot] = low, high, always
        self.last_counts[slot] = counts
        if wider:
            self.version += 1
        self.changed.add(slot)
        if always or low > NEVER_LOW or high < NEVER_HIGH:
            self.held.add(slot)
        else:
            self.held.discard(slot)

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
        last, bid, ask = batch.last[start:stop], batch.bid[start:stop], batch.ask[start:stop]
        hits = last <= low
        hits |= last >= high
        if self._book_decides:
            hits &= self.last_counts[slots] | (bid == 0) | (ask == 0)
        hits |= bid >= high
        hits |= ask <= low
        hits |= (self.always | watched)[slots]
        return np.flatnonzero(hits) + start

    def matters(self, batch: TickBatch, row: int, watched: NDArray[np.bool_]) -> bool:
        """Return whether a row that `rows` returned matters still: what it was for may have traded since."""
        slot = batch.slot[row]
        if self.always[slot] or watched[slot]:
            return True
        low, high = self.low[slot], self.high[slot]
        bid, ask, last = batch.bid[row], batch.ask[row], batch.last[row]
        if bid >= high or ask <= low:
            return True
        counts = self.last_counts[slot] or not bid or not ask
        return bool(counts and (last <= low or last >= high))
