"""`kasauti db`: where a desk keeps its accounts."""

from pathlib import Path

import pytest
from tests.cli.command import kasauti

from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK
from kasauti.store.registry.users import Role


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
