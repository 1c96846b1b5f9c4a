"""Bars of one instrument as columns, and indicators on them that are computed once."""

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY, NS_PER_MINUTE, NS_PER_SECOND
from kasauti.domain.market import Ints
from kasauti.domain.money import RUPEE
from kasauti.errors import InvalidInput
from kasauti.strategies.indicators import CandleValues

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

COLUMNS = ("start", "open", "high", "low", "close", "volume", "open_interest")


class Exact:
    """The columns as whole numbers: prices in ten-thousandths of a rupee, times in ns UTC."""

    __slots__ = COLUMNS

    def __init__(self, *columns: Ints) -> None:
        for name, column in zip(COLUMNS, columns, strict=True):
            setattr(self, name, column)

    start: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    open_interest: Ints


class Bars:
    """
    Bars of one instrument, oldest first: what `SignalStrategy.signals` computes on.

    `open`, `high`, `low`, `close` are rupees as floats, `volume` (in the bar) and `open_interest` (at its
    end) whole numbers, `start` and `end` ns UTC; `exact` has all of them so. Everything is computed
    when it is first asked for and then kept, also the indicators, so strategies that share bars share them.
    Columns are not to be changed.
    """

    def __init__(self, exact: Exact, seconds: int, instrument: Instrument | None = None) -> None:
        self.exact = exact
        self.seconds = seconds
        self.instrument = instrument
        self._kept: dict[Hashable, NDArray[np.generic]] = {}

    @classmethod
    def of(
        cls,
        *,
        start: Ints,
        open: Ints,  # noqa: A002  the column's name
        high: Ints,
        low: Ints,
        close: Ints,
        seconds: int,
        volume: Ints | None = None,
        open_interest: Ints | None = None,
        instrument: Instrument | None = None,
    ) -> "Bars":
        """
        Return bars of whole-number columns; what is left out is zero.

        Raises `InvalidInput` for columns of different lengths, or starts that do not rise.
        """
        nothing = np.zeros(len(start), np.int64)
        columns = [
            np.ascontiguousarray(nothing if each is None else each, np.int64)
            for each in (start, open, high, low, close, volume, open_interest)
        ]
        if len({len(column) for column in columns}) != 1:
            sizes = ", ".join(f"{n} {len(c)}" for n, c in zip(COLUMNS, columns, strict=True))
            raise InvalidInput(f"the columns of bars have different lengths: {sizes}")
        if not bool((columns[0][1:] > columns[0][:-1]).all()):
            raise InvalidInput("the bars are not in order of time, or two begin at one moment; sort them")
        return cls(Exact(*columns), seconds, instrument)

    @classmethod
    def of_values(
        cls, rows: Sequence[CandleValues], seconds: int, instrument: Instrument | None = None
    ) -> "Bars":
        """Return candles of `seconds`, at least one, as columns."""
        table = np.array(rows, np.int64)
        return cls(Exact(*np.ascontiguousarray(table.T)), seconds, instrument)

    def __len__(self) -> int:
        return len(self.exact.start)

    def __getitem__(self, rows: slice) -> "Bars":
        """Return some of the rows as bars of their own: nothing computed on all of them goes along."""
        return self.at_rows(rows)

    def at_rows(self, rows: "slice | Ints") -> "Bars":
        """Return the rows that are named, as `[...]` does."""
        columns = (np.ascontiguousarray(getattr(self.exact, name)[rows]) for name in COLUMNS)
        return Bars(Exact(*columns), self.seconds, self.instrument)

    def _rupees(self, column: Ints) -> Floats:
        rupees: Floats = column / RUPEE
        return rupees

    @cached_property
    def open(self) -> Floats:
        """First prices."""
        return self._rupees(self.exact.open)

    @cached_property
    def high(self) -> Floats:
        """Highest prices."""
        return self._rupees(self.exact.high)

    @cached_property
    def low(self) -> Floats:
        """Lowest prices."""
        return self._rupees(self.exact.low)

    @cached_property
    def close(self) -> Floats:
        """Last prices."""
        return self._rupees(self.exact.close)

    @property
    def volume(self) -> Ints:
        """Units traded in each bar, 0 where that is not known."""
        return self.exact.volume

    @property
    def open_interest(self) -> Ints:
        """Open interest at each bar's end, 0 where there is none."""
        return self.exact.open_interest

    @property
    def start(self) -> Ints:
        """When each bar begins, ns UTC."""
        return self.exact.start

    @cached_property
    def end(self) -> Ints:
        """When each bar is known, ns UTC."""
        return self.exact.start + self.seconds * NS_PER_SECOND

    @cached_property
    def day(self) -> Ints:
        """The IST day of each bar, as days since 1970-01-01."""
        return (self.exact.start + IST_OFFSET_NS) // NS_PER_DAY

    @cached_property
    def minute(self) -> Ints:
        """The IST minute of the day at which each bar ends: 09:16 is 556."""
        return (self.end + IST_OFFSET_NS) % NS_PER_DAY // NS_PER_MINUTE

    # Indicators.

    def keep(self, key: Hashable, compute: Callable[[], NDArray[np.generic]]) -> NDArray[np.generic]:
        """Return what `compute` returned the first time it was asked for under `key`."""
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = compute()
        return kept

    @cached_property
    def _close_sums(self) -> Ints:
        """Sums of closes in money units, from none on."""
        sums = np.zeros(len(self) + 1, np.int64)
        np.cumsum(self.exact.close, out=sums[1:])
        return sums

    def sma(self, period: int) -> Floats:
        """Return the mean of the last `period` closes, rupees; NaN before there are as many. Exact sums."""
        return self.keep(("sma", period), lambda: self._sma(period))  # type: ignore[return-value]

    def _sma(self, period: int) -> Floats:
        sums, mean = self._close_sums, np.empty(len(self))
        mean[: period - 1] = np.nan
        if len(self) >= period:
            known = mean[period - 1 :]
            np.subtract(sums[period:], sums[:-period], out=known)
            known /= period * RUPEE
        return mean

    def ema(self, period: int) -> Floats:
        """
        Return the exponential average of closes, rupees, from the mean of the first `period`; NaN before.

        EMA += (close - EMA) * 2 / (period + 1), as `strategies.indicators.Ema` and TA-Lib have it.
        """
        return self.keep(("ema", period), lambda: _smoothed(self.close, period, 2 / (period + 1)))  # type: ignore[return-value]

    def rsi(self, period: int = 14) -> Floats:
        """Return Wilder's relative strength index of closes, 0 to 100; NaN for the first `period` bars."""
        return self.keep(("rsi", period), lambda: self._rsi(period))  # type: ignore[return-value]

    def _rsi(self, period: int) -> Floats:
        change = np.diff(self.close)
        up = _smoothed(np.maximum(change, 0.0), period, 1 / period)
        down = _smoothed(np.maximum(-change, 0.0), period, 1 / period)
        out = np.full(len(self), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            out[1:] = np.where(
                down == 0, np.where(np.isnan(down), np.nan, 100.0), 100 - 100 / (1 + up / down)
            )
        return out

    def atr(self, period: int = 14) -> Floats:
        """Return Wilder's average true range, rupees; NaN before there are `period` bars."""
        return self.keep(("atr", period), lambda: self._atr(period))  # type: ignore[return-value]

    def _atr(self, period: int) -> Floats:
        before = self.close[:-1]
        reach = self.high - self.low
        reach[1:] = np.maximum(self.high[1:], before) - np.minimum(self.low[1:], before)
        return _smoothed(reach, period, 1 / period)

    def highest(self, period: int) -> Floats:
        """Return the highest price of the last `period` bars, this one included; NaN before."""
        return self.keep(("highest", period), lambda: _rolling(self.high, period, np.max))  # type: ignore[return-value]

    def lowest(self, period: int) -> Floats:
        """Return the lowest price of the last `period` bars, this one included; NaN before."""
        return self.keep(("lowest", period), lambda: _rolling(self.low, period, np.min))  # type: ignore[return-value]

    def vwap(self) -> Floats:
        """Return the day's volume-weighted mean of (high + low + close) / 3; NaN before any volume."""
        return self.keep("vwap", self._vwap)  # type: ignore[return-value]

    def _vwap(self) -> Floats:
        typical = (self.high + self.low + self.close) / 3
        begins = self._day_begins
        value, volume = np.cumsum(typical * self.volume), np.cumsum(self.volume)
        first = begins[np.cumsum(self._is_first) - 1]
        value_before = np.where(first > 0, value[first - 1], 0.0)
        volume_before = np.where(first > 0, volume[first - 1], 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return (value - value_before) / (volume - volume_before)

    @cached_property
    def _is_first(self) -> Flags:
        first = np.ones(len(self), np.bool_)
        first[1:] = self.day[1:] != self.day[:-1]
        return first

    @cached_property
    def _day_begins(self) -> NDArray[np.intp]:
        return np.flatnonzero(self._is_first)

    @cached_property
    def bar_of_day(self) -> Ints:
        """The number of each bar within its day, from 0."""
        number: Ints = np.arange(len(self)) - self._day_begins[np.cumsum(self._is_first) - 1]
        return number

    def polars(self) -> "pl.DataFrame":
        """Return the bars as a polars frame; `start` is an IST time, prices are rupees."""
        import polars as pl  # noqa: PLC0415  only who asks for a frame pays for it

        frame = pl.DataFrame(
            {
                "start": self.start,
                **{name: getattr(self, name) for name in COLUMNS[1:]},
            }
        )
        times = pl.from_epoch("start", "ns").dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Kolkata")
        return frame.with_columns(times)


def crossed_above(one: Floats, other: Floats) -> Flags:
    """Return where `one` came above `other`: it is now, and was not a bar ago."""
    above = one > other
    crossed = above.copy()
    crossed[1:] &= ~above[:-1] & ~np.isnan(one[:-1]) & ~np.isnan(other[:-1])
    crossed[:1] = False
    return crossed


def crossed_below(one: Floats, other: Floats) -> Flags:
    """Return where `one` came below `other`."""
    return crossed_above(other, one)


def _smoothed(values: Floats, period: int, weight: float) -> Floats:
    """Return a running average that moves by `weight` of each gap, from the mean of the first `period`."""
    out = np.full(len(values), np.nan)
    if len(values) < period:
        return out
    import polars as pl  # noqa: PLC0415  only who asks for such an average pays for it

    begins = np.concatenate(([values[:period].mean()], values[period:]))
    out[period - 1 :] = pl.Series(begins).ewm_mean(alpha=weight, adjust=False).to_numpy()
    return out


def _rolling(values: Floats, period: int, pick: Callable[..., Floats]) -> Floats:
    out = np.full(len(values), np.nan)
    if len(values) >= period:
        out[period - 1 :] = pick(np.lib.stride_tricks.sliding_window_view(values, period), axis=1)
    return out
