"""Bars as a matrix: a trading day of one length of bar, a row an instrument, a column a moment."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kasauti.domain.candle import BarOfRow, BarRow, Candle
from kasauti.domain.ist import ist_day_number
from kasauti.domain.market import BarBatch, Ints, Slots

Bools = NDArray[np.bool_]

_VALUES = ("open", "high", "low", "close", "volume", "open_interest")


@lru_cache(maxsize=8)  # most days have the slots of the day before
def _places(slots: bytes) -> dict[int, int]:
    """Return the row of each slot, by what the slots are: one dictionary serves many days."""
    listed = np.frombuffer(slots, np.int32).tolist()
    return dict(zip(listed, range(len(listed)), strict=True))


def _step_of(at: Ints) -> int:
    """Return how far each moment is from the one before, 0 where that differs or there are no two."""
    if len(at) < 2:  # noqa: PLR2004  a step lies between two
        return 0
    step: int = at.item(1) - at.item(0)
    return step if bool((at[1:] - at[:-1] == step).all()) else 0


@dataclass(eq=False)
class BarGrid:
    """
    Bars of one length and one IST day, all instruments at once.

    `at` has the moments at which bars end, ascending, each once; `slots` the instruments, ascending, each
    once. Everything else has the shape (instruments, moments), 0 where there is no bar; it is read fastest
    where the moments of an instrument lie side by side in memory. `present` says where there is a bar, None:
    everywhere. Of each bar, `high` is the highest price and `low` the lowest; `volume` is what traded inside
    it (0: not known). It says the same as a `BarBatch` of its bars by moment, then by slot. It does not
    change.
    """

    seconds: int
    at: Ints
    slots: Slots
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    open_interest: Ints
    present: Bools | None = None
    #: What follows from these, once it has been asked for; `_step` is how far one moment is from the next,
    #: where that is always the same, 0 where it is not, and -1 before.
    _first: int = field(init=False, repr=False)
    _step: int = field(init=False, repr=False)
    _moments: list[int] = field(init=False, repr=False)
    _rows_of: dict[int, int] | None = field(init=False, repr=False)
    _counts: Ints | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._first, self._step = 0, -1
        self._moments, self._rows_of, self._counts = [], None, None

    def __len__(self) -> int:
        return len(self.at)

    def __getitem__(self, moments: slice) -> "BarGrid":
        columns = {name: getattr(self, name)[:, moments] for name in _VALUES}
        present = None if self.present is None else self.present[:, moments]
        return BarGrid(self.seconds, self.at[moments], self.slots, **columns, present=present)

    @classmethod
    def of(cls, batch: BarBatch) -> "BarGrid | None":
        """
        Return the grid of a batch, None where there is none.

        That is where the bars of a moment are not in the order of their slots, each at most once, or the
        batch is empty or of several days.
        """
        if not len(batch) or ist_day_number(int(batch.at[0])) != ist_day_number(int(batch.at[-1])):
            return None
        slots, rows = np.unique(batch.slot, return_inverse=True)
        at, columns = np.unique(batch.at, return_inverse=True)
        shape = len(slots), len(at)
        cells = columns * shape[0] + rows
        if not bool(np.all(cells[1:] > cells[:-1])):
            return None
        complete = len(batch) == shape[0] * shape[1]

        def matrix(values: Ints) -> Ints:
            if complete:
                return np.ascontiguousarray(values.reshape(shape[1], shape[0]).T)
            filled = np.zeros(shape, np.int64)
            filled[rows, columns] = values
            return filled

        present = None
        if not complete:
            present = np.zeros(shape, np.bool_)
            present[rows, columns] = True
        values = {name: matrix(getattr(batch, name)) for name in _VALUES}
        return cls(batch.seconds, at, slots.astype(np.int32), **values, present=present)

    def rows(self) -> BarBatch:
        """Return its bars as rows, by moment, then by slot."""
        shape = len(self.slots), len(self.at)
        at = np.repeat(self.at, shape[0])
        slot = np.tile(self.slots, shape[1])
        values = [getattr(self, name).T.ravel() for name in _VALUES]
        if self.present is not None:
            there = self.present.T.ravel()
            at, slot = at[there], slot[there]
            values = [column[there] for column in values]
        return BarBatch(self.seconds, at, slot, *values)

    def not_before(self, moment: int) -> BarBatch:
        """Return the same bars, known at `moment` at the earliest: as rows, for two of a slot may meet."""
        return self.rows().not_before(moment)

    @property
    def bars(self) -> int:
        """How many bars there are."""
        return self.before(len(self))

    @property
    def moments(self) -> list[int]:
        """The same as `at`, for a loop."""
        if not self._moments:
            self._moments = self.at.tolist()
        return self._moments

    def list_moments(self) -> None:
        """Have `ends` be a list from now on: for rows of which every bar is heard."""
        self._moments = self.moments

    @property
    def ends(self) -> Sequence[int]:
        """The same as `at`, for who reads single ones: making a list of all costs more than they do."""
        return self._moments or self.at.data

    def first_from(self, moment: int, start: int = 0) -> int:
        """Return the number of the first moment from number `start` on that is not before `moment`."""
        step = self._step
        if step < 0:
            step = self._step = _step_of(self.at)
            self._first = self.at.item(0) if step else 0
        if not step:
            return bisect_left(self.moments, moment, start)
        # Where a clock ticks as ever, it is counted.
        number = -((self._first - moment) // step)
        if number < start:
            return start
        return min(len(self.at), number)

    @property
    def places(self) -> dict[int, int]:
        """The row of each slot; grids of the same slots share it."""
        places = self._rows_of
        if places is None:
            places = self._rows_of = _places(self.slots.astype(np.int32, copy=False).tobytes())
        return places

    @property
    def counts(self) -> Ints:
        """How many bars there are before each moment, and in all."""
        if self._counts is None:
            counts = np.zeros(len(self) + 1, np.int64)
            if self.present is None:
                counts[1:] = np.arange(1, len(self) + 1) * len(self.slots)
            else:
                np.cumsum(self.present.sum(axis=0), out=counts[1:])
            self._counts = counts
        return self._counts

    def before(self, moment: int) -> int:
        """Return how many bars there are before a moment of that number."""
        return moment * len(self.slots) if self.present is None else self.counts.item(moment)

    def has(self, place: int, moment: int) -> bool:
        """Whether there is a bar in row `place` at the moment of number `moment`."""
        return self.present is None or bool(self.present[place, moment])

    def last(self, place: int, moment: int) -> int:
        """Return the number of the moment of the latest bar of a row until `moment`, -1 if there is none."""
        if self.present is None or moment < 0 or self.present[place, moment]:
            return moment
        earlier = self.present[place, :moment].nonzero()[0]
        return int(earlier[-1]) if len(earlier) else -1

    def number(self, place: int, moment: int) -> int:
        """Return how many bars there are until the one in row `place` of `moment`, itself included."""
        if self.present is None:
            return moment * len(self.slots) + place + 1
        return self.counts.item(moment) + int(np.count_nonzero(self.present[: place + 1, moment]))

    def candle(self, place: int, moment: int, instrument: str) -> Candle:
        """Return one bar as the candle of `instrument`."""
        at = place, slice(moment, moment + 1)
        columns = (
            self.open[at], self.high[at], self.low[at], self.close[at],
            self.volume[at], self.open_interest[at],
        )  # fmt: skip
        return BarOfRow(BarRow(instrument, self.seconds, [self.at.item(moment)], columns), 0)

    def row(self, place: int, instrument: str) -> BarRow:
        """Return the bars of a row as those of `instrument`, to be read as candles."""
        columns = [getattr(self, name)[place] for name in _VALUES]
        present = None if self.present is None else self.present[place]
        return BarRow(instrument, self.seconds, self.ends, columns, present)
