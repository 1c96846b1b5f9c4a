"""Two desks on one PostgreSQL: what one had not posted, the one that has the account then posts, and once."""

import shutil
import signal
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.web.kite.buying import bought
from tests.web.kite.receiving import distinct, receiver
from tests.web.process import Up

from kasauti.config import load_config
from kasauti.desk.first_start import found
from kasauti.store.registry.registry import Registry
from kasauti.store.shards import owner

PROCESSES = ("first", "second")
MAIN = "owner/main/1"
_SETTINGS = {"account.regime": "permissive", "account.capital_rupees": "50000000"}


def _prepared(folder: Path, url: str) -> None:
    """Make the registry, and both desks' folders with the same keys."""
    (folder / "first").mkdir()
    with closing(Registry.open(folder / "first", url)) as registry:
        found(registry, load_config(None, _SETTINGS, {}), folder / "first", {})
    shutil.copytree(folder / "first", folder / "second")


def _started(folder: Path, url: str, me: str, postbacks: str) -> Up:
    shared = ("--database", url, "--process", me, "--processes", ",".join(PROCESSES))
    return Up(folder / me, *shared, "--set", f"kite.postback_url={postbacks}")


def _wait_until_here(desk: Up) -> None:
    """Wait until a process has the account."""
    there: set[str] = set()
    while MAIN not in there:
        answer = desk.client.get("/api/accounts").json()
        there = {each["account"] for each in answer.get("accounts", ())}


@pytest.mark.crash
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_what_a_killed_desk_had_not_posted_is_posted_by_the_one_that_has_the_account_now(
    postgres_url: str, tmp_path: Path
) -> None:
    _prepared(tmp_path, postgres_url)
    whose = owner(MAIN, PROCESSES)
    other = next(each for each in PROCESSES if each != whose)
    with receiver() as (url, came, status):
        ours = _started(tmp_path, postgres_url, whose, url)
        theirs = _started(tmp_path, postgres_url, other, url)
        _wait_until_here(ours)
        first = bought(ours)
        delivered = came.get(timeout=60)
        assert delivered.row["order_id"] == first
        status[0] = 503
        wanted = [bought(ours) for _ in range(2)]
        tried = came.get(timeout=60)
        assert ours.end(signal.SIGKILL) == -signal.SIGKILL
        while not came.empty():
            came.get()

        status[0] = 200
        _wait_until_here(theirs)
        told = distinct(came, len(wanted), delivered.id)
        assert [(each.row["order_id"], each.row["status"]) for each in told] == [
            (each, "COMPLETE") for each in wanted
        ]
        assert told[0] == tried, "it is the same, signed alike, and has the same id"

        ours = _started(tmp_path, postgres_url, whose, url)
        _wait_until_here(ours)
        last = bought(ours)
        assert came.get(timeout=60).row["order_id"] == last, "what was delivered is not sent again"
        assert (ours.end(), theirs.end()) == (0, 0)
        assert came.empty()


@pytest.mark.crash
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_an_account_that_goes_and_comes_back_posts_everything_once(postgres_url: str, tmp_path: Path) -> None:
    _prepared(tmp_path, postgres_url)
    whose = owner(MAIN, PROCESSES)
    other = next(each for each in PROCESSES if each != whose)
    told: list[str] = []
    with receiver() as (url, came, status):

        def waits_for(count: int) -> None:
            """Take in what was delivered; what was only tried has no place in the list."""
            while len(told) < count:
                told.append(str(came.get(timeout=60).row["order_id"]))

        theirs = _started(tmp_path, postgres_url, other, url)
        _wait_until_here(theirs)
        status[0] = 503
        wanted = [bought(theirs) for _ in range(3)]
        ours = _started(tmp_path, postgres_url, whose, url)
        _wait_until_here(ours)
        while not came.empty():
            came.get()
        status[0] = 200
        waits_for(3)
        wanted.append(bought(ours))
        waits_for(4)
        assert ours.end() == 0
        _wait_until_here(theirs)
        wanted.append(bought(theirs))
        waits_for(5)
        assert theirs.end() == 0
    assert told == wanted
    assert came.empty()
