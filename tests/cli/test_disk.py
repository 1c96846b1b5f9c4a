"""A disk that is full, fails, or is not ours: a sentence, an exit code, and a log that is whole."""

import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.command import Ended, ended, kasauti, start
from tests.compose.worlds import (
    CLERK,
    COUNTING,
    events_of,
    fills_of,
    market_of,
    minutes,
    renumbered,
    settings,
    trade,
)

from kasauti.analytics.proof import prove
from kasauti.compose.instruments import known_instrument
from kasauti.domain import events as ev
from kasauti.errors import LogWriteFailed
from kasauti.exchange.charges import ChargeBook
from kasauti.store import database

POSIX = pytest.mark.skipif(os.name != "posix", reason="limits and owners of POSIX")


def run(account: Path, hour: Path, strategy: str) -> list[object]:
    return [
        "run", "--data", account, "--set", "feed.kind=recorded", "--set", f"feed.path={hour}", "--quiet",
        "--set", f"strategies=[{{use: '{strategy}'}}]", "--set", "simulator.stale_after_s=600",
    ]  # fmt: skip


@POSIX
def test_a_disk_that_becomes_full_stops_the_session_and_loses_nothing_acknowledged(
    hour: Path, tmp_path: Path
) -> None:
    import resource  # noqa: PLC0415  POSIX only

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    account = tmp_path / "account"
    whole = run(account, hour, COUNTING)
    ran = ended(start(*whole, "--speed", "1000", cwd=tmp_path, preexec_fn=little_room))

    assert ran.code == 11
    sentence = ran.sentence()
    assert f"{account}/log.db did not take 1 events up to number" in sentence
    assert "make room or mend the disk, then start again: what was acknowledged is there" in sentence
    left = events_of(account)
    assert 5 < len(left) < 60, "a prefix: it was stopped in the middle"
    assert f"number {len(left) + 1}:" in sentence, "the next one is the first that is missing"

    again = kasauti(*whole, "--speed", "max")
    assert again.code == 0, again.err
    log = events_of(account)
    assert log[: len(left)] == left
    notes = [each for each in renumbered(log) if each[2] == "strategy.noted"]
    assert len(notes) == len(set(notes)) == 374, "every minute before the close, once"
    assert kasauti("prove", "--data", account).code == 0


class Failing:
    """A connection to SQLite whose `count`-th commit fails."""

    def __init__(self, connection: sqlite3.Connection, count: int) -> None:
        self._connection = connection
        self._left = count

    def execute(self, statement: str, *values: Any) -> Any:
        if statement == "COMMIT":
            self._left -= 1
            if self._left == 0:
                raise sqlite3.OperationalError("disk I/O error")
        return self._connection.execute(statement, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def test_whichever_write_fails_the_log_is_whole_and_the_day_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files beside the log never say more than it."""
    market, loaded = market_of(minutes(), "hour"), settings(strategies=[{"use": CLERK}])
    trade(tmp_path / "whole", market, loaded)
    whole = events_of(tmp_path / "whole")
    connect = database.connect
    failed = 0
    for count in range(1, 40):
        folder = tmp_path / str(count)
        with monkeypatch.context() as patched:
            patched.setattr(
                database,
                "connect",
                lambda *a, _count=count, **k: Failing(connect(*a, **k), _count),
            )
            try:
                trade(folder, market, loaded)
            except LogWriteFailed:
                failed += 1
        left = events_of(folder) if count > 1 else []
        assert len(left) <= len(whole)
        assert renumbered(left) == renumbered(whole)[: len(renumbered(left))], "a prefix"
        if left and failed == count and left[-1].event.TAG not in ("day.closed", "session.stopped"):
            trade(folder, market, loaded)
            log = events_of(folder)
            assert [e.event.tag for e in log if isinstance(e.event, ev.OrderPlaced)] == [
                "09:20",
                "09:40",
                "out",
            ]
            assert sum(fill.quantity for _, fill in fills_of(log)) == 40
            assert prove(log, known_instrument, ChargeBook).passed
    assert 8 < failed < 39, "every commit of the day was failed, and more than there are"


def bound_by_permissions() -> None:
    """Make root respect the rights of files, as everybody else has to: it gives up CAP_DAC_OVERRIDE."""
    if os.geteuid() == 0:
        import ctypes  # noqa: PLC0415  Linux only

        drop_from_bounding_set, dac_override = 24, 1
        ctypes.CDLL(None).prctl(drop_from_bounding_set, dac_override, 0, 0, 0)


def bound(*arguments: object, cwd: Path) -> Ended:
    """Run a command as somebody for whom the rights of files hold."""
    return ended(start(*arguments, cwd=cwd, preexec_fn=bound_by_permissions))


RIGHTS = pytest.mark.skipif(
    os.name != "posix" or (os.geteuid() == 0 and sys.platform != "linux"), reason="the rights of files hold"
)


@RIGHTS
def test_a_folder_that_is_not_ours_can_be_looked_at_and_not_traded_in(hour: Path, tmp_path: Path) -> None:
    account = tmp_path / "account"
    assert kasauti(*run(account, hour, CLERK), "--speed", "max").code == 0
    before = (account / "log.db").read_bytes()
    account.chmod(0o555)
    try:
        for command in (["status"], ["trades", "--json"], ["prove"], ["log", "verify"], ["report"]):
            looked = bound(*command, "--data", account, cwd=tmp_path)
            assert (looked.code, looked.err) == (0, ""), command
        anew = bound("demo", "--data", account, "--speed", "max", "--quiet", cwd=tmp_path)
        (account / "log.db.lock").chmod(0o444)
        not_ours = bound(*run(account, hour, CLERK), cwd=tmp_path)
    finally:
        account.chmod(0o755)

    assert [anew.code, not_ours.code] == [9, 9]
    assert "epochs: Permission denied; make the folder yours to write to" in anew.sentence()
    assert "log.db.lock cannot be written: Permission denied" in not_ours.sentence()
    assert (account / "log.db").read_bytes() == before


@RIGHTS
def test_no_folder_can_be_made_where_we_may_not_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        refused = bound("demo", "--data", tmp_path / "mine", "--speed", "max", cwd=tmp_path)
    finally:
        tmp_path.chmod(0o755)
    assert refused.code == 9
    assert "mine cannot be made: Permission denied; choose another --data folder" in refused.sentence()


def test_files_that_cannot_be_written_do_not_stop_the_session_and_are_said(
    hour: Path, tmp_path: Path
) -> None:
    account = tmp_path / "account"
    account.mkdir()
    (account / "state").write_text("in the way")
    ran = kasauti(*run(account, hour, CLERK), "--speed", "max")
    assert ran.code == 0
    assert "Warning: " in ran.err
    assert "trading goes on, and the log has it all" in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert kasauti("prove", "--data", account).code == 0
