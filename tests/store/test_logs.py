"""What every event log does, in memory or on disk."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.stories import Story, whole_day, write

from kasauti.domain import events as ev
from kasauti.domain.state import State
from kasauti.errors import LogError
from kasauti.store.log_store import StoredLog
from kasauti.store.memory import MemoryLog
from kasauti.store.opening import open_store
from kasauti.store.sqlite import SqliteLog

Log = MemoryLog | StoredLog


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    if request.param == "memory":
        yield MemoryLog()
    else:
        sqlite = request.param == "sqlite"
        home = tmp_path / "log.db" if sqlite else request.getfixturevalue("postgres_url")
        with open_store(home, create=True) as store:
            yield store.stream("main")


def test_a_new_log_is_empty(log: Log) -> None:
    log.commit()
    assert list(log.read()) == []
    assert log.last("order.filled") is None


def test_what_was_written_is_read_in_order(log: Log) -> None:
    day = whole_day()
    write(log, day)
    assert list(log.read()) == day
    assert State.replay(log.read()) == State.replay(day)


@pytest.mark.parametrize("from_seq", [1, 2, 17, 10_000])
def test_reading_begins_where_it_is_asked_to(log: Log, from_seq: int) -> None:
    day = whole_day()
    write(log, day)
    assert list(log.read(from_seq)) == day[from_seq - 1 :]


def test_the_last_event_of_a_kind_is_found(log: Log) -> None:
    day = whole_day()
    write(log, day)
    assert log.last("order.filled") == [r for r in day if isinstance(r.event, ev.OrderFilled)][-1]
    assert log.last("venue.anomaly") is None
    fills = [r for r in day if isinstance(r.event, ev.OrderFilled)]
    assert log.last("order.filled", fills[3].seq) == fills[2]
    assert log.last("order.filled", fills[0].seq) is None


def test_reading_while_writing_yields_what_was_there_and_no_half_group(log: Log) -> None:
    day = whole_day()
    write(log, day[:10])
    reader = iter(log.read())
    first = next(reader)
    write(log, day[10:])
    rest = list(reader)
    assert [first, *rest] in (day[:10], day)


# Memory


def test_a_log_in_memory_can_be_kept_as_a_file(tmp_path: Path) -> None:
    log, day = MemoryLog(), whole_day()
    write(log, day)
    log.save(tmp_path / "run.db", "main")
    with SqliteLog.open(tmp_path / "run.db", "main", readonly=True) as kept:
        assert list(kept.read(verify=True)) == day
    assert len(log) == len(day)


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "run.db").write_bytes(b"something of yours")
    with pytest.raises(LogError, match=r"run\.db exists already"):
        MemoryLog().save(tmp_path / "run.db", "main")
    assert (tmp_path / "run.db").read_bytes() == b"something of yours"


# Groups


def _cut(items: list[ev.Recorded], places: list[int]) -> list[list[ev.Recorded]]:
    bounds = [0, *sorted(places), len(items)]
    return [items[a:b] for a, b in pairwise(bounds)]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(places=st.lists(st.integers(0, 40), max_size=6))
def test_how_events_are_grouped_into_commits_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, places: list[int]
) -> None:
    day = whole_day()
    with SqliteLog.open(tmp_path_factory.mktemp("log") / "log.db", "main", create=True) as log:
        for group in _cut(day, [min(place, len(day)) for place in places]):
            write(log, group)
        cut_hash = log.last_hash
        assert list(log.read(verify=True)) == day
    with SqliteLog.open(tmp_path_factory.mktemp("log") / "log.db", "main", create=True) as log:
        write(log, day)
        assert log.last_hash == cut_hash


@pytest.mark.parametrize("make", [lambda d: d[1:], lambda d: [d[0], d[2]], lambda d: [d[0], d[0]]])
def test_events_come_in_the_order_of_their_numbers(
    tmp_path: Path, make: Callable[[list[ev.Recorded]], list[ev.Recorded]]
) -> None:
    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log, pytest.raises(AssertionError):
        write(log, make(Story().opened() + whole_day()[1:]))
