"""The bars of one instrument out of a market's batches, joined into columns."""

import numpy as np

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import BarBatch, Ints, TickBatch
from kasauti.simulator.kernel.terms import NotHere
from kasauti.strategies.columns import Bars

_VALUES = ("open", "high", "low", "close", "volume", "open_interest")


class BarsWanted:
    """
    Gathers the bars in one slot, batch by batch; `seen` is how many bars there were of all instruments.

    `NotHere` says why they are nothing for the kernel: ticks, bars of several lengths, no bars at all.
    """

    def __init__(self, slot: int, instrument: Instrument) -> None:
        self.seen = 0
        self._slot = slot
        self._instrument = instrument
        self._pieces: list[list[Ints]] = []
        self._lengths: set[int] = set()

    def take(self, batch: TickBatch | BarBatch | BarGrid) -> None:
        """Take what a batch has of them."""
        if isinstance(batch, TickBatch):
            raise NotHere("its market has ticks, which are finer than bars")
        self.seen += batch.bars if isinstance(batch, BarGrid) else len(batch)
        columns = _of_grid(batch, self._slot) if isinstance(batch, BarGrid) else _of_batch(batch, self._slot)
        if columns is not None and len(columns[0]):
            self._pieces.append(columns)
            self._lengths.add(batch.seconds)

    def bars(self) -> Bars:
        """Return all of them, in order of time."""
        if not self._pieces:
            raise NotHere(f"there are no bars of {self._instrument.id}")
        if len(self._lengths) > 1:
            several = " and ".join(str(length) for length in sorted(self._lengths))
            raise NotHere(f"its bars are of several lengths: {several} s")
        (seconds,) = self._lengths
        end, *values = (np.concatenate(column) for column in zip(*self._pieces, strict=True))
        return Bars.of(
            start=end - seconds * NS_PER_SECOND,
            seconds=seconds,
            instrument=self._instrument,
            **dict(zip(_VALUES, values, strict=True)),
        )


def _of_batch(batch: BarBatch, slot: int) -> list[Ints]:
    own = batch.slot == slot
    if own.all():
        return [batch.at, *(getattr(batch, name) for name in _VALUES)]
    rows = np.flatnonzero(own)
    return [batch.at[rows], *(getattr(batch, name)[rows] for name in _VALUES)]


def _of_grid(grid: BarGrid, slot: int) -> list[Ints] | None:
    place = grid.places.get(slot, -1)
    if place < 0:
        return None
    there = slice(None) if grid.present is None else grid.present[place]
    return [grid.at[there], *(getattr(grid, name)[place][there] for name in _VALUES)]
