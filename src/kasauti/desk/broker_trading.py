"""
A broker's order endpoint as a trading service.

Nothing that could reach one can be made while the process's ceiling, `TRADING_MODE`, is paper; unset it is.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final, Self

from kasauti.domain.commands import ModifyOrder, PlaceOrder
from kasauti.domain.trading_answers import Balance, Outcome, ServiceOrder, ServicePosition, ServiceTrade
from kasauti.errors import BrokerError, ConfigError
from kasauti.store.registry.accounts import PAPER

_CEILING: Final = "TRADING_MODE"
_REAL: Final = "live"


class BrokerOrders(ABC):
    """
    A broker's order endpoint.

    Every such class derives from this one, and none can be made unless `TRADING_MODE` is live: an unset one
    is paper. Methods raise `BrokerError` for what the broker refuses, with its words.
    """

    def __new__(cls, *_given: object, **_named: object) -> Self:
        """Refuse to be made under the ceiling paper."""
        # A ceiling that could be handed over could be raised by whoever hands it over.
        ceiling = os.environ.get(_CEILING, PAPER)  # noqa: TID251  the ceiling is the process's, as said above
        if ceiling != _REAL:
            raise ConfigError(
                f"{_CEILING} is {ceiling}: {cls.__name__} reaches a broker's orders and cannot be made under"
                f" that ceiling; nothing was sent"
            )
        return super().__new__(cls)

    @abstractmethod
    async def place(self, order: PlaceOrder) -> str:
        """Send an order; return the broker's id of it."""

    @abstractmethod
    async def modify(self, change: ModifyOrder) -> None:
        """Send a change."""

    @abstractmethod
    async def cancel(self, order_id: str) -> None:
        """Send a cancellation."""

    @abstractmethod
    async def open_orders(self) -> Sequence[ServiceOrder]:
        """Return the orders that can still trade."""

    @abstractmethod
    async def trades(self) -> Sequence[ServiceTrade]:
        """Return the trades of today."""

    @abstractmethod
    async def positions(self) -> Sequence[ServicePosition]:
        """Return what is held."""

    @abstractmethod
    async def balance(self) -> Balance:
        """Return the money."""


class LiveBrokerService:
    """A broker's order endpoint as a service."""

    def __init__(self, orders: BrokerOrders) -> None:
        self._orders = orders

    async def place_order(self, order: PlaceOrder) -> Outcome:
        """Place an order."""
        try:
            return Outcome(accepted=True, order_id=await self._orders.place(order))
        except BrokerError as error:
            return Outcome(accepted=False, message=str(error))

    async def modify_order(self, change: ModifyOrder) -> Outcome:
        """Change an order."""
        try:
            await self._orders.modify(change)
        except BrokerError as error:
            return Outcome(accepted=False, order_id=change.order_id, message=str(error))
        return Outcome(accepted=True, order_id=change.order_id)

    async def cancel_order(self, order_id: str) -> Outcome:
        """Cancel an order."""
        try:
            await self._orders.cancel(order_id)
        except BrokerError as error:
            return Outcome(accepted=False, order_id=order_id, message=str(error))
        return Outcome(accepted=True, order_id=order_id)

    async def get_open_orders(self) -> Sequence[ServiceOrder]:
        """Return the orders that can still trade, oldest first."""
        return await self._orders.open_orders()

    async def get_trade_history(self) -> Sequence[ServiceTrade]:
        """Return the trades of today, oldest first."""
        return await self._orders.trades()

    async def get_positions(self) -> Sequence[ServicePosition]:
        """Return what is held."""
        return await self._orders.positions()

    async def get_account_balance(self) -> Balance:
        """Return the money."""
        return await self._orders.balance()
