"""One desk for all tests of the twin: its market takes a second to make."""

from collections.abc import Iterator

import pytest
from tests.web.kite.served import House


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Return a desk without latency that takes every order that makes sense."""
    desk = House(tmp_path_factory.mktemp("kite"))
    yield desk
    desk.close()


@pytest.fixture(scope="session")
def live_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Return a desk under the broker's rules and limits."""
    desk = House(tmp_path_factory.mktemp("live"), {"account.regime": "live"})
    yield desk
    desk.close()
