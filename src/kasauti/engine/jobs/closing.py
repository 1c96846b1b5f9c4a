"""
The prices of the last half hour: what settlement prices are averages of.

Trades count by their units; where none are known, as of an index, each price counts once. A bar counts as
the mean of its high, low and close.
"""

from collections.abc import Iterable

import numpy as np

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.inputs import MarketData
from kasauti.domain.instrument import Universe
from kasauti.domain.market import BarBatch, TickBatch
from kasauti.domain.money import to_paise_half_up


class ClosingWindow:
    """
    Keeps, from `begins` to `ends` (ns UTC, both included), what the instruments in `slots` traded at.

    What is shown may reach beyond the window; it is shown once, in order of time.
    """

    def __init__(self, universe: Universe, slots: Iterable[int], begins: int, ends: int) -> None:
        self.begins, self.ends = begins, ends
        self._wanted = np.zeros(len(universe), np.bool_)
        self._wanted[list(slots)] = True
        #: By slot: value and units, sum and count of prices, when the last one was.
        self._sums: dict[int, list[int]] = {}
        self._volumes: dict[int, int] = {}

    def take(self, data: MarketData) -> None:
        """Take in all of it."""
        if isinstance(data, BarGrid):
            self.grid(data)
        elif not len(data):
            return
        elif isinstance(data, TickBatch):
            self.ticks(data, 0, len(data))
        else:
            self.bars(data, 0, len(data))

    def ticks(self, batch: TickBatch, start: int, stop: int) -> None:
        """Take in the rows `start` to `stop` of `batch`."""
        if int(batch.at[stop - 1]) < self.begins:
            return
        wanted = self._wanted[batch.slot[start:stop]] & (batch.last[start:stop] > 0)
        for row in (wanted.nonzero()[0] + start).tolist():
            at, slot, volume = batch.at.item(row), batch.slot.item(row), batch.volume.item(row)
            before = self._volumes.get(slot, volume)
            self._volumes[slot] = volume
            if self.begins <= at <= self.ends:
                self._add(slot, at, batch.last.item(row), max(0, volume - before))

    def bars(self, batch: BarBatch, start: int, stop: int) -> None:
        """Take in the bars `start` to `stop` of `batch`."""
        if int(batch.at[stop - 1]) <= self.begins:
            return
        inside = self._wanted[batch.slot[start:stop]]
        inside &= (batch.at[start:stop] > self.begins) & (batch.at[start:stop] <= self.ends)
        for row in (inside.nonzero()[0] + start).tolist():
            third = (batch.high.item(row), batch.low.item(row), batch.close.item(row))
            self._bar(batch.slot.item(row), batch.at.item(row), third, batch.volume.item(row))

    def grid(self, grid: BarGrid) -> None:
        """Take in the bars of a day."""
        moments = np.flatnonzero((grid.at > self.begins) & (grid.at <= self.ends))
        for place in np.flatnonzero(self._wanted[grid.slots]).tolist():
            there = moments if grid.present is None else moments[grid.present[place, moments]]
            for moment in there.tolist():
                third = tuple(column.item(place, moment) for column in (grid.high, grid.low, grid.close))
                at, volume = grid.at.item(moment), grid.volume.item(place, moment)
                self._bar(grid.slots.item(place), at, third, volume)

    def _bar(self, slot: int, at: int, third: Iterable[int], volume: int) -> None:
        self._add(slot, at, to_paise_half_up(sum(third), 3), volume)

    def _add(self, slot: int, at: int, price: int, units: int) -> None:
        sums = self._sums.setdefault(slot, [0, 0, 0, 0, 0])
        sums[0] += price * units
        sums[1] += units
        sums[2] += price
        sums[3] += 1
        sums[4] = at

    def price(self, slot: int) -> tuple[int, int] | None:
        """Return the average price, to the paisa, and when the last one in it was; None if there is none."""
        sums = self._sums.get(slot)
        if sums is None:
            return None
        value, units, total, count, at = sums
        return (to_paise_half_up(value, units) if units else to_paise_half_up(total, count)), at
