"""Rows of market data as columns, on their way from a file to a batch: each knows where it came from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kasauti.domain.market import Ints, Slots
from kasauti.feeds.recorded.values import Bools

Columns = dict[str, NDArray[np.int64]]

#: The prices of which a row needs every one it has a column for: a bid or an ask may be missing, these not.
MAIN_PRICES = ("last", "open", "high", "low", "close")
_SMALL = 1 << 16
QUANTITIES = ("volume", "open_interest", "bid_quantity", "ask_quantity")


@dataclass(frozen=True)
class Rows:
    """
    Rows as columns of one length.

    `at` is ns UTC, `slot` the instrument, `file` and `row` where a row came from (`row` counts from 1).
    `columns` are money units and quantities, one-dimensional, or (rows, 5) for a side of the depth.
    """

    at: Ints
    slot: Slots
    file: NDArray[np.int32]
    row: Ints
    columns: Columns

    def __len__(self) -> int:
        return len(self.at)

    def take(self, which: Bools | NDArray[np.intp] | slice) -> "Rows":
        """Return the rows that a mask, an order or a slice picks."""
        if isinstance(which, slice):
            columns = {name: values[which] for name, values in self.columns.items()}
            return Rows(self.at[which], self.slot[which], self.file[which], self.row[which], columns)
        places = np.flatnonzero(which) if which.dtype == np.bool_ else which  # once, not for each column
        columns = {name: values.take(places, axis=0) for name, values in self.columns.items()}
        at, slot, file = self.at.take(places), self.slot.take(places), self.file.take(places)
        return Rows(at, slot, file, self.row.take(places), columns)

    def in_order(self) -> "Rows":
        """Return the rows in order of time; those of one moment keep their order."""
        if not len(self) or bool(np.all(self.at[1:] >= self.at[:-1])):
            return self
        return self.take(np.argsort(self.at, kind="stable"))

    @property
    def nbytes(self) -> int:
        """The memory it takes."""
        own = self.at.nbytes + self.slot.nbytes + self.file.nbytes + self.row.nbytes
        return own + sum(values.nbytes for values in self.columns.values())

    @cached_property
    def by_slot(self) -> NDArray[np.intp]:
        """The order that puts the rows of each instrument together, otherwise as they are."""
        # Two bytes are sorted by radix, several times faster than four.
        small = bool(len(self)) and int(self.slot.max()) < _SMALL
        return np.argsort(self.slot.astype(np.uint16) if small else self.slot, kind="stable")

    def first(self, mask: Bools) -> int:
        """Return the marked row that comes first in the files."""
        marked = np.flatnonzero(mask)
        return int(marked[np.lexsort((self.row[marked], self.file[marked]))[0]])

    def repeats(self, names: Iterable[str], *, same_moment: bool = False) -> Bools:
        """Mark rows whose instrument had the same values in `names`, and time if asked, one row earlier."""
        order = self.by_slot
        later, earlier = order[1:], order[:-1]
        same = self.slot[later] == self.slot[earlier]
        if same_moment:
            same &= self.at[later] == self.at[earlier]
        later, earlier = later[same], earlier[same]
        for values in sorted((self.columns[name] for name in names), key=np.ndim):
            equal = values[later] == values[earlier]
            same = equal if equal.ndim == 1 else equal.all(axis=1)
            later, earlier = later[same], earlier[same]
        marked = np.zeros(len(self), np.bool_)
        marked[later] = True
        return marked


def joined(parts: Sequence[Rows]) -> Rows:
    """Return rows with the same columns one after the other."""
    if len(parts) == 1:
        return parts[0]
    return Rows(
        np.concatenate([part.at for part in parts]),
        np.concatenate([part.slot for part in parts]),
        np.concatenate([part.file for part in parts]),
        np.concatenate([part.row for part in parts]),
        {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns},
    )
