"""Backtests over an ex-date: prices as traded, adjusted before, or adjusted here."""

import json
from pathlib import Path

import pytest
from tests.tables import bars_of
from tests.trading import DAY, NEXT_DAY

import kasauti
from kasauti.compose import signals
from kasauti.compose.markets import Market
from kasauti.domain import events as ev
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import rupees
from kasauti.strategies.columns import Bars
from kasauti.strategies.signals import Signals, SignalStrategy

#: More than what market orders in a hundred shares lose to ticks here.
SLIPPAGE = rupees(50)
ACME = Instrument(Exchange.NSE, "ACME", Kind.EQUITY, 500, name="ACME")


def _day(price: int) -> str:
    rows = [f"{9 + n // 60:02d}:{n % 60:02d} {price} {price} {price} {price} 10000" for n in range(15, 60)]
    return "time open high low close volume\n" + "\n".join(rows)


def market() -> Market:
    """Return two days: at 255, and after a bonus of 1 for 2 at 170."""
    batches = [bars_of(_day(255), lambda _: 0, DAY, 60), bars_of(_day(170), lambda _: 0, NEXT_DAY, 60)]
    return Market(
        label="two days",
        source="test",
        universe=Universe([ACME]),
        days=(DAY, NEXT_DAY),
        is_bars=True,
        is_dense=False,
        underlying="",
        play=lambda _: iter(batches),
    )


class Hold(kasauti.Strategy):
    """Buys a hundred shares at the first candle and sells all on the second day."""

    candles = "5m"
    instruments = ("NSE:ACME",)

    def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> list[kasauti.Command]:
        held, first = view.held(candle.instrument), view.day == DAY
        if first and not held:
            return [kasauti.buy("NSE:ACME", 100, product="CNC")]
        return [kasauti.sell("NSE:ACME", held, product="CNC")] if held and not first else []


class Long(SignalStrategy):
    """Always long."""

    def signals(self, bars: Bars) -> Signals:
        low = bars.close > 0
        return Signals(long_entry=low, long_exit=~low)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    row = {
        "symbol": "ACME",
        "kind": "bonus",
        "new": 1,
        "for": 2,
        "effective_from": NEXT_DAY.isoformat(),
        "source": "its notice",
        "confidence": "certain",
    }
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "corporate_actions.json").write_text(json.dumps({"actions": [row]}))
    return tmp_path


def settings(own: Path, prices: str) -> Path:
    file = own / f"{prices}.yaml"
    file.write_text(f"rules:\n  overlay: {own / 'own'}\nfeed:\n  prices: {prices}\n")
    return file


def adjusted(result: kasauti.BacktestResult) -> int:
    return sum(isinstance(each.event, ev.PositionAdjusted) for each in result.log.read())


def test_over_prices_as_traded_the_position_is_adjusted(own: Path) -> None:
    result = kasauti.backtest(Hold, market(), config=settings(own, "traded"))

    assert adjusted(result) == 1
    assert result.run.fills.quantity.tolist() == [100, 100, 150, 150]  # over at cost, and out
    assert abs(int(result.run.trips.gross.sum())) < SLIPPAGE
    assert not result.run.open_at_end


def test_over_prices_that_were_adjusted_nothing_is(own: Path) -> None:
    result = kasauti.backtest(Hold, market(), config=settings(own, "adjusted"))

    assert adjusted(result) == 0
    assert result.run.fills.quantity.tolist() == [100, 100]
    assert abs(int(result.run.trips.gross.sum()) + rupees(8500)) < SLIPPAGE


def test_prices_can_be_adjusted_here(own: Path) -> None:
    result = kasauti.backtest(Hold, market(), config=settings(own, "adjust"))

    assert adjusted(result) == 0
    assert all(abs(price - rupees(170)) < rupees(1) for price in result.run.fills.price.tolist())
    assert abs(int(result.run.trips.gross.sum())) < SLIPPAGE


def test_a_signal_run_over_an_ex_date_is_the_engines(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "KERNEL_FROM", 0)
    parameters = {"candle_s": 60, "quantity": 100, "product": "CNC"}

    traded = kasauti.backtest(Long, market(), config=settings(own, "traded"), parameters=parameters)
    here = kasauti.backtest(Long, market(), config=settings(own, "adjust"), parameters=parameters)

    assert "NSE:ACME has a corporate action on 2026-01-14 (bonus of 1 for 2)" in traded.run.assumptions.engine
    assert adjusted(traded) == 1
    assert here.run.assumptions.engine.startswith("the compiled kernel")
