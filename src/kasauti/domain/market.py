"""
Market data: columns for many ticks or bars, and small values for the few that somebody looks at.

Prices are money units, 0 where there is none. Quantities are units. `volume` is the day's volume so far.
Times are the moment the data was known here, never before it: a bar is known at its end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kasauti.domain.candle import Candle as Candle  # noqa: PLC0414  market data is imported from here
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.level import Level as Level  # noqa: PLC0414  as above
from kasauti.domain.quote import Quote as Quote  # noqa: PLC0414  as above

Ints = NDArray[np.int64]
Slots = NDArray[np.int32]

#: Above every price.
_BEYOND = 2**62

#: Levels on each side of a depth column.
DEPTH_LEVELS = 5


@dataclass(frozen=True, slots=True)
class Depth:
    """Five levels a side for each tick of a batch: arrays of shape (ticks, 5), best first, 0 where empty."""

    bid_prices: Ints
    bid_quantities: Ints
    ask_prices: Ints
    ask_quantities: Ints

    def __getitem__(self, rows: slice) -> "Depth":
        return Depth(
            self.bid_prices[rows], self.bid_quantities[rows], self.ask_prices[rows], self.ask_quantities[rows]
        )


@dataclass(frozen=True, slots=True)
class TickBatch:
    """
    Ticks of many instruments in time order, as columns of one length.

    `slot` is the instrument's position in the session's `Universe`. `at` never decreases. Rows of one
    moment form a snapshot. A column a source does not have is all zeros; `depth` is None then.
    """

    at: Ints
    slot: Slots
    last: Ints
    bid: Ints
    ask: Ints
    bid_quantity: Ints
    ask_quantity: Ints
    volume: Ints
    open_interest: Ints
    depth: Depth | None = None

    def __len__(self) -> int:
        return len(self.at)

    def __getitem__(self, rows: slice) -> "TickBatch":
        return TickBatch(
            self.at[rows],
            self.slot[rows],
            self.last[rows],
            self.bid[rows],
            self.ask[rows],
            self.bid_quantity[rows],
            self.ask_quantity[rows],
            self.volume[rows],
            self.open_interest[rows],
            None if self.depth is None else self.depth[rows],
        )

    def last_levels(self, start: int, stop: int) -> tuple[Ints, Ints]:
        """
        Return the prices of the last bids and the last asks that the rows `start` to `stop` show.

        Where fewer levels are shown than there is room for, they lie beyond every price: 0, and a huge one.
        """
        if self.depth is None:
            return self.bid[start:stop], self.ask[start:stop]
        asks = self.depth.ask_prices[start:stop, -1]
        return self.depth.bid_prices[start:stop, -1], np.where(asks > 0, asks, _BEYOND)

    def not_before(self, moment: int) -> "TickBatch":
        """Return the same ticks, known at `moment` at the earliest."""
        return replace(self, at=np.maximum(self.at, moment))

    @classmethod
    def of(
        cls,
        *,
        at: Sequence[int] | Ints,
        slot: Sequence[int] | Slots,
        last: Sequence[int] | Ints | None = None,
        bid: Sequence[int] | Ints | None = None,
        ask: Sequence[int] | Ints | None = None,
        bid_quantity: Sequence[int] | Ints | None = None,
        ask_quantity: Sequence[int] | Ints | None = None,
        volume: Sequence[int] | Ints | None = None,
        open_interest: Sequence[int] | Ints | None = None,
        depth: Depth | None = None,
    ) -> Self:
        """Build a batch from the columns a source has; the others are zeros."""
        size = len(at)

        def column(values: Sequence[int] | Ints | None) -> Ints:
            return np.zeros(size, np.int64) if values is None else np.asarray(values, np.int64)

        return cls(
            np.asarray(at, np.int64),
            np.asarray(slot, np.int32),
            column(last),
            column(bid),
            column(ask),
            column(bid_quantity),
            column(ask_quantity),
            column(volume),
            column(open_interest),
            depth,
        )


@dataclass(frozen=True, slots=True)
class BarBatch:
    """
    Bars of many instruments as columns, in order of the moment each became known.

    `at` is the bar's end; `seconds` its length; `volume` what traded inside it (0: not known).
    """

    seconds: int
    at: Ints
    slot: Slots
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    open_interest: Ints

    def __len__(self) -> int:
        return len(self.at)

    def candle(self, row: int, instrument: str) -> Candle:
        """Return one row as the candle of `instrument`."""
        return Candle(
            instrument,
            self.seconds,
            int(self.at[row]) - self.seconds * NS_PER_SECOND,
            int(self.open[row]),
            int(self.high[row]),
            int(self.low[row]),
            int(self.close[row]),
            int(self.volume[row]),
            int(self.open_interest[row]),
        )

    def not_before(self, moment: int) -> "BarBatch":
        """Return the same bars, known at `moment` at the earliest."""
        return replace(self, at=np.maximum(self.at, moment))

    def __getitem__(self, rows: slice) -> "BarBatch":
        return BarBatch(
            self.seconds,
            self.at[rows],
            self.slot[rows],
            self.open[rows],
            self.high[rows],
            self.low[rows],
            self.close[rows],
            self.volume[rows],
            self.open_interest[rows],
        )
