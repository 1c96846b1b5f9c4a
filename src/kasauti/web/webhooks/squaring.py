"""At its square-off time a strategy's own positions are closed, whatever alerts come or do not."""

import asyncio
import logging

from kasauti.desk.account import DeskAccount
from kasauti.desk.floor import Floor
from kasauti.desk.playing import DeskPlay
from kasauti.domain.commands import CancelOrder, ExitBracket, PlaceOrder
from kasauti.domain.guarding import guarding
from kasauti.domain.inputs import MarketData
from kasauti.domain.ist import NS_PER_SECOND, ist_clock
from kasauti.domain.order import Product, Side
from kasauti.errors import KasautiError
from kasauti.store.registry.strategies import StrategySetup
from kasauti.web.webhooks.owning import stream_of
from kasauti.web.webhooks.settings import settings_of

_LOGGER = logging.getLogger(__name__)
#: The tag of orders that square a strategy off.
_TAG = "strategy_square_off"
_MINUTE_NS = 60 * NS_PER_SECOND


class Squarer:
    """Looks once a minute of the market which strategies are to hold nothing any more."""

    def __init__(self, play: DeskPlay) -> None:
        self._play = play
        self._minute = -1
        self._looking: asyncio.Task[None] | None = None

    def begin(self, floor: Floor) -> None:
        """Another market has begun."""
        self._minute = -1

    def moved(self, data: MarketData) -> None:
        """Take note of the market's minute."""
        minute = int(data.at[-1]) // _MINUTE_NS
        if minute != self._minute and (self._looking is None or self._looking.done()):
            self._minute = minute
            self._looking = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        if not self._play.has_registry:
            return
        try:
            for setup, account in await asyncio.to_thread(self._due):
                await self._close(setup, account)
        except KasautiError as error:
            _LOGGER.warning("a strategy could not be squared off: %s", error)

    def _due(self) -> list[tuple[StrategySetup, DeskAccount]]:
        clock, registry = ist_clock(self._play.desk.now)[:5], self._play.registry
        found = []
        for row in registry.accounts.all():
            account = stream_of(self._play, row)
            for setup in registry.strategies.all(row.id) if account is not None else ():
                at = settings_of(setup.params).square_off
                if account is not None and at and clock >= at:
                    found.append((setup, account))
        return found

    async def _close(self, setup: StrategySetup, account: DeskAccount) -> None:
        state, desk = account.state, self._play.desk
        working = [each for each in state.working_orders() if each.strategy == setup.name]
        if any(each.tag == _TAG for each in working):
            return
        exits = {
            one.standing_id: one
            for position in state.books.get(setup.name, {}).values()
            for one, _ in guarding(state, position.instrument, position.product, setup.name)
        }
        for order in working:
            if state.standing_orders.get(order.order_id) in exits:
                continue
            await desk.ask(account, CancelOrder(order.order_id, "the strategy is squared off"), "webhook")
        for position in list(state.books.get(setup.name, {}).values()):
            guards = list(guarding(state, position.instrument, position.product, setup.name))
            quantity = position.quantity - sum(guarded for _, guarded in guards)
            for one, _ in guards:
                if not one.leg:
                    await desk.ask(account, ExitBracket(one.standing_id), "webhook", setup.name)
            if quantity:
                command_id = f"square-{setup.id}-{state.day}-{position.instrument}-{quantity}"
                closing = PlaceOrder(
                    position.instrument,
                    Side.SELL if quantity > 0 else Side.BUY,
                    abs(quantity),
                    product=Product(position.product),
                    tag=_TAG,
                    command_id=command_id,
                )
                await desk.ask(account, closing, "webhook", setup.name)
