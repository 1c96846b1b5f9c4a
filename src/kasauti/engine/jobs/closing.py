"""The prices of the last half hour, as they go by: what settlement prices are averages of."""

from collections.abc import Iterable

import numpy as np

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.inputs import MarketData
from kasauti.domain.instrument import Universe
from kasauti.domain.market import BarBatch, TickBatch
from kasauti.exchange.closing_average import ClosingAverage

#: Ticks of which there are at least so many are kept as they are until somebody asks.
_MANY = 256


class ClosingWindow:
    """
    Keeps, from `begins` to `ends` (ns UTC, both included), what the instruments in `slots` traded at.

    What is shown may reach beyond the window; it is shown once, in order of time.
    """

    def __init__(self, universe: Universe, slots: Iterable[int], begins: int, ends: int) -> None:
        self.begins, self.ends = begins, ends
        self._wanted = np.zeros(len(universe), np.bool_)
        self._wanted[list(slots)] = True
        self._averages: dict[int, ClosingAverage] = {}
        self._volumes: dict[int, int] = {}
        #: What was shown and is long. Most instruments are never asked for: it is read for those that are.
        self._grids: list[BarGrid] = []
        self._pieces: list[tuple[TickBatch, int, int]] = []
        #: By slot, how many of the pieces have been read.
        self._read: dict[int, int] = {}
        self._looked_at: set[int] = set()

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
        if int(batch.at[stop - 1]) < self.begins or int(batch.at[start]) > self.ends:
            return
        if stop - start >= _MANY:
            self._pieces.append((batch, start, stop))
            return
        wanted = self._wanted[batch.slot[start:stop]] & (batch.last[start:stop] > 0)
        wanted &= batch.at[start:stop] <= self.ends
        for row in (wanted.nonzero()[0] + start).tolist():
            slot = batch.slot.item(row)
            self._catch_up(slot)
            self._tick(batch, row, slot)

    def _catch_up(self, slot: int) -> None:
        """Take in what was kept, as far as it is of `slot`."""
        first = self._read.get(slot, 0)
        if first == len(self._pieces):
            return
        self._read[slot] = len(self._pieces)
        for batch, start, stop in self._pieces[first:]:
            rows = (batch.slot[start:stop] == slot) & (batch.last[start:stop] > 0)
            rows &= batch.at[start:stop] <= self.ends
            for row in (rows.nonzero()[0] + start).tolist():
                self._tick(batch, row, slot)

    def _tick(self, batch: TickBatch, row: int, slot: int) -> None:
        at, volume = batch.at.item(row), batch.volume.item(row)
        before = self._volumes.get(slot, volume)
        self._volumes[slot] = volume
        if at >= self.begins:
            self._of(slot).add(at, batch.last.item(row), max(0, volume - before))

    def bars(self, batch: BarBatch, start: int, stop: int) -> None:
        """Take in the bars `start` to `stop` of `batch`."""
        if int(batch.at[stop - 1]) <= self.begins:
            return
        inside = self._wanted[batch.slot[start:stop]]
        inside &= (batch.at[start:stop] > self.begins) & (batch.at[start:stop] <= self.ends)
        for row in (inside.nonzero()[0] + start).tolist():
            high, low, close, volume = (
                column.item(row) for column in (batch.high, batch.low, batch.close, batch.volume)
            )
            self._of(batch.slot.item(row)).add_bar(batch.at.item(row), high, low, close, volume)

    def grid(self, grid: BarGrid) -> None:
        """Take in the bars of a day."""
        self._grids.append(grid)

    def _from_grid(self, grid: BarGrid, slot: int) -> None:
        place = grid.places.get(slot)
        if place is None:
            return
        first, stop = grid.first_from(self.begins + 1), grid.first_from(self.ends + 1)
        columns = [column[place, first:stop] for column in (grid.high, grid.low, grid.close, grid.volume)]
        if grid.present is not None:
            there = grid.present[place, first:stop].nonzero()[0]
            columns = [column[there] for column in columns]
            stop = first + 1 + int(there[-1]) if len(there) else first
        if stop > first:
            self._of(slot).add_bars(grid.at.item(stop - 1), *columns)

    def _of(self, slot: int) -> ClosingAverage:
        average = self._averages.get(slot)
        if average is None:
            average = self._averages[slot] = ClosingAverage()
        return average

    def price(self, slot: int) -> tuple[int, int] | None:
        """Return the average price, to the paisa, and when the last one in it was; None if there is none."""
        if slot not in self._looked_at:
            self._looked_at.add(slot)
            for grid in self._grids:
                self._from_grid(grid, slot)
        if self._wanted[slot]:
            self._catch_up(slot)
        average = self._averages.get(slot)
        return (average.price, average.at) if average is not None and average.at else None
