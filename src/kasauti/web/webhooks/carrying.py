"""
Alerts are carried out: each strategy in a line of its own, exits before entries, each alert once.

An alert is durable before anything happens to it, and each of its orders has a command id that follows from
the alert, so one that is taken up again after a crash finds the orders it has made. In a line the alerts of
one symbol keep their order; among different symbols exits go first.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from kasauti.desk.account import DeskAccount
from kasauti.desk.floor import Floor
from kasauti.desk.playing import DeskPlay
from kasauti.domain import events as ev
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.inputs import MarketData
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.order import DONE, Order, Status
from kasauti.errors import InvalidInput, KasautiError
from kasauti.feeds.clock import forward_ns
from kasauti.store.registry.alerts import Alert, Stage
from kasauti.store.registry.strategies import StrategySetup
from kasauti.web.webhooks.caps import check_caps
from kasauti.web.webhooks.owning import account_of, stream_of
from kasauti.web.webhooks.planning import is_exit, wish_of
from kasauti.web.webhooks.reading import Signal, read_alert
from kasauti.web.webhooks.settings import WebhookSettings, settings_of

_LOGGER = logging.getLogger(__name__)
_BETWEEN = ","
_OURS = (
    "something went wrong here, which the server's own log has; look at the account before you send it again"
)


class Carrier:
    """Carries the alerts of a desk out; `wall` tells the time of the world, which alerts come by."""

    def __init__(self, play: DeskPlay, wall: Callable[[], int] = forward_ns) -> None:
        self._play = play
        self.wall = wall
        self._lines: dict[int, list[tuple[Alert, list[Signal], bool]]] = {}
        self._workers: dict[int, asyncio.Task[None]] = {}
        #: Orders that are not done, by account and id: which alert waits for them.
        self._open: dict[tuple[str, str], int] = {}
        self._listening: set[str] = set()
        self._telling: set[asyncio.Task[None]] = set()
        #: Alerts that are in a line, and how many changes of the desk's accounts have been followed.
        self._taken: set[int] = set()
        self._followed = 0

    async def open(self) -> None:
        """Take up what was stored and not ended when the desk went away."""
        self._followed = self._play.changes
        if self._play.has_registry:
            await self._take_up()

    def begin(self, floor: Floor) -> None:
        """Another market has begun: nothing to do."""

    def moved(self, data: MarketData) -> None:
        """Take up what another process has left where its accounts have come here."""
        if self._play.is_shared and self._play.changes != self._followed:
            self._followed = self._play.changes
            self._keep(asyncio.get_running_loop().create_task(self._take_up()))

    async def _take_up(self) -> None:
        for alert in await asyncio.to_thread(self._waiting):
            if alert.id not in self._taken:
                await self.take(alert)

    def _waiting(self) -> list[Alert]:
        """Return the alerts that have not ended, without those of accounts that other processes have."""
        registry = self._play.registry
        waiting = registry.alerts.waiting()
        if not self._play.is_shared:
            return waiting
        here = {row.id for row in registry.accounts.all() if stream_of(self._play, row) is not None}
        owners = registry.strategies.owners()
        return [each for each in waiting if owners.get(each.strategy_id) in here]

    async def close(self) -> None:
        """Carry out what has come, and write down what became of it."""
        while self._workers or self._telling:
            await asyncio.gather(*self._workers.values(), *self._telling, return_exceptions=True)

    async def take(self, alert: Alert) -> str:
        """Put an alert in its strategy's line; return why it cannot be read, "" if it can."""
        try:
            strategy = await asyncio.to_thread(self._play.registry.strategies.get, alert.strategy_id)
            mode = settings_of(strategy.params).mode
            _, signals = read_alert(alert.content)
        except InvalidInput as error:
            await self._advance(alert, Stage.REFUSED, reason=str(error))
            return str(error)
        except Exception:
            _LOGGER.exception("alert %d cannot be taken in", alert.id)
            await self._advance(alert, Stage.FAILED, reason=_OURS)
            return _OURS
        self._taken.add(alert.id)
        exits = all(is_exit(signal, mode) for signal in signals)
        self._lines.setdefault(strategy.id, []).append((alert, signals, exits))
        if strategy.id not in self._workers:
            self._workers[strategy.id] = asyncio.create_task(self._work(strategy.id))
        return ""

    async def _work(self, strategy_id: int) -> None:
        line = self._lines[strategy_id]
        try:
            while line:
                alert, signals, _ = line.pop(_first(line))
                try:
                    await self._carry_out(alert, signals)
                except KasautiError as error:
                    await self._advance(alert, Stage.FAILED, reason=str(error))
                except Exception:
                    _LOGGER.exception("alert %d failed", alert.id)
                    await self._advance(alert, Stage.FAILED, reason=_OURS)
                finally:
                    self._taken.discard(alert.id)
        finally:
            del self._workers[strategy_id]

    def _keep(self, task: asyncio.Task[None]) -> None:
        """Have `close` wait for a task."""
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _carry_out(self, alert: Alert, signals: Sequence[Signal]) -> None:
        strategy, account = await asyncio.to_thread(self._looked_up, alert)
        settings = settings_of(strategy.params)
        known = [account.state.led_to(_command_id(alert, place)) for place in range(len(signals))]
        if not any(known):
            why_not = _why_not(alert, strategy, settings, self.wall())
            if why_not:
                await self._advance(alert, Stage.REFUSED, reason=why_not)
                return
        times = [self.wall()]
        made, refused = [], []
        for place, signal in enumerate(signals):
            try:
                order_id, denied = await self._order(alert, place, signal, strategy, account)
            except InvalidInput as error:
                order_id, denied = "", str(error)
            made += [order_id] if order_id and not denied else []
            refused += [f"{signal.symbol}: {denied}" if len(signals) > 1 else denied] if denied else []
        times.append(self.wall())
        reason = "; ".join(refused)
        if not made:
            await self._advance(alert, Stage.VALIDATED, at=times[0])
            await self._advance(alert, Stage.REFUSED, at=times[1], reason=reason)
            return
        await self._advance(alert, Stage.VALIDATED, at=times[0])
        await self._advance(alert, Stage.RISK, at=times[1])
        await self._advance(alert, Stage.ORDER, at=times[1], order_id=_BETWEEN.join(made), reason=reason)
        self._watch(alert, account, made)
        await self._tell(alert, account, made)

    def _looked_up(self, alert: Alert) -> tuple[StrategySetup, DeskAccount]:
        strategy = self._play.registry.strategies.get(alert.strategy_id)
        return strategy, account_of(self._play, strategy.account_id)

    async def _order(
        self, alert: Alert, place: int, signal: Signal, strategy: StrategySetup, account: DeskAccount
    ) -> tuple[str, str]:
        """Have a signal's order; return its id, and why it was denied, "" if it was not."""
        command_id = _command_id(alert, place)
        earlier = account.state.led_to(command_id)
        if earlier is not None:
            return earlier, ""
        desk, settings = self._play.desk, settings_of(strategy.params)
        wish = wish_of(signal, settings, desk.floor.universe, account.state, strategy.name, desk.now)
        if wish is None:
            return "", f"the strategy holds what {signal.action} leads to already; there is nothing to do"
        check_caps(settings, wish, desk.floor.board.mark(wish.instrument.id))
        order = PlaceOrder(
            wish.instrument.id,
            wish.side,
            wish.quantity,
            product=settings.product,
            tag="webhook",
            command_id=command_id,
        )
        became = await desk.ask(account, order, "webhook", strategy.name)
        return became.order_id or "", became.denied.message if became.denied else ""

    # What became of the orders.

    def _watch(self, alert: Alert, account: DeskAccount, made: Sequence[str]) -> None:
        for order_id in made:
            self._open[account.name, order_id] = alert.id
        if account.name not in self._listening:
            self._listening.add(account.name)
            account.listeners.append(self._told)

    def _told(self, account: DeskAccount, recorded: Sequence[ev.Recorded]) -> None:
        """Look whether an order that an alert waits for has ended."""
        for each in recorded:
            order_id = getattr(each.event, "order_id", "")
            alert_id = self._open.get((account.name, order_id))
            order = account.state.orders.get(order_id)
            if alert_id is not None and (order is None or order.status in DONE):
                self._keep(asyncio.ensure_future(self._ended(alert_id, account)))

    async def _ended(self, alert_id: int, account: DeskAccount) -> None:
        alert = await asyncio.to_thread(self._play.registry.alerts.get, alert_id)
        if alert.status is Stage.ORDER:
            await self._tell(alert, account, alert.order_id.split(_BETWEEN))

    async def _tell(self, alert: Alert, account: DeskAccount, made: Sequence[str]) -> None:
        """Write down the end of an alert whose orders are all done."""
        orders = [account.state.orders.get(order_id) for order_id in made]
        if any(order is not None and order.is_working for order in orders):
            return
        for order_id in made:
            self._open.pop((account.name, order_id), None)
        missed = [order.reason or order.status for order in orders if order is not None and not _whole(order)]
        if missed or None in orders:
            reason = "; ".join(missed) or "its order is of an earlier day and did not fill"
            await self._advance(alert, Stage.FAILED, reason=reason)
        else:
            await self._advance(alert, Stage.FILLED)

    async def _advance(
        self, alert: Alert, to: Stage, *, at: int = 0, order_id: str = "", reason: str = ""
    ) -> None:
        """Write down how far an alert came; one that has come further already stays there."""

        def write() -> None:
            self._play.registry.alerts.advance(
                alert.id, to, at or self.wall(), order_id=order_id, reason=reason[:2_000]
            )

        try:
            await asyncio.to_thread(write)
        except KasautiError as error:
            _LOGGER.warning("alert %d: %s", alert.id, error)


def _first(line: Sequence[tuple[Alert, list[Signal], bool]]) -> int:
    """Return which alert of a line is next: an exit that no earlier alert of its symbols waits before."""
    waiting: set[str] = set()
    for place, (_, signals, exits) in enumerate(line):
        symbols = {signal.symbol for signal in signals}
        if exits and not symbols & waiting:
            return place
        waiting |= symbols
    return 0


def _command_id(alert: Alert, place: int) -> str:
    return f"alert-{alert.id}-{place}"


def _why_not(alert: Alert, strategy: StrategySetup, settings: WebhookSettings, now: int) -> str:
    age = (now - alert.received_at) // NS_PER_SECOND
    if age > settings.oldest_s:
        return f"it was {age} s old when it could be carried out; the strategy allows {settings.oldest_s} s"
    if not strategy.enabled or strategy.archived_at:
        return f"the strategy {strategy.name!r} is switched off"
    return ""


def _whole(order: Order) -> bool:
    return order.status is Status.COMPLETE
