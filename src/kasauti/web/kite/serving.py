"""The twin as one application: its calls, its ticker, its limits."""

from collections.abc import Collection
from time import monotonic

from kasauti.desk.playing import DeskPlay
from kasauti.feeds.clock import forward_ns
from kasauti.web.access import Doorkeeper
from kasauti.web.application import Application
from kasauti.web.endpoint import Pace
from kasauti.web.journal import Journal
from kasauti.web.kite.dialect import Kite
from kasauti.web.kite.endpoints import endpoints
from kasauti.web.kite.sessions import Sessions
from kasauti.web.kite.ticker import Ticker
from kasauti.web.limits import RATES, Limiter
from kasauti.web.metrics import Metrics

#: How often a key may call, a second and at once, under the broker's rules. Source: brokers.md 1.4. Orders
#: are counted by each account's own rules, by seconds of the clock.
LIVE_RATES = {
    **RATES,
    Pace.QUOTES: (1.0, 1),
    Pace.HISTORY: (3.0, 3),
    Pace.READS: (10.0, 10),
}


def kite_application(
    play: DeskPlay,
    doorkeeper: Doorkeeper,
    hosts: Collection[str],
    metrics: Metrics,
    journal: Journal | None = None,
) -> Application:
    """Return the application, with the broker's limits unless the configuration is permissive."""
    sessions = Sessions(doorkeeper, forward_ns)
    dialect = Kite(endpoints(sessions, forward_ns), sessions, Ticker(play, sessions, hosts).routes())
    live = play.loaded.config.account.regime == "live"
    limiter = Limiter(monotonic, LIVE_RATES if live else RATES)
    return Application(dialect, play, doorkeeper, hosts, metrics, limiter, journal)
