"""The server of a desk: which dialect is served on which port."""

from kasauti.desk.playing import DeskPlay
from kasauti.web.access import Doorkeeper
from kasauti.web.application import Application
from kasauti.web.native.dialect import Native
from kasauti.web.native.trading import ENDPOINTS
from kasauti.web.server import Door, Serving

#: Names under which a server on the loopback may be called.
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


def serving(play: DeskPlay, doorkeeper: Doorkeeper, host: str, port: int) -> Serving:
    """Return the doors of a desk, closed; the native API is on `port`."""
    native = Application(Native(ENDPOINTS), play, doorkeeper, LOOPBACK)
    return Serving(host, [Door("native", native, port)])
