"""
Which accounts a tick matters to: one pair of thresholds a slot for all of them, then each one's own.

A tick that crosses nobody's threshold costs a comparison of columns, however many accounts there are.
"""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

import numpy as np

from kasauti.domain.market import TickBatch
from kasauti.engine.ticks import TickPath
from kasauti.simulator.interest import NEVER_HIGH, NEVER_LOW

_Thresholds = tuple[int, int, bool, int, int]
_QUIET: _Thresholds = (NEVER_LOW, NEVER_HIGH, False, NEVER_LOW, NEVER_HIGH)


class Watcher(Protocol):
    """An account, as far as ticks can matter to it."""

    @property
    def ticks(self) -> TickPath:
        """The way of ticks through its engine."""


WatcherT = TypeVar("WatcherT", bound=Watcher)


class Crossings(Generic[WatcherT]):
    """The prices at which anybody has to be asked, for a market of `slots` instruments."""

    def __init__(self, slots: int) -> None:
        self._low = np.full(slots, NEVER_LOW, np.int64)
        self._high = np.full(slots, NEVER_HIGH, np.int64)
        self._always = np.zeros(slots, np.bool_)
        self._sight_low = np.full(slots, NEVER_LOW, np.int64)
        self._sight_high = np.full(slots, NEVER_HIGH, np.int64)
        #: Who has thresholds in a slot, and which.
        self._of: dict[int, dict[WatcherT, _Thresholds]] = {}
        #: Where somebody's thresholds were the merged ones and may have moved away from them.
        self._stale: set[int] = set()

    def update(self, watcher: WatcherT) -> None:
        """Take over what changed in the thresholds of one account."""
        for slot in watcher.ticks.changed():
            terms = watcher.ticks.thresholds(slot)
            mine = self._of.setdefault(slot, {})
            if terms == _QUIET:
                mine.pop(watcher, None)
            else:
                mine[watcher] = terms
            self._stale.add(slot)

    def drop(self, watcher: WatcherT) -> None:
        """Forget an account."""
        for slot, mine in self._of.items():
            if mine.pop(watcher, None) is not None:
                self._stale.add(slot)

    def hits(self, batch: TickBatch) -> Iterator[tuple[int, list[WatcherT]]]:
        """Yield the rows of `batch` that matter to anybody, in order, and to whom."""
        if self._stale:
            self._merge()
        slots = batch.slot
        low, high = self._low[slots], self._high[slots]
        hits = batch.last <= low
        hits |= batch.last >= high
        hits |= batch.bid >= high
        hits |= batch.ask <= low
        hits |= self._always[slots]
        bids, asks = batch.last_levels(0, len(batch))
        hits |= (bids <= self._sight_low[slots]) & (batch.bid > 0)
        hits |= (asks >= self._sight_high[slots]) & (batch.ask > 0)
        for row in np.flatnonzero(hits).tolist():
            mine = self._of.get(int(slots[row]))
            if mine:
                who = [watcher for watcher in mine if watcher.ticks.matters(batch, row)]
                if who:
                    yield row, who

    def _merge(self) -> None:
        for slot in self._stale:
            mine = self._of.get(slot)
            all_terms = mine.values() if mine else (_QUIET,)
            lows, highs, always, sight_lows, sight_highs = zip(*all_terms, strict=True)
            self._low[slot], self._high[slot], self._always[slot] = max(lows), min(highs), any(always)
            self._sight_low[slot], self._sight_high[slot] = max(sight_lows), min(sight_highs)
        self._stale.clear()
