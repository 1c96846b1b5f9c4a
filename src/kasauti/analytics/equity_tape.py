"""The prices that a run's result depends on, kept while its data goes by: of what was held, no others."""

from collections.abc import Callable, Collection, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from kasauti.analytics.excursions import Prices
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.domain.market import BarBatch, Ints, TickBatch

Batch = BarGrid | BarBatch | TickBatch
#: As many instruments are looked for one by one; for more the rows are sorted first.
_FEW = 8
_Piece = tuple[Ints, Ints, Ints, Ints]


class EquityTape:
    """
    What marks a run to market.

    It is shown every batch of market data in order, after the engine has taken it in, with the ids of what
    was held or traded meanwhile: those columns it copies. Moments are the ends of bars, or of minutes where
    the data is ticks. `benchmark` is the id of an instrument to compare the result with; empty for none.
    """

    def __init__(self, universe: Universe, benchmark: str = "") -> None:
        self.benchmark_id = benchmark if benchmark in universe else ""
        self._universe = universe
        self._pieces: dict[str, list[_Piece]] = {}
        self._moments: list[Ints] = []
        self._last_tick = 0
        self._at_hand: Batch | None = None

    def take(self, batch: Batch, held: Collection[str]) -> None:
        """Keep the prices of `held`, and of the benchmark, from one batch."""
        if not len(batch):
            return
        if isinstance(batch, BarGrid):
            self._moments.append(batch.at)
        elif isinstance(batch, BarBatch):
            self._moments.append(_distinct(batch.at))
        else:
            self._moments.append(_distinct(-(-batch.at // NS_PER_MINUTE) * NS_PER_MINUTE))
            self._last_tick = int(batch.at[-1])
        names = sorted({*held, self.benchmark_id} - {""})
        for name, piece in zip(names, self._cut(batch, names), strict=True):
            if len(piece[0]):
                self._pieces.setdefault(name, []).append(piece)

    def _cut(self, batch: Batch, names: list[str]) -> Iterator[_Piece]:
        """Yield the rows of each instrument."""
        slots = [self._universe.slot(name) for name in names]
        if isinstance(batch, BarGrid):
            return (_of_grid(batch, batch.places.get(slot, -1)) for slot in slots)
        if len(slots) <= _FEW:
            return (_of_rows(batch, np.flatnonzero(batch.slot == slot)) for slot in slots)
        order = np.argsort(batch.slot, kind="stable")
        in_order = batch.slot[order]
        firsts, ends = (np.searchsorted(in_order, slots, side).tolist() for side in ("left", "right"))
        return (_of_rows(batch, order[first:end]) for first, end in zip(firsts, ends, strict=True))

    def follow(self, batches: Iterable[Batch], held: Callable[[], Collection[str]]) -> Iterator[Batch]:
        """Hand `batches` on, and take each once it has been dealt with; `held` says what was held then."""
        for batch in batches:
            self._at_hand = batch
            yield batch
            self._at_hand = None
            self.take(batch, held())

    def stop(self, moment: int, held: Collection[str]) -> None:
        """Take of the batch that was being dealt with what had come by `moment`: the run ended there."""
        if self._at_hand is not None:
            self.take(self._at_hand[: int(np.searchsorted(self._at_hand.at, moment, "right"))], held)
            self._at_hand = None

    @property
    def moments(self) -> Ints:
        """The moments at which the account is valued, rising."""
        if not self._moments:
            return np.zeros(0, np.int64)
        moments = _distinct(np.concatenate(self._moments))
        if self._last_tick and moments[-1] > self._last_tick:
            moments[-1] = self._last_tick
        return moments

    def prices(self, instrument: str) -> Prices | None:
        """Return what was kept of an instrument, None if that is nothing."""
        pieces = self._pieces.get(instrument)
        if not pieces:
            return None
        if len(pieces) > 1:
            # Joined once: a run asks for the same prices more than once.
            columns = zip(*pieces, strict=True)
            joined = tuple(np.concatenate(column) for column in columns)
            pieces[:] = [(joined[0], joined[1], joined[2], joined[3])]
        return Prices(*pieces[0])


def _distinct(rising: Ints) -> Ints:
    """Return the values of a column that never falls, each once."""
    return rising[np.flatnonzero(np.diff(rising, prepend=rising[0] - 1))]


def _of_rows(batch: BarBatch | TickBatch, rows: NDArray[np.intp]) -> _Piece:
    if isinstance(batch, BarBatch):
        if len(rows) == len(batch):
            return batch.at, batch.high, batch.low, batch.close
        return batch.at[rows], batch.high[rows], batch.low[rows], batch.close[rows]
    rows = rows[batch.last[rows] > 0]
    last = batch.last[rows]
    return batch.at[rows], last, last, last


def _of_grid(grid: BarGrid, place: int) -> _Piece:
    if place < 0:
        none = grid.at[:0]
        return none, none, none, none
    there = slice(None) if grid.present is None else grid.present[place]
    # Copied, or the row would keep the whole day's grid in memory.
    high, low, close = (each[place][there].copy() for each in (grid.high, grid.low, grid.close))
    return grid.at[there], high, low, close
