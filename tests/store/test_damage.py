"""What is noticed when a log is not what was written, and how it is said."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.store.stories import Story, whole_day, write, written

from kasauti.domain import events as ev
from kasauti.errors import LogCorrupt, LogError, LogTooNew
from kasauti.store.sqlite import SqliteLog


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log with one day in it."""
    return written(tmp_path / "log.db", whole_day())


@pytest.fixture
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """The database, past everything that Kasauti does."""
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


# Changed behind our back


def _drop_guards(raw: sqlite3.Connection) -> None:
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")


def _restore_guards(raw: sqlite3.Connection, definitions: list[str]) -> None:
    for definition in definitions:
        raw.execute(definition)


TAMPERING: dict[str, tuple[str, str]] = {
    "at": ("UPDATE log SET at = at + 1 WHERE seq = 7", r"event 7 \(.+\) is not what was written"),
    "at, no number": ("UPDATE log SET at = 1.5 WHERE seq = 7", r"event 7 \(.+\) is not what was written"),
    "stream": (
        "UPDATE log SET stream = 'iain' WHERE seq = 7",
        "event 7 is missing, 8 stands in its place",
    ),
    "cause": ("UPDATE log SET cause = 'user' WHERE seq = 7", r"event 7 \(.+\) is not what was written"),
    "tag": ("UPDATE log SET tag = 'order.opened' WHERE seq = 7", r"event 7 \(.+\) is not what was written"),
    "version": ("UPDATE log SET version = 0 WHERE seq = 7", r"event 7 \(.+\) is not what was written"),
    "hash": ("UPDATE log SET hash = zeroblob(32) WHERE seq = 7", r"event 7 \(.+\) is not what was written"),
    "price": (
        "UPDATE log SET payload = CAST(replace(CAST(payload AS TEXT), '00', '01') AS BLOB) WHERE seq = 7",
        r"event 7 \(order.filled\) is not what was written",
    ),
    "type": ("UPDATE log SET payload = 12 WHERE seq = 7", r"event 7 \(.+\) is not what was written"),
    "words": ("UPDATE log SET cause = x'ff' WHERE seq = 7", r"event 7 \(.+\) is not what was written"),
    "removed": ("DELETE FROM log WHERE seq = 7", "event 7 is missing, 8 stands in its place"),
    "first removed": ("DELETE FROM log WHERE seq = 1", "event 1 is missing, 2 stands in its place"),
    "swapped": (
        "UPDATE log SET seq = seq - 15 WHERE seq IN (7, 8); UPDATE log SET seq = -seq WHERE seq < 0",
        r"event 7 \(.+\) is not what was written",
    ),
    "last changed": (
        "UPDATE log SET at = at + 1 WHERE seq = (SELECT max(seq) FROM log)",
        r"event \d+ \(session.stopped\) is not what was written",
    ),
    "last but one removed": (
        "DELETE FROM log WHERE seq = (SELECT max(seq) FROM log) - 1",
        f"event {len(whole_day()) - 1} is missing",
    ),
    "last has no number": (
        "UPDATE log SET seq = 'last' WHERE seq = (SELECT max(seq) FROM log)",
        "'last' stands where its last event has its number",
    ),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_the_first_event_that_was_changed_is_named(path: Path, raw: sqlite3.Connection, how: str) -> None:
    attack, says = TAMPERING[how]
    guards = [s for (s,) in raw.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'").fetchall()]
    _drop_guards(raw)
    raw.executescript(attack)
    _restore_guards(raw, guards)
    raw.close()
    with pytest.raises(LogCorrupt, match=says), SqliteLog.open(path, "main", readonly=True) as log:
        log.verify()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DROP TRIGGER log_update", "log_update"),
        ("CREATE TRIGGER extra BEFORE INSERT ON log BEGIN SELECT RAISE(IGNORE); END", "extra"),
        ("CREATE INDEX extra ON log (tag)", "extra"),
        ("DROP TABLE meta", "meta"),
        ("PRAGMA application_id = 7", "a SQLite file of another program"),
    ],
)
@pytest.mark.parametrize("readonly", [True, False])
def test_a_file_without_its_guards_is_refused(
    path: Path, raw: sqlite3.Connection, change: str, says: str, *, readonly: bool
) -> None:
    raw.execute(change)
    raw.close()
    with pytest.raises(LogCorrupt, match=says):
        SqliteLog.open(path, "main", readonly=readonly)


def test_a_newer_format_is_refused(path: Path, raw: sqlite3.Connection) -> None:
    _drop_guards(raw)
    raw.execute("UPDATE meta SET value = '2'")
    raw.close()
    with pytest.raises(LogTooNew, match="log format 2, this Kasauti reads up to 1"):
        SqliteLog.open(path, "main", readonly=True)


def test_an_event_of_a_newer_version_is_refused_and_named(tmp_path: Path) -> None:
    class Teleported(ev.Event, frozen=True):
        TAG = "order.teleported"
        order_id: str

    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log:
        write(log, [*Story().opened(), ev.Recorded(2, 5, "user", Teleported("A"))])
        for verify in (False, True):
            with pytest.raises(LogTooNew, match=r"event 2 has the tag 'order\.teleported'"):
                list(log.read(verify=verify))


