"""What every home of accounts does, in a SQLite file or in PostgreSQL."""

import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from tests.store.stories import whole_day, write

from kasauti import compiled
from kasauti.domain import events as ev
from kasauti.domain.state import State
from kasauti.errors import InvalidInput, LogCorrupt, LogError, LogLocked, LogTooNew, LogWriteFailed
from kasauti.store.chain import genesis
from kasauti.store.chained_log import Row
from kasauti.store.log_store import LogStore, StoredLog
from kasauti.store.opening import open_store
from kasauti.store.postgres import PostgresStore
from kasauti.store.recovery import Situation, StateManager
from kasauti.store.snapshot import load_state, save_snapshot


def filled(url: str, *names: str) -> None:
    with open_store(url, create=True) as store:
        for name in names:
            write(store.stream(name), whole_day())


def test_one_commit_is_for_all_accounts(url: str) -> None:
    day = whole_day()
    with open_store(url, create=True) as store:
        first, second = store.stream("asha/main/1"), store.stream("ravi/main/1")
        for recorded in day:
            first.append(recorded)
        for recorded in day[:3]:
            second.append(recorded)
        assert len(store.pending) == len(day) + 3
        assert list(first.read()) == []
        store.commit()
        assert list(store.pending) == []
        assert [first.verify(), second.verify()] == [len(day), 3]
        assert store.streams() == ["asha/main/1", "ravi/main/1"]


def test_an_account_is_found_as_it_was_left(url: str) -> None:
    filled(url, "main")
    day = whole_day()
    with open_store(url) as store:
        log = store.stream("main")
        assert (log.seq, log.hash_at(0), log.hash_at(len(day))) == (len(day), genesis("main"), log.last_hash)
        assert log.hash_at(len(day) + 1) == b""
        assert list(log.read(verify=True)) == day


def test_both_homes_chain_alike(tmp_path: Path, postgres_url: str) -> None:
    filled(f"sqlite:///{tmp_path}/log.db", "main")
    filled(postgres_url, "main")
    with (
        open_store(tmp_path / "log.db", readonly=True) as file,
        open_store(postgres_url, readonly=True) as base,
    ):
        hashes = [store.stream("main").last_hash for store in (file, base)]
    assert hashes[0] == hashes[1]


def test_a_start_folds_from_a_snapshot(url: str, tmp_path: Path) -> None:
    filled(url, "main")
    with open_store(url) as store:
        log = store.stream("main")
        save_snapshot(State.replay(log.read()), log, tmp_path)
        assert load_state(log, tmp_path) == State.replay(whole_day())
        assert StateManager(log, tmp_path).resume_session() == State.replay(whole_day())


def test_a_second_writer_is_refused_and_told_who_has_it(url: str) -> None:
    with (
        open_store(url, create=True),
        pytest.raises(LogLocked, match=f"in use by .*process {os.getpid()}.*since 20"),
    ):
        open_store(url)
    open_store(url).close()


def test_readers_see_who_writes_and_what_was_committed(url: str, tmp_path: Path) -> None:
    day = whole_day()
    with open_store(url, create=True) as store:
        log = store.stream("main")
        write(log, day[:10])
        log.append(day[10])
        with open_store(url, readonly=True) as reader:
            seen = reader.stream("main")
            assert f"process {os.getpid()}" in seen.other_writer
            assert list(seen.read(verify=True)) == day[:10]
            manager = StateManager(seen, tmp_path)
            assert manager.get_recovery_info(day[10].at).situation is Situation.IN_USE
            with pytest.raises(LogLocked):
                manager.resume_session()
            with pytest.raises(LogError, match="opened for reading only"):
                reader.commit()
        assert log.other_writer == ""


def test_a_text_that_no_database_can_hold_is_refused_before_it_is_gathered(url: str) -> None:
    first, *_ = whole_day()
    with open_store(url, create=True) as store:
        log = store.stream("main")
        for cause in ("a\0b", "\ud800"):
            with pytest.raises(InvalidInput):
                log.append(ev.Recorded(1, first.at, cause, first.event))
        assert (log.seq, list(store.pending)) == (0, [])
        write(log, whole_day())
        assert log.verify() == len(whole_day())


def test_texts_keep_every_character(url: str) -> None:
    first, *_ = whole_day()
    event = ev.AccountOpened("₹ \0 𝄞 \\ ' \"", "paper", "P", 1, "zerodha")
    with open_store(url, create=True) as store:
        write(store.stream("ä'\\"), [ev.Recorded(1, first.at, "ü \\ ' ; --", event)])
    with open_store(url, readonly=True) as store:
        (read,) = store.stream("ä'\\").read(verify=True)
    assert (read.cause, read.event) == ("ü \\ ' ; --", event)


def past_the_guards(store: LogStore, *statements: str) -> None:
    """Do what no program of ours does: as the owner of the database, with its guards taken away."""
    connection = store._connection  # type: ignore[attr-defined]
    on = " ON log" if isinstance(store, PostgresStore) else ""
    for action in ("update", "delete"):
        connection.execute(f"DROP TRIGGER log_{action}{on}")
    for statement in statements:
        connection.execute(statement)


def test_the_database_refuses_changes(url: str) -> None:
    filled(url, "main")
    with open_store(url) as store:
        for change in (
            "UPDATE log SET seq = seq",
            "DELETE FROM log",
            "UPDATE log SET cause = 'me' WHERE seq = 2",
        ):
            with pytest.raises(Exception, match="what was written stays as it is"):
                store._connection.execute(change)  # type: ignore[attr-defined]
        assert list(store.stream("main").read(verify=True)) == whole_day()


