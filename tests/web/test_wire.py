"""What a client may have before it shows a key: bytes of a head, time, connections; by raw sockets."""

import asyncio
import json
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.web.certificate import self_signed
from tests.web.people import Line, Town, town

from kasauti.errors import ConfigError
from kasauti.web.binding import Binding, checked_binding
from kasauti.web.wire import WireLimits

#: Slowness is judged at each look, so nothing has to be waited for.
_HASTY = WireLimits(head_s=0.0, look_s=0.01)
_HASTY_FOR_BODIES = WireLimits(body_s=0.0, look_s=0.01)
_HEALTH = "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
_HEAD = "POST /api/orders HTTP/1.1\r\nHost: 127.0.0.1\r\n"


_SHAPES = (
    ("native", "/api/orders", "error"),
    ("native", "/api/v1/placeorder", "status"),
    ("openalgo-feed", "/", "status"),
    ("kite", "/orders/regular", "error_type"),
)


def _refusal(said: bytes) -> tuple[int, dict[str, Any]]:
    """Return the status and the body of an answer that is JSON and the connection's last."""
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"connection: close" in head, said
    assert b"content-type: application/json" in head, said
    return int(head.split(b" ", 2)[1]), json.loads(body)


async def _said(port: int, raw: bytes) -> bytes:
    """Return everything that a server says to bytes, until it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    said = await reader.read()
    writer.close()
    return said


def _native(talk: Callable[[int], Awaitable[None]]) -> Callable[[Town], Awaitable[None]]:
    async def speak(place: Town) -> None:
        port = place.doors.ports["native"]
        await talk(port)
        assert (await place.line(port).ask("GET", "/health")).status == 200

    return speak


_TOO_LARGE = {
    "one that goes on": _HEAD + "X: " + "y" * 40_000,
    "long": _HEAD + "X: " + "y" * 40_000 + "\r\n\r\n",
    "many": _HEAD + "X: y\r\n" * 101,
    "path": "GET /" + "y" * 40_000 + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "trailers": _HEAD + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n" + "X: y\r\n" * 101,
    "extension of a chunk": _HEAD + "Transfer-Encoding: chunked\r\n\r\n1;" + "x" * 40_000,
}


def test_a_large_head_is_refused_wherever_it_grows(tmp_path: Path) -> None:
    async def talk(port: int) -> None:
        for where, head in _TOO_LARGE.items():
            said = await _said(port, head.encode())
            assert said.startswith(b"HTTP/1.1 431 "), (where, said)
            assert b"send fewer and shorter headers" in said

    town(tmp_path, _native(talk))


def test_what_never_became_a_request_is_refused_in_the_words_of_its_door_and_path(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        for door, path, word in _SHAPES:
            for status, raw in (
                (431, f"GET {path} HTTP/1.1\r\nX: " + "y" * 40_000),
                (431, f"GET {path} HTTP/1.1\r\n" + "X: y\r\n" * 101 + "\r\n"),
                (400, f"GET {path} HTTP/1.1\r\nno header\r\n\r\n"),
            ):
                told, body = _refusal(await _said(place.doors.ports[door], raw.encode()))
                assert told == status, (door, path, body)
                assert word in body, (door, path, body)

    town(tmp_path, talk)


def test_a_usual_head_and_a_large_body_pass(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        port, body = place.doors.ports["native"], b'{"x":' + b" " * 50_000 + b"1}"
        more = {f"X-{n}": "y" * 300 for n in range(90)} | {"Authorization": f"Bearer {place.key('ravi')}"}
        answer = await place.line(port).ask("POST", "/api/orders", body, more)
        assert answer.status == 400
        assert b"request.bad_body" in answer.body

    town(tmp_path, talk)


def test_a_head_that_does_not_come_to_its_end_is_let_go_with_408(tmp_path: Path) -> None:
    async def talk(port: int) -> None:
        for begun in ("", _HEAD, _HEAD + "X: y\r\n"):
            said = await _said(port, begun.encode())
            assert said.startswith(b"HTTP/1.1 408 "), (begun, said)

    town(tmp_path, _native(talk), limits=_HASTY)


def test_a_slow_head_is_refused_in_the_words_of_its_door_and_path(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        for door, path, word in _SHAPES:
            raw = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "
            status, body = _refusal(await _said(place.doors.ports[door], raw.encode()))
            assert status == httpx.codes.REQUEST_TIMEOUT
            assert word in body, (door, path, body)

    town(tmp_path, talk, limits=_HASTY)


def test_a_handshake_of_tls_that_does_not_come_has_an_end(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        port = place.doors.ports["native"]
        reader, silent = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        silent.close()
        async with httpx.AsyncClient(verify=trusting, trust_env=False) as client:
            assert (await client.get(f"https://127.0.0.1:{port}/health")).status_code == httpx.codes.OK

    certificate, key = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=certificate)
    binding = Binding(certificate=certificate, key=key)
    town(tmp_path / "desk", talk, binding, limits=WireLimits(handshake_s=1.0))


def test_files_that_are_no_certificate_are_a_sentence(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        raise AssertionError("no door opens")

    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.touch()
    key.write_text("no key")
    with pytest.raises(ConfigError, match=r"cert\.pem and .*key\.pem cannot be used for TLS: .*both in PEM"):
        town(tmp_path / "desk", talk, Binding(certificate=certificate, key=key))


def test_the_loopback_of_ipv6_is_served_by_its_name(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            url = f"http://[::1]:{place.doors.ports['native']}/health"
            assert (await client.get(url)).status_code == httpx.codes.OK

    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    town(tmp_path, talk, checked_binding("::1", (), None, None, insecure=False))


def test_a_body_that_does_not_come_is_refused_in_the_words_of_its_dialect(tmp_path: Path) -> None:
    async def talk(place: Town) -> None:
        for door, path, word in (
            ("native", "/api/orders", b'"code":"request.too_slow"'),
            ("native", "/api/v1/placeorder", b'"status":"error"'),
            ("kite", "/orders/regular", b'"error_type":"GeneralException"'),
        ):
            head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n" + '{"a'
            said = await _said(place.doors.ports[door], head.encode())
            assert said.startswith(b"HTTP/1.1 408 "), said
            assert word in said
            assert b"did not come in time" in said

    town(tmp_path, talk, limits=_HASTY_FOR_BODIES)


def test_one_that_was_refused_and_sends_on_is_let_go(tmp_path: Path) -> None:
    async def talk(port: int) -> None:
        said = await _said(port, (_HEAD + "Content-Length: 9000000\r\n\r\n{").encode())
        assert said.startswith(b"HTTP/1.1 413 "), said

    town(tmp_path, _native(talk), limits=_HASTY_FOR_BODIES)


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (WireLimits(connections=3, per_address=9), "too many connections are open"),
        (WireLimits(connections=9, per_address=3), "more than 3 connections from one address"),
    ],
    ids=["of all", "of one address"],
)
def test_one_connection_too_many_is_refused_and_one_that_ends_makes_room(
    tmp_path: Path, limits: WireLimits, why: str
) -> None:
    async def talk(place: Town) -> None:
        port = place.doors.ports["native"]
        lines = [place.line(port) for _ in range(3)]
        for line in lines:
            assert (await line.ask("GET", "/health")).status == 200
        status, body = _refusal(
            await _said(place.doors.ports["kite"], b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        )
        assert (status, body["error_type"]) == (503, "NetworkException")
        assert why in body["message"]
        lines[0].close()
        while await _is_full(port):
            pass
        metrics = await lines[1].ask(
            "GET", "/metrics", headers={"Authorization": f"Bearer {place.key('ravi')}"}
        )
        assert b"kasauti_connections_refused_total" in metrics.body

    town(tmp_path, talk, limits=limits)


async def _is_full(port: int) -> bool:
    line = Line(port)
    full = (await line.ask("GET", "/health")).status == 503
    line.close()
    return full


def test_a_connection_that_rests_is_closed_without_a_word(tmp_path: Path) -> None:
    async def talk(port: int) -> None:
        said = await _said(port, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert said.startswith(b"HTTP/1.1 200 ")
        assert said.endswith(b'{"status":"ok"}')

    town(tmp_path, _native(talk), limits=WireLimits(idle_s=0.05, look_s=0.01))


_ASKS = {
    "one after the other at once": (_HEALTH * 3, 3, b"HTTP/1.1 200 "),
    "the old protocol": (_HEALTH.replace("/1.1", "/1.0"), 1, b"connection: close"),
    "who wants it closed": (_HEALTH[:-2] + "Connection: close\r\n\r\n", 1, b"connection: close"),
    "who waits to be asked": (
        "POST /api/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
        1,
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ),
}


def test_answers_in_one_piece_are_those_that_the_protocol_asks_for(tmp_path: Path) -> None:
    async def talk(port: int) -> None:
        for what, (asked, count, first) in _ASKS.items():
            wanted = first
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(asked.encode())
            if "100-continue" in asked:
                assert await reader.readuntil(b"\r\n\r\n") == wanted
                writer.write(b"{}")
                wanted = b"HTTP/1.1 401 "
            said = b""
            for _ in range(count):
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                said += head + await reader.readexactly(length)
            assert said.count(wanted) == count, (what, said)
            if b"close" in wanted:
                assert await reader.read() == b""
            writer.close()

    town(tmp_path, _native(talk))


def test_an_open_websocket_counts_as_a_connection_until_it_ends(tmp_path: Path) -> None:
    upgrade = (
        "GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )

    async def talk(place: Town) -> None:
        port = place.doors.ports["native"]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(upgrade.encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        assert await _is_full(port)
        writer.transport.abort()
        while await _is_full(port):
            pass

    town(tmp_path, talk, limits=WireLimits(connections=1))


def test_the_usual_limits_are_no_hindrance_to_thirty_two_clients() -> None:
    usual = msgspec.structs.asdict(WireLimits())
    assert usual["per_address"] >= 200
    assert usual["head_s"] >= 5
