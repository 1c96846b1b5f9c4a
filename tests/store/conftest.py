"""The homes of accounts that the tests of the store run on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url
from tests.store import postgres
from tests.store.registries import make

from kasauti.store.registry.registry import DATABASE, SERVER_KEY, Registry


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A home of accounts with nothing in it, on each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/desk.db"
    named: str = request.getfixturevalue("postgres_url")
    return named


# A registry with two users: a copy of one that was made once.


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registry")
    make(folder)
    return folder


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, sqlite_template: Path) -> Iterator[str]:
    with postgres.database(postgres_server) as url:
        make(sqlite_template, url)
        yield make_url(url).database or ""


@pytest.fixture(params=["sqlite", "postgresql"])
def registry_url(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
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
def registry(registry_url: str, tmp_path: Path) -> Iterator[Registry]:
    opened = Registry.open(tmp_path, registry_url)
    yield opened
    opened.close()
