"""
Any number of days of any number of shares, cheaply: material for benchmarks.

Prices are independent random walks on whole ticks, the same for the same seed everywhere. Nothing else about
them is like a market: measure speed on them, never a strategy.
"""

from collections.abc import Iterator
from datetime import date, time
from itertools import accumulate, repeat

import numpy as np

from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_MINUTE, NS_PER_SECOND, ist_ns
from kasauti.domain.market import BarBatch, Ints, Slots, TickBatch
from kasauti.domain.money import PAISA
from kasauti.errors import InvalidInput
from kasauti.exchange.calendar import Calendar
from kasauti.simulator.market.draws import exponentials, lanes, normals, stream_key
from kasauti.simulator.market.portable_math import Floats

TICK = 5 * PAISA
BARS_PER_DAY = 375
SECONDS_PER_DAY = 60 * BARS_PER_DAY

_OPEN = time(9, 15)
#: Ticks are made this many seconds at a time.
_CHUNK = 60

_FIRST, _MOVES, _RANGES, _SIZES = range(4)


class RandomWalks:
    """
    `days` sessions from `first_day` on (or the next trading day) of `instruments` made-up shares.

    Raises `InvalidInput` where either is below 1, and `RuleUnknown` where the calendar ends before the days.
    """

    def __init__(self, *, days: int, instruments: int, seed: int, first_day: date = date(2026, 1, 1)) -> None:
        if days < 1 or instruments < 1:
            raise InvalidInput(
                f"{days} days of {instruments} instruments is no data; ask for at least one of each"
            )
        self._seed = seed
        calendar = Calendar()
        start = first_day if calendar.is_regular_day(first_day) else calendar.next_trading_day(first_day)
        self.days = tuple(accumulate(repeat(start, days), lambda day, _: calendar.next_trading_day(day)))
        self.universe = Universe(
            Instrument(
                Exchange.NSE, f"WALK{number:04d}", Kind.EQUITY, tick_size=TICK, name=f"WALK{number:04d}"
            )
            for number in range(instruments)
        )

    def bars(self) -> Iterator[BarBatch]:
        """Yield one batch a day: 375 one-minute bars of each share."""
        shape = (BARS_PER_DAY, len(self.universe))
        close = self._first_prices()
        for number, day in enumerate(self.days):
            closes = _walk(close, 6.0 * normals(self._key(_MOVES, number), *shape))
            opens = np.concatenate((close[None], closes[:-1]))
            reach = (4.0 * exponentials(self._key(_RANGES, number), 2, *shape)).astype(np.int64)
            at, slot = self._rows(ist_ns(day, _OPEN), NS_PER_MINUTE, range(1, BARS_PER_DAY + 1))
            yield BarBatch(
                seconds=60,
                at=at,
                slot=slot,
                open=(opens * TICK).ravel(),
                high=((np.maximum(opens, closes) + reach[0]) * TICK).ravel(),
                low=(np.maximum(np.minimum(opens, closes) - reach[1], 1) * TICK).ravel(),
                close=(closes * TICK).ravel(),
                volume=(20_000 * exponentials(self._key(_SIZES, number), *shape)).astype(np.int64).ravel(),
                open_interest=np.zeros(closes.size, np.int64),
            )
            close = closes[-1]

    def ticks(self, *, seconds_per_day: int = SECONDS_PER_DAY) -> Iterator[TickBatch]:
        """Yield a snapshot of every share each second, a minute a batch; the first seconds of each day."""
        bid = self._first_prices()
        for number, day in enumerate(self.days):
            volume = np.zeros_like(bid)
            for first in range(0, seconds_per_day, _CHUNK):
                seconds = range(first, min(first + _CHUNK, seconds_per_day))
                shape = (len(seconds), len(self.universe))
                bids = _walk(bid, 0.8 * normals(self._key(_MOVES, number, first), *shape))
                sizes = lanes(self._key(_SIZES, number, first), 3, *shape).astype(np.int64)
                volumes = volume + np.cumsum(sizes[0] >> 6, axis=0)
                at, slot = self._rows(ist_ns(day, _OPEN), NS_PER_SECOND, seconds)
                yield TickBatch.of(
                    at=at,
                    slot=slot,
                    last=((bids + (sizes[0] & 1)) * TICK).ravel(),
                    bid=(bids * TICK).ravel(),
                    ask=((bids + 1) * TICK).ravel(),
                    bid_quantity=(1 + sizes[1]).ravel(),
                    ask_quantity=(1 + sizes[2]).ravel(),
                    volume=volumes.ravel(),
                )
                bid, volume = bids[-1], volumes[-1]

    def _key(self, *purpose: int) -> int:
        return stream_key(self._seed, *purpose)

    def _first_prices(self) -> Ints:
        """Return where each share begins, in ticks: 100 to 3,376 rupees."""
        return 2_000 + lanes(self._key(_FIRST), len(self.universe)).astype(np.int64)

    def _rows(self, opens_at: int, step: int, numbers: range) -> tuple[Ints, Slots]:
        """Return the moments and slots of one row for each step and share."""
        moments = opens_at + step * np.arange(numbers.start, numbers.stop, dtype=np.int64)
        width = len(self.universe)
        return np.repeat(moments, width), np.tile(np.arange(width, dtype=np.int32), len(moments))


def _walk(start: Ints, moves: Floats) -> Ints:
    """Return `start` plus the running total of whole moves, thrown back at one tick."""
    return 1 + np.abs(start - 1 + np.cumsum(np.rint(moves).astype(np.int64), axis=0))
