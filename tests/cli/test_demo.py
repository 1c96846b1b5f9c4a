"""The demo, and the built-in market as `run` has it."""

import os
import signal
import struct
from pathlib import Path

import pytest
from tests.cli.command import Ended, ended, kasauti, start
from tests.cli.hours import CONTROL, last_session, read

from kasauti.domain import events as ev


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, ended(start("demo", "--speed", "max", cwd=folder))


def test_the_demo_shows_a_day_and_ends_by_itself(demo: tuple[Path, Ended]) -> None:
    folder, ran = demo
    assert (ran.code, ran.err) == (0, "")
    for words in ("Bought", "Sold", "Day report of main", "Round trips", "The prices are made up"):
        assert words in ran.out
    assert (folder / "data" / "demo" / "log.db").exists()


@pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")
def test_the_demo_is_shown_live_on_a_terminal_and_ctrl_c_in_it_ends_it(tmp_path: Path) -> None:
    import fcntl  # noqa: PLC0415  POSIX only
    import termios  # noqa: PLC0415

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    process = start(
        "demo", "--speed", "60", "--data", tmp_path, cwd=tmp_path, start_new_session=True,
        stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    raw, shown, interrupted = "", "", False
    try:
        while piece := read(ours):
            raw += piece
            shown = CONTROL.sub("", raw)  # a piece may end inside a sequence
            if not interrupted and "09:15:3" in shown and "NIFTY" in shown:
                process.send_signal(signal.SIGINT)
                interrupted = True
    finally:
        os.close(ours)
        process.kill()
    assert process.wait() == 0, shown
    for words in ("Open orders", "Positions", "Charges", "Stopped cleanly", "Day report of main"):
        assert words.casefold() in shown.casefold(), words
    assert "Traceback" not in shown
    assert last_session(tmp_path) == ev.SessionStopped("stopped by the user")


def test_a_demo_begins_anew_each_time_and_keeps_what_somebody_set(tmp_path: Path) -> None:
    hours = ["--set", "feed.ends_at=09:17", "--quiet", "--speed", "max", "--data", tmp_path]
    assert kasauti("demo", *hours).code == 0
    assert kasauti("funds", "--data", tmp_path, "--json").json()["capital"] == "500000.00"
    assert kasauti("demo", *hours, "--seed", "7", "--set", "account.capital_rupees=123456").code == 0
    assert kasauti("status", "--data", tmp_path, "--json").json()["prices"] == "builtin:7:2026-11-23"
    assert kasauti("funds", "--data", tmp_path, "--json").json()["capital"] == "123456.00"
    assert (tmp_path / "epochs" / "0001" / "log.db").exists()


def test_the_built_in_market_goes_on_to_the_next_day(tmp_path: Path) -> None:
    run = ["run", "--data", tmp_path, "--speed", "max", "--quiet", "--set", "strategies=[]"]
    days = []
    for hours in ("feed.starts_at=15:29", "feed.ends_at=09:16"):
        assert kasauti(*run, "--set", hours).code == 0
        days.append(kasauti("status", "--data", tmp_path, "--json").json()["day"])
    assert days == ["2026-11-23", "2026-11-25"], "the 24th is a holiday"
