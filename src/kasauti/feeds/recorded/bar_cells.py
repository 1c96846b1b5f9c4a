"""The cells of a grid of bars that the rows of a day belong into."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.market import Ints, Slots
from kasauti.feeds.recorded.faults import Context
from kasauti.feeds.recorded.rows import Columns, Rows
from kasauti.feeds.recorded.values import Bools

#: A grid with more cells than this for each bar is not worth its memory.
_MOST = 8


@dataclass(frozen=True)
class Cells:
    """
    Where each row belongs in a grid: `number` counts the cells of an instrument, then those of the next one.

    `at` are the times of the rows, ascending, each once, and `slots` their instruments.
    """

    at: Ints
    slots: Slots
    number: Ints

    @classmethod
    def of(cls, rows: Rows, length_ns: int) -> Self | None:
        """Return the cells of rows whose times are `length_ns` apart; None for any others."""
        of_slot = np.bincount(rows.slot) > 0
        slots = np.flatnonzero(of_slot).astype(np.int32)
        first = int(rows.at.min())
        moment = (rows.at - first) // length_ns
        moments = int(moment.max()) + 1
        if moments * len(slots) > _MOST * len(rows) or not np.array_equal(
            moment * length_ns + first, rows.at
        ):
            return None
        place = (np.cumsum(of_slot) - 1) * moments
        cells = cls(first + np.arange(moments) * length_ns, slots, place[rows.slot] + moment)
        if cells.as_they_are:
            return cells
        there = np.bincount(moment, minlength=moments) > 0
        if there.all():
            return cells
        renumbered = np.cumsum(there) - 1
        place = (np.cumsum(of_slot) - 1) * (int(renumbered[-1]) + 1)
        return cls(cells.at[there], slots, place[rows.slot] + renumbered[moment])

    @classmethod
    def of_any(cls, rows: Rows) -> Self | None:
        """Return the cells of any rows; None where most cells would be empty."""
        at, moments = np.unique(rows.at, return_inverse=True)
        slots, places = np.unique(rows.slot, return_inverse=True)
        if len(at) * len(slots) > _MOST * len(rows):
            return None
        return cls(at, slots.astype(np.int32), places * len(at) + moments)

    @cached_property
    def as_they_are(self) -> bool:
        """Whether the rows are the cells in their order."""
        size = len(self.slots) * len(self.at)
        return len(self.number) == size and bool(np.array_equal(self.number, np.arange(size)))

    @cached_property
    def filled(self) -> Bools:
        """Which cells have a row."""
        filled = np.zeros(len(self.slots) * len(self.at), np.bool_)
        filled[self.number] = True
        return filled

    @cached_property
    def is_complete(self) -> bool:
        """Whether no cell is empty."""
        return self.as_they_are or bool(np.all(self.filled))

    def ends(self, context: Context) -> Ints:
        """Return when the bars of each moment were known."""
        return self.at if context.at_end else self.at + context.length_ns

    def in_order(self, rows: Rows) -> bool:
        """Whether no cell has two rows, and the rows of no instrument go back in time."""
        if self.as_they_are:
            return True
        if int(np.count_nonzero(self.filled)) < len(rows):
            return False
        if bool(np.all(rows.at[1:] >= rows.at[:-1])):
            return True
        same = rows.slot[1:] == rows.slot[:-1]
        runs = len(rows) - int(np.count_nonzero(same))
        return runs == len(self.slots) and bool(np.all((rows.at[1:] > rows.at[:-1])[same]))

    def spread(self, values: Ints) -> Ints:
        """Return the values of the rows as a matrix, 0 where there is none."""
        shape = len(self.slots), len(self.at)
        if self.as_they_are:
            return values.reshape(shape)
        spread = np.zeros(shape[0] * shape[1], np.int64)
        spread[self.number] = values
        return spread.reshape(shape)

    def neighbours(self, *columns: Ints) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the cells whose values in `columns` are those of the bar before, and the cells before."""
        there = None if self.is_complete else np.flatnonzero(self.filled)
        same: Bools | bool = True
        for column in columns:
            flat = column.reshape(-1) if there is None else column.reshape(-1)[there]
            same = same & (flat[1:] == flat[:-1])
        later = np.flatnonzero(same) + 1
        earlier = later - 1
        if there is not None:
            later, earlier = there[later], there[earlier]
        of_one = later // len(self.at) == earlier // len(self.at)
        return later[of_one], earlier[of_one]

    def grid(self, columns: Columns, kept: Bools | None, context: Context, at: Ints | None = None) -> BarGrid:
        """
        Return the grid with these values, without the rows that are not `kept`.

        `at` are its moments, if they are not the ends of bars as the file names them.
        """
        ends = self.ends(context) if at is None else at
        if kept is None:
            present = None if self.is_complete else self.filled.reshape(len(self.slots), -1)
            return BarGrid(context.seconds, ends, self.slots, **columns, present=present)
        cells = np.zeros(len(self.slots) * len(self.at), np.bool_)
        cells[self.number[kept]] = True
        present = cells.reshape(len(self.slots), -1)
        columns = {name: values * present for name, values in columns.items()}
        moments = present.any(axis=0)
        if not moments.all():
            columns = {name: values[:, moments] for name, values in columns.items()}
            ends, present = ends[moments], np.ascontiguousarray(present[:, moments])
        return BarGrid(context.seconds, ends, self.slots, **columns, present=present)
