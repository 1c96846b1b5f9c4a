"""Serves the applications of a desk, each on its own port, all on one loop with the market."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec
import uvicorn
from starlette.types import ASGIApp

from kasauti.errors import ConfigError
from kasauti.web.binding import Binding
from kasauti.web.dialect import Words
from kasauti.web.http_line import HttpLine, LineConfig, SocketLine
from kasauti.web.sockets import Sockets
from kasauti.web.wire import Wire

_GRACE_S = 5
#: Bytes of one message of a WebSocket: a list of all that may be watched fits.
_LONGEST_MESSAGE = 1024 * 1024


class Door(msgspec.Struct, frozen=True):
    """
    An application and the port it is served on; port 0 is any that is free.

    `words` refuse what never becomes a request of the application.
    """

    name: str
    app: ASGIApp
    port: int
    words: Words


class _Quiet(uvicorn.Server):
    """A server that leaves signals to whoever runs the desk."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and give a handshake of TLS its time: uvicorn says nothing of it, which is a minute."""
        config, loop = self.config, asyncio.get_running_loop()
        assert isinstance(config, LineConfig), "the doors are configured here"

        def line() -> HttpLine:
            return HttpLine(config, self.server_state, self.lifespan.state)

        limit = config.wire.limits.handshake_s if config.is_ssl else None
        self.servers = [
            await loop.create_server(
                line, sock=each, ssl=config.ssl, backlog=config.backlog, ssl_handshake_timeout=limit
            )
            for each in sockets or ()
        ]
        self.started = True


class Companion(Protocol):
    """Something that works beside the doors for as long as they are open."""

    async def open(self) -> None:
        """Begin."""

    async def close(self) -> None:
        """Finish what has come, and end."""


class Serving:
    """The doors of a desk and their companions, open from `open` to `close`; `ports` are by name."""

    def __init__(
        self,
        binding: Binding,
        doors: Sequence[Door],
        wire: Wire,
        sockets: Sockets,
        companions: Sequence[Companion] = (),
    ) -> None:
        self._binding = binding
        self._wire = wire
        self._sockets = sockets
        self.doors = doors
        self._companions: list[Companion] = [wire, sockets, *companions]
        self._servers: list[_Quiet] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.ports: dict[str, int] = {}

    async def open(self) -> None:
        """Open every door; raises `ConfigError` for a port that is taken, or a certificate that is none."""
        # All ports are had before anything is served: what was begun would have to be ended again.
        configs = [self._config(door) for door in self.doors]
        with contextlib.ExitStack() as binding:
            bound = [binding.enter_context(self._bind(door)) for door in self.doors]
            binding.pop_all()
        for door, config, listening in zip(self.doors, configs, bound, strict=True):
            self.ports[door.name] = listening.getsockname()[1]
            server = _Quiet(config)
            self._servers.append(server)
            self._tasks.append(asyncio.create_task(server.serve([listening])))
        while not all(server.started for server in self._servers):  # noqa: ASYNC110  uvicorn has but a flag
            await asyncio.sleep(0.01)
        for companion in self._companions:
            await companion.open()

    def _config(self, door: Door) -> LineConfig:
        config = LineConfig(
            door.app,
            interface="asgi3",
            # It would close the handlers of everybody else.
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            date_header=False,
            # Whoever is not a proxy of ours may say of itself what it likes: nobody believes it.
            proxy_headers=bool(self._binding.proxies),
            forwarded_allow_ips=[str(each) for each in self._binding.proxies],
            timeout_graceful_shutdown=_GRACE_S,
            http=HttpLine,
            ws=SocketLine,
            ws_max_size=_LONGEST_MESSAGE,
            ssl_certfile=self._binding.certificate,
            ssl_keyfile=self._binding.key,
            # Everybody is near: packing prices would cost more than sending them.
            ws_per_message_deflate=False,
        )
        config.wire, config.sockets, config.door = self._wire, self._sockets, door.name
        config.words = door.words
        try:
            config.load()
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"{self._binding.certificate} and {self._binding.key} cannot be used for TLS: {error};"
                " give a certificate and its key, both in PEM"
            ) from error
        return config

    def _bind(self, door: Door) -> socket.socket:
        # With its protocol named: asyncio sends small answers at once only where it sees that it is TCP.
        family = socket.AF_INET6 if ":" in self._binding.host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((self._binding.host, door.port))
        except OSError as error:
            listening.close()
            raise ConfigError(
                f"the port {door.port} for {door.name} cannot be had on {self._binding.host}:"
                f" {error.strerror}; choose another one (--port, --feed-port, --kite-port), or stop"
                " what uses it"
            ) from error
        return listening

    async def close(self) -> None:
        """Close every door: what is being answered is answered, nothing new is taken."""
        for server in self._servers:
            server.should_exit = True
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for companion in self._companions:
            await companion.close()
