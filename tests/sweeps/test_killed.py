"""A sweep that is killed with all its might goes on where it was, and computes nothing twice."""

import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from tests.cli.command import clean_environment
from tests.sweeps.worlds import market

from kasauti.sweeps.store import FILE

pytestmark = pytest.mark.crash

ROOT = Path(__file__).parents[2]
COMBINATIONS = 16


def started(out: Path, tally: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sweeps.long_sweep", str(out), str(tally)],
        cwd=ROOT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )


def kept(out: Path) -> Counter[tuple[int, int]]:
    """Return how often each combination is in the store."""
    with sqlite3.connect(out / FILE) as database:
        rows = [msgspec.json.decode(row[0]) for row in database.execute("SELECT parameters FROM results")]
    database.close()
    return Counter((int(row["enter"]), int(row["leave"])) for row in rows)


def computed(tally: Path) -> Counter[tuple[int, int]]:
    """Return how often each combination was computed to its last day."""
    last = market(3).days[-1].isoformat()
    lines = [line.split() for line in tally.read_text(encoding="utf-8").splitlines()]
    return Counter((int(line[0]), int(line[1])) for line in lines if line[2] == last)


def test_killed_at_any_point_each_combination_is_computed_once(tmp_path: Path) -> None:
    out, tally = tmp_path / "out", tmp_path / "tally"
    done_before: set[tuple[int, int]] = set()
    #: How often what is kept was computed until it was: twice, if a kill came between the two.
    until_kept: dict[tuple[int, int], int] = {}
    for results in (3, 4):
        process = started(out, tally)
        assert process.stdout is not None
        new = 0
        for line in process.stdout:
            _, done, reused = line.split()
            new = int(done) - int(reused)
            if new >= results:
                break
        process.kill()
        process.communicate()
        assert new >= results, "it was killed in the middle"
        assert len(kept(out)) >= len(done_before) + results
        done_before = set(kept(out))
        so_far = computed(tally)
        for each in done_before:
            until_kept.setdefault(each, so_far[each])
    assert len(done_before) < COMBINATIONS

    process = started(out, tally)
    told, _ = process.communicate(timeout=300)

    assert process.returncode == 0
    assert told.splitlines()[-1] == f"done {COMBINATIONS} {len(done_before)}"
    assert kept(out) == Counter(dict.fromkeys(kept(out), 1))
    assert len(kept(out)) == COMBINATIONS
    times = computed(tally)
    again = [each for each in done_before if times[each] != until_kept[each]]
    assert again == [], "what was kept was never computed again"
    lost = sum(times.values()) - COMBINATIONS
    assert 0 <= lost <= 4, "only what two workers were at in two kills was lost"
