"""
What one client may have of the server before it has shown a key: connections, room for a head, time.

uvicorn bounds none of them for HTTP/1.1. The limits are looked after here, once a second for all connections
instead of by a timer for each.
"""

import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Callable
from typing import ClassVar, Final, Protocol

import msgspec

from kasauti.web.answers import Json
from kasauti.web.lookout import Lookout
from kasauti.web.metrics import Gauge

_LOGGER = logging.getLogger(__name__)
#: Set in the scope of a request whose body is too slow, and its application woken to say so in its own words.
LATE: Final = "kasauti.late"
#: Where a request has the `Whole` that takes its body and its answer in one piece each.
WHOLE: Final = "kasauti.whole"
#: Files that the desk needs beside its connections.
_FILES_KEPT: Final = 128


class WireLimits(msgspec.Struct, frozen=True, kw_only=True):
    """
    The limits of a server.

    `connections` may be open at once, of them `per_address` by one address. The handshake of TLS has
    `handshake_s` seconds. A head has at most `head_bytes` and `headers`. It has `head_s` seconds to come. A
    body has `body_s` seconds, and one more for every `slowest` bytes of it that have come. `write_s` is how
    long a client may not take what it asked for, `idle_s` how long a connection may rest between requests,
    `linger_s` how long one that was refused may take to read why. `look_s` is how often that is looked at.
    """

    connections: int = 1_000
    per_address: int = 500
    handshake_s: float = 10.0
    head_bytes: int = 32 * 1024
    headers: int = 100
    head_s: float = 10.0
    body_s: float = 10.0
    slowest: int = 1_024
    write_s: float = 30.0
    idle_s: float = 75.0
    linger_s: float = 2.0
    look_s: float = 1.0


class Whole(Protocol):
    """A request on its connection, for an application that has no use for pieces."""

    def whole_body(self) -> bytes | None:
        """Return the body, None if it is not all here yet."""

    def answer(self, answer: Json) -> bool:
        """Send an answer; return whether that was possible: a connection that is full takes pieces only."""


class Timed:
    """A connection on which something is awaited; `end` is called when that took too long."""

    def is_late(self, now_s: float) -> bool:
        """Whether what is awaited should have come by now."""
        raise NotImplementedError

    def end(self) -> None:
        """Say so, and hang up."""
        raise NotImplementedError


class Wire(Lookout):
    """The connections of all doors of a server."""

    looks_at: ClassVar[str] = "slow connections"

    def __init__(
        self, limits: WireLimits | None = None, is_proxy: Callable[[str], bool] = lambda _: False
    ) -> None:
        """Limit the connections; one address may have all of them if many clients are behind it."""
        self._is_proxy = is_proxy
        self.limits = WireLimits() if limits is None else limits
        self._most = min(self.limits.connections, _most_files() - _FILES_KEPT)
        self._open: Counter[str] = Counter()
        self._timed: set[Timed] = set()
        self._refuses = False
        self.count = self.lingering = self.refused = self.late = 0

    # Who comes and goes.

    def enter(self, address: str) -> str:
        """Count a connection from an address; return why it cannot be had, "" if it can."""
        why = ""
        if self.count >= self._most:
            why = "too many connections are open; try again in a moment"
        elif self._open[address] >= self.limits.per_address and not self._is_proxy(address):
            why = f"more than {self.limits.per_address} connections from one address; use those that are open"
        if why:
            self.refused += 1
            self.lingering += 1
            if not self._refuses:
                _LOGGER.warning("connections are refused, %d are open: %s", self.count, why)
        else:
            self.count += 1
            self._open[address] += 1
        self._refuses = bool(why)
        return why

    @property
    def may_linger(self) -> bool:
        """Whether one that was refused may stay until it has read why."""
        return self.lingering <= _FILES_KEPT // 4

    def leave(self, address: str, *, was_refused: bool = False) -> None:
        """Count one that is gone."""
        if was_refused:
            self.lingering -= 1
            return
        self.count -= 1
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]

    def gauges(self) -> list[Gauge]:
        """Return what is counted."""
        return [
            ("kasauti_connections", "Connections that are open, WebSockets among them.", self.count),
            ("kasauti_connections_refused_total", "Connections beyond the limits.", self.refused),
            ("kasauti_connections_late_total", "Connections ended because they were slow.", self.late),
        ]

    # Who is slow.

    def watch(self, connection: Timed) -> None:
        """Look after a connection from now on."""
        self._timed.add(connection)

    def forget(self, connection: Timed) -> None:
        """Look after it no more."""
        self._timed.discard(connection)

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.limits.look_s)
            now = loop.time()
            for connection in [each for each in self._timed if each.is_late(now)]:
                self.late += 1
                connection.end()


def _most_files() -> int:
    if sys.platform == "win32":
        return sys.maxsize
    import resource  # noqa: PLC0415  not there on Windows

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft
