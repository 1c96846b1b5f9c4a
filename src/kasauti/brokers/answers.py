"""
What a broker answers with. Prices are money units, quantities are units, times are ns UTC.

`at` is when the price was known at the exchange, `age_ns` how long ago that was when the broker was asked.
What is not known is None, never 0.
"""

from datetime import date
from enum import StrEnum

import msgspec

from kasauti.domain.market import Candle, Level


class Interval(StrEnum):
    """How long a candle is, in the words of Indian brokers. DAY is one whole session."""

    MINUTE = "minute"
    MINUTES_3 = "3minute"
    MINUTES_5 = "5minute"
    MINUTES_10 = "10minute"
    MINUTES_15 = "15minute"
    MINUTES_30 = "30minute"
    MINUTES_60 = "60minute"
    DAY = "day"

    @property
    def seconds(self) -> int:
        """The length in seconds; that of a day is the calendar's."""
        return _SECONDS[self]


_SECONDS = {
    Interval.MINUTE: 60,
    Interval.MINUTES_3: 180,
    Interval.MINUTES_5: 300,
    Interval.MINUTES_10: 600,
    Interval.MINUTES_15: 900,
    Interval.MINUTES_30: 1_800,
    Interval.MINUTES_60: 3_600,
    Interval.DAY: 86_400,
}


class Spot(msgspec.Struct, frozen=True):
    """The price of an underlying."""

    instrument: str
    price: int
    at: int
    age_ns: int


class FullQuote(msgspec.Struct, frozen=True, kw_only=True):
    """
    All that is known of one instrument now.

    `open`, `high` and `low` are the day's, from the first price that was seen. Empty sides are None.
    """

    instrument: str
    at: int
    age_ns: int
    last: int
    open: int
    high: int
    low: int
    bid: int | None
    ask: int | None
    bid_quantity: int | None
    ask_quantity: int | None
    volume: int
    open_interest: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class Gap(msgspec.Struct, frozen=True):
    """A stretch of the session without candles: from `start`, up to but without `end`."""

    start: int
    end: int


class History(msgspec.Struct, frozen=True):
    """Closed candles in order of time, and where there are none although the market was open."""

    instrument: str
    interval: Interval
    candles: tuple[Candle, ...]
    gaps: tuple[Gap, ...]


class OptionQuote(msgspec.Struct, frozen=True, kw_only=True):
    """
    One option of a chain.

    `open_interest_change` counts from the first value of the day that was seen. `implied_volatility` is for a
    year, 0.12 is 12 %; None where the price has no time value or the forward is not known.
    """

    instrument: str
    at: int
    last: int | None
    bid: int | None
    ask: int | None
    volume: int
    open_interest: int
    open_interest_change: int
    implied_volatility: float | None


class ChainRow(msgspec.Struct, frozen=True):
    """One strike, in money units; None where a side is not listed or has no price yet."""

    strike: int
    call: OptionQuote | None
    put: OptionQuote | None


class OptionsChain(msgspec.Struct, frozen=True):
    """
    One expiry of the options on an underlying, strikes ascending.

    `spot` is the underlying's last price and `forward` what calls and puts say it will be at expiry; None
    where the data has too little.
    """

    underlying: str
    expiry: date
    at: int
    spot: int | None
    forward: int | None
    rows: tuple[ChainRow, ...]
