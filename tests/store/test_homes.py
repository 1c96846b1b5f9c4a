"""A home of accounts is copied whole, checked, and never written over."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.store.registries import NOW, make
from tests.store.stories import whole_day, write

from kasauti.domain.state import State
from kasauti.errors import LogCorrupt, LogError, StorageError
from kasauti.store.homes import Home
from kasauti.store.opening import open_store
from kasauti.store.reading import tables as reading
from kasauti.store.registry.accounts import Currency
from kasauti.store.registry.keys import Scope
from kasauti.store.registry.registry import SERVER_KEY, Registry
from kasauti.store.registry.rows import DESK
from kasauti.store.registry.users import Role
from kasauti.store.tables import METADATA

STREAMS = ("asha/main/1", "ravi/main/1")


@pytest.fixture
def home(registry: Registry, registry_url: str, tmp_path: Path) -> Home:
    """A home with two accounts that traded, and a key."""
    home = Home(tmp_path, "" if registry_url.startswith("sqlite") else registry_url)
    for user in ("asha", "ravi"):
        registry.accounts.open(
            user, "main", plan="zerodha", capital=1, currency=Currency.INR, by=DESK, at=NOW
        )
    with home.logs(readonly=False) as store:
        for name in STREAMS:
            write(store.stream(name), whole_day())
    home.rebuild()
    return home


def test_a_desk_in_figures(home: Home, registry: Registry) -> None:
    """Two accounts in rupees that traded alike, one in dollars that did not, one that is archived."""
    mira = registry.users.create("mira", Role.USER, "", DESK, NOW)
    dollars, gone = (
        registry.accounts.open(
            mira.name, name, plan="zerodha", capital=1, currency=Currency.USD, by=DESK, at=NOW
        )
        for name in ("dollars", "gone")
    )
    registry.accounts.archive(gone.id, DESK, NOW)
    state = State.replay(whole_day())
    found = registry.statistics()
    assert (found.users, found.open_accounts, found.archived_accounts) == (3, 3, 1)
    rupees, of_dollars = found.totals
    assert (rupees.currency, rupees.accounts, rupees.trades) == ("INR", 2, 2 * state.trades)
    assert (rupees.cash, rupees.charges) == (2 * state.ledger.cash, 2 * state.ledger.charges)
    assert (of_dollars.currency, of_dollars.accounts, of_dollars.cash) == (dollars.currency, 1, 0)


def content(home: Home) -> dict[str, list[tuple[object, ...]]]:
    """Return every table but the counters of what is kept in memory."""
    with home.registry() as database, database.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for table in METADATA.sorted_tables
        }


@pytest.mark.parametrize("registry_url", ["sqlite"], indirect=True)
def test_a_home_is_checked_log_by_log(home: Home) -> None:
    with home.logs() as store:
        hashes = [store.stream(name).last_hash.hex() for name in STREAMS]
    found = list(home.check())
    assert [(each.stream, each.events, each.last_hash) for each in found] == [
        (name, len(whole_day()), last) for name, last in zip(STREAMS, hashes, strict=True)
    ]
    assert found[0].until == whole_day()[-1].at


def test_a_copy_has_everything_while_the_home_is_in_use(home: Home, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    copy = Home(tmp_path / "copy")
    with home.logs(readonly=False) as busy:
        log = busy.stream(STREAMS[0])
        log.append(whole_day()[0].__class__(log.seq + 1, whole_day()[-1].at, "user", whole_day()[1].event))
        found = home.copy_to(copy)
    assert found == list(copy.check())
    assert [each.events for each in found] == [len(whole_day())] * 2, "only what was committed"
    assert content(copy) == content(home)


def test_a_copy_goes_back_into_any_kind_of_home_and_counts_on(
    home: Home, tmp_path: Path, postgres_url: str
) -> None:
    (tmp_path / "copy").mkdir()
    copy = Home(tmp_path / "copy")
    home.copy_to(copy)
    for name, url in (("a", ""), ("b", postgres_url)):
        folder = tmp_path / name
        folder.mkdir()
        back = Home(folder, url)
        assert copy.copy_to(back) == list(copy.check())
        assert content(back) == content(home)
        shutil.copy2(tmp_path / SERVER_KEY, folder / SERVER_KEY)
        registry = Registry.open(folder, url)
        assert registry.users.create("mira", Role.USER, "", DESK, NOW).id == 3
        registry.audit.verify()
        registry.close()


@pytest.mark.parametrize("registry_url", ["sqlite"], indirect=True)
def test_keys_work_in_a_copy_that_has_the_servers_key(home: Home, registry: Registry, tmp_path: Path) -> None:
    key, secret = registry.keys.create(registry.users.get("asha").id, frozenset({Scope.READ}), DESK, NOW)
    (tmp_path / "copy").mkdir()
    home.copy_to(Home(tmp_path / "copy"))
    shutil.copy2(tmp_path / SERVER_KEY, tmp_path / "copy" / SERVER_KEY)
    copied = Registry.open(tmp_path / "copy")
    assert copied.keys.key_of(secret, NOW) == key
    copied.close()


def test_nothing_is_written_over(home: Home, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    copy = Home(tmp_path / "copy")
    home.copy_to(copy)
    before = content(copy)
    with pytest.raises(LogError, match="has accounts already: nothing is written over"):
        home.copy_to(copy)
    with pytest.raises(LogError, match="has accounts already: nothing is written over"):
        copy.copy_to(home)
    (tmp_path / "used").mkdir()
    make(tmp_path / "used")
    with pytest.raises(LogError, match=r"desk\.db has accounts already"):
        home.copy_to(Home(tmp_path / "used"))
    assert content(copy) == before


@pytest.mark.parametrize("registry_url", ["sqlite"], indirect=True)
def test_a_registry_in_the_way_is_not_written_over(home: Home, tmp_path: Path, postgres_url: str) -> None:
    make(tmp_path, postgres_url)
    with pytest.raises(StorageError, match="has a registry already"):
        home.copy_to(Home(tmp_path, postgres_url))


@pytest.mark.parametrize("registry_url", ["sqlite"], indirect=True)
def test_a_broken_copy_is_found(home: Home, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    copy = Home(tmp_path / "copy")
    home.copy_to(copy)
    with open_store(tmp_path / "copy" / "log.db") as store:
        connection = store._connection  # type: ignore[attr-defined]
        guard = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'log_update'").fetchone()[0]
        connection.execute("DROP TRIGGER log_update")
        connection.execute("UPDATE log SET at = at + 1 WHERE seq = 4")
        connection.execute(guard)
    with pytest.raises(LogCorrupt, match="event 4"):
        list(copy.check())
    (tmp_path / "again").mkdir()
    with pytest.raises(LogCorrupt, match="event 4"):
        copy.copy_to(Home(tmp_path / "again"))


@pytest.mark.parametrize("registry_url", ["sqlite"], indirect=True)
def test_rebuilding_makes_what_was_lost(home: Home) -> None:
    before = content(home)
    with home.registry() as database, database.write() as connection:
        for table in reading.ALL:
            connection.execute(table.delete())
    assert home.rebuild() == 2 * len(whole_day())
    assert content(home) == before
