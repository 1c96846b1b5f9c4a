"""Minutes of every instrument, folded from ticks or kept from bars; longer candles are made of them."""

from collections.abc import Iterator

import msgspec
import numpy as np

from kasauti.brokers.day_trades import DayTrades
from kasauti.domain.ist import NS_PER_MINUTE, NS_PER_SECOND
from kasauti.domain.market import BarBatch, Ints, TickBatch

_MINUTE_S = 60
_OPEN, _HIGH, _LOW, _CLOSE, _VOLUME, _INTEREST = range(6)
_COLUMNS = 6

#: No minute has begun.
_NONE = -1


class Bar(msgspec.Struct, frozen=True, gc=False):
    """What an instrument did from `start`, ns UTC, for `seconds`."""

    start: int
    seconds: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    open_interest: int


class _Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Bars that begin at `start`. `columns` has open to open interest in rows, `slots` in columns."""

    start: int
    seconds: int
    from_bars: bool
    slots: Ints
    columns: Ints


class Minutes:
    """
    The past of `size` instruments, a bar a minute, or as long as the data's own bars are.

    A tick at a full minute belongs to the minute that begins there. What traded in a minute is the growth of
    the day's volume; before an instrument's first tick of a day that is not known, and counts as nothing. A
    minute without a tick has no bar.
    """

    def __init__(self, size: int) -> None:
        self._past: list[_Stretch] = []
        self._start = _NONE
        self._columns: Ints = np.zeros((_COLUMNS, size), np.int64)
        self._seen = np.zeros(size, np.bool_)
        self._has_bars = np.zeros(size, np.bool_)
        self._last_volume: Ints = np.full(size, _NONE, np.int64)
        #: What traded today, found on the way.
        self.trades = DayTrades(size)

    def begin_day(self) -> None:
        """Say that the next tick is the first of a trading day: volumes begin anew."""
        self._seal()
        self._last_volume[:] = _NONE
        self.trades.begin_day()

    def add_ticks(self, ticks: TickBatch) -> None:
        """Fold ticks in; those without a price are passed over."""
        priced = np.flatnonzero(ticks.last > 0)
        minute = ticks.at[priced] // NS_PER_MINUTE
        for rows in np.split(priced, np.flatnonzero(minute[1:] != minute[:-1]) + 1):
            if rows.size:
                start = int(ticks.at[rows[0]]) // NS_PER_MINUTE * NS_PER_MINUTE
                if start != self._start:
                    self._seal()
                    self._start = start
                self._fold(ticks, rows)

    def add_bars(self, bars: BarBatch) -> None:
        """Keep bars as they are."""
        for rows in np.split(np.arange(len(bars)), np.flatnonzero(bars.at[1:] != bars.at[:-1]) + 1):
            order = rows[np.argsort(bars.slot[rows], kind="stable")]
            slots = bars.slot[order].astype(np.int64)
            columns = (bars.open, bars.high, bars.low, bars.close, bars.volume, bars.open_interest)
            start = int(bars.at[order[0]]) - bars.seconds * NS_PER_SECOND
            kept = np.array([column[order] for column in columns], np.int64)
            stretch = _Stretch(start=start, seconds=bars.seconds, from_bars=True, slots=slots, columns=kept)
            self._past.append(stretch)
            self._has_bars[slots] = True

    def of(self, slot: int, first: int, before: int) -> Iterator[Bar]:
        """Yield the bars of one instrument that begin from `first` on and before `before`."""
        self_made = not self._has_bars[slot]
        for stretch in [*self._past, *self._running()]:
            if first <= stretch.start < before and stretch.from_bars != self_made:
                place = int(np.searchsorted(stretch.slots, slot))
                if place < len(stretch.slots) and stretch.slots[place] == slot:
                    yield Bar(stretch.start, stretch.seconds, *stretch.columns[:, place].tolist())

    def _fold(self, ticks: TickBatch, rows: Ints) -> None:
        """Take ticks of the running minute in, all instruments at once."""
        rows = rows[np.argsort(ticks.slot[rows], kind="stable")]
        slots = ticks.slot[rows].astype(np.int64)
        begins = np.flatnonzero(np.r_[True, slots[1:] != slots[:-1]])
        ends = np.r_[begins[1:], len(rows)] - 1
        own, prices = slots[begins], ticks.last[rows]
        growth, interest = self._growth(ticks.volume[rows], begins, own), ticks.open_interest[rows]
        traded = np.add.reduceat(growth, begins)
        self.trades.add(own, begins, prices, growth, traded, interest)
        self._last_volume[own] = ticks.volume[rows[ends]]
        columns, new = self._columns, ~self._seen[own]
        columns[:, own[new]] = 0
        columns[_OPEN, own[new]] = prices[begins[new]]
        columns[_LOW, own[new]] = prices[begins[new]]
        columns[_HIGH, own] = np.maximum(columns[_HIGH, own], np.maximum.reduceat(prices, begins))
        columns[_LOW, own] = np.minimum(columns[_LOW, own], np.minimum.reduceat(prices, begins))
        columns[_CLOSE, own] = prices[ends]
        columns[_VOLUME, own] += traded
        columns[_INTEREST, own] = interest[ends]
        self._seen[own] = True

    def _growth(self, volume: Ints, begins: Ints, own: Ints) -> Ints:
        """Return by how much the day's volume grew with each tick; rows are by instrument, then by time."""
        before = np.r_[np.int64(_NONE), volume[:-1]]
        before[begins] = self._last_volume[own]
        return np.where(before == _NONE, 0, np.maximum(volume - before, 0))

    def _running(self) -> list[_Stretch]:
        if self._start == _NONE:
            return []
        slots = np.flatnonzero(self._seen)
        columns = self._columns[:, slots]
        stretch = _Stretch(
            start=self._start, seconds=_MINUTE_S, from_bars=False, slots=slots, columns=columns
        )
        return [stretch]

    def _seal(self) -> None:
        self._past.extend(self._running())
        self._start = _NONE
        self._seen[:] = False
