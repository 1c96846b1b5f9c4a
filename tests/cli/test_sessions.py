"""Sessions as people end them: Ctrl-C, kill, kill -9, a second process; what the next start makes of it."""

import os
import re
import select
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from tests.cli.command import Ended, ended, kasauti, start
from tests.compose.worlds import CLERK, events_of, fills_of, minutes
from tests.trading import UNIVERSE

from kasauti.domain import events as ev
from kasauti.feeds.recorded.writing import write_recording

if os.name != "posix":
    pytest.skip("signals and terminals of POSIX", allow_module_level=True)

#: What a terminal takes for colours and moves.
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
#: An hour of minutes in four seconds.
SPEED = ("--speed", "1000")


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an hour of one quote a minute as a file."""
    file = tmp_path_factory.mktemp("hour") / "hour.parquet"
    write_recording(file, UNIVERSE, minutes())
    return file


def settings(hour: Path) -> list[str]:
    """Return options that trade the hour with the clerk."""
    return [
        "--set", "feed.kind=recorded", "--set", f"feed.path={hour}",
        "--set", f"strategies=[{{use: '{CLERK}'}}]",
        "--set", "simulator.fill_profile=touch", "--set", "simulator.stale_after_s=600",
    ]  # fmt: skip


def wait_for(process: "subprocess.Popen[str]", words: str) -> list[str]:
    """Read the output of a session until a line has these words."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if words in line:
            return seen
    process.wait()
    raise AssertionError(f"{words!r} never came:\n{''.join(seen)}{process.stderr and process.stderr.read()}")


