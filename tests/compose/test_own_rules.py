"""A user's own rule files: in force for a whole run, told in its report, and kept in its log."""

import json
from pathlib import Path

import pytest
from tests.compose.worlds import market_of, minutes
from tests.trading import UNIVERSE

import kasauti
from kasauti.analytics.proof import prove
from kasauti.analytics.rates_in_force import rates_in_force
from kasauti.config import load_config
from kasauti.domain import events as ev
from kasauti.domain.money import rupees
from kasauti.errors import ConfigError
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.overlay import NO_OVERLAY, overlay_in_use, recorded_overlay

HOUR = market_of(minutes(until=60), "an hour")


class Once(kasauti.Strategy):
    """Buys ten shares at the first candle; the square-off sells them."""

    candles = "5m"
    instruments = ("NSE:ACME",)

    def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> list[kasauti.Command]:
        return [] if view.held(candle.instrument) else [kasauti.buy("NSE:ACME", 10, product="MIS")]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with a broker who takes seven rupees for every order."""
    row = {
        "charge_classes": ["equity_intraday"],
        "effective_from": "2023-04-01",
        "flat": "7",
        "source": "my broker's list",
        "confidence": "certain",
    }
    own = tmp_path / "own"
    own.mkdir()
    (own / "brokerage.json").write_text(json.dumps({"plans": [{"name": "zerodha", "rates": [row]}]}))
    file = tmp_path / "config.yaml"
    file.write_text(f"rules:\n  overlay: {own}\n")
    return file


def brokerage(result: kasauti.BacktestResult) -> list[int]:
    return [
        each.event.charges.brokerage for each in result.log.read() if isinstance(each.event, ev.OrderFilled)
    ]


def test_a_backtest_is_charged_by_the_users_own_rows(config: Path) -> None:
    with_own = kasauti.backtest(Once, HOUR, config=config)
    without = kasauti.backtest(Once, HOUR)

    assert set(brokerage(with_own)) == {rupees(7)}
    assert rupees(7) not in brokerage(without)
    assert overlay_in_use() is NO_OVERLAY
    assert any("Rules of the user's own" in each for each in with_own.run.assumptions.remarks)


def test_the_log_keeps_the_rows_and_is_proved_by_them(config: Path) -> None:
    """Also when the files are gone: whoever has the log has the rules."""
    result = kasauti.backtest(Once, HOUR, config=config)
    for file in (config.parent / "own").iterdir():
        file.unlink()
    opened = next(each.event for each in result.log.read() if isinstance(each.event, ev.AccountOpened))
    started = next(each.event for each in result.log.read() if isinstance(each.event, ev.SessionStarted))

    proof = prove(result.log.read(), UNIVERSE.find, ChargeBook)

    assert opened.rules == started.rules
    assert [name for name, _ in recorded_overlay(opened.rules).files] == ["brokerage.json"]
    assert proof.passed, proof.problem


def test_a_report_states_the_rates_of_the_users_own_rows(config: Path) -> None:
    result = kasauti.backtest(Once, HOUR, config=config)

    assert [each for each in rates_in_force(result.run) if "brokerage ₹7 an order" in each]


def test_a_folder_that_is_none_is_refused_before_anything_is_traded(tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(ConfigError, match=r"rules\.overlay is"):
            load_config(None, {"rules.overlay": str(folder)}, {})


def test_a_wrong_row_stops_a_backtest_with_its_line(config: Path) -> None:
    own = config.parent / "own" / "brokerage.json"
    own.write_text(own.read_text().replace('"source": "my broker\'s list", ', ""))

    with pytest.raises(ConfigError, match=r"own/brokerage\.json line 1: the row has no source"):
        kasauti.backtest(Once, HOUR, config=config)