def test_a_payload_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    event = ev.StrategyNoted("momentum", msgspec.Raw(b'{"half":'))
    with SqliteLog.open(tmp_path / "log.db", "main", create=True) as log:
        write(log, [*Story().opened(), ev.Recorded(2, 5, "user", event)])
        for verify in (False, True):
            with pytest.raises(LogCorrupt, match=r"event 2 \(strategy\.noted, version 1\) cannot be read"):
                list(log.read(verify=verify))


# Files that are no log


FOREIGN: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("date,price\n" * 2000, encoding="utf-8"),
    "short text": lambda path: path.write_text("hello", encoding="utf-8"),
    "zeros": lambda path: path.write_bytes(bytes(16384)),
    "header only": lambda path: path.write_bytes(path.read_bytes()[:100]),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "one byte short": lambda path: path.write_bytes(path.read_bytes()[:-1]),
}


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("readonly", [True, False])
def test_a_file_that_is_no_whole_log_is_refused_with_a_sentence(
    path: Path, what: str, *, readonly: bool
) -> None:
    FOREIGN[what](path)
    before = path.read_bytes()
    with (
        pytest.raises(LogCorrupt, match=r"is not a whole log: .+; keep the file as it is"),
        SqliteLog.open(path, "main", readonly=readonly) as log,
    ):
        log.verify()
    assert path.read_bytes() == before


def test_a_sqlite_file_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    theirs = sqlite3.connect(tmp_path / "theirs.db")
    theirs.execute("CREATE TABLE orders (id)")
    theirs.close()
    before = (tmp_path / "theirs.db").read_bytes()
    for create in (True, False):
        with pytest.raises(LogCorrupt, match="it is a SQLite file of another program"):
            SqliteLog.open(tmp_path / "theirs.db", "main", create=create)
    assert (tmp_path / "theirs.db").read_bytes() == before


def test_a_start_that_was_killed_before_the_tables_is_made_good(tmp_path: Path) -> None:
    """Nothing was acknowledged then: an empty file, or one that knows its journal only."""
    (tmp_path / "empty.db").write_bytes(b"")
    half = sqlite3.connect(tmp_path / "half.db")
    half.execute("PRAGMA journal_mode = WAL")
    half.close()
    for name in ("empty.db", "half.db"):
        with SqliteLog.open(tmp_path / name, "main", create=True) as log:
            write(log, whole_day())
            assert log.verify() == len(whole_day())


def test_an_emptied_file_is_not_taken_for_a_new_one_while_events_wait_beside_it(path: Path) -> None:
    """SQLite would throw the waiting events away."""
    path.with_name("log.db-wal").write_bytes(b"events")
    path.write_bytes(b"")
    for create in (True, False):
        with pytest.raises(LogCorrupt, match="events for it wait in the file beside it"):
            SqliteLog.open(path, "main", create=create)
    assert path.with_name("log.db-wal").read_bytes() == b"events"


def test_a_missing_log_is_an_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    for readonly in (True, False):
        with pytest.raises(LogError, match=r"there is no log in .+log\.db"):
            SqliteLog.open(tmp_path / "log.db", "main", readonly=readonly)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["missing/log.db", "file/log.db"])
def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LogError, match=r"log\.db\.lock cannot be written: .+; a log needs a folder"):
        SqliteLog.open(tmp_path / place, "main", create=True)


def test_a_folder_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "log.db").mkdir()
    with pytest.raises(LogError, match="cannot be opened or read"):
        SqliteLog.open(tmp_path / "log.db", "main", create=True)


# Any byte


def test_any_byte_that_is_flipped_is_noticed_or_changes_nothing(path: Path) -> None:
    """In the parts of the file that hold nothing, a flip changes nothing that can be read."""
    whole, day = path.read_bytes(), whole_day()
    chance = random.Random(7)
    noticed = 0
    for _ in range(600):
        place, bit = chance.randrange(len(whole)), chance.randrange(8)
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
        try:
            with SqliteLog.open(path, "main", readonly=True) as log:
                assert list(log.read(verify=True)) == day, f"bit {bit} of byte {place}"
        except (LogCorrupt, LogTooNew):
            noticed += 1
    assert noticed > 100


def test_every_bit_of_a_record_is_covered(tmp_path: Path) -> None:
    """No bit of what a record holds can change without the record being named."""
    path = written(tmp_path / "log.db", whole_day())
    with SqliteLog.open(path, "main", readonly=True) as log:
        needle = msgspec.json.encode(next(r for r in log.read() if r.event.TAG == "order.filled").event)
    whole = path.read_bytes()
    begin = whole.index(needle)
    for place in range(begin, begin + len(needle), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        with (
            SqliteLog.open(path, "main", readonly=True) as log,
            pytest.raises(LogCorrupt, match=r"event 6 \(order\.filled\) is not what was written"),
        ):
            log.verify()
