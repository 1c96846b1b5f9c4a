"""A write that fails, wherever one can: what was acknowledged stays, and nothing half is added."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.store.stories import Story, whole_day, write

from kasauti.domain import events as ev
from kasauti.errors import LogWriteFailed
from kasauti.store.sqlite import SqliteLog

ROOT = Path(__file__).parents[2]


class FailingConnection:
    """
    A connection whose statement number `fail_at` fails like one on a broken disk.

    `done_first` is whether the statement does its work before it fails, as when a commit has reached the
    disk and only its answer was lost.
    """

    def __init__(self, real: sqlite3.Connection, fail_at: int, error: Exception, *, done_first: bool) -> None:
        self._real = real
        self._left = fail_at
        self._error = error
        self._done_first = done_first

    def _attempt(self, work: Callable[[], Any]) -> Any:
        self._left -= 1
        if self._left:
            return work()
        if self._done_first:
            work()
        raise self._error

    def execute(self, query: str, values: Sequence[object] = ()) -> Any:
        if query.startswith("SELECT"):
            return self._real.execute(query, values)
        return self._attempt(lambda: self._real.execute(query, values))

    def executemany(self, query: str, rows: Sequence[Any]) -> Any:
        return self._attempt(lambda: self._real.executemany(query, rows))

    def close(self) -> None:
        self._real.close()


def groups(events: Sequence[ev.Recorded], size: int = 7) -> list[Sequence[ev.Recorded]]:
    return [events[n : n + size] for n in range(0, len(events), size)]


def write_until_it_fails(log: SqliteLog, events: Sequence[ev.Recorded]) -> tuple[int, int]:
    """Write in groups; return how many events were acknowledged, and how many were asked for."""
    acknowledged = 0
    for group in groups(events):
        try:
            write(log, group)
        except LogWriteFailed:
            return acknowledged, acknowledged + len(group)
        acknowledged += len(group)
    return acknowledged, acknowledged


def assert_nothing_more_is_taken(log: SqliteLog, recorded: ev.Recorded) -> None:
    attempts: list[Callable[[], None]] = [lambda: log.append(recorded), log.commit]
    for take in attempts:
        with pytest.raises(LogWriteFailed, match=r"did not take .+ make room or mend the disk") as refused:
            take()
        assert str(log.path) in str(refused.value)


def assert_whole_and_a_prefix(path: Path, events: Sequence[ev.Recorded], sizes: Sequence[int]) -> None:
    with SqliteLog.open(path, "main", create=True) as log:
        kept = list(log.read(verify=True))
        assert kept == list(events[: len(kept)])
        assert len(kept) in sizes


#: BEGIN, the rows, COMMIT: three statements for each group.
STATEMENTS = 3 * len(groups(whole_day()))


@pytest.mark.parametrize("done_first", [False, True])
@pytest.mark.parametrize(
    "error",
    [sqlite3.OperationalError("disk I/O error"), OSError(28, "No space left on device")],
    ids=["io", "os"],
)
@pytest.mark.parametrize("fail_at", range(1, STATEMENTS + 1))
def test_a_failed_statement_stops_the_log_for_good(
    tmp_path: Path, fail_at: int, error: Exception, *, done_first: bool
) -> None:
    day, path = whole_day(), tmp_path / "log.db"
    with SqliteLog.open(path, "main", create=True) as log:
        log.store._connection = FailingConnection(  # type: ignore[assignment]
            log.store._connection, fail_at, error, done_first=done_first
        )
        acknowledged, asked = write_until_it_fails(log, day)
        assert asked > acknowledged
        assert_nothing_more_is_taken(log, day[acknowledged])
    answer_lost = done_first and fail_at % 3 == 0
    assert_whole_and_a_prefix(path, day, [asked if answer_lost else acknowledged])


def test_a_log_goes_on_after_a_failure_when_it_is_opened_again(tmp_path: Path) -> None:
    day, path = whole_day(), tmp_path / "log.db"
    kept = 0
    for _ in groups(day):
        with SqliteLog.open(path, "main", create=True) as log:
            assert log.seq == kept
            error = sqlite3.OperationalError("disk I/O error")
            broken = FailingConnection(log.store._connection, 5, error, done_first=False)
            log.store._connection = broken  # type: ignore[assignment]
            acknowledged, _ = write_until_it_fails(log, day[kept:])
            kept += acknowledged
    assert_whole_and_a_prefix(path, day, [len(day)])


def long_story(notes: int = 120) -> list[ev.Recorded]:
    """Return a log of some hundred kilobytes."""
    story = Story()
    events = [*story.opened(), *story.started(), *story.day_opened()]
    for number in range(notes):
        events += story.traded()
        events += story.noted(peak=10**15 + number)
    return events


def test_a_disk_that_is_full_at_any_page_stops_the_log(tmp_path: Path) -> None:
    events = long_story()
    failures = 0
    for pages in range(3, 20):
        path = tmp_path / f"{pages}.db"
        with SqliteLog.open(path, "main", create=True) as log:
            log.store._connection.execute(f"PRAGMA max_page_count = {pages}").close()
            acknowledged, asked = write_until_it_fails(log, events)
            if asked > acknowledged:
                failures += 1
                assert "database or disk is full" in log.store.failed
                assert_nothing_more_is_taken(log, events[acknowledged])
        assert_whole_and_a_prefix(path, events, [acknowledged])
    assert failures > 10


#: Run in a process of its own, because the limit is for all its files.
_LIMITED = """
import resource, signal, sys
from pathlib import Path
from tests.store.test_write_failures import long_story, write_until_it_fails
from kasauti.store.sqlite import SqliteLog
from kasauti.errors import LogError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
events = long_story()
for limit in map(int, sys.argv[2:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    acknowledged = asked = 0
    try:
        with SqliteLog.open(Path(sys.argv[1]) / f"{limit}.db", "main", create=True) as log:
            acknowledged, asked = write_until_it_fails(log, events)
    except LogError as error:
        asked = -1
    print(limit, acknowledged, asked, flush=True)
"""


@pytest.mark.crash
@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
def test_files_that_cannot_grow_any_more_at_any_byte_stop_the_log(tmp_path: Path) -> None:
    """The operating system itself refuses the write, in the middle of a page as well."""
    limits = [*range(1, 40_000, 3_001), *range(40_000, 700_000, 30_011)]
    answer = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(tmp_path), *map(str, limits)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    events = long_story()
    failures = 0
    for line in answer.stdout.splitlines():
        limit, acknowledged, asked = map(int, line.split())
        assert acknowledged < len(events), "the limit is lower than what is written"
        failures += asked > acknowledged
        kept = [acknowledged, asked] if asked > 0 else [0]
        assert_whole_and_a_prefix(tmp_path / f"{limit}.db", events, kept)
    assert len(answer.stdout.splitlines()) == len(limits)
    assert failures > 10
