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


@pytest.fixture(scope="session")
def slow_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Return a desk on which an order is ten seconds on its way."""
    latency = {"simulator.latency_low_ms": "10000", "simulator.latency_high_ms": "10000"}
    desk = House(tmp_path_factory.mktemp("slow"), latency)
    yield desk
    desk.close()


@pytest.fixture(scope="session")
def past_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Return a desk that has seen some minutes of its market."""
    desk = House(tmp_path_factory.mktemp("past"), speed=1_000)
    desk.wait(minutes=6)
    yield desk
    desk.close()


@pytest.fixture(scope="session")
def strict_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Return a desk that refuses what a broker refuses."""
    desk = House(tmp_path_factory.mktemp("strict"), {"account.regime": "live"})
    yield desk
    desk.close()
