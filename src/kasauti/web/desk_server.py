"""The server of a desk: which dialect is served on which port."""

from collections.abc import Awaitable, Sequence

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kasauti.desk.playing import DeskPlay
from kasauti.web.access import Doorkeeper
from kasauti.web.application import Application
from kasauti.web.binding import Binding
from kasauti.web.clock_watch import ClockWatch
from kasauti.web.dialect import Refused
from kasauti.web.journal import Journal
from kasauti.web.kite.postbacks import postbacks
from kasauti.web.kite.serving import kite_application
from kasauti.web.metrics import Metrics
from kasauti.web.native.dialect import Native
from kasauti.web.native.health import health_of
from kasauti.web.native.portfolio import PREFIX
from kasauti.web.native.stream import Stream
from kasauti.web.native.table import table
from kasauti.web.openalgo.dialect import OpenAlgo
from kasauti.web.openalgo.endpoints import ENDPOINTS as OPENALGO
from kasauti.web.openalgo.socket import Proxy
from kasauti.web.server import Door, Serving
from kasauti.web.sockets import Sockets
from kasauti.web.webhooks.carrying import Carrier
from kasauti.web.webhooks.door import HookDoor
from kasauti.web.webhooks.endpoints import HookRoutes
from kasauti.web.webhooks.squaring import Squarer
from kasauti.web.wire import Wire, WireLimits


class ByPath:
    """Several applications on one port: the first whose prefix a path has, the last one for all others."""

    def __init__(self, prefixed: Sequence[tuple[str, Application]], others: Application) -> None:
        self._prefixed = tuple(prefixed)
        self._others = others
        self.apps = tuple(dict.fromkeys([*(app for _, app in prefixed), others]))
        self.endpoints = tuple(row for app in self.apps for row in app.endpoints)
        self._straight = {
            (method, path): route
            for app in self.apps
            for (method, path), route in app.straight.items()
            if self._app(path) is app
        }

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Hand a request to its application."""
        if scope["type"] == "http":
            straight = self._straight.get((scope["method"], scope["path"]))
            if straight is not None:
                return straight(scope, receive, send)
        return self._app(scope["path"])(scope, receive, send)

    def words(self, path: str, why: Refused, detail: str) -> Response:
        """Refuse what never became a request, in the words of the application that its path leads to."""
        return self._app(path).words(path, why, detail)

    def _app(self, path: str) -> Application:
        return next((app for prefix, app in self._prefixed if path.startswith(prefix)), self._others)


def serving(
    play: DeskPlay,
    doorkeeper: Doorkeeper,
    host: str | Binding,
    port: int,
    *,
    openalgo_feed_port: int = 0,
    kite_port: int = 0,
    journal: Journal | None = None,
    limits: WireLimits | None = None,
) -> Serving:
    """
    Return the doors of a desk, closed; the native API and OpenAlgo's are on `port`.

    OpenAlgo's WebSocket is on a port of its own, as its clients expect, and so has the twin of Kite
    Connect, whose calls are at the root of theirs; 0 is any that is free.
    """
    metrics, bound = Metrics(), host if isinstance(host, Binding) else Binding(host=host)
    play.follow(Squarer(play))
    carrier = Carrier(play)
    play.follow(carrier)
    hooks = HookDoor(play, carrier)
    wire, sockets = Wire(limits, bound.is_proxy), Sockets(doorkeeper, journal)
    rows = table(
        (*health_of(metrics, lambda: [*wire.gauges(), *sockets.gauges()]), *HookRoutes(hooks).endpoints())
    )
    native = Application(
        Native(rows, [Stream(play, doorkeeper, bound.names).route()]),
        play,
        doorkeeper,
        bound.names,
        metrics,
        journal=journal,
    )
    openalgo = Application(OpenAlgo(OPENALGO), play, doorkeeper, bound.names, metrics, journal=journal)
    feed = Proxy(play, doorkeeper, bound.names).app()
    kite = kite_application(play, doorkeeper, bound.names, metrics, journal)
    first = ByPath([(PREFIX, native), ("/api/v1/", openalgo)], native)
    return Serving(
        bound,
        [
            Door("native", first, port, first.words),
            Door("openalgo-feed", feed, openalgo_feed_port, openalgo.words),
            Door("kite", kite, kite_port, kite.words),
        ],
        wire,
        sockets,
        [hooks, ClockWatch(), *postbacks(play, doorkeeper)],
    )
