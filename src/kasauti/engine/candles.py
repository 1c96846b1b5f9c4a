"""Candles, folded from ticks or from shorter bars."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import Candle, Quote, TickBatch


class CandleBuilder:
    """
    Builds candles of `seconds` of one instrument, aligned to the session's open.

    A tick at a boundary belongs to the candle that begins there. A candle without a tick is not made: a gap
    stays a gap. `due` is called when a candle begins, with the moment at which `close` is to be called.
    """

    def __init__(
        self, instrument: str, seconds: int, opens: int, due: Callable[[int], None] = lambda _: None
    ) -> None:
        self.instrument = instrument
        self.seconds = seconds
        self._due = due
        self._due_at = self._closed_at = -1
        self._ns = seconds * NS_PER_SECOND
        self._opens = opens
        self._start = -1
        self._ohlc = (0, 0, 0, 0)
        self._volume = 0
        self._open_interest = 0
        self._day_volume = -1
        self._ready: Candle | None = None

    def tick(self, quote: Quote) -> None:
        """Take a tick in."""
        self._take(quote.at, quote.last, quote.volume, quote.open_interest)

    def ticks(self, batch: TickBatch, rows: NDArray[np.intp]) -> None:
        """Take the ticks in some rows of a batch in, all of this instrument; most are of one candle."""
        at, last = batch.at[rows], batch.last[rows]
        counts = (last != 0) & (at >= self._opens)
        if not counts.all():
            at, last, rows = at[counts], last[counts], rows[counts]
        if not len(rows):
            return
        volume, interest = batch.volume[rows], batch.open_interest[rows]
        start = self._start_of(int(at[0]))
        if self._start_of(int(at[-1])) != start:
            for each in zip(at.tolist(), last.tolist(), volume.tolist(), interest.tolist(), strict=True):
                self._take(*each)
            return
        traded = int(np.maximum(volume[1:] - volume[:-1], 0).sum())
        if self._day_volume >= 0:
            traded += max(0, int(volume[0]) - self._day_volume)
        self._day_volume = int(volume[-1])
        prices = int(last[0]), int(last.max()), int(last.min()), int(last[-1])
        self._add(start, *prices, traded, int(interest[-1]), int(at[0]) + 1)

    def _take(self, at: int, last: int, volume: int, interest: int) -> None:
        if not last or at < self._opens:
            return
        traded = max(0, volume - self._day_volume) if self._day_volume >= 0 else 0
        self._day_volume = volume
        self._add(self._start_of(at), last, last, last, last, traded, interest, at + 1)

    def _start_of(self, at: int) -> int:
        """Return when the candle begins in which a moment lies."""
        return at - (at - self._opens) % self._ns

    def bar(self, bar: Candle) -> Candle | None:
        """Take a shorter or equal bar in; return the candle it completes, if it does."""
        if bar.start < self._opens:
            return None
        start = self._start_of(bar.start)
        if self.is_idle and start == bar.start and bar.seconds == self.seconds:
            return bar
        known = bar.start + bar.seconds * NS_PER_SECOND
        self._add(start, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.open_interest, known)
        if known == start + self._ns:
            return self._finish()
        return self.close(start)

    @property
    def is_idle(self) -> bool:
        """Whether no candle has begun that has not been taken out."""
        return self._start < 0 and self._ready is None

    def passes(self, grid: BarGrid) -> bool:
        """Whether every bar of `grid` is a candle as it is."""
        if not self.is_idle or grid.seconds != self.seconds:
            return False
        into = grid.at - (self._ns + self._opens)
        return into.item(0) >= 0 and not (into % self._ns).any()

    def _add(
        self, start: int, first: int, high: int, low: int, last: int, volume: int, interest: int, known: int
    ) -> None:
        if start != self._start:
            self._ready = self._finish() or self._ready
            self._start, self._ohlc, self._volume = start, (first, high, low, last), volume
            known = max(known, self._closed_at + 1)
            boundary = known + (self._opens - known) % self._ns
            if boundary != self._due_at:
                self._due_at = boundary
                self._due(boundary)
        else:
            opened, highest, lowest, _ = self._ohlc
            self._ohlc = (opened, max(highest, high), min(lowest, low), last)
            self._volume += volume
        self._open_interest = interest

    def close(self, at: int) -> Candle | None:
        """Return the candle that ended at or before `at`, once."""
        self._closed_at = at
        ready, self._ready = self._ready, None
        if ready is None and 0 <= self._start <= at - self._ns:
            ready = self._finish()
        return ready

    def _finish(self) -> Candle | None:
        if self._start < 0:
            return None
        candle = Candle(
            self.instrument, self.seconds, self._start, *self._ohlc, self._volume, self._open_interest
        )
        self._start = -1
        return candle
