"""Sessions as people end them: Ctrl-C, kill, a closed terminal, a reader who leaves."""

import os
import shlex
import signal
from pathlib import Path

import pytest
from tests.cli.command import Ended, ended, kasauti, start
from tests.cli.hours import SPEED, last_session, trading, wait_for
from tests.compose.worlds import events_of, fills_of

from kasauti.domain import events as ev

if os.name != "posix":
    pytest.skip("signals of POSIX", allow_module_level=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_session_that_is_asked_to_end_ends_cleanly_and_can_go_on(
    hour: Path, tmp_path: Path, number: signal.Signals
) -> None:
    process = start("run", "--data", tmp_path / "account", *trading(hour), *SPEED, cwd=tmp_path)
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
    process = start("run", "--data", tmp_path / "account", *trading(hour), *SPEED, cwd=tmp_path)
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
