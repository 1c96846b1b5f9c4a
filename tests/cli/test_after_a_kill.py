"""After kill -9: what the next start shows and asks, and what each answer and policy does."""

import os
import shutil
import signal
from pathlib import Path

import pytest
from tests.cli.command import kasauti, start
from tests.cli.hours import CONTROL, last_session, read, trading, wait_for
from tests.compose.worlds import events_of, fills_of

from kasauti.domain import events as ev

if os.name != "posix":
    pytest.skip("terminals of POSIX", allow_module_level=True)


@pytest.fixture(scope="module")
def killed(hour: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an account whose session was killed while it held ten shares; another process was refused."""
    folder = tmp_path_factory.mktemp("killed")
    account = folder / "account"
    process = start("run", "--data", account, *trading(hour), "--speed", "200", cwd=folder)
    wait_for(process, "Bought")
    second = kasauti("run", "--data", account, *trading(hour))
    assert second.code == 10
    assert f"is in use by process {process.pid} since" in second.sentence()
    row = kasauti("status", "--data", account, "--json").json()
    assert (row["in_session"], row["positions"]) == (True, 1)
    assert row["in_use_by"].startswith(f"process {process.pid} since ")
    assert f"process {process.pid} since" in kasauti("status", "--data", account).out
    assert kasauti("prove", "--data", account).code == 0, "also while it runs"
    process.kill()
    process.communicate()
    assert isinstance(last_session(account), ev.SessionStarted)
    assert "the last one ended without saying so" in kasauti("status", "--data", account).out
    assert kasauti("status", "--data", account, "--json").json()["in_use_by"] == ""
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
        "run", "--data", account, *trading(hour), "--speed", "max", "--quiet", *more,
        cwd=account.parent, stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    raw, shown, typed = "", "", not answer
    try:
        while piece := read(ours):
            raw += piece
            shown = CONTROL.sub("", raw)  # a piece may end inside a sequence
            if not typed and "(resume):" in shown:
                os.write(ours, answer.encode() + b"\n")
                typed = True
    finally:
        os.close(ours)
        process.kill()
    assert process.wait() == 0, shown
    assert typed, shown
    return shown


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
    ran = kasauti("run", "--data", account, *trading(hour), "--speed", "max", "--quiet")
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
    ran = kasauti("run", "--data", account, *trading(hour), "--speed", "max", "--quiet", *options)
    assert ran.code == 0
    assert policies(account)[-1] == policy


def test_a_policy_for_crashes_does_nothing_after_a_clean_stop(account: Path, hour: Path) -> None:
    """A service that restarts every day with `--on-recovery fresh` must not lose a good account."""
    stop = ["--set", "feed.ends_at=09:30"]
    assert kasauti("run", "--data", account, *trading(hour), *stop, "--speed", "max", "--quiet").code == 0
    assert "feed.ends_at" in str(last_session(account))
    for policy in ("fresh", "hold"):
        ran = kasauti(
            "run", "--data", account, *trading(hour), *stop, "--speed", "max", "--quiet",
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
                "run", "--data", account, *trading(hour), *ends, "--speed", "max", "--quiet", *options
            ).code
            == 0
        )
        halted: str = kasauti("status", "--data", account, "--json").json()["halted"]
        return halted

    assert "held after a crash" in run("--on-recovery", "hold")
    assert "held after a crash" in run()
    assert run("--resume") == ""


def test_a_day_that_is_over_is_followed_by_no_second_one_in_the_same_data(account: Path, hour: Path) -> None:
    first = kasauti("run", "--data", account, *trading(hour), "--speed", "max", "--quiet")
    assert first.code == 0
    before = events_of(account)
    ran = kasauti("run", "--data", account, *trading(hour), "--speed", "max", "--quiet")
    assert ran.code == 3
    assert "has been traded by this account, up to 2026-01-13" in ran.sentence()
    assert events_of(account) == before


def test_ctrl_c_at_the_question_records_nothing(account: Path, hour: Path) -> None:
    before = events_of(account)
    ours, theirs = os.openpty()
    process = start(
        "run",
        "--data",
        account,
        *trading(hour),
        cwd=account.parent,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    raw = shown = ""
    try:
        while piece := read(ours):
            raw += piece
            shown = CONTROL.sub("", raw)  # a piece may end inside a sequence
            if "(resume):" in shown:
                process.send_signal(signal.SIGINT)
                # Python misses a signal that comes just before it begins to read, until something is read.
                os.write(ours, b"\n")
                break
        code = process.wait()
    finally:
        os.close(ours)
        process.kill()

    assert (code, "Traceback" in shown) == (130, False)
    assert events_of(account) == before
