"""
The same seed gives the same bytes: within a process, in another one, with other hash seeds, on every Python.

`PINNED` is the SHA-256 over what a standard run records: for each event its number, moment, cause, tag,
version and payload, without the settings that the first one holds. It says that Python 3.11, 3.12 and 3.13
record the same bytes, and nothing about whether they are right: that is for the other tests. Whoever changes
what is recorded changes it, on purpose.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec import structs
from tests.cli.command import clean_environment
from tests.compose.worlds import BUSY_DAY, events_of, momentum_day, settings, strategy, trade

from kasauti.compose.account_log import open_log
from kasauti.compose.recorded import run_in_memory
from kasauti.config import Loaded
from kasauti.domain import events as ev
from kasauti.store.codec import encode

PINNED = "b0187320ebb75b2f7057ae8aa650e816dcde77ab7e9dee8bb60a6f154db990e0"

ROOT = Path(__file__).parents[1]


def standard(**more: object) -> Loaded:
    """Return the settings of the standard run: entries and exits, and orders of every kind that rest."""
    chosen = [
        *strategy("intraday_momentum_oi"),
        *strategy(os.path.relpath(BUSY_DAY, ROOT), instrument="NSE:RELIANCE", every_s=60),
    ]
    return settings(strategies=chosen, simulator__stale_after_s=20, **more)


def digest(log: list[ev.Recorded]) -> str:
    """Return the SHA-256 over what was recorded."""
    sha = hashlib.sha256()
    for each in log:
        event = each.event
        if isinstance(event, ev.AccountOpened):
            event = structs.replace(event, config="")
        head = f"{each.seq} {each.at} {each.cause} {event.TAG} {event.VERSION} "
        sha.update(head.encode() + encode(event) + b"\n")
    return sha.hexdigest()


def run_once() -> str:
    """Return the digest of the standard run."""
    log, _ = run_in_memory(standard(), momentum_day())
    return digest(list(log.read()))


def test_two_sessions_on_disk_are_equal_to_the_last_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash of the last event covers all before it: sessions, settings, versions and all."""
    monkeypatch.chdir(ROOT)
    hashes = []
    for name in ("one", "other"):
        trade(tmp_path / name, momentum_day(), standard(feed__ends_at="10:15"))
        with open_log(tmp_path / name) as log:
            hashes.append(log.last_hash)
    assert hashes[0] == hashes[1]
    assert events_of(tmp_path / "one") == events_of(tmp_path / "other")


def test_another_seed_is_another_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    log, _ = run_in_memory(standard(), momentum_day(seed=8))
    assert digest(list(log.read())) != PINNED


def test_the_standard_run_is_what_every_python_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert run_once() == PINNED


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_no_hash_order_and_no_place_decides(hash_seed: str) -> None:
    """Another process, where sets and dicts of strings would come in another order, and another time zone."""
    code = "from tests.test_determinism import run_once; print(run_once())"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=clean_environment() | {"PYTHONHASHSEED": hash_seed, "TZ": "America/New_York", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    assert ran.stdout.strip() == PINNED
