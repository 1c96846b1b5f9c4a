"""Taking an account up, putting it away, and who may."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.compose.worlds import events_of, market_of, settings, trade
from tests.tables import ticks_of
from tests.trading import DAY, NAMES, UNIVERSE

from kasauti.compose.account import LOG, OpenAccount
from kasauti.compose.account_log import open_log
from kasauti.compose.markets import Market
from kasauti.compose.trader import Answer
from kasauti.errors import LogError, LogLocked
from kasauti.store.lock import WriterLock

IDLE = settings(strategies=[])


def quiet_market(source: str = "quiet") -> Market:
    batch = ticks_of(
        "time last bid ask\n09:15 100 99.95 100.05", lambda name: UNIVERSE.slot(NAMES[name].id), DAY
    )
    return market_of([batch], source)


def test_a_fresh_account_takes_only_its_own_files_away(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("account:\n  capital_rupees: 500000\n")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "idea.md").write_text("mine")
    market = quiet_market()
    trade(tmp_path, market, IDLE)
    first = events_of(tmp_path)

    trade(tmp_path, market, IDLE, answer=Answer.FRESH)
    trade(tmp_path, market, IDLE, answer=Answer.FRESH)

    assert (tmp_path / "config.yaml").exists()
    assert (tmp_path / "notes" / "idea.md").read_text() == "mine"
    assert sorted(each.name for each in (tmp_path / "epochs").iterdir()) == ["0001", "0002"]
    assert events_of(tmp_path / "epochs" / "0001") == first, "the old account is whole where it is now"
    for where in (tmp_path / "epochs" / "0001", tmp_path):
        assert [each.name for each in (where / "state").iterdir()] == ["trading_state_20260113.json"]


def test_epochs_that_somebody_removed_or_added_are_never_written_over(tmp_path: Path) -> None:
    market = quiet_market()
    trade(tmp_path, market, IDLE)
    for name in ("0007", "of another program"):
        (tmp_path / "epochs" / name).mkdir(parents=True)

    trade(tmp_path, market, IDLE, answer=Answer.FRESH)

    assert (tmp_path / "epochs" / "0008" / LOG).exists()


def test_a_fresh_account_is_not_taken_from_a_process_that_came_first(tmp_path: Path) -> None:
    """Between letting the old log go and locking the folder again, somebody else may be faster."""
    trade(tmp_path, quiet_market(), IDLE)
    before = events_of(tmp_path)
    with OpenAccount(tmp_path, "main") as account:
        account.log.close()
        somebody = WriterLock(tmp_path / LOG)
        with pytest.raises(LogLocked):
            account.begin_again()
        somebody.release()

    assert not (tmp_path / "epochs").exists()
    assert events_of(tmp_path) == before


def test_an_account_is_held_by_one_process(tmp_path: Path) -> None:
    with OpenAccount(tmp_path, "main"):
        code = (
            "from pathlib import Path\nfrom kasauti.compose.account import OpenAccount\n"
            f"OpenAccount(Path({str(tmp_path)!r}), 'main')"
        )
        other = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)

    assert "LogLocked" in other.stderr
    assert "is in use by process" in other.stderr


def test_the_account_can_be_taken_up_after_its_holder_let_go(tmp_path: Path) -> None:
    for _ in range(3):
        with OpenAccount(tmp_path, "main"):
            pass


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LogError, match=r"cannot be made: .*; choose another --data folder"):
        OpenAccount(tmp_path / "file" / "account", "main")


def test_a_log_without_events_is_told_from_a_missing_one(tmp_path: Path) -> None:
    OpenAccount(tmp_path / "new", "main").close()
    with pytest.raises(LogError, match="no events yet; start a session first"):
        open_log(tmp_path / "new")
    with pytest.raises(LogError, match="there is no log"):
        open_log(tmp_path / "nowhere")
