"""A signal strategy over a market: the same run by the kernel and by the event engine, which says so."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import pytest
from tests.compose.worlds import market_of, settings
from tests.trading import DAY, NEXT_DAY, SHARE, UNIVERSE, moment

from kasauti import __version__
from kasauti.analytics.run import Run
from kasauti.analytics.run_of_log import run_of_log
from kasauti.compose import signals
from kasauti.compose.assumptions import EVENT_ENGINE, assumptions_of
from kasauti.compose.backtest import run_backtest
from kasauti.compose.lookahead import check_lookahead
from kasauti.compose.markets import Market
from kasauti.compose.recorded import trade_in_memory
from kasauti.compose.signals import BY_KERNEL, Maker, trade_signals
from kasauti.compose.strategies import given_strategy
from kasauti.config import Loaded
from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.domain.market import BarBatch
from kasauti.domain.order import Product
from kasauti.domain.view import CandleWanted
from kasauti.errors import InvalidInput, PluginError
from kasauti.strategies.columns import Bars
from kasauti.strategies.indicators import Indicator, Sma
from kasauti.strategies.signals import Signals, SignalStrategy

MINUTES = 375
PARTS = ("orders", "fills", "trips", "equity", "days")


@pytest.fixture(autouse=True)
def _by_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the kernel compute what is small, too."""
    monkeypatch.setattr(signals, "KERNEL_FROM", 0)


def run_signals(loaded: Loaded, market: Market, make: Maker, *, event_engine: bool = False) -> Run:
    """Trade `market` with a signal strategy and return the run as columns."""
    done = trade_signals(loaded, market, make, event_engine=event_engine)
    strategy, traded = make(), done.traded
    return run_of_log(
        traded.log.read(),
        instruments=market.universe,
        label=strategy.name,
        assumptions=assumptions_of(loaded.config, market, done.engine),
        version=__version__,
        parameters={name: str(value) for name, value in msgspec.structs.asdict(strategy.parameters).items()},
        tape=traded.tape,
        ending=traded.ending,
        failure=traded.failure,
    )


def _minutes(day: date, seed: int, volume: int = 10_000) -> BarBatch:
    """A day of minutes of the share, a random walk around ₹100."""
    rng = np.random.default_rng(seed)
    close = 2_000 + np.cumsum(rng.integers(-3, 4, MINUTES))
    opened = np.concatenate(([2_000], close[:-1])) + rng.integers(-1, 2, MINUTES)
    high = np.maximum(opened, close) + rng.integers(0, 3, MINUTES)
    low = np.minimum(opened, close) - rng.integers(0, 3, MINUTES)
    prices = [each * 500 for each in (opened, high, low, close)]
    at = moment("09:16", day) + np.arange(MINUTES) * NS_PER_MINUTE
    slot = np.full(MINUTES, UNIVERSE.slot(SHARE.id), np.int32)
    nothing = np.zeros(MINUTES, np.int64)
    columns = [*prices, nothing + volume, nothing]
    return BarBatch(60, at, slot, *columns)


def _market(*batches: BarBatch) -> Market:
    return market_of(batches, "minutes", (DAY, NEXT_DAY))


class Cross(SignalStrategy):
    class Parameters(SignalStrategy.Parameters, frozen=True, kw_only=True):
        instrument: str = SHARE.id
        fast: int = 3
        slow: int = 9

    parameters: Parameters
    window = 20
    warmup = 9

    def signals(self, bars: Bars) -> Signals:
        fast, slow = bars.sma(self.parameters.fast), bars.sma(self.parameters.slow)
        return Signals(
            long_entry=fast > slow,
            long_exit=fast < slow,
            short_entry=fast < slow,
            short_exit=fast > slow,
            stop_percent=0.2,
            target_percent=0.3,
        )


def _cross(**parameters: object) -> Callable[[], Cross]:
    return lambda: Cross.from_parameters(parameters)


def _equal(one: Run, other: Run, *, parts: tuple[str, ...] = PARTS) -> None:
    """The sentences of denials alone may differ: `why`."""
    for name in parts:
        for each in fields(getattr(one, name)):
            if each.name != "why":
                mine, theirs = (getattr(getattr(run, name), each.name) for run in (one, other))
                assert np.array_equal(np.asarray(mine), np.asarray(theirs)), f"{name}.{each.name}"
    assert one.open_at_end == other.open_at_end
    assert (one.reasons, one.strategies, one.instruments) == (
        other.reasons,
        other.strategies,
        other.instruments,
    )


