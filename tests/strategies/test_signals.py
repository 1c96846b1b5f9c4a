"""Signals as columns: what they mean as whole numbers, where they do not fit, and where they look ahead."""

from datetime import date, time

import numpy as np
import pytest
from tests.trading import DAY, SHARE, moment

from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.domain.signals import LevelKind, consistent, level
from kasauti.errors import ConfigError, InvalidInput
from kasauti.strategies.columns import Bars, crossed_above, crossed_below
from kasauti.strategies.indicators import Atr, Ema, Rsi, Sma
from kasauti.strategies.lookahead import first_peek
from kasauti.strategies.signals import Signals, SignalStrategy

SIZE = 120


def _bars(size: int = SIZE, day: date = DAY, seed: int = 5) -> Bars:
    rng = np.random.default_rng(seed)
    close = (2_000 + np.cumsum(rng.integers(-9, 10, size))) * 500
    return Bars.of(
        start=moment("09:15", day) + np.arange(size) * NS_PER_MINUTE,
        open=close - 500,
        high=close + 1_000,
        low=close - 1_500,
        close=close,
        volume=rng.integers(1, 1_000, size),
        seconds=60,
        instrument=SHARE,
    )


class Given(SignalStrategy):
    """A strategy whose signals are a function of the bars."""

    class Parameters(SignalStrategy.Parameters, frozen=True, kw_only=True):
        instrument: str = SHARE.id

    def __init__(self, signals: object, **parameters: object) -> None:
        super().__init__(self.Parameters(**parameters))  # type: ignore[arg-type]
        self._given = signals

    def signals(self, bars: Bars) -> Signals:
        assert callable(self._given)
        signals: Signals = self._given(bars)
        return signals


def _codes(**flags: list[bool]) -> list[int]:
    size = len(next(iter(flags.values())))
    rows = Given(lambda _: Signals(**flags)).rows(_bars(size))
    return [rows.row(row).code for row in range(size)]


@pytest.mark.parametrize(
    ("bits", "meaning"),
    [
        (0b0001, 0b0001),
        (0b0011, 0b0010),  # an exit beats an entry of its own side
        (0b0101, 0b0000),  # entries of both sides beat each other
        (0b0111, 0b0110),  # the long one was beaten already
        (0b1111, 0b1010),
    ],
)
def test_what_contradicts_itself_has_one_meaning(bits: int, meaning: int) -> None:
    assert consistent(bits) == meaning


def test_flags_are_bits_of_one_column() -> None:
    yes, no = True, False
    assert _codes(long_entry=[yes, no, no], long_exit=[no, yes, no], short_exit=[no, yes, yes]) == [1, 10, 8]


def test_numbers_and_missing_values_count_as_flags() -> None:
    rows = Given(lambda _: Signals(long_entry=[0.0, float("nan"), 2.0])).rows(_bars(3))
    assert rows.codes.tolist() == [0, 0, 1]


def test_hours_of_the_parameters_hold_for_every_signal() -> None:
    every = Given(
        lambda bars: Signals(long_entry=bars.close > 0), last_entry=time(9, 17), exit_from=time(9, 18)
    )
    assert [every.rows(_bars(5)).row(row).code & 3 for row in range(5)] == [1, 1, 2, 2, 2]


def test_levels_are_per_cents_or_prices_to_the_tick() -> None:
    signals = Signals(long_entry=[True, True], stop_percent=[1.5, float("nan")], target_price=[101.02, 0])
    rows = Given(lambda _: signals).rows(_bars(2))
    assert [(rows.row(row).stop_kind, rows.row(row).stop) for row in (0, 1)] == [
        (LevelKind.PARTS, 15_000),
        (LevelKind.PARTS, 0),
    ]
    assert [(rows.row(row).target_kind, rows.row(row).target) for row in (0, 1)] == [
        (LevelKind.PRICE, 1_010_000),
        (LevelKind.PRICE, 0),
    ]


@pytest.mark.parametrize(
    ("side", "stops", "price"),
    [(1, True, 989_500), (1, False, 1_010_500), (-1, True, 1_010_500), (-1, False, 989_500)],
)
def test_a_per_cent_is_rounded_to_the_tick_away_from_the_entry(side: int, stops: bool, price: int) -> None:  # noqa: FBT001
    """1.01 % of ₹100 is ₹1.01, and the tick is ₹0.05."""
    assert level(LevelKind.PARTS, 10_100, 1_000_000, 500, side, stops=stops) == price


