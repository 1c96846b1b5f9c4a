"""One account of a desk: its log, its state and, while a market plays, its engine."""

import logging
from collections.abc import Callable, Sequence

import msgspec

from kasauti.domain import events as ev
from kasauti.domain.state import State
from kasauti.engine.engine import Engine
from kasauti.engine.ticks import TickPath
from kasauti.errors import AccountStopped
from kasauti.store.log_store import StoredLog

_LOGGER = logging.getLogger(__name__)

#: Somebody who is told of what was recorded, once it is durable.
Listener = Callable[["DeskAccount", Sequence[ev.Recorded]], None]


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is fixed when an account opens: `capital` in money units, `plan` whose price list it pays.

    `regime` is `live` or `permissive`, as `account.regime` of the configuration.
    """

    capital: int
    plan: str
    regime: str = "live"
    currency: str = "INR"
    order_prefix: str = "PAPER"


class DeskAccount:
    """
    An account whose log this process writes.

    `name` is also its log's stream. `today` has what happened since its trading day began, orders that
    were denied included. `failed` says why it takes nothing more, "" while all is well.
    """

    def __init__(self, name: str, log: StoredLog, state: State) -> None:
        self.name = name
        self.log = log
        self.state = state
        self.failed = ""
        self.today: list[ev.Recorded] = _since_day_opened(log)
        self.listeners: list[Listener] = []
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The engine of the market that plays."""
        if self._engine is None:
            raise AccountStopped(f"the account {self.name} has no market to trade in at the moment")
        return self._engine

    @property
    def ticks(self) -> TickPath:
        """The way of ticks through its engine."""
        return self.engine.ticks

    @property
    def trades(self) -> bool:
        """Whether it has a market to trade in."""
        return self._engine is not None and not self.failed

    def begin(self, engine: Engine) -> None:
        """Trade in the market of `engine` from now on."""
        self._engine = engine

    def end(self) -> None:
        """Trade no more until the next market begins."""
        self._engine = None

    def record(self, event: ev.Event, cause: str, at: int) -> None:
        """Record what happens to the account outside a market; durable after the next commit of the store."""
        recorded = ev.Recorded(self.state.seq + 1, max(at, self.state.at), cause, event)
        self.log.append(recorded)
        self.state.apply(recorded)
        self.told([recorded])

    def told(self, recorded: Sequence[ev.Recorded]) -> None:
        """Keep what happened today, and pass it on; a listener that fails costs the account nothing."""
        for each in recorded:
            if isinstance(each.event, ev.DayOpened):
                self.today.clear()
            self.today.append(each)
        for listener in self.listeners:
            try:
                listener(self, recorded)
            except Exception:
                _LOGGER.exception("a listener of the account %s failed", self.name)


def _since_day_opened(log: StoredLog) -> list[ev.Recorded]:
    opened = log.last(ev.DayOpened.TAG)
    return [] if opened is None else list(log.read(opened.seq))
