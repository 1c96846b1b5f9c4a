import gc
import random
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.stories import Story, session, whole_day, write

from kasauti import compiled
from kasauti.domain import events as ev
from kasauti.domain.state import State
from kasauti.errors import LogCorrupt
from kasauti.store.snapshot import load_state, save_snapshot, snapshot_due, snapshot_path
from kasauti.store.sqlite import SqliteLog


def two_days() -> list[ev.Recorded]:
    """A log with everything a state can hold: a finished day, and one in which the process was killed."""
    story = Story()
    return [
        *story.opened(),
        *session(story, 6),
        *story.day_closed(),
        *story.stopped(),
        *story.started(),
        *story.next_day(),
        story.event(ev.TimerFired("square_off:derivatives", story.at), "timer:square_off"),
        *story.traded(),
        *story.noted(),
        *story.placed(strategy=""),
        story.event(ev.StrategyFailed("momentum", "on_chain", "ValueError: no", "entries"), "session"),
        story.event(ev.TradingHalted("looked at"), "user"),
        *story.filled(30),
    ]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as opened:
        write(opened, two_days())
        yield opened


@pytest.mark.parametrize("cut", range(len(two_days()) + 1))
def test_a_state_from_a_snapshot_goes_on_as_one_from_the_log(tmp_path: Path, cut: int) -> None:
    events = two_days()
    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log:
        write(log, events[:cut])
        save_snapshot(State.replay(events[:cut]), log, tmp_path)
        write(log, events[cut:])
        loaded = load_state(log, tmp_path)
    assert loaded == State.replay(events)
    assert msgspec.json.encode(loaded) == msgspec.json.encode(State.replay(events)), "also in order"


class CountingLog(SqliteLog):
    """Tells where reading began."""

    begun = -1

    def read(self, from_seq: int = 1, *, verify: bool = False) -> Iterator[ev.Recorded]:
        self.begun = from_seq
        return super().read(from_seq, verify=verify)


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[CountingLog]:
    if "kasauti.store.sqlite" in compiled.MODULES:
        pytest.skip("a class in Python cannot inherit from a compiled one")
    with CountingLog.open(tmp_path / "log.db", "main", create=True) as opened:
        write(opened, two_days())
        yield opened


def test_only_what_came_after_the_snapshot_is_read(tmp_path: Path, counting: CountingLog) -> None:
    save_snapshot(State.replay(two_days()), counting, tmp_path)
    write(counting, [ev.Recorded(counting.seq + 1, 2**61, "user", ev.TradingResumed("all is well"))])
    assert load_state(counting, tmp_path).halted == ""
    assert counting.begun == len(two_days()) + 1


def test_no_snapshot_is_the_same_as_one(tmp_path: Path, counting: CountingLog) -> None:
    assert load_state(counting, tmp_path / "nowhere") == State.replay(two_days())
    assert counting.begun == 1


@pytest.mark.parametrize("seed", range(25))
def test_a_broken_snapshot_is_not_believed(tmp_path: Path, counting: CountingLog, seed: int) -> None:
    save_snapshot(State.replay(two_days()), counting, tmp_path)
    path, chance = snapshot_path(tmp_path, "main"), random.Random(seed)
    whole = path.read_bytes()
    place = chance.randrange(len(whole))
    flipped = whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :]
    for content in (flipped, whole[:place], b"", b"hello"):
        path.write_bytes(content)
        assert load_state(counting, tmp_path) == State.replay(two_days())
        assert counting.begun == 1


def test_a_snapshot_of_another_history_is_not_believed(tmp_path: Path, counting: CountingLog) -> None:
    """Of as many events, and of another account."""
    other = [*Story().opened(), *two_days()[1:]]
    other[0] = ev.Recorded(1, other[0].at, "session", ev.AccountOpened("main", "paper", "P", 1, "zerodha"))
    for name, stream, events in (
        ("another", "main", other),
        ("account", "else", two_days()),
    ):
        with SqliteLog.open(tmp_path / f"{name}.db", stream, create=True) as log:
            write(log, events)
            save_snapshot(State.replay(events), log, tmp_path)
        snapshot_path(tmp_path, stream).replace(snapshot_path(tmp_path, "main"))
        assert load_state(counting, tmp_path) == State.replay(two_days()), name
        assert counting.begun == 1


