"""A run that was kept comes back, from its columns or from its log."""

from pathlib import Path

import pytest
from tests.compose.test_backtest import HOUR, Breaks, Waves

import kasauti
from kasauti.analytics.run import Ending
from kasauti.compose.saved_runs import saved_run
from kasauti.errors import LogError


@pytest.mark.parametrize("name", ["kept.run", "kept.log"])
def test_a_kept_run_has_the_same_trades(tmp_path: Path, name: str) -> None:
    result = kasauti.backtest(Waves, HOUR)
    result.save(tmp_path / name)

    back = saved_run(tmp_path / name)

    assert back.fills.price.tolist() == result.run.fills.price.tolist()
    assert back.trips.net.tolist() == result.run.trips.net.tolist()
    assert back.days.equity.tolist() == result.run.days.equity.tolist()
    assert back.label == ("waves" if name == "kept.run" else "kept")


@pytest.mark.parametrize("name", ["kept.run", "kept.log"])
def test_of_an_installed_strategy_only_what_was_chosen_is_a_parameter(tmp_path: Path, name: str) -> None:
    """What a log has beside a run of columns would be a difference that there is none."""
    chosen = {"instrument": "NSE:ACME", "candle_s": 60, "rsi_ceiling": 70}
    kasauti.backtest("ema_rsi", HOUR, parameters=chosen).save(tmp_path / name)

    assert saved_run(tmp_path / name).parameters == {"instrument": "NSE:ACME", "candle_s": "60"}


@pytest.mark.parametrize("name", ["kept.run", "kept.log"])
def test_a_run_that_failed_says_so(tmp_path: Path, name: str) -> None:
    kasauti.backtest(Breaks, HOUR).save(tmp_path / name)

    back = saved_run(tmp_path / name)

    assert back.ending is Ending.FAILED
    assert "ZeroDivisionError" in back.failure


def test_what_is_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="there is no run"):
        saved_run(tmp_path / "missing.run")
    (tmp_path / "text.run").write_text("no run")
    with pytest.raises(LogError):
        saved_run(tmp_path / "text.run")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    result = kasauti.backtest(Waves, HOUR)
    for name in ("kept.run", "kept.log"):
        result.save(tmp_path / name)
        with pytest.raises(LogError, match="exists already"):
            result.save(tmp_path / name)
