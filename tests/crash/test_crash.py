"""A session is killed more than a hundred times; what it acknowledged is there, and nothing twice."""

import contextlib
import csv
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.cli.command import clean_environment, kasauti
from tests.compose.worlds import events_of

from kasauti.cli import crash_worker
from kasauti.cli.crash import BrokenRun, break_sessions
from kasauti.cli.proving import prove_account
from kasauti.compose.account_log import open_log
from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import PlaceGtt
from kasauti.domain.state import State

pytestmark = [
    pytest.mark.crash,
    pytest.mark.skipif(
        not hasattr(os, "fork"), reason="workers are forked; elsewhere there is `kasauti break`"
    ),
]

KILLS = 120


class Nursery:
    """The process that the workers come from."""

    def __init__(self) -> None:
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nursery"],
            cwd=root,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.line() == ["open"]

    def line(self) -> list[str]:
        """Return the words of the next line."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.endswith("\n"), f"the nursery said {line!r} and no more"
        return line.split()

    def bring_up(self, folder: Path, first_click: int) -> int:
        """Return the process id of a new worker."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{folder} {first_click}\n")
        self._process.stdin.flush()
        born, process = self.line()
        assert born == "born"
        return int(process)

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()


class Worker:
    """One forked worker, as `break_sessions` kills it."""

    def __init__(self, nursery: Nursery, folder: Path, first_click: int) -> None:
        self.acknowledged: dict[str, str] = {}
        self.done = False
        self.status = 0
        self._nursery = nursery
        self._said: set[str] = set()
        self._pid = nursery.bring_up(folder, first_click)

    def _hear(self, until: str) -> None:
        """Take in what is said until a line begins with a word; the end of the worker ends it in any case."""
        while until not in self._said:
            words = self._nursery.line()
            self._said.add(words[0])
            if words[0] == "gone":
                assert int(words[1]) == self._pid
                self.status = int(words[2])
                return
            if words == [crash_worker.DONE]:
                self.done = True
            elif len(words) == 2:
                self.acknowledged[words[0]] = words[1]

    def kill(self, after_s: float, *, nested: bool) -> None:
        self._hear(crash_worker.HERE if nested else crash_worker.READY)
        time.sleep(after_s)
        if "gone" not in self._said:
            with contextlib.suppress(ProcessLookupError):  # its day was over meanwhile
                os.kill(self._pid, signal.SIGKILL)
            self._hear("gone")
        assert self.status in (0, signal.SIGKILL)

    def finish(self) -> None:
        self._hear("gone")
        assert self.status == 0


def test_more_than_a_hundred_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    """One test, because the kills take half a minute and every check is about the same account."""
    folder = tmp_path / "account"
    told: list[int] = []
    nursery = Nursery()
    try:
        run = break_sessions(
            folder, KILLS, 41, told.append, lambda where, _, click: Worker(nursery, where, click)
        )
    finally:
        nursery.close()

    assert told == sorted(told)
    assert told[-1] == run.kills == KILLS >= 100
    assert run.acknowledged > KILLS, "it was busy"
    assert (run.lost, run.changed, run.finished) == ([], [], True)
    proof = prove_account(open_log(folder))
    assert proof.problem == ""
    assert proof.passed
    assert kasauti("prove", "--data", folder).code == 0
    log = events_of(folder)
    check_nothing_happened_twice(log)
    check_sessions(log, run)
    check_readable_files(folder, log)


def check_nothing_happened_twice(log: list[ev.Recorded]) -> None:
    """No click made two orders, no trade was booked twice; each job of a day ran, and once."""
    clicks: Counter[str] = Counter()
    trades: Counter[str] = Counter()
    acts: Counter[str] = Counter()
    jobs: Counter[tuple[str, str]] = Counter()
    day = ""
    for each in log:
        match each.event:
            case ev.OrderPlaced(command_id=click) | ev.OrderDenied(command_id=click) if click:
                clicks[click] += 1
            case sev.StandingPlaced(plan=PlaceGtt(command_id=click)) | sev.StandingDenied(command_id=click):
                clicks[click] += 1
            case sev.StandingTriggered(standing_id=acted):
                acts[acted] += 1
            case ev.OrderFilled(trade_id=trade):
                trades[trade] += 1
            case ev.DayOpened(day=day):
                jobs[day, "day_open"] += 1
            case ev.TimerFired(name=name):
                jobs[day, name] += 1
    for counted in (clicks, trades, jobs, acts):
        assert set(counted.values()) == {1}
    for name in ("square_off:equity_with_derivatives", "square_off:derivatives", "day_close"):
        assert (day, name) in jobs


def check_sessions(log: list[ev.Recorded], run: BrokenRun) -> None:
    """Every kill that left a trace is in the log, and after the last one all ended well."""
    started = [each.event for each in log if isinstance(each.event, ev.SessionStarted)]
    crashes = sum(each.after_crash for each in started)
    assert KILLS // 2 < crashes <= run.kills, "a kill before a session had said anything leaves no trace"
    assert isinstance(log[-1].event, ev.SessionStopped)
    state = State.replay(log)
    assert (state.session, state.day_open, state.working) == (None, False, {})
    assert state.ledger.trial_balance == 0


def check_readable_files(folder: Path, log: list[ev.Recorded]) -> None:
    """The trades files have every trade, once."""
    rows: list[dict[str, str]] = []
    for file in (folder / "logs").glob("trades_*.csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            rows += csv.DictReader(lines)
    trades = [each.event.trade_id for each in log if isinstance(each.event, ev.OrderFilled)]
    assert sorted(row["trade_id"] for row in rows) == sorted(trades)


def test_the_command_itself_kills_and_proves(tmp_path: Path) -> None:
    """`kasauti break`, with processes that start from nothing: slower, so only twice."""
    ran = kasauti("break", "--kills", "2", "--data", tmp_path / "account", "--json")
    assert ran.code == 0, ran.err
    told = ran.json()
    assert told["passed"] is True
    assert told["run"]["kills"] == 2
    assert told["proof"]["failed"] == ""
    assert told["run"]["finished"] is True