def test_a_log_that_has_lost_what_its_snapshot_knows_is_not_gone_on_with(tmp_path: Path) -> None:
    events = two_days()
    with SqliteLog.open(tmp_path / "whole.db", "main", create=True) as log:
        write(log, events)
        save_snapshot(State.replay(events), log, tmp_path)
    for kept in (0, 1, len(events) - 1):
        with SqliteLog.open(tmp_path / f"{kept}.db", "main", create=True) as log:
            write(log, events[:kept])
            with pytest.raises(LogCorrupt, match=rf"ends with event {kept}, .+ after {len(events)}: the log"):
                load_state(log, tmp_path)
            assert load_state(log, tmp_path / "elsewhere") == State.replay(events[:kept])


def test_a_reader_believes_a_snapshot_that_a_writer_made_meanwhile(tmp_path: Path, log: SqliteLog) -> None:
    with SqliteLog.open(log.path, "main", readonly=True) as reader:
        more = ev.Recorded(log.seq + 1, 2**61, "user", ev.MoneyMoved(1, "gift"))
        write(log, [more])
        save_snapshot(State.replay([*two_days(), more]), log, tmp_path)
        assert load_state(reader, tmp_path).seq == more.seq


def test_a_snapshot_that_another_fold_made_is_not_believed(
    tmp_path: Path, counting: CountingLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kasauti.store.snapshot._fold", lambda: b"the fold of last year")
    save_snapshot(State.replay(two_days()), counting, tmp_path)
    monkeypatch.undo()
    assert load_state(counting, tmp_path) == State.replay(two_days())
    assert counting.begun == 1


def test_an_event_that_was_changed_after_the_snapshot_is_found(tmp_path: Path, log: SqliteLog) -> None:
    seq = len(whole_day())
    save_snapshot(State.replay(two_days()[:seq]), log, tmp_path)
    connection = log.store._connection
    connection.execute("DROP TRIGGER log_update")
    connection.execute("UPDATE log SET at = at + 1 WHERE seq = ?", (seq + 1,))
    with pytest.raises(LogCorrupt, match=f"event {seq + 1} "):
        load_state(log, tmp_path)


@pytest.mark.parametrize("stream", ["main", "a/b", "..", "किताब", "con:1"])
def test_an_account_of_any_name_has_its_snapshot_in_the_folder(tmp_path: Path, stream: str) -> None:
    with SqliteLog.open(tmp_path / "log.db", stream, create=True) as log:
        write(log, two_days())
        save_snapshot(State.replay(two_days()), log, tmp_path)
        assert load_state(log, tmp_path) == State.replay(two_days())
    assert snapshot_path(tmp_path, stream).parent == tmp_path
    assert len(list(tmp_path.glob("*.snapshot"))) == 1


@given(every=st.integers(1, 2_000), length=st.integers(0, 30_000))
def test_all_snapshots_together_cost_in_proportion_to_the_log(every: int, length: int) -> None:
    """Each costs what the state holds, which is at most one order for each event."""
    kept, work = 0, 0
    for seq in range(length):
        if snapshot_due(seq, kept, every):
            kept = seq
            work += seq
    assert work <= 5 * length
    assert length - kept <= max(every, length // 4) + 1
    assert not snapshot_due(length, 0, 0)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"stream": 1}', b"not JSON"])
def test_a_whole_file_that_is_no_snapshot_is_not_believed(
    tmp_path: Path, counting: CountingLog, body: bytes
) -> None:
    """As another version may have left it: nothing is damaged, and nothing in it is known."""
    snapshot_path(tmp_path, "main").write_bytes(sha256(body).digest() + body)

    assert load_state(counting, tmp_path) == State.replay(two_days())
    assert counting.begun == 1


@pytest.mark.parametrize("collects", [True, False])
def test_the_garbage_collector_is_left_as_it_was(
    tmp_path: Path,
    log: SqliteLog,
    collects: bool,  # noqa: FBT001
) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        load_state(log, tmp_path)
        assert gc.isenabled() is collects
    finally:
        (gc.enable if before else gc.disable)()
