"""
Indicators against the worked examples of their authorities.

The figures are the columns of StockCharts ChartSchool's published spreadsheets: cs-movavg (SMA and EMA of ten
closes), cs-rsi (RSI of 14, QQQQ) and cs-atr (ATR of 14, QQQQ).
"""

from decimal import Decimal
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.candle import BarRow, Candle
from kasauti.domain.money import RUPEE, rupees
from kasauti.strategies.indicators import Atr, Ema, Rsi, Sma, Vwap

MOVING_AVERAGE_CLOSES = """
22.2734 22.1940 22.0847 22.1741 22.1840 22.1344 22.2337 22.4323 22.2436 22.2933 22.1542 22.3926 22.3816
22.6109 23.3558 24.0519 23.7530 23.8324 23.9516 23.6338 23.8225 23.8722 23.6537 23.1870 23.0976 23.3260
22.6805 23.0976 22.4025 22.1725
"""
SMA_10 = """
22.22475 22.21283 22.23269 22.26238 22.30606 22.42324 22.61499 22.76692 22.90693 23.07773 23.21178
23.37861 23.52657 23.65378 23.71139 23.68557 23.61298 23.50573 23.43225 23.27734 23.13121
"""
EMA_10 = """
22.22475 22.21192273 22.24477314 22.26965075 22.33169607 22.51789678 22.79680646 22.97065983 23.12733986
23.27720534 23.34204073 23.42939696 23.50990661 23.53605086 23.47258707 23.4044076 23.39015167 23.2611241
23.23139244 23.08068473 22.91556023
"""
RSI_CLOSES = """
44.3389 44.0902 44.1497 43.6124 44.3278 44.8264 45.0955 45.4245 45.8433 46.0826 45.8931 46.0328 45.6140
46.2820 46.2820 46.0028 46.0328 46.4116 46.2222 45.6439 46.2122 46.2521 45.7137 46.4515 45.7835 45.3548
44.0288 44.1783 44.2181 44.5672 43.4205 42.6628 43.1314
"""
RSI_14 = """
70.5328 66.3186 66.5498 69.4063 66.3552 57.9749 62.9296 63.2571 56.0593 62.3771 54.7076 50.4228 39.9898
41.4605 41.8689 45.4632 37.3040 33.0795 37.7730
"""
ATR_HIGHS = """
48.7 48.72 48.9 48.87 48.82 49.05 49.2 49.35 49.92 50.19 50.12 49.66 49.88 50.19 50.36 50.57 50.65 50.43
49.63 50.33 50.29 50.17 49.32 48.5 48.3201 46.8 47.8 48.39 48.66 48.79
"""
ATR_LOWS = """
47.79 48.14 48.39 48.37 48.24 48.635 48.94 48.86 49.5 49.87 49.2 48.9 49.43 49.725 49.26 50.09 50.3 49.21
48.98 49.61 49.2 49.43 48.08 47.64 41.55 44.2833 47.31 47.2 47.9 47.7301
"""
ATR_CLOSES = """
48.16 48.61 48.75 48.63 48.74 49.03 49.07 49.32 49.91 50.13 49.53 49.5 49.75 50.03 50.31 50.52 50.41
49.34 49.37 50.23 49.2375 49.93 48.43 48.18 46.57 45.41 47.77 47.72 48.62 47.85
"""
ATR_14 = """
0.555 0.593929 0.585791 0.568949 0.615452 0.61792 0.642354 0.674329 0.69277 0.775429 0.78147 1.209229
1.30262 1.38029 1.366698 1.336219 1.316482
"""


def prices(text: str) -> list[int]:
    return [rupees(word) for word in text.split()]


def numbers(text: str) -> list[float]:
    return [float(word) for word in text.split()]


def in_rupees(values: list[float | None]) -> list[float]:
    return [value / RUPEE for value in values if value is not None]


@pytest.mark.parametrize(("indicator", "published"), [(Sma(10), SMA_10), (Ema(10), EMA_10)])
def test_moving_averages_agree_with_the_published_columns(indicator: Sma | Ema, published: str) -> None:
    values = [indicator.add(close) for close in prices(MOVING_AVERAGE_CLOSES)]

    assert values[:9] == [None] * 9
    assert in_rupees(values) == pytest.approx(numbers(published), abs=5e-9)


