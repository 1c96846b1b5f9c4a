import random
import stat
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.stories import Story, session

from kasauti.domain import events as ev
from kasauti.domain.order import Side
from kasauti.domain.state import State
from kasauti.errors import LogCorrupt
from kasauti.store.memory import MemoryLog
from kasauti.store.projections import DayFiles, rebuild
from kasauti.store.trades_file import trades_path


def three_days() -> list[ev.Recorded]:
    """Three days and four dates: a session that was killed, money that came in, a position that is held."""
    story = Story()
    events = [*story.opened(), *session(story, 7), *story.day_closed(), *story.stopped()]
    story.day += timedelta(days=1)
    story.at += 86_400 * 10**9
    events += [*story.started(), *story.day_opened(), *story.traded(Side.BUY, 65), *story.noted()]
    events += [
        *story.started(after_crash=True),
        *story.traded(Side.BUY, 130, strategy=""),
        *story.day_closed(),
    ]
    story.at += 86_400 * 10**9
    events += [story.event(ev.MoneyMoved(50_000_000, "gift"), "user")]
    story.day += timedelta(days=1)
    events += [*story.next_day(), *story.traded(Side.SELL, 65), *story.placed(), *story.stopped()]
    return events


def files_in(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def log_of(events: Iterable[ev.Recorded]) -> MemoryLog:
    log = MemoryLog()
    for recorded in events:
        log.append(recorded)
    return log


def from_the_log(folder: Path, events: Sequence[ev.Recorded]) -> dict[str, bytes]:
    """Return the files that the log alone gives."""
    rebuild(folder, log_of(events))
    return files_in(folder)


class Recorder:
    """An account that records in groups and tells its day files, or is killed before it tells them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = MemoryLog()
        self.start()

    def start(self) -> None:
        self.files = DayFiles(self.folder, self.log, State.replay(self.log.read()))

    def commit(self, group: Sequence[ev.Recorded]) -> None:
        for recorded in group:
            self.log.append(recorded)

    def record(self, group: Sequence[ev.Recorded]) -> None:
        self.commit(group)
        self.files.told(group)


def groups(events: Sequence[ev.Recorded], cuts: Iterable[int]) -> list[Sequence[ev.Recorded]]:
    bounds = sorted({0, len(events), *(min(cut, len(events)) for cut in cuts)})
    return [events[a:b] for a, b in pairwise(bounds)]


def test_the_files_are_those_that_people_look_for(tmp_path: Path) -> None:
    """A state for each date on which something happened, trades for each session that traded."""
    assert sorted(from_the_log(tmp_path, three_days())) == [
        "logs/trades_20260113_091452.csv",
        "logs/trades_20260114_091530.csv",
        "logs/trades_20260114_091537.csv",
        "state/trading_state_20260113.json",
        "state/trading_state_20260114.json",
        "state/trading_state_20260115.json",
        "state/trading_state_20260116.json",
    ]


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 120), max_size=12))
def test_files_written_on_the_way_are_those_that_the_log_gives(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    events = three_days()
    recorder = Recorder(tmp_path_factory.mktemp("account"))
    for group in groups(events, cuts):
        recorder.record(group)
    assert recorder.files.problem == ""
    assert files_in(recorder.folder) == from_the_log(tmp_path_factory.mktemp("rebuilt"), events)


@settings(max_examples=40, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 120), min_size=1, max_size=12),
    ends=st.lists(st.sampled_from(["told", "killed", "silent"]), min_size=13, max_size=13),
)
def test_a_process_killed_before_it_wrote_its_files_is_made_good_by_the_next(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], ends: list[str]
) -> None:
    """`silent` is what is recorded around the engine: nobody is told of it."""
    events = three_days()
    recorder = Recorder(tmp_path_factory.mktemp("account"))
    for group, end in zip(groups(events, cuts), ends, strict=False):
        if end == "told":
            recorder.record(group)
        else:
            recorder.commit(group)
        if end == "killed":
            recorder.start()
    recorder.files.catch_up()
    assert files_in(recorder.folder) == from_the_log(tmp_path_factory.mktemp("rebuilt"), events)


def of_the_last_session(folder: Path, events: Sequence[ev.Recorded]) -> list[Path]:
    """Return the files that a process which ended after `events` was writing to."""
    states = sorted((folder / "state").glob("*.json"))[-1:]
    starts = [trades_path(folder, r.at) for r in events if isinstance(r.event, ev.SessionStarted)][-1:]
    return states + [path for path in starts if path.exists()]


@pytest.mark.parametrize("length", range(1, len(three_days()), 3))
@pytest.mark.parametrize("damage", ["torn", "removed", "foreign", "a copy beside it"])
def test_a_start_mends_what_the_last_process_wrote_to(tmp_path: Path, length: int, damage: str) -> None:
    events, chance = three_days()[:length], random.Random(length)
    recorder = Recorder(tmp_path / "account")
    for group in groups(events, range(0, length, 4)):
        recorder.record(group)
    before = files_in(tmp_path / "account")
    for path in of_the_last_session(tmp_path / "account", events):
        content = path.read_bytes()
        match damage:
            case "torn":
                path.write_bytes(content[: chance.randrange(len(content))])
            case "removed":
                path.unlink()
            case "foreign":
                path.write_bytes(b"a spreadsheet was here\r\n")
            case _:
                path.with_stem(f"{path.stem} (1)").write_bytes(b"{}")
    recorder.start()
    assert recorder.files.problem == ""
    after = files_in(tmp_path / "account")
    assert {name: content for name, content in after.items() if " " not in name} == before


@pytest.mark.parametrize("what", ["removed", "foreign"])
def test_a_trades_file_that_somebody_touched_is_made_anew(tmp_path: Path, what: str) -> None:
    events = three_days()
    recorder = Recorder(tmp_path / "account")
    recorder.record(events[:10])
    [path] = (tmp_path / "account" / "logs").iterdir()
    if what == "removed":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b"sum;;;\r\n")
    recorder.record(events[10:])
    assert recorder.files.problem == ""
    assert files_in(tmp_path / "account") == from_the_log(tmp_path / "rebuilt", events)


def test_a_file_that_cannot_be_written_stops_nothing_and_is_written_later(tmp_path: Path) -> None:
    events = three_days()
    recorder = Recorder(tmp_path / "account")
    (tmp_path / "account").mkdir()
    (tmp_path / "account" / "logs").write_bytes(b"in the way")
    for group in groups(events[:20], range(0, 20, 3)):
        recorder.record(group)
    assert "cannot be written" in recorder.files.problem
    assert "the log has it all" in recorder.files.problem
    (tmp_path / "account" / "logs").unlink()
    recorder.record(events[20:])
    assert recorder.files.problem == ""
    assert files_in(tmp_path / "account") == from_the_log(tmp_path / "rebuilt", events)


@pytest.mark.parametrize("kept", [0, 1, 30])
def test_a_log_that_has_lost_what_its_files_know_is_not_gone_on_with(tmp_path: Path, kept: int) -> None:
    events = three_days()
    before = from_the_log(tmp_path, events)
    says = rf"ends with event {kept}, but .+_20260116\.json was written after {len(events)}:"
    with pytest.raises(LogCorrupt, match=says):
        DayFiles(tmp_path, log_of(events[:kept]), State.replay(events[:kept]))
    assert files_in(tmp_path) == before


def test_the_engines_own_state_is_left_alone(tmp_path: Path) -> None:
    """The files fold the same events a second time, on a copy."""
    events = three_days()
    log, state = log_of(events[:30]), State.replay(events[:30])
    files = DayFiles(tmp_path, log, state)
    for recorded in events[30:]:
        log.append(recorded)
    files.told(events[30:])
    assert state == State.replay(events[:30])


def test_an_order_of_an_earlier_day_that_trades_has_its_row(tmp_path: Path) -> None:
    """Also when the process that knew it is gone, and its file."""
    story = Story()
    events = [*story.opened(), *story.started(), *story.day_opened(), *story.traded()]
    fill = len(events)
    events += [*story.day_closed(), *story.next_day(), *story.noted()]
    recorder = Recorder(tmp_path / "account")
    recorder.commit(events)
    recorder.start()
    assert files_in(tmp_path / "account") == from_the_log(tmp_path / "rebuilt", events)
    assert b"T-" in files_in(tmp_path / "account")["logs/trades_20260113_091452.csv"]
    assert fill == 7


def test_files_can_be_read_by_others(tmp_path: Path) -> None:
    from_the_log(tmp_path, three_days())
    for path in tmp_path.rglob("*.*"):
        assert path.stat().st_mode & stat.S_IRUSR
        assert path.suffix in (".json", ".csv"), "nothing temporary is left"
