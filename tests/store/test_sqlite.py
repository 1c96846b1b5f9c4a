import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.store.stories import Story, session, whole_day, write, written

from kasauti.domain import events as ev
from kasauti.errors import InvalidInput, LogError
from kasauti.store.sqlite import SqliteLog, SqliteStore, streams


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log with one day in it."""
    return written(tmp_path / "log.db", whole_day())


# Appending


def test_nothing_is_in_the_file_before_the_commit(tmp_path: Path) -> None:
    day = whole_day()
    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log:
        write(log, day[:3])
        for recorded in day[3:]:
            log.append(recorded)
        with SqliteLog.open(tmp_path / "log.db", "main", readonly=True) as reader:
            assert list(reader.read(verify=True)) == day[:3]
    with SqliteLog.open(tmp_path / "log.db", "main") as log:
        assert list(log.read(verify=True)) == day[:3]
        assert log.seq == 3


def test_a_log_that_is_opened_again_goes_on(tmp_path: Path) -> None:
    day = whole_day()
    for number in range(0, len(day), 5):
        with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log:
            assert log.seq == number
            write(log, day[number : number + 5])
    with SqliteLog.open(tmp_path / "log.db", "main", readonly=True) as log:
        assert list(log.read(verify=True)) == day


def test_text_that_is_not_unicode_is_refused_before_anything_is_added(tmp_path: Path) -> None:
    story = Story()
    opened = story.opened()
    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log:
        for event, cause in ((ev.MoneyMoved(1, "\ud800"), "user"), (ev.MoneyMoved(1, "gift"), "\udcff")):
            with pytest.raises(InvalidInput, match=r"money\.moved is not valid Unicode"):
                log.append(ev.Recorded(1, 1, cause, event))
        write(log, opened)
        assert list(log.read(verify=True)) == opened


def test_every_text_comes_back_as_it_was(tmp_path: Path) -> None:
    texts = ["", "\0", "a\0b", "'; DROP TABLE log; --", "₹ किराया 🙂", "\n\r\t", "\ufeff", "\x7f\x80"]
    events = [
        ev.Recorded(n, n, text.replace("\0", ""), ev.MoneyMoved(1, text)) for n, text in enumerate(texts, 1)
    ]
    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log:
        write(log, events)
        assert list(log.read(verify=True)) == events


def test_a_null_in_a_cause_is_refused_before_anything_is_added(tmp_path: Path) -> None:
    opened = Story().opened()
    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log:
        with pytest.raises(InvalidInput, match="null character"):
            log.append(ev.Recorded(1, 1, "a\0b", ev.MoneyMoved(1, "gift")))
        write(log, opened)
        assert list(log.read(verify=True)) == opened


@pytest.mark.parametrize("name", ["log.db", "with space.db", "50% off?#1.db", "किताब.db"])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    with SqliteLog.open(tmp_path / name, "main", create=True) as log:
        write(log, whole_day())
    with SqliteLog.open(tmp_path / name, "main", readonly=True) as log:
        assert log.verify() == len(whole_day())
    assert {entry.name for entry in tmp_path.iterdir()} >= {name}


# Several accounts in one file


def test_accounts_in_one_file_share_a_commit_and_nothing_else(tmp_path: Path) -> None:
    first, second = whole_day(), list(session(Story(), 3))
    with SqliteStore.open(tmp_path / "log.db", create=True) as store:
        one, two = store.stream("one"), store.stream("two")
        for number in range(max(len(first), len(second))):
            for log, events in ((one, first), (two, second)):
                if number < len(events):
                    log.append(events[number])
            if number % 7 == 0:
                store.commit()
        one.commit()
        assert list(one.read(verify=True)) == first
        assert list(two.read(verify=True)) == second
        assert one.last_hash != two.last_hash
    assert streams(tmp_path / "log.db") == ["one", "two"]


def test_the_same_events_have_other_hashes_in_another_account(tmp_path: Path) -> None:
    """A record cannot be moved to another account's history."""
    with SqliteStore.open(tmp_path / "log.db", create=True) as store:
        one, two = store.stream("one"), store.stream("two")
        for log in (one, two):
            write(log, whole_day())
        hashes = [{log.hash_at(n) for n in range(len(whole_day()) + 1)} for log in (one, two)]
    assert hashes[0].isdisjoint(hashes[1])


def test_a_reader_that_names_another_account_is_told_which_there_are(path: Path) -> None:
    with pytest.raises(LogError, match="has no account 'mian'; it has main"):
        SqliteLog.open(path, "mian", readonly=True)
    with SqliteLog.open(path, "main", readonly=True):
        pass


# Readers


def test_readers_work_while_a_writer_writes(path: Path) -> None:
    story = Story()
    written = len(whole_day())
    story.seq = written
    with SqliteLog.open(path, "main") as writer, SqliteLog.open(path, "main", readonly=True) as reader:
        for _ in range(3):
            write(writer, story.noted())
            written += 1
            assert len(list(reader.read())) == written
        assert reader.other_writer.startswith("process ")
        assert writer.other_writer == ""
    with SqliteLog.open(path, "main", readonly=True) as reader:
        assert reader.other_writer == ""


def test_a_reader_never_writes(path: Path) -> None:
    before = path.read_bytes()
    with SqliteLog.open(path, "main", readonly=True) as reader:
        story = Story()
        story.seq = reader.seq
        reader.append(story.noted()[0])
        with pytest.raises(LogError, match="opened for reading only"):
            reader.commit()
    assert path.read_bytes() == before


# What the database itself refuses


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE log SET at = at + 1 WHERE seq = 3",
        "UPDATE log SET stream = 'other'",
        "DELETE FROM log WHERE seq = 3",
        "DELETE FROM log",
        "INSERT INTO log SELECT * FROM log WHERE seq = 3",
        "UPDATE meta SET value = '2'",
        "DELETE FROM meta",
    ],
)
def test_what_was_written_cannot_be_changed_by_another_program(path: Path, attack: str) -> None:
    with closing(sqlite3.connect(path)) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute(attack)
