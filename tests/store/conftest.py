"""The homes of accounts that the tests of the store run on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.store import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    with postgres.database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A home of accounts with nothing in it, on each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/desk.db"
    named: str = request.getfixturevalue("postgres_url")
    return named
