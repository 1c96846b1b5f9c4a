"""A registry with two users, on each kind of database: a copy of one that was made once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url
from tests.store import postgres

from kasauti.store.registry.registry import DATABASE, SERVER_KEY, Registry
from kasauti.store.registry.rows import DESK
from kasauti.store.registry.users import Role

#: 15 January 2026, 09:15 IST.
NOW = 1_768_448_700_000_000_000


def _make(folder: Path, url: str = "") -> None:
    registry = Registry.open(folder, url)
    registry.users.create("asha", Role.ADMIN, "", DESK, NOW)
    registry.users.create("ravi", Role.USER, "", DESK, NOW)
    registry.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registry")
    _make(folder)
    return folder


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, sqlite_template: Path) -> Iterator[str]:
    with postgres.database(postgres_server) as url:
        _make(sqlite_template, url)
        yield make_url(url).database or ""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
    """Where the registry is; the server's key is in the test's folder in either case."""
    shutil.copy2(sqlite_template / SERVER_KEY, tmp_path / SERVER_KEY)
    if request.param == "sqlite":
        shutil.copy2(sqlite_template / DATABASE, tmp_path / DATABASE)
        yield f"sqlite:///{tmp_path}/{DATABASE}"
    else:
        server, template = (
            request.getfixturevalue(name) for name in ("postgres_server", "postgres_template")
        )
        with postgres.database(server, template) as named:
            yield named


@pytest.fixture
def registry(url: str, tmp_path: Path) -> Iterator[Registry]:
    opened = Registry.open(tmp_path, url)
    yield opened
    opened.close()
