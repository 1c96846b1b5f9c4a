"""Real processes, really killed: what was acknowledged is there, and nothing half."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.store.crash_child import LENGTH, story

from kasauti import compiled
from kasauti.store.opening import open_store

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.crash,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows"),
]


def child(home: str | Path, seed: int, *die_at: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.store.crash_child", str(home), str(seed), *map(str, die_at)]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def acknowledged_by(process: subprocess.Popen[str], lines: int) -> int:
    """Read so many lines, kill the process wherever it is by then, and return the last number it said."""
    assert process.stdout is not None
    with process:
        said = [line for line in (process.stdout.readline() for _ in range(lines)) if line]
        process.kill()
        said += process.stdout.readlines()
    return int([line for line in said if line.endswith("\n")][-1])


def assert_whole(home: str | Path, acknowledged: int) -> int:
    """The log is a prefix of the story with everything acknowledged in it; return how long it is."""
    with open_store(home, create=True) as store:
        kept = list(store.stream("main").read(verify=True))
    assert kept == list(story())[: len(kept)]
    assert len(kept) >= acknowledged
    return len(kept)


def test_a_session_killed_again_and_again_loses_nothing_it_acknowledged(url: str) -> None:
    """Killed wherever it is after a random number of answers, the first as well, and taken up again."""
    chance = random.Random(20260113)
    kept = 0
    for seed in range(8):
        acknowledged = acknowledged_by(child(url, seed), chance.choice([1, 1, 2, 3, 5, 8]))
        assert acknowledged >= kept, "it went on where it was"
        kept = assert_whole(url, acknowledged)
    with child(url, 99) as last:
        assert last.stdout is not None
        said = [int(line) for line in last.stdout]
    assert said[-1] == LENGTH
    assert assert_whole(url, LENGTH) == LENGTH


@pytest.mark.parametrize("die_at", range(1, 15))
def test_a_process_that_dies_at_any_statement_leaves_whole_groups(tmp_path: Path, die_at: int) -> None:
    """Two groups: before and behind each BEGIN, in the middle of the rows, before and behind each COMMIT."""
    path = tmp_path / "log.db"
    process = child(path, die_at, die_at)
    said = [int(line) for line in process.communicate()[0].splitlines()]
    assert process.returncode == -signal.SIGKILL
    kept = assert_whole(path, said[-1])
    chance, ends, group_ends = random.Random(die_at), 0, [0]
    for _ in said:
        ends += chance.randint(1, 60)
        group_ends.append(ends)
    assert kept in group_ends[-2:]
    assert (kept == group_ends[-1]) is (die_at % 7 == 0), "only a commit that was done adds a group"


@pytest.mark.skipif(
    "kasauti.store.postgres" in compiled.MODULES,
    reason="a compiled method is called past what stands in its place",
)
@pytest.mark.parametrize("die_at", range(1, 5))
def test_a_process_that_dies_around_a_statement_of_postgresql_leaves_whole_groups(
    postgres_url: str, die_at: int
) -> None:
    """Two groups, one statement each: before and behind it."""
    open_store(postgres_url, create=True).close()
    process = child(postgres_url, die_at, die_at)
    said = [int(line) for line in process.communicate()[0].splitlines()]
    assert process.returncode == -signal.SIGKILL
    chance = random.Random(die_at)
    first = chance.randint(1, 60)
    second = first + chance.randint(1, 60)
    assert assert_whole(postgres_url, said[-1]) == {1: 0, 2: first, 3: first, 4: second}[die_at]


def test_a_process_that_dies_while_it_makes_the_file_leaves_one_that_can_be_used(tmp_path: Path) -> None:
    """The file is there, empty or whole, and the next process takes it up."""
    for number in range(6):
        path = tmp_path / f"{number}.db"
        process = child(path, number)
        while not path.exists() and process.poll() is None:
            pass
        process.kill()
        process.communicate()
        assert_whole(path, 0)
