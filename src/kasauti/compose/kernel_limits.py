"""
Where the exchange would have stepped in, so that the kernel may not: it knows neither halts nor price limits.

The event engine's exchange rejects a price too far from the last trade, and stops when an index has moved
too far. A run in whose bars either could have happened goes through the engine. Both tests are on the safe
side: they look at the bars that are traded, and a little before the limits.
"""

from datetime import date
from itertools import pairwise

import numpy as np

from kasauti.domain.instrument import Instrument, Universe
from kasauti.domain.signals import LevelKind, SignalRows
from kasauti.exchange.circuit_breaker import INDICES, CircuitBreakers
from kasauti.exchange.price_limits import PriceLimits
from kasauti.simulator.kernel.terms import NotHere
from kasauti.strategies.columns import Exact

#: Shares of an index differ in how far they move: a market may stop where one future moved this much less.
_MARGIN_PERCENT = 90


Days = list[tuple[date, int, int]]


def check_targets(rows: SignalRows, too_wide: str) -> None:
    """Raise `NotHere` if a target may be rejected on bars of which `wide_bar` said `too_wide`."""
    if too_wide and rows.target.kind is not LevelKind.NONE:
        raise NotHere(too_wide)


def wide_bar(instrument: Instrument, days: Days, bars: Exact, assumed: date | None) -> str:
    """
    Return why targets may be rejected, empty if they may not.

    `days` are (day, first row, row behind the last). A target that the bar of its entry has passed by more
    than price protection allows is rejected when it arrives.
    """
    if not instrument.is_derivative:
        return ""
    limits = PriceLimits()
    for day, first, last in days:
        corridor = limits.protection(instrument, _rules_day(day, assumed))
        if corridor is None:
            continue
        ranges = bars.high[first:last] - bars.low[first:last]
        row = first + int((ranges / bars.low[first:last]).argmax())
        low, high = int(bars.low[row]), int(bars.high[row])
        if high > corridor.around(low, instrument.tick_size).high:
            return f"a bar of {day} moves further than limit price protection allows"
    return ""


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
