"""
The open WebSockets: each has its lines in the server's log, and ends when its key opens nothing any more.

A socket says whose it is once it knows. Whether that still holds is asked twice a second for all of them,
once for each key; nothing is asked for a message.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Hashable
from time import monotonic
from typing import ClassVar, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from kasauti.errors import StorageError
from kasauti.web.access import Doorkeeper
from kasauti.web.journal import Journal
from kasauti.web.lookout import Lookout
from kasauti.web.metrics import Gauge

_LOGGER = logging.getLogger(__name__)
#: How a socket ends whose key opens nothing any more, as 403 of HTTP.
SHUT: Final = 4403
_SHUT_WHY: Final = "the key opens nothing any more: revoked, expired, or its user is gone"
_EVERY_S: Final = 0.5
_LINE: Final = "kasauti.line"
#: Codes of a line that broke without a word.
_NO_WORD: Final = frozenset({1005, 1006})


class SocketRecord:
    """One WebSocket: whose it is, and what went over it."""

    def __init__(self, door: str, address: str) -> None:
        self.door = door
        self.address = address
        self.began = monotonic()
        self.sent = self.sent_bytes = self.heard = 0
        self.key = ""
        self.code, self.why = 0, ""
        self.accepted = self.shut = False
        #: What was named on it, and how to ask whether that still opens something.
        self.named: dict[Hashable, Callable[[], bool]] = {}
        self.task = asyncio.current_task()

    def belongs(self, key: str, credential: Hashable, holds: Callable[[], bool]) -> None:
        """Say whose the socket is: `key` in public, and whether its `credential` still `holds`."""
        self.key = key
        self.named[credential] = holds

    def went(self, message: Message) -> None:
        """Note what was sent."""
        kind = message["type"]
        if kind == "websocket.send":
            self.sent += 1
            self.sent_bytes += len(message.get("bytes") or message.get("text") or "")
        elif kind == "websocket.accept":
            self.accepted = True
        elif kind == "websocket.close" and not self.code:
            self.code, self.why = message.get("code", 1000), message.get("reason") or ""

    def came(self, message: Message) -> None:
        """Note what was heard; what a client says of its leaving may be anything, and is not kept."""
        kind = message["type"]
        if kind == "websocket.receive":
            self.heard += 1
        elif kind == "websocket.disconnect" and not self.code:
            self.code = message.get("code") or 1005
            self.why = "the line broke" if self.code in _NO_WORD else "the client left"
            if self.code == 1012:  # noqa: PLR2004  service restart, RFC 6455's registry
                self.why = "the desk stops"


def record_of(socket: WebSocket) -> SocketRecord:
    """Return the record of a WebSocket."""
    record: SocketRecord = socket.scope[_LINE]
    return record


class Sockets(Lookout):
    """All WebSockets of a server; as a companion it looks after their keys while the doors are open."""

    looks_at: ClassVar[str] = "keys of sockets"

    def __init__(self, doorkeeper: Doorkeeper, journal: Journal | None = None) -> None:
        self._doorkeeper = doorkeeper
        self._journal = journal
        self._open: set[SocketRecord] = set()

    def around(self, door: str, app: ASGIApp) -> ASGIApp:
        """Return an application whose WebSockets are noted and looked after."""

        async def noted(scope: Scope, receive: Receive, send: Send) -> None:
            await self._serve(door, app, scope, receive, send)

        return noted

    async def _serve(self, door: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        record = scope[_LINE] = SocketRecord(door, client[0] if client else "unknown")

        async def going(message: Message) -> None:
            await send(message)
            record.went(message)
            if message["type"] == "websocket.accept":
                self._note(record, "opened")

        async def coming() -> Message:
            message = await receive()
            record.came(message)
            return message

        self._open.add(record)
        try:
            await app(scope, coming, going)
        except asyncio.CancelledError:
            if not record.shut or record.task is None:
                raise
            record.task.uncancel()
            # One that is gone already needs no word.
            with contextlib.suppress(Exception):
                await going({"type": "websocket.close", "code": SHUT, "reason": _SHUT_WHY})
        finally:
            self._open.discard(record)
            self._note(record, "closed" if record.accepted else "refused")

    def _note(self, record: SocketRecord, what: str) -> None:
        if self._journal is not None:
            more: dict[str, str | int | float] = {}
            if what != "opened":
                more = {"code": record.code, "why": record.why, "s": round(monotonic() - record.began, 3)}
                more |= {"sent": record.sent, "sent_bytes": record.sent_bytes, "heard": record.heard}
            self._journal.socket(record.door, what, record.key, record.address, more)

    # Keys that end.

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await asyncio.to_thread(self._doorkeeper.refresh)
                self.shut_those_without_a_key()
            except StorageError as error:
                _LOGGER.warning("which keys are good is not known now: %s", error)

    def shut_those_without_a_key(self) -> None:
        """Close every socket whose key opens nothing any more."""
        known: dict[Hashable, bool] = {}
        for record in self._open:
            for credential, holds in record.named.items():
                if credential not in known:
                    known[credential] = holds()
            if record.task is not None and not (record.shut or all(known[each] for each in record.named)):
                record.shut = True
                record.task.cancel()

    def gauges(self) -> list[Gauge]:
        """Return what is counted."""
        return [("kasauti_sockets", "WebSockets that are open.", len(self._open))]
