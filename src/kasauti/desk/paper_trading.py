"""
One way to trade for whatever stands behind it: an account of the desk, or a broker.

Business code asks `TradingServiceFactory` once and never learns which it got: `kasauti.ports.TradingService`
is what both are.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from kasauti.desk.account import DeskAccount
from kasauti.desk.books import trades_of
from kasauti.desk.broker_trading import BrokerOrders, LiveBrokerService
from kasauti.desk.playing import DeskPlay
from kasauti.domain.commands import CancelOrder, Command, ModifyOrder, PlaceOrder
from kasauti.domain.order import Status
from kasauti.domain.trading_answers import Balance, Outcome, ServiceOrder, ServicePosition, ServiceTrade
from kasauti.errors import AccountStopped, ConfigError, InvalidInput
from kasauti.ports import TradingService
from kasauti.store.registry.accounts import PAPER, Account


class PaperTradingService:
    """An account of the desk; `stream` is the name of its log."""

    def __init__(self, play: DeskPlay, stream: str) -> None:
        self._play = play
        self._stream = stream

    async def place_order(self, order: PlaceOrder) -> Outcome:
        """Place an order."""
        return await self._ask(order)

    async def modify_order(self, change: ModifyOrder) -> Outcome:
        """Change an order; a new price or more units send it to the end of its queue."""
        return await self._ask(change)

    async def cancel_order(self, order_id: str) -> Outcome:
        """Cancel an order."""
        return await self._ask(CancelOrder(order_id))

    async def get_open_orders(self) -> Sequence[ServiceOrder]:
        """Return the orders that can still trade, oldest first."""
        return [
            ServiceOrder(
                order_id=each.order_id,
                instrument=each.instrument,
                side=each.side,
                product=each.product,
                order_type=each.order_type,
                quantity=each.quantity,
                filled=each.filled,
                price=each.price,
                trigger_price=each.trigger_price,
            )
            for each in self._account.state.working_orders()
        ]

    async def get_trade_history(self) -> Sequence[ServiceTrade]:
        """Return the trades of today, oldest first."""
        return [
            ServiceTrade(
                trade_id=each.fill.trade_id,
                order_id=each.order.order_id,
                instrument=each.order.instrument,
                side=each.order.side,
                quantity=each.fill.quantity,
                price=each.fill.price,
                value=each.fill.price * each.fill.quantity,
                at=each.at,
            )
            for each in trades_of(self._account)
        ]

    async def get_positions(self) -> Sequence[ServicePosition]:
        """Return what is held."""
        return [
            ServicePosition(
                instrument=each.instrument,
                product=each.product,
                quantity=each.quantity,
                average_price=each.average_price,
            )
            for each in self._account.state.held
        ]

    async def get_account_balance(self) -> Balance:
        """Return the money."""
        state = self._account.state
        assert state.account is not None, "an account of a desk has been opened"
        return Balance(free=state.ledger.cash, blocked=state.ledger.margin, currency=state.account.currency)

    @property
    def _account(self) -> DeskAccount:
        found = self._play.desk.accounts.get(self._stream)
        if found is None:
            raise AccountStopped(f"the account {self._stream} is not on this desk now; ask the factory again")
        return found

    async def _ask(self, command: Command) -> Outcome:
        account = self._account
        answer = await self._play.desk.ask(account, command, "service")
        denied = answer.denied
        if denied is not None:
            return Outcome(accepted=False, order_id=denied.order_id, message=denied.message)
        order_id = answer.order_id or ""
        order = account.state.order(order_id)
        rejected = order is not None and order.status is Status.REJECTED
        return Outcome(not rejected, order_id, order.reason if order is not None and rejected else "")


class AccountList(Protocol):
    """Knows the accounts of a user, as the registry's `accounts` does."""

    def all(self, user: str = "") -> Sequence[Account]:
        """Return a user's open accounts, the usual one first."""


class TradingServiceFactory:
    """
    Gives each user the service of an account.

    What an account is (its mode) was fixed when it was opened, and decides; `broker` only names whose orders
    such an account reaches. `brokers` makes their order ports.
    """

    def __init__(
        self,
        play: DeskPlay,
        accounts: AccountList,
        brokers: Mapping[str, Callable[[], BrokerOrders]] | None = None,
    ) -> None:
        self._play = play
        self._accounts = accounts
        self._brokers = brokers or {}
        #: By user, log and mode: no service is ever pointed elsewhere, and a reset account has another.
        self._made: dict[tuple[Any, ...], TradingService] = {}

    def get_trading_service(self, user_id: str, broker: str = "", account: str = "") -> TradingService:
        """
        Return the service of a user's account, the usual one if none is named; the same one each time.

        Raises `InvalidInput` for an account that is not theirs, `ConfigError` for what the ceiling forbids.
        """
        row = next((each for each in self._accounts.all(user_id) if account in ("", each.name)), None)
        if row is None:
            raise InvalidInput(f"{user_id!r} has no account {account or 'at all'!r}; open one first")
        key = (user_id, row.stream, row.mode, "" if row.mode == PAPER else broker)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(row, broker)
        return made

    def _make(self, row: Account, broker: str) -> TradingService:
        if row.mode == PAPER:
            return PaperTradingService(self._play, row.stream)
        maker = self._brokers.get(broker)
        if maker is None:
            raise ConfigError(f"there is no order port of the broker {broker!r}; name one that is set up")
        return LiveBrokerService(maker())
