"""
Where the exchange would have stepped in, so that the kernel may not: it knows neither halts nor price limits.

The event engine's exchange rejects a price too far from the last trade, and stops when an index has moved
too far. A run in whose bars either could have happened goes through the engine. Both tests are on the safe
side: they look at the bars that are traded, and a little before the limits.
"""

from bisect import bisect_right
from datetime import date
from itertools import pairwise

import numpy as np

from kasauti.domain.instrument import Instrument, Universe
from kasauti.domain.signals import LONG_ENTRY, SHORT_ENTRY, LevelKind, SignalRows
from kasauti.exchange.circuit_breaker import INDICES, CircuitBreakers
from kasauti.exchange.late_bands import LateBands
from kasauti.exchange.price_limits import Corridor, PriceLimits
from kasauti.simulator.kernel.terms import NotHere
from kasauti.strategies.columns import Exact

#: Shares of an index differ in how far they move: a market may stop where one future moved this much less.
_MARGIN_PERCENT = 90


Days = list[tuple[date, int, int]]


class TargetLimits:
    """
    Whether the exchange may reject targets, limits that lie too far on the wrong side of the last price.

    `days` are (day, first row, row behind the last). A target is placed when its entry has traded, at the end
    of the bar after the one that decided it; a price that this bar has passed by more than limit price
    protection allows is rejected.
    """

    def __init__(self, instrument: Instrument, days: Days, bars: Exact, assumed: date | None) -> None:
        self._instrument, self._days, self._bars = instrument, days, bars
        self._late = LateBands()
        self._corridors: list[Corridor | None] = []
        if instrument.is_derivative:
            limits = PriceLimits()
            self._corridors = [limits.protection(instrument, _rules_day(day, assumed)) for day, _, _ in days]
        self._too_wide = self._wide_bar()

    def _wide_bar(self) -> str:
        """Return which day has a bar that moves further than allowed, as a reason; empty if none has."""
        bars, tick = self._bars, self._instrument.tick_size
        for corridor, (day, first, last) in zip(self._corridors, self._days, strict=False):
            if corridor is None:
                continue
            ranges = bars.high[first:last] - bars.low[first:last]
            row = first + int((ranges / bars.low[first:last]).argmax())
            if int(bars.high[row]) > corridor.around(int(bars.low[row]), tick).high:
                return f"a bar of {day} moves further than limit price protection allows"
        return ""

    def check(self, rows: SignalRows) -> None:
        """Raise `NotHere` if a target of these signals may be rejected, or one of its exits cancelled."""
        self._check_late(rows)
        if rows.target.kind is LevelKind.NONE or not any(self._corridors):
            return
        if self._too_wide:
            raise NotHere(self._too_wide)
        if rows.target.kind is LevelKind.PRICE:
            self._check_prices(rows)

    def _check_late(self, rows: SignalRows) -> None:
        """Exits rest through the band of futures in the closing auction; others meet it on a wild day."""
        rests = any(levels.kind is not LevelKind.NONE for levels in (rows.stop, rows.target, rows.trail))
        for day, first, last in self._days:
            percent = self._late.percent(self._instrument, day)
            if percent is None:
                continue
            low, high = int(self._bars.low[first:last].min()), int(self._bars.high[first:last].max())
            if rests or (high - low) * 100 > low * (percent - 1):
                raise NotHere(f"futures have a band of their own late on {day}")

    def _check_prices(self, rows: SignalRows) -> None:
        close = self._bars.close[1:]
        codes, values = rows.codes[:-1], np.broadcast_to(rows.target.values, len(rows.codes))[:-1]
        entries = codes & (LONG_ENTRY | SHORT_ENTRY)
        passed = ((codes & LONG_ENTRY) > 0) & (values < close) | ((codes & SHORT_ENTRY) > 0) & (
            values > close
        )
        starts = [first for _, first, _ in self._days]
        for row in np.flatnonzero((entries > 0) & (values > 0) & passed).tolist():
            corridor = self._corridors[bisect_right(starts, row + 1) - 1]
            last, target = int(close[row]), int(values[row])
            if corridor is not None and not corridor.around(last, self._instrument.tick_size).holds(target):
                raise NotHere("a target lies further beyond the price than limit price protection allows")


def check_moves(universe: Universe, days: Days, bars: Exact, assumed: date | None) -> None:
    """Raise `NotHere` if the bars of a day moved nearly as far as the first level that stops a market."""
    if not any(name in universe for name in INDICES):
        return
    breakers = CircuitBreakers()
    for (_, _, before), (day, first, last) in pairwise(days):
        close = int(bars.close[before - 1])
        moved = max(int(np.max(bars.high[first:last])) - close, close - int(np.min(bars.low[first:last])))
        points = breakers.on(_rules_day(day, assumed)).points(close)[0][1]
        if moved * 100 >= points * _MARGIN_PERCENT:
            raise NotHere(f"the market may have been stopped on {day}")


def _rules_day(day: date, assumed: date | None) -> date:
    return day if assumed is None else max(day, assumed)
