from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.store.stories import CALL, Story, session, write

from kasauti.domain import events as ev
from kasauti.domain.ist import parse_ist
from kasauti.domain.state import State
from kasauti.errors import LogError, LogLocked
from kasauti.store.recovery import Situation, StateManager
from kasauti.store.sqlite import SqliteLog

Told = Callable[[Story], list[ev.Recorded]]

LATER = parse_ist("2026-01-13T11:00:00")
NEXT_DAY = parse_ist("2026-01-14T08:50:00")


def _nothing(story: Story) -> list[ev.Recorded]:
    return []


def _traded(story: Story) -> list[ev.Recorded]:
    """The process is killed while a position is held and an order works."""
    return [
        *story.opened(),
        *story.started(),
        *story.day_opened(),
        *story.traded(),
        *story.noted(),
        *story.placed(strategy=""),
    ]


def _stopped(story: Story) -> list[ev.Recorded]:
    return [*_traded(story), *story.stopped()]


def _closed(story: Story) -> list[ev.Recorded]:
    return [*story.opened(), *session(story, 4), *story.day_closed(), *story.stopped()]


def _killed_before_its_day(story: Story) -> list[ev.Recorded]:
    return [*story.opened(), *story.started()]


def _killed_a_second_time(story: Story) -> list[ev.Recorded]:
    return [*_traded(story), *story.started(after_crash=True)]


SITUATIONS: list[tuple[str, Told, int, Situation, bool]] = [
    ("nothing", _nothing, LATER, Situation.NOTHING, False),
    ("an account nobody ran", lambda story: story.opened(), LATER, Situation.STOPPED, False),
    ("killed", _traded, LATER, Situation.CRASHED, True),
    ("killed, at once", _traded, 0, Situation.CRASHED, True),
    ("killed before the day began", _killed_before_its_day, LATER, Situation.CRASHED, True),
    ("killed a second time", _killed_a_second_time, LATER, Situation.CRASHED, True),
    ("stopped with a position", _stopped, LATER, Situation.STOPPED, False),
    ("stopped after the close", _closed, LATER, Situation.STOPPED, False),
    ("killed yesterday", _traded, NEXT_DAY, Situation.NEW_DAY, True),
    ("killed yesterday before the day began", _killed_before_its_day, NEXT_DAY, Situation.NEW_DAY, True),
    ("stopped yesterday", _closed, NEXT_DAY, Situation.NEW_DAY, False),
]


@pytest.mark.parametrize(
    ("told", "now", "situation", "after_crash"),
    [row[1:] for row in SITUATIONS],
    ids=[r[0] for r in SITUATIONS],
)
def test_how_an_account_was_left_is_told_from_its_log(
    tmp_path: Path, told: Told, now: int, situation: Situation, *, after_crash: bool
) -> None:
    events = told(Story())
    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log:
        write(log, events)
        manager = StateManager(log, tmp_path)
        info = manager.get_recovery_info(now)
        assert (info.situation, info.after_crash) == (situation, after_crash)
        assert manager.can_recover(now) is (situation is Situation.CRASHED)
        assert manager.resume_session() == State.replay(events)


def test_what_is_to_be_gone_on_with_is_shown(tmp_path: Path) -> None:
    """Killed at 09:15:00 with 130 bought and one order open; looked at an hour and three quarters later."""
    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log:
        write(log, _traded(Story()))
        info = StateManager(log, tmp_path).get_recovery_info(LATER)
    assert info.crashed_at == info.last_at == parse_ist("2026-01-13T09:15:00")
    assert info.downtime_s == 105 * 60
    assert info.last_event == 10
    assert (info.day, info.day_open, info.prices, info.halted) == ("2026-01-13", True, "builtin:41", "")
    assert info.trades_today == 2
    assert [(p.instrument, p.quantity, p.average_price) for p in info.positions] == [(CALL, 130, 1_235_250)]
    assert [(o.order_id, o.leaves) for o in info.working_orders] == [("P-00002", 130)]
    assert msgspec.json.decode(info.strategies["momentum"])["held"]["peak"] == 1_290_000
    assert info.used_by == ""


def test_a_clean_stop_has_no_time_of_crash(tmp_path: Path) -> None:
    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log:
        write(log, _stopped(Story()))
        info = StateManager(log, tmp_path).get_recovery_info(LATER)
    assert (info.crashed_at, info.after_crash) == (0, False)
    assert info.last_at == parse_ist("2026-01-13T09:15:01")


def test_a_clock_that_was_put_back_shows_no_downtime(tmp_path: Path) -> None:
    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log:
        write(log, _traded(Story()))
        info = StateManager(log, tmp_path).get_recovery_info(parse_ist("2026-01-12T09:00:00"))
    assert (info.situation, info.downtime_s) == (Situation.CRASHED, 0.0)


def test_an_account_that_another_process_has_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with SqliteLog.open(path, "main", create=True) as writer:
        write(writer, _traded(Story()))
        with SqliteLog.open(path, "main", readonly=True) as reader:
            manager = StateManager(reader, tmp_path)
            info = manager.get_recovery_info(LATER)
            assert info.situation is Situation.IN_USE
            assert info.used_by.startswith("process ")
            assert not manager.can_recover(LATER)
            with pytest.raises(LogLocked, match="is in use by process"):
                manager.resume_session()


def test_a_log_that_is_only_read_is_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with SqliteLog.open(path, "main", create=True) as writer:
        write(writer, _traded(Story()))
    with SqliteLog.open(path, "main", readonly=True) as reader:
        manager = StateManager(reader, tmp_path)
        assert manager.can_recover(LATER)
        with pytest.raises(LogError, match="opened for reading only"):
            manager.resume_session()


def test_recovering_twice_is_recovering_once(tmp_path: Path) -> None:
    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log:
        write(log, _traded(Story()))
        first, second = (StateManager(log, tmp_path).resume_session() for _ in range(2))
    assert first == second


def test_the_information_can_be_written_as_json(tmp_path: Path) -> None:
    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log:
        write(log, _traded(Story()))
        shown = msgspec.json.decode(msgspec.json.encode(StateManager(log, tmp_path).get_recovery_info(LATER)))
    assert shown["situation"] == "the last session ended without a word, on this date"
    assert len(shown["positions"]) == 1
