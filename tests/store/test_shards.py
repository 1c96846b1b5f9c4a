"""Where one process ends: two share a database, one is killed, and its accounts go on in the other."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.shard_child import LENGTH, PROCESSES, told
from tests.store.stories import whole_day, write

from kasauti.errors import InvalidInput, LogLocked
from kasauti.store.opening import open_store
from kasauti.store.postgres import PostgresStore
from kasauti.store.shards import Share, owner

ROOT = Path(__file__).parents[2]
ACCOUNTS = tuple(f"user{number}/main/1" for number in range(6))

names = st.lists(st.text(min_size=1, max_size=8), min_size=2, max_size=6, unique=True)


@settings(max_examples=30)
@given(names, st.text(max_size=20))
def test_when_a_process_goes_only_its_accounts_move(processes: list[str], account: str) -> None:
    first = owner(account, processes)
    assert first == owner(account, list(reversed(processes)))
    for gone in processes:
        left = [each for each in processes if each != gone]
        assert owner(account, left) == first or gone == first


def test_accounts_are_spread_over_the_processes() -> None:
    """Of 3,000 accounts each of three gets 1,000, give or take five standard deviations (26 each)."""
    processes = ("a", "b", "c")
    owners = [owner(f"user{number}/main/1", processes) for number in range(3_000)]
    assert all(abs(owners.count(each) - 1_000) < 130 for each in processes)


def test_a_process_takes_what_is_its_own_and_hands_back_what_is_anothers(postgres_url: str) -> None:
    with PostgresStore.open(postgres_url, create=True, shared=True) as store:
        first = Share(store, "first", PROCESSES)
        assert first.present() == ["first"]
        assert first.to_take(ACCOUNTS) == list(ACCOUNTS), "alone, it has everything"
        for account in ACCOUNTS:
            write(store.stream(account), whole_day())
        with PostgresStore.open(postgres_url, shared=True) as other:
            second = Share(other, "second", PROCESSES)
            assert first.present() == second.present() == ["first", "second"]
            mine = [each for each in ACCOUNTS if owner(each, PROCESSES) == "first"]
            theirs = [each for each in ACCOUNTS if each not in mine]
            assert mine
            assert theirs
            assert second.to_take(ACCOUNTS) == [], "the first has them all still"
            assert first.to_release() == theirs
            for account in theirs:
                store.release(account)
            assert second.to_take(ACCOUNTS) == theirs
            assert first.to_take(ACCOUNTS) == []
            for account in theirs:
                assert other.stream(account).verify() == len(whole_day())
            with pytest.raises(LogLocked, match=r"the name 'second' in .* is in use by kasauti process"):
                Share(store, "second", PROCESSES)
        assert first.to_take(ACCOUNTS) == theirs, "the second is gone"


def test_a_process_that_nobody_expects_is_refused(postgres_url: str) -> None:
    with (
        PostgresStore.open(postgres_url, create=True, shared=True) as store,
        pytest.raises(InvalidInput, match="'third' is none of the processes first, second"),
    ):
        Share(store, "third", PROCESSES)


def child(url: str, me: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.store.shard_child", url, me, *ACCOUNTS]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def said_by(line: str) -> dict[str, int]:
    return {name: int(seq) for name, _, seq in (word.partition("=") for word in line.split())}


@pytest.mark.crash
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_a_killed_process_s_accounts_go_on_in_the_other_and_nothing_acknowledged_is_lost(
    postgres_url: str,
) -> None:
    open_store(postgres_url, create=True).close()
    theirs = {each for each in ACCOUNTS if owner(each, PROCESSES) == "second"}
    with child(postgres_url, "first") as first, child(postgres_url, "second") as second:
        assert first.stdout is not None
        assert second.stdout is not None
        lines = [second.stdout.readline() for _ in range(5)]
        second.kill()
        lines += [line for line in second.stdout.readlines() if line.endswith("\n")]
        said = [said_by(line) for line in first.stdout]
    acknowledged = said_by(lines[-1])
    assert set(acknowledged) == theirs
    assert sum(acknowledged.values()) > 0
    assert set(said[0]) == set(ACCOUNTS) - theirs, "until then each had its own"
    taken_over = next(each for each in said if set(each) == set(ACCOUNTS))
    assert all(taken_over[account] >= seq for account, seq in acknowledged.items())
    assert first.returncode == 0
    assert said[-1] == dict.fromkeys(ACCOUNTS, LENGTH), "it brought them to their end"
    with open_store(postgres_url, readonly=True) as reader:
        for account in ACCOUNTS:
            assert list(reader.stream(account).read(verify=True)) == list(told(account))
