"""Two desks on one machine: each has its own ports, and what is taken is said with its option."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.cli.command import kasauti
from tests.web.process import Up


@pytest.fixture
def taken() -> Iterator[list[int]]:
    """Return three ports that somebody listens on."""
    with ExitStack() as listening:
        sockets = [listening.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        yield [each.getsockname()[1] for each in sockets]


def test_a_second_desk_takes_other_ports_for_every_door(tmp_path: Path, taken: list[int]) -> None:
    for option, port, door in zip(
        ("--port", "--feed-port", "--kite-port"), taken, ("native", "openalgo-feed", "kite"), strict=True
    ):
        ports = {"--port": 0, "--feed-port": 0, "--kite-port": 0} | {option: port}
        words = [str(word) for pair in ports.items() for word in pair]
        said = kasauti("up", "--data", tmp_path / door, *words)
        assert said.code == 3
        assert f"the port {port} for {door} cannot be had" in said.sentence()
        assert option in said.sentence()


def test_each_port_is_the_one_that_was_asked_for(tmp_path: Path) -> None:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        feed, kite = (each.getsockname()[1] for each in sockets)
    desk = Up(tmp_path, "--feed-port", str(feed), "--kite-port", str(kite))
    assert (desk.ports["openalgo-feed"], desk.ports["kite"]) == (feed, kite)
    assert desk.end() == 0
