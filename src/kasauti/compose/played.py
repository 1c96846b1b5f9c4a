"""What a market was seen to have while it was played: rows by moment, and each instrument's first price."""

from collections.abc import Iterator

import msgspec
import numpy as np

from kasauti.compose.markets import Batch, Market
from kasauti.domain.bar_grid import BarGrid

_NEVER = 2**62


class Played:
    """
    What was seen of `market` the last time it was played from its begin.

    `first` is when each slot had its first price, ns UTC; far in the future for those that had none.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self.first = np.full(len(market.universe), _NEVER, np.int64)
        self._ends: list[int] = []
        self._rows: list[int] = []

    @property
    def market(self) -> Market:
        """The market; playing it is seen."""
        return msgspec.structs.replace(self._market, play=self._play)

    @property
    def rows(self) -> int:
        """How many bars or ticks were seen."""
        return sum(self._rows)

    def part(self, moment: int) -> float:
        """Return which part of the rows came until `moment`, the whole batch in which it lies among them."""
        batches = int(np.searchsorted(self._ends, moment, "left")) + 1
        return sum(self._rows[:batches]) / max(self.rows, 1)

    def _play(self, start: int | None) -> Iterator[Batch]:
        self._ends, self._rows = [], []
        for batch in self._market.play(start):
            self._see(batch)
            yield batch

    def _see(self, batch: Batch) -> None:
        self._ends.append(int(batch.at[-1]))
        if isinstance(batch, BarGrid):
            self._rows.append(batch.bars)
            self._see_grid(batch)
            return
        self._rows.append(len(batch))
        rows = np.flatnonzero(self.first[batch.slot] == _NEVER)
        slots, places = np.unique(batch.slot[rows], return_index=True)
        self.first[slots] = batch.at[rows[places]]

    def _see_grid(self, grid: BarGrid) -> None:
        firsts = np.full(len(grid.slots), int(grid.at[0]))
        if grid.present is not None:
            there = grid.present.any(axis=1)
            firsts = np.where(there, grid.at[grid.present.argmax(axis=1)], _NEVER)
        self.first[grid.slots] = np.minimum(self.first[grid.slots], firsts)
