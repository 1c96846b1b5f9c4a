"""Two whole desks on one PostgreSQL: one is killed, and its accounts go on in the other."""

import shutil
import signal
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.cli.command import kasauti
from tests.cli.server import Server

from kasauti.config import load_config
from kasauti.desk.first_start import OWNER, found
from kasauti.domain import events as ev
from kasauti.domain.money import RUPEE
from kasauti.feeds.clock import wall_ns
from kasauti.store.homes import Home
from kasauti.store.opening import open_store
from kasauti.store.registry.accounts import Currency
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK
from kasauti.store.shards import owner
from kasauti.store.sql import SqlDatabase

PROCESSES = ("first", "second")
STREAMS = ("owner/main/1", *(f"owner/a{number}/1" for number in range(5)))
THEIRS = [each for each in STREAMS if owner(each, PROCESSES) == "second"]
OURS = [each for each in STREAMS if each not in THEIRS]
RICH = 5_000_000 * RUPEE


def prepared(folder: Path, url: str) -> None:
    """Make the registry of six accounts, and both desks' folders with the keys."""
    (folder / "first").mkdir()
    registry = Registry.open(folder / "first", url)
    found(registry, load_config(None, {}, {}), folder / "first", {})
    for name in (each.split("/")[1] for each in STREAMS[1:]):
        registry.accounts.open(
            OWNER,
            name,
            plan="zerodha",
            capital=5_000_000 * RUPEE,
            currency=Currency.INR,
            by=DESK,
            at=wall_ns(),
        )
    registry.close()
    shutil.copytree(folder / "first", folder / "second")


def started(folder: Path, url: str, me: str) -> Server:
    return Server(folder / me, "--database", url, "--process", me, "--processes", ",".join(PROCESSES))


def has(server: Server, accounts: Iterable[str]) -> None:
    """Wait until a process trades just these accounts; while it is asked too often it answers without any."""
    wanted, there = set(accounts), set[str]()
    while there != wanted:
        answer = server.client.get("/api/accounts").json()
        there = {each["account"] for each in answer.get("accounts", ())}


@pytest.mark.crash
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_a_killed_desk_s_accounts_go_on_in_the_other_with_every_order_it_acknowledged(
    postgres_url: str, tmp_path: Path
) -> None:
    prepared(tmp_path, postgres_url)
    first, second = (started(tmp_path, postgres_url, me) for me in PROCESSES)
    has(second, THEIRS)
    has(first, OURS)
    refused = first.place("not-here", THEIRS[0])
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "account.elsewhere")
    assert "with the process 'second'" in refused.json()["error"]["message"]

    acknowledged = {}
    for number in range(5):
        for stream in STREAMS:
            said = (second if stream in THEIRS else first).place(f"{stream}-{number}", stream)
            assert said.status_code == 200, said.text
            acknowledged[f"{stream}-{number}"] = said.json()["order_id"]
    second.end(signal.SIGKILL)

    has(first, STREAMS)
    for stream in THEIRS:
        assert first.place(f"{stream}-4", stream).json()["order_id"] == acknowledged[f"{stream}-4"]
        acknowledged[f"{stream}-5"] = first.place(f"{stream}-5", stream).json()["order_id"]
    assert first.end(signal.SIGTERM) == 0

    placed: Counter[tuple[str, str]] = Counter()
    with open_store(postgres_url, readonly=True) as store:
        for stream in STREAMS:
            events = [each.event for each in store.stream(stream).read(verify=True)]
            placed.update((e.command_id, e.order_id) for e in events if isinstance(e, ev.OrderPlaced))
    assert placed == Counter(acknowledged.items())
    for each in Home(tmp_path / "first", postgres_url).check():
        assert each.events > 0
    rebuilt = kasauti("db", "rebuild", "--data", tmp_path / "first", "--url", postgres_url)
    assert (rebuilt.code, rebuilt.err) == (0, "")
    assert ids_in_tables(postgres_url) == set(acknowledged.values())


def ids_in_tables(url: str) -> set[str]:
    """Return the ids in the table of orders."""
    database = SqlDatabase.open(url)
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT order_id FROM orders").scalars().all()
    database.close()
    return set(rows)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--process", "a"), "give both or none"),
        (("--processes", "a,b"), "give both or none"),
        (
            ("--process", "a", "--processes", "a,b"),
            "share their accounts in PostgreSQL: give its URL",
        ),
        (("--process", "c", "--processes", "a,b", "--url", "POSTGRES"), "'c' is none of the processes a, b"),
    ],
)
def test_what_cannot_be_shared_is_a_sentence(
    words: tuple[str, ...], sentence: str, postgres_url: str, tmp_path: Path
) -> None:
    given = [postgres_url if word == "POSTGRES" else word for word in words]
    assert sentence in kasauti("up", "--port", "0", "--data", tmp_path, *given).sentence()