def test_rsi_agrees_with_the_published_column() -> None:
    rsi = Rsi(14)

    values = [rsi.add(close) for close in prices(RSI_CLOSES)]

    assert values[:14] == [None] * 14
    assert values[14:] == pytest.approx(numbers(RSI_14), abs=5e-5)


def test_atr_agrees_with_the_published_column() -> None:
    atr = Atr(14)
    bars = zip(prices(ATR_HIGHS), prices(ATR_LOWS), prices(ATR_CLOSES), strict=True)

    values = [atr.add(*bar) for bar in bars]

    assert values[:13] == [None] * 13
    assert in_rupees(values) == pytest.approx(numbers(ATR_14), abs=5e-7)


@pytest.mark.parametrize(
    ("closes", "expected"), [([1, 2, 3, 4], 100.0), ([4, 3, 2, 1], 0.0), ([5, 5, 5, 5], 50.0)]
)
def test_rsi_at_its_ends(closes: list[int], expected: float) -> None:
    rsi = Rsi(3)

    assert [rsi.add(close) for close in closes][-1] == expected


def test_vwap_is_turnover_over_volume() -> None:
    """100 units at 10.00 and 300 at 12.00: (1000 + 3600) / 400 = 11.50."""
    vwap = Vwap()
    assert Vwap().value is None

    vwap.add(rupees(10), 100)
    vwap.add(rupees(12), 300)

    assert vwap.value == rupees("11.50")
    assert vwap.share(95, 100) == rupees("10.925")


def test_vwap_compares_exactly_where_a_float_could_not() -> None:
    """A third of a money unit below the price is below it, at any size; equal is not below."""
    huge = 3_000_000_000_000_000
    vwap = Vwap(turnover=huge * 3 - 1, volume=3)

    assert vwap.is_below(huge)
    assert not Vwap(turnover=huge * 3, volume=3).is_below(huge)
    assert not Vwap().is_below(1)
    assert Vwap().share(95, 100) == 0


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=40), st.integers(1, 12), st.integers(0, 39))
def test_an_indicator_goes_on_from_its_json_as_if_nothing_had_happened(
    closes: list[int], period: int, cut: int
) -> None:
    kinds: tuple[type[Sma | Ema | Rsi], ...] = (Sma, Ema, Rsi)
    for kind in kinds:
        whole, first = kind(period), kind(period)
        expected = [whole.add(close) for close in closes]
        values = [first.add(close) for close in closes[:cut]]
        second = msgspec.json.decode(msgspec.json.encode(first), type=kind)

        assert values + [second.add(close) for close in closes[cut:]] == expected


@given(
    st.lists(st.one_of(st.integers(1, 10**9), st.integers(2**52, 2**53)), max_size=40),
    st.integers(1, 12),
    st.lists(st.integers(0, 40), max_size=3),
)
def test_many_bars_at_once_are_read_as_one_by_one_to_the_last_bit(
    closes: list[int], period: int, cuts: list[int]
) -> None:
    """Values and everything that an indicator keeps; also where sums are beyond what floats hold exactly."""
    kinds: tuple[type[Sma | Ema | Rsi | Atr], ...] = (Sma, Ema, Rsi, Atr)
    places = [0, *sorted(min(cut, len(closes)) for cut in cuts), len(closes)]
    for kind in kinds:
        single, many = kind(period), kind(period)
        expected = [single.follow(Candle("", 60, 0, *[close] * 4)) for close in closes]
        found: list[object] = []
        for begin, end in pairwise(places):
            found += many.over(_row(closes[begin:end]))

        assert found == expected
        assert msgspec.json.encode(many) == msgspec.json.encode(single)


def _row(closes: list[int]) -> BarRow:
    column = np.array(closes, np.int64)
    return BarRow("", 60, list(range(len(closes))), [column] * 6)


@pytest.mark.parametrize("period", [0, -3])
def test_a_period_below_one_does_not_come_back_from_json(period: int) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({"period": period}), type=Sma)


def test_talib_agrees_where_it_is_installed() -> None:
    talib = pytest.importorskip("talib", reason="TA-Lib is not installed")
    numpy = pytest.importorskip("numpy")
    closes = prices(RSI_CLOSES)
    column = numpy.array([float(Decimal(close) / RUPEE) for close in closes])
    rsi = Rsi(14)

    assert [rsi.add(close) for close in closes][14:] == pytest.approx(talib.RSI(column, 14)[14:])
