"""
What holds for every test: no property is timed, and a build tries the same examples as the one before.

What is tested is the Python that stands here, unless `make test-compiled` asks for the compiled form.
"""

import os
from collections.abc import Iterator

os.environ.setdefault(
    "KASAUTI_CORE", "pure"
)  # before anything of the package is imported, here and in workers

import pytest
from hypothesis import settings
from tests.store import postgres
from tests.web.process import kill_what_runs

settings.register_profile("here", deadline=None)
settings.register_profile("build", deadline=None, derandomize=True)
settings.load_profile("build" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Return the URL of a PostgreSQL; the test is skipped where there is none."""
    with postgres.server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Return the URL of a database of its own with nothing in it."""
    with postgres.database(postgres_server) as url:
        yield url


@pytest.fixture(autouse=True)
def no_desk_is_left() -> Iterator[None]:
    """End with a test the desks that it started as processes."""
    yield
    kill_what_runs()