def test_a_change_past_the_guards_is_found(url: str) -> None:
    changes = {
        "a": ("UPDATE log SET cause = 'me' WHERE seq = 5", "event 5 .* is not what was written"),
        "b": ("UPDATE log SET at = at + 1 WHERE seq = 9", "event 9 .* is not what was written"),
        "c": ("DELETE FROM log WHERE seq = 7", "event 7 is missing"),
    }
    filled(url, *changes)
    with open_store(url) as store:
        past_the_guards(store, *(f"{change} AND stream = '{name}'" for name, (change, _) in changes.items()))
        for name, (_, told) in changes.items():
            with pytest.raises(LogCorrupt, match=told):
                list(store.stream(name).read(verify=True))


def test_a_home_without_its_guards_is_not_opened(url: str) -> None:
    filled(url, "main")
    with open_store(url) as store:
        past_the_guards(store)
    with pytest.raises(LogCorrupt, match="guards are not those it was made with"):
        open_store(url)


# A write that fails, in PostgreSQL; `test_write_failures` has the file's


def fail_next(store: PostgresStore, error: Exception, *, done_first: bool) -> None:
    """Have the next write fail, before or behind its work."""
    if "kasauti.store.postgres" in compiled.MODULES:
        pytest.skip("a compiled method is called past what stands in its place")
    write_rows = store._write

    def fail(rows: list[Row]) -> None:
        if done_first:
            write_rows(rows)
        raise error

    store._write = fail  # type: ignore[method-assign]


def assert_nothing_more_is_taken(log: StoredLog, recorded: ev.Recorded) -> None:
    attempts: list[Callable[[], None]] = [lambda: log.append(recorded), log.commit]
    for take in attempts:
        with pytest.raises(LogWriteFailed, match=r"did not take 4 events up to number 14: .*account stops"):
            take()


@pytest.mark.parametrize("done_first", [False, True])
@pytest.mark.parametrize(
    "error", [psycopg.errors.DiskFull("could not extend file"), OSError(32, "Broken pipe")]
)
def test_a_statement_that_fails_stops_the_store_for_good(
    postgres_url: str, error: Exception, *, done_first: bool
) -> None:
    day = whole_day()
    with PostgresStore.open(postgres_url, create=True) as store:
        log = store.stream("main")
        write(log, day[:10])
        fail_next(store, error, done_first=done_first)
        with pytest.raises(LogWriteFailed):
            write(log, day[10:14])
        assert_nothing_more_is_taken(log, day[14])
    with open_store(postgres_url) as store_again:
        assert list(store_again.stream("main").read(verify=True)) == day[: 14 if done_first else 10]


def test_a_session_that_the_server_ends_writes_nothing_more_and_another_can(postgres_url: str) -> None:
    """As when the server is started again: the right to write and the means to go together."""
    day = whole_day()
    with PostgresStore.open(postgres_url, create=True) as store:
        log = store.stream("main")
        write(log, day[:10])
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (store._connection.info.backend_pid,))
        with PostgresStore.open(postgres_url) as other:
            write(other.stream("main"), day[10:14])
            with pytest.raises(LogWriteFailed):
                write(log, day[10:14])
            assert_nothing_more_is_taken(log, day[14])
            write(other.stream("main"), day[14:])
    with open_store(postgres_url, readonly=True) as reader:
        assert list(reader.stream("main").read(verify=True)) == day


def test_a_server_that_is_not_there_is_a_sentence_without_a_password() -> None:
    with pytest.raises(LogError, match=r"postgresql://127\.0\.0\.1:1/desk cannot be reached") as refused:
        open_store("postgresql://me:hunter2@127.0.0.1:1/desk")
    assert "hunter2" not in str(refused.value)


def test_a_database_without_a_log_is_made_only_when_asked(postgres_url: str) -> None:
    for readonly in (False, True):
        with pytest.raises(LogError, match=r"there is no log in .*make one with: kasauti db init"):
            open_store(postgres_url, readonly=readonly)
    open_store(postgres_url, create=True).close()
    with open_store(postgres_url) as store:
        assert store.streams() == []


def test_a_database_of_a_newer_kasauti_is_left_alone(postgres_url: str) -> None:
    filled(postgres_url, "main")
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("UPDATE alembic_version SET version_num = '9999'")
    for create in (False, True):
        with pytest.raises(LogTooNew, match="tables of version 9999"):
            open_store(postgres_url, create=create)


def test_a_log_longer_than_a_page_is_read_whole(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kasauti.store.postgres._PAGE", 7)
    filled(postgres_url, "main", "other")
    with open_store(postgres_url, readonly=True) as store:
        assert list(store.stream("main").read(verify=True)) == whole_day()
        assert list(store.stream("main").read(8)) == whole_day()[7:]


# Accounts that processes share


def test_processes_that_share_a_database_have_each_their_accounts(postgres_url: str) -> None:
    with (
        PostgresStore.open(postgres_url, create=True, shared=True) as first,
        PostgresStore.open(postgres_url, shared=True) as second,
    ):
        write(first.stream("asha"), whole_day())
        write(second.stream("ravi"), whole_day())
        with pytest.raises(LogLocked, match=f"the account 'asha' .* in use by kasauti process {os.getpid()}"):
            second.stream("asha")
        assert first.free() == second.free() == []
        first.release("asha")
        assert second.free() == ["asha"]
        assert second.stream("asha").verify() == len(whole_day())
        with pytest.raises(LogLocked):
            PostgresStore.open(postgres_url)


def test_who_does_not_share_is_alone(postgres_url: str) -> None:
    with PostgresStore.open(postgres_url, create=True):
        with pytest.raises(LogLocked):
            PostgresStore.open(postgres_url, shared=True)
        open_store(postgres_url, readonly=True).close()