def last_session(folder: Path) -> ev.Event:
    return [e.event for e in events_of(folder) if isinstance(e.event, ev.SessionStarted | ev.SessionStopped)][
        -1
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_session_that_is_asked_to_end_ends_cleanly_and_can_go_on(
    hour: Path, tmp_path: Path, number: signal.Signals
) -> None:
    process = start("run", "--data", tmp_path / "account", *settings(hour), *SPEED, cwd=tmp_path)
    wait_for(process, "BUY")
    process.send_signal(number)
    ran = ended(process)

    assert (ran.code, ran.err) == (0, "")
    assert last_session(tmp_path / "account") == ev.SessionStopped("stopped by the user")
    assert "Day report of main" in ran.out
    before = fills_of(events_of(tmp_path / "account"))
    lines = ran.out.splitlines()
    go_on = lines[lines.index("Stopped cleanly: nothing is lost. To go on from here:") + 1]

    words = shlex.split(go_on)
    assert words[0] == "kasauti"
    again = kasauti(*words[1:], "--speed", "max", "--quiet")

    assert (again.code, again.err) == (0, "")
    assert "did not stop cleanly" not in again.out
    fills = fills_of(events_of(tmp_path / "account"))
    assert fills[: len(before)] == before
    assert sum(fill.quantity for _, fill in fills) == 40, "10 and 10 in, 20 out: each once"
    assert kasauti("prove", "--data", tmp_path / "account").code == 0


#: Where Ctrl-C may come, as a strategy that presses it there.
PRESSES = """
import os, signal
from kasauti.strategies import Strategy, Subscriptions, TimerWanted

def press(where):
    if where == {where!r} and not pressed:
        pressed.append(where)
        os.kill(os.getpid(), signal.SIGINT)

pressed = []
press("import")

class Presses(Strategy):
    def __init__(self, parameters=None, name=""):
        super().__init__(parameters, name=name)
        press("construction")

    def subscriptions(self):
        press("subscriptions")
        return Subscriptions(timers=[TimerWanted("minute", seconds=60)], ticks=["NSE:ACME"])

    def on_start(self, view):
        press("on_start")

    def on_tick(self, quote, instrument, view):
        press("on_tick")

    def on_timer(self, name, view):
        press("on_timer")
"""


@pytest.mark.parametrize(
    "where", ["import", "construction", "subscriptions", "on_start", "on_tick", "on_timer"]
)
def test_ctrl_c_ends_a_session_cleanly_wherever_it_comes(hour: Path, tmp_path: Path, where: str) -> None:
    file = tmp_path / "presses.py"
    file.write_text(PRESSES.format(where=where))
    ran = kasauti(
        "replay", hour, "--data", tmp_path / "account", "--strategy", f"{file}:Presses", "--speed", "1000"
    )
    assert (ran.code, ran.err) == (0, "")
    assert last_session(tmp_path / "account") == ev.SessionStopped("stopped by the user")
    assert "Stopped cleanly" in ran.out
    assert kasauti("log", "verify", "--data", tmp_path / "account").code == 0
    tags = [each.event.TAG for each in events_of(tmp_path / "account")]
    assert "day.closed" not in tags


def test_ctrl_c_before_anything_has_begun_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing takes a second; who is quicker gets what a shell gives for Ctrl-C."""

    def impatient() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kasauti.cli.main._command", impatient)
    assert kasauti("demo") == Ended(130, "", "")


def test_who_reads_the_output_may_leave_and_the_session_goes_on(hour: Path, tmp_path: Path) -> None:
    process = start("run", "--data", tmp_path / "account", *settings(hour), *SPEED, cwd=tmp_path)
    wait_for(process, "BUY")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        said = process.stderr.read()
    process.wait()

    assert said == ""
    assert last_session(tmp_path / "account") == ev.SessionStopped("the market's data ended")
    assert sum(fill.quantity for _, fill in fills_of(events_of(tmp_path / "account"))) == 40


# After kill -9


@pytest.fixture(scope="module")
def killed(hour: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an account whose session was killed while it held ten shares; another process was refused."""
    folder = tmp_path_factory.mktemp("killed")
    account = folder / "account"
    process = start("run", "--data", account, *settings(hour), "--speed", "200", cwd=folder)
    wait_for(process, "Bought")
    second = kasauti("run", "--data", account, *settings(hour))
    assert second.code == 10
    assert f"is in use by process {process.pid} since" in second.sentence()
    row = kasauti("status", "--data", account, "--json").json()
    assert (row["in_session"], row["positions"]) == (True, 1)
    assert kasauti("prove", "--data", account).code == 0, "also while it runs"
    process.kill()
    process.communicate()
    assert isinstance(last_session(account), ev.SessionStarted)
    return account


@pytest.fixture
def account(killed: Path, tmp_path: Path) -> Path:
    """Return a copy of the killed account for this test."""
    shutil.copytree(killed, tmp_path / "account")
    return tmp_path / "account"


def answered(account: Path, hour: Path, answer: str, *more: str) -> str:
    """Run a session on a terminal, type `answer` when it asks, and return all that was shown."""
    ours, theirs = os.openpty()
    process = start(
        "run", "--data", account, *settings(hour), "--speed", "max", "--quiet", *more,
        cwd=account.parent, stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    shown, typed = "", not answer
    try:
        while piece := _read(ours):
            shown += CONTROL.sub("", piece)
            if not typed and "(resume):" in shown:
                os.write(ours, answer.encode() + b"\n")
                typed = True
    finally:
        os.close(ours)
        process.kill()
    assert process.wait() == 0, shown
    assert typed, shown
    return shown


def _read(terminal: int) -> str:
    """Read what a terminal shows; nothing comes after the other side was closed, or for a minute."""
    try:
        ready, _, _ = select.select([terminal], [], [], 60)
        # A piece may end inside a character; what is looked for is plain ASCII.
        return os.read(terminal, 65_536).decode(errors="replace") if ready else ""
    except OSError:
        return ""


def policies(folder: Path) -> list[str]:
    return [each.event.policy for each in events_of(folder) if isinstance(each.event, ev.SessionStarted)]


def test_a_terminal_shows_the_crash_and_asks(account: Path, hour: Path) -> None:
    shown = answered(account, hour, "resume")
    for words in ("did not stop cleanly", "Away for", "Last written", "10 ACME (CNC) at 100.05", "Missed"):
        assert words in shown
    assert "Go on (resume), begin a new account (fresh), or keep positions and take no new risk (hold)?" in (
        " ".join(shown.split())
    )
    assert policies(account) == ["resume", "resume"]
    assert sum(fill.quantity for _, fill in fills_of(events_of(account))) == 40


def test_the_answer_fresh_keeps_the_old_account_apart(account: Path, hour: Path) -> None:
    old = events_of(account)
    answered(account, hour, "fresh")
    assert policies(account) == ["fresh"]
    assert events_of(account / "epochs" / "0001") == old


def test_the_answer_hold_takes_no_new_risk(account: Path, hour: Path) -> None:
    answered(account, hour, "hold")
    assert policies(account) == ["resume", "hold"]
    log = events_of(account)
    assert [each.event.rule for each in log if isinstance(each.event, ev.OrderDenied)] == ["trading.halted"]
    assert sum(fill.quantity for _, fill in fills_of(log)) == 20, "what was held was sold"


def test_a_wrong_answer_is_asked_again(account: Path, hour: Path) -> None:
    shown = answered(account, hour, "perhaps\nresume")
    assert "Please select one of the available options" in shown


def test_options_answer_without_a_question(account: Path, hour: Path) -> None:
    shown = answered(account, hour, "", "--on-recovery", "hold")
    assert "did not stop cleanly" in shown
    assert "Go on (resume)" not in shown
    assert policies(account)[-1] == "hold"


def test_nobody_to_ask_means_going_on(account: Path, hour: Path) -> None:
    ran = kasauti("run", "--data", account, *settings(hour), "--speed", "max", "--quiet")
    assert ran.code == 0
    assert "Nobody to ask: going on (recovery.on_recovery decides otherwise)" in ran.out
    assert policies(account)[-1] == "resume"


@pytest.mark.parametrize(
    ("options", "policy"),
    [
        (["--resume"], "resume"),
        (["--fresh"], "fresh"),
        (["--on-recovery", "fresh"], "fresh"),
        (["--on-recovery", "hold"], "hold"),
        (["--set", "recovery.on_recovery=hold"], "hold"),
    ],
)
def test_each_policy_is_done(account: Path, hour: Path, options: list[str], policy: str) -> None:
    ran = kasauti("run", "--data", account, *settings(hour), "--speed", "max", "--quiet", *options)
    assert ran.code == 0
    assert policies(account)[-1] == policy


def test_a_policy_for_crashes_does_nothing_after_a_clean_stop(account: Path, hour: Path) -> None:
    """A service that restarts every day with `--on-recovery fresh` must not lose a good account."""
    stop = ["--set", "feed.ends_at=09:30"]
    assert kasauti("run", "--data", account, *settings(hour), *stop, "--speed", "max", "--quiet").code == 0
    assert "feed.ends_at" in str(last_session(account))
    for policy in ("fresh", "hold"):
        ran = kasauti(
            "run", "--data", account, *settings(hour), *stop, "--speed", "max", "--quiet",
            "--on-recovery", policy,
        )  # fmt: skip
        assert ran.code == 0
        assert "did not stop cleanly" not in ran.out
        assert policies(account)[-1] == "resume"
    assert not (account / "epochs").exists()


def test_a_hold_is_lifted_by_saying_resume_and_by_nothing_less(account: Path, hour: Path) -> None:
    def run(*options: str) -> str:
        ends = ["--set", "feed.ends_at=09:25"]
        assert (
            kasauti(
                "run", "--data", account, *settings(hour), *ends, "--speed", "max", "--quiet", *options
            ).code
            == 0
        )
        halted: str = kasauti("status", "--data", account, "--json").json()["halted"]
        return halted

    assert "held after a crash" in run("--on-recovery", "hold")
    assert "held after a crash" in run()
    assert run("--resume") == ""


def test_a_day_that_is_over_is_followed_by_no_second_one_in_the_same_data(account: Path, hour: Path) -> None:
    first = kasauti("run", "--data", account, *settings(hour), "--speed", "max", "--quiet")
    assert first.code == 0
    before = events_of(account)
    ran = kasauti("run", "--data", account, *settings(hour), "--speed", "max", "--quiet")
    assert ran.code == 3
    assert "has been traded by this account, up to 2026-01-13" in ran.sentence()
    assert events_of(account) == before


# The demo


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
