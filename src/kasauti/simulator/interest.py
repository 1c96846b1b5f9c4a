"""Which ticks can matter to what rests: thresholds a slot, compared with whole columns at once."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from kasauti.domain.market import Slots, TickBatch

#: Above every price, and below every price and its absence.
NEVER_HIGH: Final = 2**62 - 1
NEVER_LOW: Final = -1


#: Where levels have to come into sight for nobody: below every bid, and above every ask.
NOWHERE: Final[tuple[int, int]] = (NEVER_LOW, NEVER_HIGH)


class _Terms:
    """Thresholds below and above, whether every tick matters, and whether last prices do."""

    __slots__ = ("always", "high", "last_counts", "low")

    def __init__(self, *, last_counts: bool) -> None:
        self.low, self.high, self.always, self.last_counts = NEVER_LOW, NEVER_HIGH, False, last_counts


class Interest:
    """
    The prices at which each slot's orders have to be looked at.

    A tick matters if its ask is at or below `low`, its bid at or above `high`, or if its slot is watched
    `always`. So does a last price at or beyond either, but not where `book_decides`, the slot has nothing
    that `last_counts` for, and the tick shows that side of a book. `version` grows whenever more ticks may
    matter than before, so that a scan made earlier has to be made again.
    A last price at or beyond what `arm` sets matters as well, for what waits outside the venue. So does a
    tick whose last bid or ask shown is at or beyond `sight`: then the queue at our own price can be told.
    `held` has the slots where anything is to be looked at, `changed` those of which that may have changed
    since somebody emptied it.

    Several may share one: each is a part of its own, and a tick matters if it matters to any of them.
    """

    def __init__(self, slots: int, *, book_decides: bool = False) -> None:
        self.version = 0
        self.held: set[int] = set()
        self.changed: set[int] = set()
        self._book_decides = book_decides
        self._quiet = _Terms(last_counts=not book_decides)
        #: What holds for the slots that were ever set, and which of that is not in the columns yet.
        self._terms: dict[int, _Terms] = {}
        #: The same for each part, if there are parts.
        self._parts: list[dict[int, _Terms]] = []
        self._unwritten: set[int] = set()
        self._low = np.full(slots, NEVER_LOW, np.int64)
        self._high = np.full(slots, NEVER_HIGH, np.int64)
        self._always = np.zeros(slots, np.bool_)
        self._last_counts = np.full(slots, not book_decides, np.bool_)
        #: What waits for last prices outside the venue: columns only once there is any.
        self._armed: dict[int, tuple[int, int]] = {}
        self._armed_low = self._armed_high = np.zeros(0, np.int64)
        #: Where levels come into sight, by slot and part: columns only once there is any.
        self._sights: dict[int, dict[int, tuple[int, int]]] = {}
        self._sight: dict[int, tuple[int, int]] = {}
        self._sight_low = self._sight_high = np.zeros(0, np.int64)

    def share(self) -> int:
        """Return the number of one more part, from 0 on. Nothing may have been set before."""
        assert not self._terms, "parts are shared out before anything rests"
        self._parts.append({})
        return len(self._parts) - 1

    def set(
        self,
        slot: int,
        low: int,
        high: int,
        *,
        always: bool,
        last_counts: bool = True,
        part: int = 0,
        sight: tuple[int, int] = NOWHERE,
    ) -> None:
        """Replace the thresholds of one slot."""
        self.changed.add(slot)
        if sight != NOWHERE or (self._sights and slot in self._sights):
            self._look_for(slot, part, sight)
        last_counts = last_counts or not self._book_decides
        if self._parts:
            own = self._own(self._parts[part], slot)
            own.low, own.high, own.always, own.last_counts = low, high, always, last_counts
            low, high, always, last_counts = self._joined(slot)
        terms = self._own(self._terms, slot)
        if (
            low > terms.low
            or high < terms.high
            or (always and not terms.always)
            or (last_counts and not terms.last_counts)
        ):
            self.version += 1
        elif (
            low == terms.low
            and high == terms.high
            and always is terms.always
            and last_counts is terms.last_counts
        ):
            return
        terms.low, terms.high, terms.always, terms.last_counts = low, high, always, last_counts
        self._unwritten.add(slot)
        if always or low > NEVER_LOW or high < NEVER_HIGH:
            self.held.add(slot)
        elif slot not in self._armed:
            self.held.discard(slot)

    def _own(self, all_terms: dict[int, _Terms], slot: int) -> _Terms:
        """Return what holds for a slot, to be changed; nothing matters in one that was never set."""
        terms = all_terms.get(slot)
        if terms is None:
            terms = all_terms[slot] = _Terms(last_counts=not self._book_decides)
        return terms

    def _look_for(self, slot: int, part: int, sight: tuple[int, int]) -> None:
        """Have a tick looked at that shows levels at or beyond `sight`, for one part."""
        if not len(self._sight_low):
            self._sight_low = np.full(len(self._low), NEVER_LOW, np.int64)
            self._sight_high = np.full(len(self._low), NEVER_HIGH, np.int64)
        mine = self._sights.setdefault(slot, {})
        if sight == NOWHERE:
            mine.pop(part, None)
        else:
            mine[part] = sight
        before = self._sight.get(slot, NOWHERE)
        now = NOWHERE
        if mine:
            lows, highs = zip(*mine.values(), strict=True)
            now = max(lows), min(highs)
        if now == before:
            return
        self._sight_low[slot], self._sight_high[slot] = now
        if now == NOWHERE:
            del self._sight[slot]
        else:
            self._sight[slot] = now
        if now[0] > before[0] or now[1] < before[1]:
            self.version += 1

    def _joined(self, slot: int) -> tuple[int, int, bool, bool]:
        """Return what matters to any part."""
        all_terms = [terms.get(slot, self._quiet) for terms in self._parts]
        return (
            max(terms.low for terms in all_terms),
            min(terms.high for terms in all_terms),
            any(terms.always for terms in all_terms),
            any(terms.last_counts for terms in all_terms),
        )

    def arm(self, slot: int, low: int, high: int) -> None:
        """Have last prices at or beyond either looked at; `NEVER_LOW` and `NEVER_HIGH` together end that."""
        if not len(self._armed_low):
            self._armed_low = np.full(len(self._low), NEVER_LOW, np.int64)
            self._armed_high = np.full(len(self._low), NEVER_HIGH, np.int64)
        self.changed.add(slot)
        before = self._armed.get(slot, (NEVER_LOW, NEVER_HIGH))
        self._armed_low[slot], self._armed_high[slot] = low, high
        if low > before[0] or high < before[1]:
            self.version += 1
        if low > NEVER_LOW or high < NEVER_HIGH:
            self._armed[slot] = low, high
            self.held.add(slot)
        else:
            self._armed.pop(slot, None)
            plain = self._terms.get(slot, self._quiet)
            if not plain.always and plain.low == NEVER_LOW and plain.high == NEVER_HIGH:
                self.held.discard(slot)

    def watch(self, slot: int, part: int = 0) -> None:
        """Have every tick of one slot looked at, until `set` says otherwise."""
        if self._parts:
            self._own(self._parts[part], slot).always = True
        terms = self._own(self._terms, slot)
        if not terms.always:
            terms.always = True
            self._unwritten.add(slot)
            self.held.add(slot)
            self.changed.add(slot)
            self.version += 1

    def thresholds(self, slot: int) -> tuple[int, int, bool, int, int]:
        """Return at or below and at or above which price a tick may matter, whether all do, and the sight."""
        terms = self._terms.get(slot, self._quiet)
        armed_low, armed_high = self._armed.get(slot, NOWHERE)
        sight_low, sight_high = self._sight.get(slot, NOWHERE)
        return max(terms.low, armed_low), min(terms.high, armed_high), terms.always, sight_low, sight_high

    def watches(self, slot: int) -> bool:
        """Whether every tick of a slot is looked at."""
        return self._terms.get(slot, self._quiet).always

    def _write(self) -> None:
        """Bring the columns up to date: an order that comes and goes between two looks costs them nothing."""
        for slot in self._unwritten:
            terms = self._terms[slot]
            self._low[slot], self._high[slot] = terms.low, terms.high
            self._always[slot], self._last_counts[slot] = terms.always, terms.last_counts
        self._unwritten.clear()

    def holds(self, slots: Slots) -> NDArray[np.bool_]:
        """Return for each of `slots` whether anything rests there."""
        self._write()
        held = self._always[slots] | (self._low[slots] > NEVER_LOW) | (self._high[slots] < NEVER_HIGH)
        if self._armed:
            held |= (self._armed_low[slots] > NEVER_LOW) | (self._armed_high[slots] < NEVER_HIGH)
        return held

    def rows(self, batch: TickBatch, start: int, stop: int, watched: NDArray[np.bool_]) -> NDArray[np.intp]:
        """
        Return the rows of `batch` from `start` to `stop` that matter, or whose slot is in `watched`.

        A row may be returned that does not matter, where a price is missing; never the other way round.
        """
        self._write()
        slots = batch.slot[start:stop]
        low, high = self._low[slots], self._high[slots]
        last, bid, ask = batch.last[start:stop], batch.bid[start:stop], batch.ask[start:stop]
        hits = last <= low
        hits |= last >= high
        if self._book_decides:
            hits &= self._last_counts[slots] | (bid == 0) | (ask == 0)
        hits |= bid >= high
        hits |= ask <= low
        hits |= (self._always | watched)[slots]
        if self._armed:
            hits |= last >= self._armed_high[slots]
            hits |= (last <= self._armed_low[slots]) & (last > 0)
        if self._sight:
            bids, asks = batch.last_levels(start, stop)
            hits |= (bids <= self._sight_low[slots]) & (bid > 0)
            hits |= (asks >= self._sight_high[slots]) & (ask > 0)
        return np.flatnonzero(hits) + start

    def matters(self, batch: TickBatch, row: int, watched: NDArray[np.bool_]) -> bool:
        """Return whether a row that `rows` returned matters still: what it was for may have traded since."""
        slot = batch.slot.item(row)
        terms = self._terms.get(slot, self._quiet)
        if terms.always or watched.item(slot):
            return True
        bid, ask, last = batch.bid.item(row), batch.ask.item(row), batch.last.item(row)
        if self._armed and slot in self._armed:
            armed_low, armed_high = self._armed[slot]
            if last >= armed_high or 0 < last <= armed_low:
                return True
        if bid >= terms.high or ask <= terms.low:
            return True
        if self._sight and slot in self._sight:
            sight_low, sight_high = self._sight[slot]
            bids, asks = batch.last_levels(row, row + 1)
            if (bid > 0 and bids[0] <= sight_low) or (ask > 0 and asks[0] >= sight_high):
                return True
        counts = terms.last_counts or not bid or not ask
        return counts and (last <= terms.low or last >= terms.high)
