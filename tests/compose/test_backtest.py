"""`kasauti.backtest`: from whatever names a strategy and data to a result."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from tests.compose.worlds import market_of, minutes

import kasauti
from kasauti.analytics.run import Ending
from kasauti.compose.capital import whole_rupees
from kasauti.compose.recorded import Progress
from kasauti.domain.money import rupees
from kasauti.errors import ConfigError, InvalidInput, KasautiError, MarketDataError, PluginError

HOUR = market_of(minutes(until=60), "an hour")

WAVES = """
from kasauti import Strategy, buy, sell

class Waves(Strategy):
    candles = "5m"
    instruments = ("NSE:ACME",)

    def on_candle(self, candle, view):
        held = view.held(candle.instrument)
        yield sell("NSE:ACME", held, product="MIS") if held else buy("NSE:ACME", 10, product="MIS")
"""


class Waves(kasauti.Strategy):
    """Buys and sells in turn, every five minutes."""

    candles = "5m"
    instruments = ("NSE:ACME",)

    class Parameters(kasauti.Strategy.Parameters, frozen=True, kw_only=True):
        quantity: int = 10

    parameters: Parameters

    def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> list[kasauti.Command]:
        held = view.held(candle.instrument)
        if held:
            return [kasauti.sell("NSE:ACME", held, product="MIS")]
        return [kasauti.buy("NSE:ACME", self.parameters.quantity, product="MIS")]


def test_a_class_an_object_and_a_file_of_the_same_strategy_trade_the_same(tmp_path: Path) -> None:
    file = tmp_path / "waves.py"
    file.write_text(WAVES)

    results = [
        kasauti.backtest(given, HOUR, capital=500_000)
        for given in (Waves, Waves.from_parameters({}), f"{file}:Waves")
    ]

    fills = [result.metrics.fills for result in results]
    assert fills == [11, 11, 11], "the order of the last candle meets no price any more"
    assert len({result.metrics.net for result in results}) == 1
    assert [result.ending for result in results] == [Ending.COMPLETE] * 3


class OddTick(kasauti.Strategy):
    """Asks once for a price that is on no tick: 99.77 where the tick is 0.05."""

    candles = "5m"
    instruments = ("NSE:ACME",)

    def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> list[kasauti.Command]:
        return [
            kasauti.buy("NSE:ACME", 10, product="MIS", order_type="LIMIT", price=997_700),
        ]


@pytest.mark.parametrize(
    ("regime", "refused", "said"),
    [(None, True, "regime live"), ("live", True, "regime live"), ("permissive", False, "permissive")],
)
def test_the_regime_says_whether_what_a_broker_refuses_is_refused(
    regime: str | None,
    refused: bool,  # noqa: FBT001
    said: str,
) -> None:
    result = kasauti.backtest(OddTick, HOUR, regime=regime)

    assert ("DENIED" in result.run.orders.status) == refused
    assert said in result.run.assumptions.refused
    permissive = [each for each in result.run.assumptions.remarks if "regime is permissive" in each]
    assert bool(permissive) is not refused, "what flatters is a reason to doubt, what a broker does is none"


def test_a_regime_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"account\.regime is lax.*live, permissive"):
        kasauti.backtest(OddTick, HOUR, regime="lax")


def test_parameters_reach_the_strategy() -> None:
    result = kasauti.backtest(Waves, HOUR, parameters={"quantity": 40})

    assert set(result.run.trips.quantity.tolist()) == {40}
    assert result.parameters == {"quantity": "40"}


def test_an_object_is_not_used_up_by_a_run() -> None:
    strategy = Waves.from_parameters({"quantity": 20})
    first, second = (kasauti.backtest(strategy, HOUR) for _ in range(2))

    assert first.metrics == second.metrics


def test_capital_begins_the_account() -> None:
    result = kasauti.backtest(Waves, HOUR, capital="5 lakh")

    assert result.metrics.capital == rupees(500_000)


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        (500_000, 500_000),
        ("500000", 500_000),
        ("5,00,000", 500_000),
        ("₹5,00,000", 500_000),
        ("5 lakh", 500_000),
        ("5L", 500_000),
        ("0.05 crore", 500_000),
        ("1cr", 10_000_000),
        (Decimal("2.5e5"), None),
        (Decimal(250_000), 250_000),
        ("five lakh", None),
        ("100.50", None),
        (0, None),
        (-5, None),
        (True, None),
    ],
)
def test_capital_is_read_as_people_write_it(written: int | str | Decimal, whole: int | None) -> None:
    if whole is None:
        with pytest.raises(InvalidInput, match="capital is"):
            whole_rupees(written)
    else:
        assert whole_rupees(written) == whole


def test_progress_is_told_to_the_last_row() -> None:
    told: list[Progress] = []
    kasauti.backtest(Waves, HOUR, progress=told.append)

    assert told[-1].rows == 60
    assert (told[-1].day, told[-1].days) == (1, 1)


class Breaks(Waves):
    """Raises at its third candle."""

    def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> list[kasauti.Command]:
        if view.at >= candle.start + 5 * 60 * 10**9 and candle.start % (15 * 60 * 10**9) == 0:
            raise ZeroDivisionError("nothing to divide by")
        return super().on_candle(candle, view)


def test_a_strategy_that_raises_ends_the_run_and_names_its_line() -> None:
    result = kasauti.backtest(Breaks, HOUR)

    assert result.ending is Ending.FAILED
    assert "breaks raised in on_candle: ZeroDivisionError: nothing to divide by" in result.failure
    assert f"{__file__} line " in result.failure


class Interrupted(Waves):
    """Ctrl-C comes at its third candle."""

    def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> list[kasauti.Command]:
        if view.at % (15 * 60 * 10**9) == 0:
            raise KeyboardInterrupt
        return super().on_candle(candle, view)


def test_ctrl_c_leaves_what_was_done_until_then() -> None:
    result = kasauti.backtest(Interrupted, HOUR)

    assert result.ending is Ending.INTERRUPTED
    assert result.metrics.fills > 0


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"strategy": "no_such_strategy"}, PluginError, "There is no 'no_such_strategy'"),
        ({"strategy": Path}, PluginError, "lacks on_candle"),
        ({"parameters": {"quantiy": 1}}, ConfigError, "Did you mean 'quantity'"),
        ({"parameters": {"quantity": "many"}}, ConfigError, "quantity"),
        ({"strategy": Waves.from_parameters({}), "parameters": {"quantity": 1}}, InvalidInput, "already"),
        ({"data": 7}, KasautiError, "int"),
        ({"start": "yesterday"}, InvalidInput, "start is 'yesterday'"),
        ({"start": "2030-01-01"}, MarketDataError, "has no day from 2030-01-01"),
        ({"profile": "magic"}, ConfigError, "fill_profile"),
    ],
)
def test_what_cannot_be_used_is_an_error_with_a_sentence(
    given: dict[str, object], error: type[Exception], message: str
) -> None:
    arguments: dict[str, object] = {"strategy": Waves, "data": HOUR, **given}
    with pytest.raises(error, match=message):
        kasauti.backtest(**arguments)  # type: ignore[arg-type]


def test_every_public_name_is_there() -> None:
    assert [name for name in kasauti.__all__ if not hasattr(kasauti, name)] == []
    with pytest.raises(AttributeError, match="no_such_name"):
        kasauti.no_such_name  # type: ignore[attr-defined]  # noqa: B018


def frame_of_bars(minutes: int = 60) -> pl.DataFrame:
    """Return bars of ACME that rise and fall."""
    opens = datetime(2026, 11, 23, 9, 15)  # noqa: DTZ001  without an offset: IST
    prices = [100.0 + number % 7 for number in range(minutes)]
    return pl.DataFrame(
        {
            "symbol": ["ACME"] * minutes,
            "ts": [opens + timedelta(minutes=number) for number in range(minutes)],
            "open": prices,
            "high": [price + 1 for price in prices],
            "low": [price - 1 for price in prices],
            "close": prices,
            "volume": [1000] * minutes,
        }
    )


def test_a_data_frame_a_file_a_list_and_a_pattern_trade_the_same(tmp_path: Path) -> None:
    frame = frame_of_bars()
    frame.write_csv(tmp_path / "a.csv", datetime_format="%Y-%m-%d %H:%M:%S")
    given = [
        frame,
        frame.to_pandas(),
        frame.to_arrow(),
        tmp_path / "a.csv",
        [tmp_path / "a.csv"],
        str(tmp_path / "*.csv"),
    ]

    nets = [kasauti.backtest(Waves, data).metrics.net for data in given]

    assert len(set(nets)) == 1
    assert nets[0] != 0


def test_days_choose_from_any_data() -> None:
    with pytest.raises(MarketDataError):
        kasauti.backtest(Waves, frame_of_bars(), start="2026-11-24")
