"""
Indicators that are fed one value at a time, so they cannot see ahead.

A strategy declares those of its candles in `indicators()`, or feeds one itself: each is a struct that JSON
can hold, so in a strategy's `Memory` it goes on after a restart. Prices are money units, exact; what is read
off is a float in the same units (RSI: 0 to 100), or None until there is enough to say. Published values of
each are in `tests/strategies/test_indicators.py`.
"""

from typing import Annotated

import msgspec
import numpy as np

from kasauti.domain.candle import BarRow
from kasauti.domain.market import Candle

Period = Annotated[int, msgspec.Meta(ge=1)]

#: Whole numbers below this are exact as floats.
_EXACT = 2**53


class Indicator(msgspec.Struct, forbid_unknown_fields=True):
    """
    What `Strategy.indicators` can declare: it follows candles, and `value` is what it reads.

    An own one says in `follow` what it takes of a candle and returns its value; where many bars are there at
    once, `over` may have a faster way to the very same values. All that it knows stands in its fields.
    """

    @property
    def value(self) -> object:
        """What it reads now, None before there is enough: a field of each."""
        raise NotImplementedError

    def follow(self, candle: Candle) -> object:
        """Take the next candle in; return the value then."""
        raise NotImplementedError

    def over(self, bars: BarRow) -> list[object]:
        """Take bars without gaps in; return the value after each of them."""
        return [self.follow(candle) for candle in bars.candles()]


#: What a candle says: start, open, high, low, close, volume, open interest.
CandleValues = tuple[int, int, int, int, int, int, int]


class LastCandles(Indicator):
    """The values of the last `size` candles, oldest first."""

    size: Period
    value: list[CandleValues] = []

    def follow(self, candle: Candle) -> list[CandleValues]:
        """Take the next candle in; return those that there are then: a list that stays as it is."""
        last = (
            candle.start, candle.open, candle.high, candle.low, candle.close, candle.volume,
            candle.open_interest,
        )  # fmt: skip
        self.value = [*self.value, last][-self.size :]
        return self.value


class OfCloses(Indicator):
    """An indicator that takes nothing but the last price of a candle."""

    def add(self, value: int) -> float | None:
        """Take the next value in; return what is read then."""
        raise NotImplementedError

    def follow(self, candle: Candle) -> float | None:
        """Take the next candle in; return the value then."""
        return self.add(candle.close)

    def over(self, bars: BarRow) -> list[object]:
        """Take bars without gaps in; return the value after each of them."""
        return [self.add(close) for close in bars.close.tolist()]


class Sma(OfCloses):
    """
    Simple moving average: the mean of the last `period` values.

    Source: StockCharts ChartSchool, "Moving Averages - Simple and Exponential".
    """

    period: Period
    values: list[int] = []
    total: int = 0
    value: float | None = None

    def add(self, value: int) -> float | None:
        """Take the next value in; return the average, or None before the first `period`."""
        self.values.append(value)
        self.total += value
        if len(self.values) > self.period:
            self.total -= self.values.pop(0)
        if len(self.values) == self.period:
            self.value = self.total / self.period
        return self.value

    def over(self, bars: BarRow) -> list[object]:
        """Take bars without gaps in; return the value after each of them: sums of windows are exact."""
        known, period = len(self.values), self.period
        closes = np.concatenate((np.array(self.values, np.int64), bars.close))
        if max(closes.max(initial=0).item(), -closes.min(initial=0).item()) * len(closes) >= _EXACT:
            return super().over(bars)
        sums = np.zeros(len(closes) + 1, np.int64)
        closes.cumsum(out=sums[1:])
        first = max(period, known + 1)  # where the first window ends that is whole, and has a new bar
        averages: list[object] = ((sums[first:] - sums[first - period : -period]) / period).tolist()
        self.values = closes[-period:].tolist()
        self.total = sum(self.values)
        if len(closes) >= period:
            self.value = self.total / period
        early = len(bars.ends) - len(averages)
        return [None] * early + averages if early else averages