@pytest.mark.parametrize("product", [Product.MIS, Product.CNC])
def test_kernel_and_event_engine_make_the_same_run(product: Product) -> None:
    market, loaded = _market(_minutes(DAY, 1), _minutes(NEXT_DAY, 2)), settings()
    make = _cross(product=product, quantity=10)

    kernel = run_signals(loaded, market, make)
    engine = run_signals(loaded, market, make, event_engine=True)

    assert kernel.assumptions.engine == BY_KERNEL
    assert engine.assumptions.engine == f"{EVENT_ENGINE}. Not the kernel for signals: it was asked for"
    assert len(kernel.fills.at) > 20
    _equal(kernel, engine)


@pytest.mark.parametrize("product", [Product.MIS, Product.CNC])
def test_candle_by_candle_it_trades_over_days_as_over_whole_columns(product: Product) -> None:
    market, loaded = _market(_minutes(DAY, 3), _minutes(NEXT_DAY, 4)), settings()
    whole = run_signals(loaded, market, _cross(product=product))

    traded = trade_in_memory(loaded, market, [_cross(product=product)])
    by_candle = run_of_log(
        traded.log.read(), instruments=UNIVERSE, label="", assumptions=whole.assumptions, version=""
    )

    assert len(whole.fills.at) > 20
    _equal(whole, by_candle, parts=("orders", "fills", "days"))


def test_what_else_it_follows_stands_beside_its_candles() -> None:
    class Alone(Cross):
        def indicators(self, wanted: CandleWanted) -> Mapping[str, Indicator]:
            return {"mean": Sma(5)}

    class Beside(Cross):
        def indicators(self, wanted: CandleWanted) -> Mapping[str, Indicator]:
            return {**super().indicators(wanted), "mean": Sma(5)}

    market = _market(_minutes(DAY, 3))
    alone, beside = (trade_in_memory(settings(), market, [each]) for each in (Alone, Beside))
    assert beside.failure == "" and beside.state.trades > 20  # noqa: PT018  one thing
    assert "super().indicators(wanted)" in alone.failure


def test_a_signal_of_the_next_bar_is_found_by_the_lookahead_check() -> None:
    class Ahead(Cross):
        def signals(self, bars: Bars) -> Signals:
            rises = np.append(bars.close[1:] > bars.close[:-1], [False])
            return Signals(long_entry=rises, long_exit=~rises)

    market = _market(_minutes(DAY, 1))
    found = check_lookahead(settings(), market, given_strategy(Ahead))
    assert found.changed is not None
    assert check_lookahead(settings(), market, given_strategy(Cross)).changed is None


def test_what_the_kernel_cannot_do_the_engine_does_and_says_so() -> None:
    few = _market(_minutes(DAY, 1, volume=5))
    run = run_signals(settings(), few, _cross(quantity=10))
    assert "an order is larger than what its bar traded" in run.assumptions.engine
    assert set(run.fills.quantity.tolist()) == {5}


def test_bars_of_another_length_are_for_the_engine() -> None:
    run = run_signals(settings(), _market(_minutes(DAY, 1)), _cross(candle_s=300))
    assert "300 s" in run.assumptions.engine
    assert len(run.fills.at) > 0


def test_signals_that_raise_or_do_not_fit_are_an_error_with_a_name() -> None:
    class Raises(Cross):
        def signals(self, bars: Bars) -> Signals:
            raise ValueError("no such column")

    class TooShort(Cross):
        def signals(self, bars: Bars) -> Signals:
            return Signals(long_entry=bars.close[1:] > 1)

    market = _market(_minutes(DAY, 1))
    with pytest.raises(PluginError, match=r"signals\(\) raised ValueError: no such column"):
        run_signals(settings(), market, Raises)
    with pytest.raises(InvalidInput, match="long_entry has the shape"):
        run_signals(settings(), market, TooShort)


def test_the_example_trades() -> None:
    example = Path(__file__).parents[2] / "examples" / "ema_cross.py"
    given = given_strategy(f"{example}:EmaCross", {"instrument": SHARE.id, "quantity": 10})
    result = run_backtest(settings(), _market(_minutes(DAY, 1)), given)
    assert result.run.assumptions.engine == BY_KERNEL
    assert result.metrics.trips > 5
