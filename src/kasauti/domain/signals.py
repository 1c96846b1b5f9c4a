"""
Signals as whole numbers: what a vectorised strategy wants at the end of each bar, as columns of one length.

The event engine reads them row by row, the kernel all at once. What orders they lead to is defined in
`strategies.signal_orders`.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from kasauti.domain.market import Ints

#: Bits of `SignalRows.codes`.
LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT = 1, 2, 4, 8

#: Per cents are whole numbers of this many parts of the price.
PARTS = 1_000_000

Codes = NDArray[np.uint8]


class LevelKind(IntEnum):
    """What a column of stops or targets holds: nothing, prices, or `PARTS` of the entry's price."""

    NONE = 0
    PRICE = 1
    PARTS = 2


class SignalTag(StrEnum):
    """The tags of a signal strategy's orders; of exits they are the reasons."""

    LONG = "entry:long"
    SHORT = "entry:short"
    SIGNAL = "exit:signal"
    STOP = "exit:stop"
    TARGET = "exit:target"


@dataclass(frozen=True, slots=True)
class Levels:
    """
    Where stops or targets lie: one value for all rows, or one a row.

    `values` are money units or parts of the entry's price, by `kind`; 0: none for an entry at this row.
    """

    kind: LevelKind
    values: Ints

    def at(self, row: int) -> int:
        """Return the value that holds for an entry decided at `row`."""
        if self.kind is LevelKind.NONE:
            return 0
        return int(self.values[row if len(self.values) > 1 else 0])


NO_LEVELS = Levels(LevelKind.NONE, np.zeros(1, np.int64))


@dataclass(frozen=True, slots=True)
class SignalRows:
    """
    One row a bar: `codes` are bits of what is wanted, `quantity` units of an entry (one value, or one a row).

    A row may ask for what contradicts itself; `consistent` says what is meant then.
    """

    codes: Codes
    quantity: Ints
    stop: Levels = NO_LEVELS
    target: Levels = NO_LEVELS
    #: How far behind the best close a stop follows, in parts of it.
    trail: Levels = NO_LEVELS

    def __len__(self) -> int:
        return len(self.codes)

    def row(self, row: int) -> "SignalRow":
        """Return one row."""
        return SignalRow(
            consistent(int(self.codes[row])),
            int(self.quantity[row if len(self.quantity) > 1 else 0]),
            self.stop.kind,
            self.stop.at(row),
            self.target.kind,
            self.target.at(row),
            self.trail.at(row),
        )


@dataclass(frozen=True, slots=True)
class SignalRow:
    """What is wanted at the end of one bar; see `SignalRows`."""

    code: int
    quantity: int
    stop_kind: LevelKind
    stop: int
    target_kind: LevelKind
    target: int
    trail: int = 0


def consistent(code: int) -> int:
    """
    Return what a row's bits mean.

    An exit beats an entry of its own side, and entries of both sides beat each other.
    """
    wants = code & ~(code >> 1) & (LONG_ENTRY | SHORT_ENTRY)
    if wants == LONG_ENTRY | SHORT_ENTRY:
        wants = 0
    return (code & (LONG_EXIT | SHORT_EXIT)) | wants


def level(kind: LevelKind, value: int, price: int, tick: int, side: int, *, stops: bool) -> int:
    """
    Return the price of a stop or target of a position entered at `price`, 0 for none.

    `side` is +1 for a long position. Parts of the price are rounded to the tick, away from the entry.
    """
    if kind is not LevelKind.PARTS or value <= 0:
        return value if kind is LevelKind.PRICE else 0
    if (side > 0) is stops:
        return max(0, price * (PARTS - value) // (PARTS * tick) * tick)
    return -(-price * (PARTS + value) // (PARTS * tick)) * tick
