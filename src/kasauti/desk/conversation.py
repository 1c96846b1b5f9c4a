"""A client on a line: what it says is taken as it comes, what waits for it is written when it can be."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final, Generic, Protocol

from kasauti.desk.outbox import MessageT, Outbox

#: How a line ends whose client does not read what it is sent: a code for applications, as 408 of HTTP.
TOO_SLOW: Final = 4408


class Socket(Protocol):
    """What a conversation needs of a WebSocket, as ASGI has it."""

    async def receive(self) -> MutableMapping[str, Any]:
        """Wait for what comes next."""

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Hang up."""


class Conversation(Generic[MessageT]):
    """
    Reads and writes on one line until somebody hangs up.

    `take` is told what the client says, `write` sends messages. When nothing has been written for `idle_s`
    seconds, `idle` is called, so that the client knows that the line is up. A client that does not take what
    `box` holds for it is let go with `TOO_SLOW`. `gone` is what a write raises on a line that is down.
    """

    def __init__(
        self,
        socket: Socket,
        box: Outbox[MessageT],
        take: Callable[[str | bytes], None],
        write: Callable[[Sequence[MessageT]], Awaitable[None]],
        gone: type[Exception],
        idle_s: float | None = None,
        idle: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._socket = socket
        self._box = box
        self._take = take
        self._send = write
        self._gone = gone
        self._idle_s = idle_s
        self._idle = idle

    async def run(self) -> None:
        """Talk until somebody hangs up."""
        writing = asyncio.create_task(self._write())
        try:
            while True:
                said = await self._socket.receive()
                if said["type"] == "websocket.disconnect":
                    return
                self._take(said.get("text") or said.get("bytes") or "")
        finally:
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writing

    async def _write(self) -> None:
        # A line that is closed already is a RuntimeError of the server's.
        with contextlib.suppress(self._gone, RuntimeError):
            while True:
                try:
                    async with asyncio.timeout(self._idle_s):
                        taken = await self._box.take()
                except TimeoutError:
                    if self._idle is not None:
                        await self._idle()
                    continue
                await self._send(taken)
                if self._box.overflowed:
                    await self._socket.close(TOO_SLOW, "this client does not read what it is sent")
                    return
