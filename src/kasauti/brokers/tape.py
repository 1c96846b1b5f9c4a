"""What a market has shown up to now, and a feed read that far: nothing that comes later is known."""

import numpy as np

from kasauti.brokers.day_trades import DayTrades
from kasauti.brokers.minutes import Minutes
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.board import Board
from kasauti.domain.inputs import MarketData
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY, ist_day_number, ist_iso
from kasauti.domain.market import BarBatch, Ints, Slots, TickBatch
from kasauti.errors import MarketDataError
from kasauti.ports import Feed


class SeenMarket:
    """
    What a market has shown so far: what stands, the day's extremes and trades, and minutes.

    `board` is brought up to date with it; it may be one that others read.
    """

    def __init__(self, universe: Universe, board: Board | None = None) -> None:
        self.universe = universe
        self.board = Board(universe) if board is None else board
        self.minutes = Minutes(len(universe))
        self.day_open: Ints = np.zeros(len(universe), np.int64)
        self.day_high: Ints = np.zeros(len(universe), np.int64)
        self.day_low: Ints = np.zeros(len(universe), np.int64)
        self.first_open_interest: Ints = np.zeros(len(universe), np.int64)
        self._day = -1

    @property
    def trades(self) -> DayTrades:
        """What traded today."""
        return self.minutes.trades

    def take(self, data: MarketData) -> None:
        """Take all of some data in; it comes in order of time."""
        batch = data.rows() if isinstance(data, BarGrid) else data
        self.take_rows(batch, 0, len(batch))

    def take_rows(self, batch: TickBatch | BarBatch, start: int, stop: int) -> None:
        """Take rows in, a trading day at a time."""
        while start < stop:
            day = ist_day_number(int(batch.at[start]))
            if day != self._day:
                self._begin_day(day)
            midnight = (day + 1) * NS_PER_DAY - IST_OFFSET_NS
            end = min(stop, int(np.searchsorted(batch.at, midnight)))
            if isinstance(batch, TickBatch):
                self._take_ticks(batch, start, end)
            else:
                self._take_bars(batch, start, end)
            start = end

    def _begin_day(self, day: int) -> None:
        self._day = day
        extremes = (self.day_open, self.day_high, self.day_low)
        for column in (*extremes, self.first_open_interest, self.board.volume):
            column[:] = 0
        self.minutes.begin_day()

    def _take_ticks(self, ticks: TickBatch, start: int, stop: int) -> None:
        self.board.apply(ticks, start, stop)
        rows = ticks[start:stop]
        self.minutes.add_ticks(rows)
        self._widen(rows.slot, rows.last, rows.last, rows.last)
        self._first_interest(rows.slot, rows.open_interest)

    def _take_bars(self, bars: BarBatch, start: int, stop: int) -> None:
        self.board.apply_bars(bars, start, stop)
        rows = bars[start:stop]
        self.minutes.add_bars(rows)
        self._widen(rows.slot, rows.open, rows.high, rows.low)
        self._first_interest(rows.slot, rows.open_interest)

    def _widen(self, slots: Slots, first: Ints, high: Ints, low: Ints) -> None:
        """Widen the day's range; of several rows of one slot the first one opens its day."""
        priced = first > 0
        slots, first, high, low = slots[priced], first[priced], high[priced], low[priced]
        new = np.flatnonzero(self.day_open[slots] == 0)[::-1]
        self.day_open[slots[new]] = first[new]
        self.day_low[slots[new]] = low[new]
        np.maximum.at(self.day_high, slots, high)
        np.minimum.at(self.day_low, slots, low)

    def _first_interest(self, slots: Slots, interest: Ints) -> None:
        new = np.flatnonzero((self.first_open_interest[slots] == 0) & (interest > 0))[::-1]
        self.first_open_interest[slots[new]] = interest[new]


class Tape(SeenMarket):
    """
    Plays a feed as far as it is told and keeps what it has shown.

    What comes later stays unread, so no answer can be made of it. Time cannot be turned back.
    """

    def __init__(self, feed: Feed) -> None:
        super().__init__(feed.universe)
        self._batches = iter(feed.batches())
        self._batch: TickBatch | BarBatch | None = None
        self._row = 0
        self._now = -1
        self._last_at = -1

    def advance(self, now: int) -> None:
        """Take in everything up to and at `now`; `MarketDataError` if that was before, or is out of order."""
        if now < self._now:
            raise MarketDataError(
                f"the clock went back from {ist_iso(self._now)} to {ist_iso(now)}; what is known cannot be"
                " forgotten, so log out and connect again to begin anew"
            )
        self._now = now
        while (batch := self._current()) is not None:
            stop = int(np.searchsorted(batch.at, now, "right"))
            if stop > self._row:
                self.take_rows(batch, self._row, stop)
                self._row = stop
            if stop < len(batch):
                return

    def _current(self) -> TickBatch | BarBatch | None:
        """Return the batch that has unread rows, reading on if need be."""
        while self._batch is None or self._row >= len(self._batch):
            self._batch, self._row = next(self._batches, None), 0
            if self._batch is None:
                return None
            if len(self._batch):
                self._check_order(self._batch.at)
        return self._batch

    def _check_order(self, at: Ints) -> None:
        if at[0] < self._last_at or np.any(at[1:] < at[:-1]):
            raise MarketDataError(
                f"the data is not in order of time near {ist_iso(int(at[0]))};"
                " `kasauti data check` names the rows"
            )
        self._last_at = int(at[-1])
