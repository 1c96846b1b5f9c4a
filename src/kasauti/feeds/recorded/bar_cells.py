"""The cells of a grid of bars that the rows of a day belong into."""

from dataclasses import dataclass
from enum import StrEnum
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


class Order(StrEnum):
    """In which order the rows of a day are, where each instrument has one at each moment."""

    BY_SYMBOL = "by symbol"
    BY_TIME = "by time"


@dataclass(frozen=True)
class Cells:
    """
    Where each row belongs in a grid.

    `at` are the times of the rows, ascending, each once, and `slots` their instruments. `order` is that of
    the rows where the grid is full and they come like its rows or columns, else None: then `placed` has the
    number of each row's cell, which counts the cells of an instrument, then those of the next one.
    """

    at: Ints
    slots: Slots
    order: Order | None = None
    placed: Ints | None = None

    @classmethod
    def of(cls, rows: Rows, length_ns: int) -> Self | None:
        """Return the cells of rows whose times are `length_ns` apart; None for any others."""
        full = cls._full(rows)
        if full is not None:
            return full
        of_slot = np.bincount(rows.slot) > 0
        slots = np.flatnonzero(of_slot).astype(np.int32)
        first = int(rows.at.min())
        moment = (rows.at - first) // length_ns
        moments = int(moment.max()) + 1
        if moments * len(slots) > _MOST * len(rows) or not np.array_equal(
            moment * length_ns + first, rows.at
        ):
            return None
        there = np.bincount(moment, minlength=moments) > 0
        at = (first + np.arange(moments) * length_ns)[there]
        if len(at) < moments:
            moment = (np.cumsum(there) - 1)[moment]
        place = (np.cumsum(of_slot) - 1) * len(at)
        return cls(at, slots, placed=place[rows.slot] + moment)

    @classmethod
    def _full(cls, rows: Rows) -> Self | None:
        """Return the cells of rows of which each instrument has one at each moment, or None."""
        at, slot, size = rows.at, rows.slot, len(rows)
        by_symbol = size > 1 and slot[0] == slot[1]
        leads = slot if by_symbol else at
        inner = int(np.argmax(leads != leads[0])) or size
        if size % inner:
            return None
        shape = size // inner, inner
        at, slot = at.reshape(shape), slot.reshape(shape)
        moments, slots = (at[0], slot[:, 0]) if by_symbol else (at[:, 0], slot[0])
        if not (np.all(moments[1:] > moments[:-1]) and np.all(slots[1:] > slots[:-1])):
            return None
        expected = (moments, slots[:, None]) if by_symbol else (moments[:, None], slots)
        if not (np.all(at == expected[0]) and np.all(slot == expected[1])):
            return None
        return cls(moments.copy(), slots.copy(), Order.BY_SYMBOL if by_symbol else Order.BY_TIME)

    @classmethod
    def of_any(cls, rows: Rows) -> Self | None:
        """Return the cells of any rows; None where most cells would be empty."""
        at, moments = np.unique(rows.at, return_inverse=True)
        slots, places = np.unique(rows.slot, return_inverse=True)
        if len(at) * len(slots) > _MOST * len(rows):
            return None
        return cls(at, slots.astype(np.int32), placed=places * len(at) + moments)

    @cached_property
    def number(self) -> Ints:
        """The number of each row's cell."""
        if self.placed is not None:
            return self.placed
        numbers = np.arange(len(self.slots) * len(self.at))
        if self.order is Order.BY_TIME:
            numbers = numbers.reshape(len(self.slots), len(self.at)).T.reshape(-1)
        return numbers

    @cached_property
    def filled(self) -> Bools:
        """Which cells have a row."""
        filled = np.zeros(len(self.slots) * len(self.at), np.bool_)
        filled[self.number] = True
        return filled

    @cached_property
    def is_complete(self) -> bool:
        """Whether no cell is empty."""
        return self.order is not None or bool(np.all(self.filled))

    def ends(self, context: Context) -> Ints:
        """Return when the bars of each moment were known."""
        return self.at if context.at_end else self.at + context.length_ns

    def in_order(self, rows: Rows) -> bool:
        """Whether no cell has two rows, and the rows of no instrument go back in time."""
        if self.order is not None:
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
        if self.order is Order.BY_SYMBOL:
            return values.reshape(shape)
        if self.order is Order.BY_TIME:
            return values.reshape(shape[::-1]).T.copy()
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

    def _without(self, dropped: Ints, values: Ints) -> Ints:
        """Return a matrix of values with 0 in some cells; it may be what `spread` shares with the rows."""
        cleared = values.copy() if self.order is Order.BY_SYMBOL else values
        cleared.reshape(-1)[dropped] = 0
        return cleared

    def grid(self, columns: Columns, kept: Bools | None, context: Context, at: Ints | None = None) -> BarGrid:
        """
        Return the grid with these values, without the rows that are not `kept`.

        `at` are its moments, if they are not the ends of bars as the file names them.
        """
        ends = self.ends(context) if at is None else at
        if kept is None:
            present = None if self.is_complete else self.filled.reshape(len(self.slots), -1)
            return BarGrid(context.seconds, ends, self.slots, **columns, present=present)
        present = self.filled.copy()
        dropped = self.number[~kept]
        present[dropped] = False
        present = present.reshape(len(self.slots), -1)
        columns = {name: self._without(dropped, values) for name, values in columns.items()}
        moments = present.any(axis=0)
        if not moments.all():
            columns = {name: values[:, moments] for name, values in columns.items()}
            ends, present = ends[moments], np.ascontiguousarray(present[:, moments])
        return BarGrid(context.seconds, ends, self.slots, **columns, present=present)
