"""A desk with several users on free ports, and a connection that sends whatever it is told to."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import msgspec
from tests.web.serving import SETTINGS

from kasauti.config import load_config
from kasauti.desk.account import DeskAccount
from kasauti.desk.administration import Administration
from kasauti.desk.first_start import found
from kasauti.desk.playing import DeskPlay
from kasauti.domain.money import RUPEE
from kasauti.feeds.clock import wall_ns
from kasauti.store.registry.accounts import Currency
from kasauti.store.registry.keys import Scope
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import Actor
from kasauti.store.registry.users import Role
from kasauti.web.application import Application
from kasauti.web.binding import Binding
from kasauti.web.desk_server import ByPath, serving
from kasauti.web.doorkeeper import RegistryDoorkeeper
from kasauti.web.endpoint import Endpoint
from kasauti.web.journal import journal_in
from kasauti.web.server import Serving
from kasauti.web.wire import WireLimits

BY = Actor("test")
#: Rupees that the accounts of each have, by which they are known apart.
CAPITAL = {"owner": 5_000_000, "ravi": 5_000_001, "meena": 7_654_321}
_LOADED = load_config(None, SETTINGS, {})


class Said(msgspec.Struct, frozen=True):
    """An answer."""

    status: int
    head: str
    body: bytes


class Line:
    """A connection to a door; requests go out byte for byte as they are given."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Said:
        """Send a request; return its answer."""
        told = {"Host": f"127.0.0.1:{self.port}", "Content-Length": str(len(body)), **(headers or {})}
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        return await self.send(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body)

    async def send(self, raw: bytes) -> Said:
        """Send bytes; return the answer that comes."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        writer.write(raw)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = head.lower().partition("content-length: ")[2].split("\r\n")[0]
        body = await reader.readexactly(int(length or 0))
        if "connection: close" in head.lower():
            self.close()
        return Said(int(head.split(" ", 2)[1]), head, body)

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


class Town:
    """A desk at which an owner, Ravi and Meena have two accounts each."""

    def __init__(self, play: DeskPlay, registry: Registry, doors: Serving) -> None:
        self.play = play
        self.registry = registry
        self.doors = doors
        self._lines: list[Line] = []

    def line(self, port: int) -> Line:
        """Return a connection to a port, which ends with the town."""
        self._lines.append(Line(port))
        return self._lines[-1]

    def end(self) -> None:
        """Hang up on every line."""
        for line in self._lines:
            line.close()

    def key(self, user: str, *scopes: Scope) -> str:
        """Make a key of somebody's, for trading if nothing else is said."""
        owner = self.registry.users.get(user)
        _, secret = self.registry.keys.create(owner.id, frozenset(scopes or {Scope.TRADE}), BY, wall_ns())
        return secret

    def account(self, stream: str) -> DeskAccount:
        """Return the desk's account of a log."""
        return self.play.desk.accounts[stream]

    def routes(self) -> Iterator[tuple[str, int, Endpoint]]:
        """Yield every route of every dialect, with the name of its dialect and its port."""
        for door in self.doors.doors:
            apps = door.app.apps if isinstance(door.app, ByPath) else (door.app,)
            for app in apps:
                if isinstance(app, Application):
                    for row in app.endpoints:
                        yield app.name, self.doors.ports[door.name], row


def town(
    folder: Path,
    talk: Callable[[Town], Awaitable[None]],
    binding: Binding | None = None,
    limits: WireLimits | None = None,
) -> None:
    """Serve the desk, and have `talk` at it."""
    folder.mkdir(exist_ok=True)
    asyncio.run(_town(folder, talk, binding or Binding(), limits))


def _populate(registry: Registry) -> None:
    for user in ("ravi", "meena"):
        registry.users.create(user, Role.USER, "", BY, wall_ns())
    for user, name in (("owner", "second"), *((u, n) for u in ("ravi", "meena") for n in ("main", "b"))):
        registry.accounts.open(
            user,
            name,
            plan="zerodha",
            capital=CAPITAL[user] * RUPEE,
            currency=Currency.INR,
            by=BY,
            at=wall_ns(),
        )


async def _town(
    folder: Path, talk: Callable[[Town], Awaitable[None]], binding: Binding, limits: WireLimits | None
) -> None:
    with closing(Registry.open(folder)) as registry, journal_in(folder) as journal:
        if found(registry, _LOADED, folder, {}):
            _populate(registry)
        streams = {each.stream for each in registry.accounts.all()}
        with DeskPlay(_LOADED, folder, 1.0, streams=streams, registry=registry) as play:
            Administration(registry, folder, play).begin_missing()
            doors = serving(
                play, RegistryDoorkeeper(registry, play), binding, 0, journal=journal, limits=limits
            )
            await doors.open()
            playing, place = asyncio.create_task(play.run()), Town(play, registry, doors)
            try:
                await talk(place)
            finally:
                place.end()
                play.stop()
                await playing
                await doors.close()
                play.close("stopped by the test")
