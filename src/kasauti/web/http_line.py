"""
A connection of HTTP within the limits of the wire, and the WebSocket that it may become.

Everything else is uvicorn's. What is refused here never became a request; the door's words say why.
"""

import asyncio
from typing import Any, Final, cast

import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from kasauti.web.dialect import Refused, Words
from kasauti.web.one_piece import InOnePiece, as_bytes
from kasauti.web.recurring import RecurringHeads
from kasauti.web.sockets import Sockets
from kasauti.web.wire import LATE, WHOLE, Timed, Wire

_SLOW: Final = "the request did not come in time; send it at once, on another connection"
_LARGE: Final = "the head of the request is too large; send fewer and shorter headers"
#: Bytes of framing that a body in chunks may have: a part of what it brings.
_FRAMING: Final = 8


class LineConfig(uvicorn.Config):
    """What uvicorn is told of a door, with the wire that its connections are on."""

    wire: Wire
    sockets: Sockets
    door: str
    words: Words


class HeadTooLarge(Exception):
    """A head has more than the limits allow."""


class HttpLine(HttpToolsProtocol, Timed):
    """A connection: `_since` is when what is awaited of the client began, 0 while nothing is."""

    def __init__(
        self,
        config: LineConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._wire = config.wire
        self._words = config.words
        self._limits = config.wire.limits
        self.url = b""
        self._most_headers = self._limits.headers
        self._address = ""
        self._since = self._stuck_since = self._rests_since = 0.0
        self._over = self._too_large = self._was_refused = False
        #: Of the request that comes now: whether its head is here, its bytes, and those of its body.
        self._has_head = False
        self._came = self._body = 0
        self._heads = RecurringHeads()
        #: Requests that began with the bytes that came last, and the body of the one that ended last.
        self._begun = self._ended = 0

    # The connection.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Have a connection, unless there are too many."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._address = self.client[0] if self.client is not None else "unknown"
        self._since = self.loop.time()
        self._wire.watch(self)
        why = self._wire.enter(self._address)
        self._was_refused = bool(why)
        if why:
            self._answer(Refused.TOO_MANY, why)
            if not self._wire.may_linger:
                self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        self._wire.forget(self)
        self._wire.leave(self._address, was_refused=self._was_refused)
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """Become a WebSocket, which counts itself from here."""
        self._wire.forget(self)
        super().handle_websocket_upgrade()

    # What comes.

    def data_received(self, data: bytes) -> None:
        """Take bytes in, as far as the head of a request stays within the limits."""
        if self._over:
            return
        self._rests_since = 0.0
        is_between = not self._since
        if is_between:
            if self._came_before(data):
                return
            self._since = self.loop.time()
        self._begun = 0
        self._came += len(data)
        super().data_received(data)
        if is_between and self._begun == 1 and not self._since:
            self._remember(data)
        framing = self._came - self._body
        if framing > self._limits.head_bytes + self._body // _FRAMING and not self._over:
            self._answer(Refused.HEAD_TOO_LARGE, _LARGE)

    def _came_before(self, data: bytes) -> bool:
        """Begin with a request whose head came before; return False where it has to be parsed."""
        before = cast("RequestResponseCycle | None", self.cycle)
        if before is None or not before.response_complete or not before.keep_alive:
            return False
        head = self._heads.of(data)
        if head is None:
            return False
        self.url, self.headers, self.expect_100_continue = head.url, head.headers, False
        scope = head.scope.copy()
        scope["state"] = self.app_state.copy()
        self.scope = scope  # type: ignore[assignment]
        awaited = asyncio.Event()
        awaited.set()
        self.cycle = cycle = RequestResponseCycle(
            self.scope,
            self.transport,
            self.flow,
            self.logger,
            self.access_logger,
            self.access_log,
            self.server_state.default_headers,
            awaited,
            expect_100_continue=False,
            keep_alive=True,
            on_response=self.on_response_complete,
        )
        cycle.body += data[head.size :]
        cycle.more_body = False
        scope[WHOLE] = InOnePiece(cycle)
        self._start_asgi_task(cycle, self.app)
        return True

    def _remember(self, data: bytes) -> None:
        """Remember what came as a request of its own, unless it asked for more than an answer."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or not cycle.keep_alive or self.expect_100_continue or self.parser.should_upgrade():
            return
        scope = {name: value for name, value in self.scope.items() if name not in {"state", WHOLE}}
        self._heads.remember(data, self._ended, self.url, self.headers, scope)

    def on_message_begin(self) -> None:
        """Begin to await a request."""
        self._since = self.loop.time()
        self._begun += 1
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, also one behind a body."""
        if len(self.headers) >= self._most_headers:
            self._too_large = True
            raise HeadTooLarge
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Begin with a request, once its head is known to be of a usual size."""
        if self._came > self._limits.head_bytes:
            size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if size > self._limits.head_bytes:
                self._too_large = True
                raise HeadTooLarge
        self._has_head = True
        super().on_headers_complete()
        if self.cycle is not None:
            self.cycle.scope[WHOLE] = InOnePiece(self.cycle)  # type: ignore[typeddict-unknown-key]

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Await nothing more of the client."""
        self._since, self._has_head, self._ended = 0.0, False, self._body
        self._came = self._body = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, or is too much to be read."""
        if self._too_large:
            self._answer(Refused.HEAD_TOO_LARGE, _LARGE)
        else:
            self._answer(Refused.NO_REQUEST, msg)

    def on_response_complete(self) -> None:
        """Go on with the next request, or rest, without a timer: that is looked at with all else."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        else:
            self._rests_since = self.loop.time()

    # What takes too long.

    def pause_writing(self) -> None:
        """Note since when the client takes nothing."""
        self._stuck_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that it does."""
        self._stuck_since = 0.0
        super().resume_writing()

    def is_late(self, now_s: float) -> bool:
        """Whether the client is too slow to send or to take."""
        limits = self._limits
        if self._stuck_since and now_s - self._stuck_since > limits.write_s:
            return True
        if not self._since:
            return bool(self._rests_since) and now_s - self._rests_since > limits.idle_s
        if self._over:
            return now_s - self._since > limits.linger_s
        allowed = limits.body_s + self._body / limits.slowest if self._has_head else limits.head_s
        return now_s - self._since > allowed

    def end(self) -> None:
        """Hang up, with a word if none has been said."""
        cycle = self.cycle if self._has_head else None
        if self._over or self._stuck_since:
            self.transport.abort()
        elif not self._since:
            self.transport.close()
        elif cycle is None:
            self._answer(Refused.TOO_SLOW, _SLOW)
        elif cycle.response_started or LATE in cycle.scope:
            # It was answered already, and sends on.
            self.transport.close()
        else:
            cast("dict[str, Any]", cycle.scope)[LATE] = True
            cycle.message_event.set()

    def _answer(self, why: Refused, sentence: str) -> None:
        """
        Answer for the whole connection, and end it.

        The client may have more on its way: closed at once, that would cost it the answer.
        """
        self._over, self._since = True, self.loop.time()
        self._wire.watch(self)
        path = self.url.partition(b"?")[0].decode("latin-1")
        self.transport.write(as_bytes(self._words(path, why, sentence), b"connection: close\r\n"))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()


class SocketLine(WebSocketsSansIOProtocol):
    """A WebSocket: it is counted by the wire, and what goes over it is noted."""

    def __init__(
        self,
        config: LineConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._wire = config.wire
        self.app = config.sockets.around(config.door, self.app)
        if config.proxy_headers:
            # What is noted of a socket is about who asks, too.
            self.app = ProxyHeadersMiddleware(self.app, config.forwarded_allow_ips)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        self._wire.leave(self.client[0] if self.client is not None else "unknown")
        super().connection_lost(exc)
