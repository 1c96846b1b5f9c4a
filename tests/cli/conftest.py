"""Accounts and data that the tests of commands look at; nobody changes them."""

import signal
from pathlib import Path

import pytest
from tests.cli.command import kasauti
from tests.compose.worlds import minutes, momentum_day
from tests.trading import UNIVERSE

from kasauti.feeds.recorded.writing import write_recording


@pytest.fixture(scope="session", autouse=True)
def _heard() -> None:
    """
    Have sessions hear Ctrl-C and a closed terminal however the tests were started.

    Under nohup, or behind `&` in a script, those signals are ignored; every process that the tests start
    would inherit that and never end.
    """
    for name, handler in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the thin momentum day as a file."""
    file = tmp_path_factory.mktemp("data") / "day.parquet"
    market = momentum_day()
    write_recording(file, market.universe, market.play(None))
    return file


@pytest.fixture(scope="session")
def account(recording: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an account that has traded that day."""
    folder = tmp_path_factory.mktemp("account")
    ran = kasauti("replay", recording, "--data", folder, "--quiet", "--set", "account.capital_rupees=500000")
    assert ran.code == 0, ran.err
    return folder


@pytest.fixture(scope="session")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an hour of one quote a minute as a file."""
    file = tmp_path_factory.mktemp("hour") / "hour.parquet"
    write_recording(file, UNIVERSE, minutes())
    return file