@pytest.mark.parametrize(
    ("signals", "message"),
    [
        (Signals(long_entry=[True]), r"long_entry has the shape \(1,\); there are 3 bars"),
        (Signals(long_entry=["yes", "no", "no"]), "long_entry has values of"),
        (Signals(quantity=[1, 2]), "quantity has the shape"),
        (Signals(stop_percent=[1, 2]), "stop has the shape"),
        (Signals(stop_percent=1, stop_price=100), "stop_percent and stop_price are both given"),
    ],
)
def test_columns_that_do_not_fit_are_refused_by_name(signals: Signals, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Given(lambda _: signals).rows(_bars(3))


def test_the_columns_of_bars_have_one_length_and_rise_in_time() -> None:
    ones = np.ones(2, np.int64)
    with pytest.raises(InvalidInput, match="different lengths"):
        Bars.of(start=np.arange(3), open=ones, high=ones, low=ones, close=ones, seconds=60)
    with pytest.raises(InvalidInput, match="not in order of time"):
        Bars.of(start=ones, open=ones, high=ones, low=ones, close=ones, seconds=60)


def test_a_strategy_without_its_instrument_or_with_an_unknown_parameter_says_so() -> None:
    with pytest.raises(InvalidInput, match="trades one instrument and was given 0"):
        SignalStrategy().subscriptions()
    with pytest.raises(ConfigError, match="Did you mean 'candle_s'"):
        SignalStrategy.from_parameters({"candles_s": 5})
    with pytest.raises(NotImplementedError, match="has no signals"):
        SignalStrategy().signals(_bars(1))


@pytest.mark.parametrize(
    ("name", "period", "one"),
    [("sma", 10, Sma(10)), ("ema", 10, Ema(10)), ("rsi", 14, Rsi(14))],
)
def test_indicators_of_columns_are_those_that_are_fed_one_by_one(
    name: str, period: int, one: Sma | Ema | Rsi
) -> None:
    bars = _bars()
    scale = 1 if name == "rsi" else 10_000
    fed = [one.add(close) for close in bars.exact.close.tolist()]
    expected = [np.nan if value is None else value / scale for value in fed]
    np.testing.assert_allclose(getattr(bars, name)(period), expected, rtol=1e-9)


def test_the_true_range_is_that_of_the_indicator() -> None:
    bars, one = _bars(), Atr(14)
    exact = bars.exact
    fed = [
        one.add(*row)
        for row in zip(exact.high.tolist(), exact.low.tolist(), exact.close.tolist(), strict=True)
    ]
    expected = [np.nan if value is None else value / 10_000 for value in fed]
    np.testing.assert_allclose(bars.atr(14), expected, rtol=1e-9)


def test_rolling_extremes_crosses_and_the_days_average() -> None:
    bars = _bars(6)
    assert np.isnan(bars.highest(3)[:2]).all()
    assert bars.highest(3)[2:].tolist() == [bars.high[i - 2 : i + 1].max() for i in range(2, 6)]
    assert bars.lowest(2)[1:].tolist() == [bars.low[i - 1 : i + 1].min() for i in range(1, 6)]
    typical = (bars.high + bars.low + bars.close) / 3
    np.testing.assert_allclose(bars.vwap(), np.cumsum(typical * bars.volume) / np.cumsum(bars.volume))
    one, other = np.array([1.0, 3.0, 3.0, 1.0]), np.array([2.0, 2.0, 2.0, 2.0])
    assert crossed_above(one, other).tolist() == [False, True, False, False]
    assert crossed_below(one, other).tolist() == [False, False, False, True]


def test_an_indicator_is_computed_once() -> None:
    bars = _bars()
    assert bars.sma(10) is bars.sma(10)


def test_a_signal_from_the_future_is_found_with_its_bar() -> None:
    ahead = Given(lambda bars: Signals(long_entry=np.append(bars.close[1:] > bars.close[:-1], [False])))
    peek = first_peek(ahead, _bars())
    assert peek is not None
    assert peek.row == peek.bars - 1
    assert "it is computed from what comes later" in peek.sentence


def test_an_extreme_over_everything_is_found_where_it_first_matters() -> None:
    top = Given(lambda bars: Signals(short_entry=bars.close == bars.close.max()))
    peek = first_peek(top, _bars())
    assert peek is not None
    assert "short_entry" in peek.sentence


def test_honest_signals_pass() -> None:
    honest = Given(lambda bars: Signals(long_entry=bars.close > bars.sma(9), stop_percent=1))
    assert first_peek(honest, _bars()) is None
