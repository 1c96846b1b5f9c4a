"""A head that came before on its connection is not parsed again, and nobody can tell."""

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from kasauti.web.answers import Json
from kasauti.web.dialect import Refused
from kasauti.web.http_line import HttpLine, LineConfig
from kasauti.web.recurring import RecurringHeads
from kasauti.web.wire import WHOLE, Wire

_POST = b"POST /orders?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b"
_CHUNKED = b"POST /orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
#: Requests that leave their connection open; some share a head and differ in their bodies.
_OPEN = (
    _POST % (3, b"abc"),
    _POST % (3, b"xyz"),
    _POST % (9, b"\r\n\r\nGET /"),
    _POST % (0, b""),
    b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /%61/b HTTP/1.1\r\nHost: y\r\nX-Key: 1\r\nX-Key: 2\r\n\r\n",
    b"HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n",
    b"PUT /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab",
    _CHUNKED % (5, b"abcde"),
)
_LAST = (
    b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET /health HTTP/1.0\r\nHost: x\r\n\r\n",
)


class _Line(asyncio.Transport):
    """What a server writes to a client."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None:
        """Reading goes on: what is fed is little."""

    def resume_reading(self) -> None:
        """It never paused."""


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what the request was."""
    whole = scope.pop(WHOLE)
    body = whole.whole_body()
    if body is None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
    names = ("method", "path", "query_string", "http_version", "scheme", "root_path")
    answer = Json(msgspec.json.encode([[scope[name] for name in names], list(scope["headers"]), body]))
    if not whole.answer(answer):
        await answer(scope, receive, send)


def _refuse(path: str, why: Refused, detail: str) -> Response:
    return Response(path, why.status)


def _config() -> LineConfig:
    config = LineConfig(_echo, interface="asgi3", log_config=None, lifespan="off", http=HttpLine)
    config.wire, config.words = Wire(), _refuse
    config.load()
    return config


_CONFIG = _config()


def _connection() -> tuple[HttpLine, _Line]:
    line, transport = HttpLine(_CONFIG, ServerState(), {}, asyncio.get_running_loop()), _Line()
    line.connection_made(transport)
    return line, transport


async def _said(pieces: list[bytes]) -> bytes:
    """Return what a server says to a connection on which pieces come one by one."""
    line, transport = _connection()
    for piece in pieces:
        if not transport.is_closed:
            line.data_received(piece)
        for _ in range(40):
            await asyncio.sleep(0)
    line.connection_lost(None)
    return transport.written


def _cut(stream: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(stream) + 1) for place in places} | {len(stream)})
    return [stream[begin:end] for begin, end in zip([0, *ends], ends, strict=False) if begin < end]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(_OPEN), min_size=1, max_size=8),
    st.sampled_from((b"", *_LAST)),
    st.lists(st.integers(0, 2_000), max_size=3),
)
def test_requests_are_answered_alike_however_they_come(
    requests: list[bytes], last: bytes, places: list[int]
) -> None:
    """One after the other, each on a connection of its own, or cut anywhere."""

    async def talk() -> None:
        every = [*requests, *([last] if last else [])]
        alone = b"".join([await _said([request]) for request in every])
        assert alone.count(b"HTTP/1.1") >= len(every)
        assert await _said(every) == alone
        assert await _said(_cut(b"".join(every), places)) == alone

    asyncio.run(talk())


class _Parsed(Exception):
    """Something was parsed."""


class _NoParser:
    def feed_data(self, data: bytes) -> None:
        raise _Parsed

    def should_upgrade(self) -> bool:
        raise AssertionError


def test_a_head_that_came_before_is_not_parsed_again_whatever_its_body() -> None:
    async def talk() -> None:
        line, transport = _connection()
        for request in (_OPEN[4], _OPEN[0], _OPEN[4]):
            line.data_received(request)
            await asyncio.sleep(0)
        line.parser = _NoParser()  # type: ignore[assignment]
        for request in (_OPEN[0], _OPEN[1], _OPEN[4], _OPEN[1]):
            line.data_received(request)
            await asyncio.sleep(0)
        assert transport.written.count(b"HTTP/1.1 200") == 7
        with pytest.raises(_Parsed):
            line.data_received(_OPEN[2])

    asyncio.run(talk())


@pytest.mark.parametrize(
    ("came", "body", "is_remembered"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 0, True),
        (b"POST / HTTP/1.1\r\n\r\nab", 2, True),
        (b"POST / HTTP/1.1\r\n\r\nab", 1, False),
        (b"POST / HTTP/1.1\n\nab\r\n\r\n", 6, False),
        (b"GET / HTTP/1.1\n\n", 0, False),
        (b"\r\n\r\nGET / HTTP/1.1\r\n\r\n", 0, False),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * 3_000 + b"\r\n\r\n", 0, False),
        (b"POST / HTTP/1.1\r\n\r\n" + b"y" * 40_000, 40_000, False),
    ],
)
def test_only_what_is_found_again_by_its_bytes_is_remembered(
    came: bytes, body: int, is_remembered: int
) -> None:
    heads = RecurringHeads()
    heads.remember(came, body, b"/", [], {})
    assert (heads.of(came) is not None) == is_remembered
    assert heads.of(came + b"more") is None
    assert heads.of(came[:-1]) is None


def test_a_connection_remembers_a_few_heads() -> None:
    heads = RecurringHeads()
    every = [b"GET /%d HTTP/1.1\r\n\r\n" % number for number in range(100)]
    for each in every:
        heads.remember(each, 0, each, [], {})
        found = heads.of(each)
        assert found is not None
        assert found.url == each
    assert sum(heads.of(each) is not None for each in every) <= 8
