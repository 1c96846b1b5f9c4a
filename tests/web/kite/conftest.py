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


class Seconds:
    """The seconds by which calls are counted; they pass when a test says so, however busy the machine is."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture(scope="session")
def seconds() -> Seconds:
    """Return the seconds of the desk under the broker's limits."""
    return Seconds()


@pytest.fixture(scope="session")
def live_desk(tmp_path_factory: pytest.TempPathFactory, seconds: Seconds) -> Iterator[House]:
    """Return a desk under the broker's rules and limits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kasauti.web.kite.serving.monotonic", seconds)
        desk = House(tmp_path_factory.mktemp("live"), {"account.regime": "live"})
    yield desk
    desk.close()


@pytest.fixture
def live_house(live_desk: House, seconds: Seconds) -> House:
    """Return the same after a pause: nothing of the limits is used up."""
    seconds.now_s += 60
    return live_desk