class Smoothed(OfCloses):
    """An average that moves by a share of the gap to each new value, from the mean of the first `period`."""

    period: Period
    seen: int = 0
    total: int = 0
    value: float | None = None

    def add(self, value: int) -> float | None:
        """Take the next value in; return the average, or None before the first `period`."""
        if self.value is not None:
            self.value += self._step(value - self.value)
            return self.value
        self.seen += 1
        self.total += value
        if self.seen == self.period:
            self.value = self.total / self.period
        return self.value

    def _step(self, gap: float) -> float:
        raise NotImplementedError


class Ema(Smoothed):
    """
    Exponential moving average: EMA += (value - EMA) * 2 / (period + 1).

    It starts from the simple average of the first `period` values, as StockCharts and TA-Lib have it.
    Source: StockCharts ChartSchool, "Moving Averages - Simple and Exponential".
    """

    def _step(self, gap: float) -> float:
        return gap * 2 / (self.period + 1)


class Wilder(Smoothed):
    """
    Wilder's smoothing: average += (value - average) / period.

    Source: J. Welles Wilder, "New Concepts in Technical Trading Systems" (1978), chapter III.
    """

    def _step(self, gap: float) -> float:
        return gap / self.period


class Rsi(OfCloses):
    """
    Relative strength index: 100 * U / (U + D), U and D being Wilder's averages of the rises and falls.

    That is Wilder's 100 - 100 / (1 + U / D) without its division by zero: only rises give 100. Where nothing
    moved at all the book has no value; it is 50 here, which says neither.
    Source: J. Welles Wilder, "New Concepts in Technical Trading Systems" (1978), section VI.
    """

    period: Period
    rises: Wilder | None = None
    falls: Wilder | None = None
    close: int | None = None
    value: float | None = None

    def add(self, close: int) -> float | None:
        """Take the next close in; return the index, or None before the first `period` changes."""
        before, self.close = self.close, close
        if before is None:
            return None
        if self.rises is None or self.falls is None:
            self.rises, self.falls = Wilder(self.period), Wilder(self.period)
        rise = self.rises.add(max(0, close - before))
        fall = self.falls.add(max(0, before - close))
        if rise is not None and fall is not None:
            self.value = 100 * rise / (rise + fall) if rise + fall else 50.0
        return self.value


class Atr(Indicator):
    """
    Average true range: Wilder's average of max(high, last close) - min(low, last close).

    The first bar has no close before it; its range is high - low.
    Source: J. Welles Wilder, "New Concepts in Technical Trading Systems" (1978), chapter III.
    """

    period: Period
    ranges: Wilder | None = None
    close: int | None = None
    value: float | None = None

    def add(self, high: int, low: int, close: int) -> float | None:
        """Take the next bar in; return the average, or None before the first `period`."""
        before, self.close = self.close, close
        if self.ranges is None:
            self.ranges = Wilder(self.period)
        true_range = high - low if before is None else max(high, before) - min(low, before)
        self.value = self.ranges.add(true_range)
        return self.value

    def follow(self, candle: Candle) -> float | None:
        """Take the next candle in; return the value then."""
        return self.add(candle.high, candle.low, candle.close)


class Vwap(msgspec.Struct, forbid_unknown_fields=True):
    """
    Volume-weighted average price: sum of price times volume, divided by the sum of volume.

    Both sums are whole numbers, so comparing a price with the average is exact; `value` is for people. It
    belongs to one session: begin a new one each day.
    Source: StockCharts ChartSchool, "Volume-Weighted Average Price (VWAP)".
    """

    turnover: int = 0
    volume: int = 0

    def add(self, price: int, volume: int) -> float | None:
        """Take `volume` units at `price` in; return the average, or None before the first unit."""
        self.turnover += price * volume
        self.volume += volume
        return self.value

    @property
    def value(self) -> float | None:
        """The average price, None before the first unit."""
        return self.turnover / self.volume if self.volume else None

    def is_below(self, price: int) -> bool:
        """Return whether the average is below `price`, exactly; no before the first unit."""
        return self.turnover < price * self.volume

    def share(self, numerator: int, denominator: int) -> int:
        """Return `numerator / denominator` of the average, rounded down; 0 before the first unit."""
        return self.turnover * numerator // (self.volume * denominator) if self.volume else 0
