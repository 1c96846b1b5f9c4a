"""One desk for all tests of the dialect: its market takes a second to make."""

from collections.abc import Iterator

import pytest
from tests.web.openalgo.served import House


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Return a desk without latency that takes every order that makes sense."""
    desk = House(tmp_path_factory.mktemp("desk"))
    yield desk
    desk.close()
