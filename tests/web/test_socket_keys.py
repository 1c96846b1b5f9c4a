"""A WebSocket ends soon after its key does, with a reason; and each has its lines in the server's log."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.web.people import BY, Town, town
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from kasauti.feeds.clock import wall_ns
from kasauti.store.registry.keys import Scope
from kasauti.web.journal import NAME
from kasauti.web.sockets import SHUT

#: For each kind of socket: its door, its path, what is said on it first.
_KINDS: dict[str, tuple[str, str, str]] = {
    "native": ("native", "/api/stream", '{"action": "authenticate", "key": "KEY"}'),
    "openalgo": ("openalgo-feed", "/", '{"action": "authenticate", "api_key": "KEY"}'),
    "kite": ("kite", "/?api_key=bot&access_token=KEY", '{"a": "subscribe", "v": []}'),
}


async def _opened(place: Town, kind: str, key: str) -> ClientConnection:
    """Return a socket on which a key was named, and taken."""
    door, path, first = _KINDS[kind]
    address = f"ws://127.0.0.1:{place.doors.ports[door]}{path.replace('KEY', key)}"
    socket = await connect(address, proxy=None, max_queue=None)
    await socket.send(first.replace("KEY", key))
    if kind != "kite":
        assert "authenticat" in str(await socket.recv()).lower()
    return socket


async def _ended(socket: ClientConnection) -> tuple[int, str]:
    """Return how a socket ended, whatever was said on it before."""
    await socket.wait_closed()
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


def _revoked(place: Town, public: str) -> None:
    keys = place.registry.keys
    keys.revoke(keys.by_public(public).id, BY, wall_ns())


def _disabled(place: Town, public: str) -> None:
    place.registry.users.disable("ravi", BY, wall_ns())


@pytest.mark.parametrize("ends", [_revoked, _disabled], ids=["revoked", "user disabled"])
def test_a_socket_ends_with_its_key_and_no_other_does(
    tmp_path: Path, ends: Callable[[Town, str], None]
) -> None:
    async def talk(place: Town) -> None:
        public, key = _made(place)
        others = [await _opened(place, kind, place.key("meena")) for kind in _KINDS]
        sockets = [await _opened(place, kind, key) for kind in _KINDS]
        await asyncio.to_thread(ends, place, public)
        for code, reason in await asyncio.gather(*map(_ended, sockets)):
            assert code == SHUT
            assert "opens nothing any more" in reason
        for other in others:
            await (await other.ping())
            await other.close()

    town(tmp_path, talk)


def _made(place: Town, expires_at: int = 0) -> tuple[str, str]:
    ravi = place.registry.users.get("ravi").id
    scopes = frozenset({Scope.TRADE})
    key, secret = place.registry.keys.create(ravi, scopes, BY, wall_ns(), expires_at=expires_at)
    return key.public, secret


def test_a_socket_ends_when_its_key_expires(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        _, key = _made(place, expires_at=wall_ns() + 1_000_000_000)
        sockets = [await _opened(place, kind, key) for kind in _KINDS]
        assert [await _ended(each) for each in sockets] == [(SHUT, (await _ended(sockets[0]))[1])] * 3

    town(tmp_path, talk)


def test_a_key_that_another_process_revoked_ends_its_sockets(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        public, key = _made(place)
        socket = await _opened(place, "native", key)
        other = type(place.registry).open(tmp_path)
        await asyncio.to_thread(lambda: other.keys.revoke(other.keys.by_public(public).id, BY, wall_ns()))
        assert (await _ended(socket))[0] == SHUT
        other.close()

    town(tmp_path, talk)


def test_what_the_first_key_on_a_socket_opened_ends_with_it_though_a_second_was_named(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        public, key = _made(place)
        socket = await _opened(place, "native", key)
        await socket.send(json.dumps({"action": "authenticate", "key": place.key("meena")}))
        await socket.recv()
        await asyncio.to_thread(_revoked, place, public)
        assert (await _ended(socket))[0] == SHUT

    town(tmp_path, talk)


def _lines(folder: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / NAME).read_text().splitlines()]
    return [line for line in lines if line["kind"] == "socket"]


def test_each_socket_has_its_lines_and_no_secret_is_in_them(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        public, key = _made(place)
        publics.append(public)
        secrets.append(key)
        for kind in _KINDS:
            socket = await _opened(place, kind, key)
            await socket.close(1000, "canary" + key)
        with pytest.raises(InvalidStatus):
            await _opened(place, "kite", "wrong" + key)

    publics: list[str] = []
    secrets: list[str] = []
    town(tmp_path, talk)
    lines = _lines(tmp_path)
    assert [(line["what"], line["door"]) for line in lines] == [
        *((what, _KINDS[kind][0]) for kind in _KINDS for what in ("opened", "closed")),
        ("refused", "kite"),
    ]
    closed = [line for line in lines if line["what"] == "closed"]
    assert {(line["code"], line["why"], line["key"]) for line in closed} == {
        (1000, "the client left", publics[0])
    }
    assert all(line["address"] == "127.0.0.1" and line["heard"] == 1 and line["s"] >= 0 for line in closed)
    assert closed[0]["sent"] == 1
    assert closed[0]["sent_bytes"] > 10
    written = (tmp_path / NAME).read_text()
    assert secrets[0] not in written
    assert "canary" not in written


def test_the_log_says_why_a_socket_was_shut_and_that_the_desk_stopped(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        public, key = _made(place)
        shut = await _opened(place, "native", key)
        await _opened(place, "kite", place.key("meena"))
        await asyncio.to_thread(_revoked, place, public)
        await _ended(shut)

    town(tmp_path, talk)
    told = {
        line["door"]: (line["code"], line["why"]) for line in _lines(tmp_path) if line["what"] == "closed"
    }
    assert told["native"][0] == SHUT
    assert "opens nothing any more" in told["native"][1]
    assert told["kite"] == (1012, "the desk stops")
