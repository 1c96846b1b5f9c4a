"""`kasauti db`: where a desk keeps its accounts."""

from pathlib import Path

import pytest
from tests.cli.command import kasauti
from tests.store.stories import whole_day, write

from kasauti.domain.ist import ist_iso
from kasauti.store.opening import open_store
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK
from kasauti.store.registry.users import Role


def test_without_a_folder_it_is_the_desks_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kasauti("account", "open", "swing")
    assert kasauti("db", "init", "--json").json()["accounts"] == len({"main", "swing"})


def test_the_database_is_made_and_found_again(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    made = kasauti("db", "init", "--data", folder)
    assert made.out == f"{folder}/desk.db is ready: 0 users, 0 accounts\n"
    registry = Registry.open(folder)
    registry.users.create("asha", Role.ADMIN, "", DESK, 1)
    registry.close()
    again = kasauti("db", "init", "--data", folder, "--json").json()
    assert again == {"database": f"{folder}/desk.db", "users": 1, "accounts": 0}


@pytest.mark.parametrize("variable", ["KASAUTI_DATABASE_URL", "PAPER_TRADING_DATABASE_URL", "DATABASE_URL"])
def test_the_environment_names_where_it_is(tmp_path: Path, variable: str) -> None:
    url = f"sqlite:///{tmp_path}/paper_trading.db"
    made = kasauti("db", "init", "--data", tmp_path / "keys", env={variable: url})
    assert made.out == f"{tmp_path}/desk.db is ready: 0 users, 0 accounts\n"


def test_what_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    told = kasauti("db", "init", "--data", tmp_path, "--url", "mysql://me:hunter2@host/db")
    assert told.sentence().startswith("mysql://host/db is not a database that accounts can be kept in;")
    assert told.code == 3


def test_a_home_is_saved_checked_and_put_back(tmp_path: Path) -> None:
    folder, saved, back = tmp_path / "desk", tmp_path / "saved", tmp_path / "back"
    kasauti("db", "init", "--data", folder)
    with open_store(folder / "log.db", create=True) as store:
        write(store.stream("main"), whole_day())
        last = store.stream("main").last_hash.hex()
    line = f"main: {len(whole_day())} events until {ist_iso(whole_day()[-1].at)}, {last}\n"
    checked = kasauti("db", "verify", "--data", folder)
    assert checked.out == f"{line}{folder} is whole: 1 log, {len(whole_day())} events\n"
    copied = kasauti("db", "backup", saved, "--data", folder)
    assert copied.out.startswith(f"{line}{saved} has 1 log, whole.")
    assert sorted(each.name for each in saved.iterdir() if "lock" not in each.name) == ["desk.db", "log.db"]
    restored = kasauti("db", "restore", saved, "--data", back)
    assert restored.out == f"{line}{back} has 1 log, whole\n"
    rebuilt = kasauti("db", "rebuild", "--data", back)
    assert rebuilt.out == f"the tables in {back} are made of {len(whole_day())} events\n"
    found = kasauti("db", "verify", "--data", back, "--json").json()
    assert [(each["stream"], each["last_hash"]) for each in found["logs"]] == [("main", last)]
    assert "exists already" in kasauti("db", "backup", saved, "--data", folder).sentence()
    assert "nothing is written over" in kasauti("db", "restore", saved, "--data", back).sentence()
