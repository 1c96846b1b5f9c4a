"""One contract for whatever executes orders, and the ceiling under which no broker's order port can be."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from kasauti.config import load_config
from kasauti.desk.broker_trading import BrokerOrders, LiveBrokerService
from kasauti.desk.paper_trading import PaperTradingService, TradingServiceFactory
from kasauti.desk.playing import DeskPlay
from kasauti.desk.roll import opened
from kasauti.domain.commands import ModifyOrder, PlaceOrder
from kasauti.domain.money import RUPEE
from kasauti.domain.order import OrderType, Product, Side
from kasauti.domain.trading_answers import Balance, ServiceOrder, ServicePosition, ServiceTrade
from kasauti.errors import BrokerError, ConfigError, InvalidInput
from kasauti.ports import TradingService
from kasauti.simulator.market.built_in import DEMO_DAY, BuiltInMarket
from kasauti.store.registry.accounts import Account, Currency

SETTINGS = {"account.regime": "permissive", "simulator.latency_low_ms": "0", "simulator.latency_high_ms": "0"}
LOADED = load_config(None, SETTINGS, {})
OPTIONS = [each for each in BuiltInMarket(seed=7, day=DEMO_DAY).universe if each.is_option]
OPTION = OPTIONS[len(OPTIONS) // 2]
LOT, TICK = OPTION.lot_size, OPTION.tick_size
Talk = Callable[[TradingService], Awaitable[None]]

BUY = PlaceOrder(OPTION.id, Side.BUY, LOT)
RESTING = PlaceOrder(OPTION.id, Side.BUY, LOT, OrderType.LIMIT, Product.NRML, TICK)
HUGE = PlaceOrder(OPTION.id, Side.SELL, LOT * 1_000)


class ScriptedBroker(BrokerOrders):
    """A broker that trades market orders at 100 rupees, rests limits, and refuses what is huge."""

    def __init__(self) -> None:
        self.working: dict[str, ServiceOrder] = {}
        self.done: list[ServiceTrade] = []
        self.held = 0

    async def place(self, order: PlaceOrder) -> str:
        if order.quantity > 100 * LOT:
            raise BrokerError("Insufficient funds. Add money and order again")
        order_id = f"B{len(self.working) + len(self.done)}"
        if order.order_type is OrderType.LIMIT:
            self.working[order_id] = ServiceOrder(
                order_id=order_id,
                instrument=order.instrument,
                side=order.side,
                product=order.product,
                order_type=order.order_type,
                quantity=order.quantity,
                filled=0,
                price=order.price,
                trigger_price=0,
            )
            return order_id
        self.held += order.quantity
        self.done.append(
            ServiceTrade(
                trade_id=f"T{order_id}",
                order_id=order_id,
                instrument=order.instrument,
                side=order.side,
                quantity=order.quantity,
                price=100 * RUPEE,
                value=100 * RUPEE * order.quantity,
                at=1,
            )
        )
        return order_id

    def _known(self, order_id: str) -> ServiceOrder:
        if order_id not in self.working:
            raise BrokerError(f"Order {order_id} is not open; look at the order book")
        return self.working[order_id]

    async def modify(self, change: ModifyOrder) -> None:
        order = self._known(change.order_id)
        if change.order_type is OrderType.MARKET:
            del self.working[order.order_id]
            await self.place(PlaceOrder(order.instrument, order.side, order.quantity))
            return
        self.working[change.order_id] = msgspec.structs.replace(order, price=change.price or order.price)

    async def cancel(self, order_id: str) -> None:
        del self.working[self._known(order_id).order_id]

    async def open_orders(self) -> Sequence[ServiceOrder]:
        return list(self.working.values())

    async def trades(self) -> Sequence[ServiceTrade]:
        return self.done

    async def positions(self) -> Sequence[ServicePosition]:
        held = ServicePosition(
            instrument=OPTION.id, product="NRML", quantity=self.held, average_price=100 * RUPEE
        )
        return [held] if self.held else []

    async def balance(self) -> Balance:
        return Balance(free=5_000 * RUPEE, blocked=0, currency="INR")


@pytest.fixture(params=["simulated", "broker"])
def spoken_to(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Talk], None]:
    """Return what has somebody talk to a service."""

    async def on_desk(talk: Talk) -> None:
        with DeskPlay(LOADED, tmp_path, 1.0) as play:
            play.open_account("main", opened(LOADED, "main", capital=500_000 * RUPEE, plan="zerodha"))
            play.desk.take(next(play.desk.floor.moments(next(play.desk.floor.market.play(None)))))  # type: ignore[arg-type]
            await talk(PaperTradingService(play, "main"))

    async def at_broker(talk: Talk) -> None:
        monkeypatch.setenv("TRADING_MODE", "live")
        await talk(LiveBrokerService(ScriptedBroker()))

    way = on_desk if request.param == "simulated" else at_broker
    return lambda talk: asyncio.run(way(talk))


def test_an_order_that_trades_is_a_trade_and_a_position(spoken_to: Callable[[Talk], None]) -> None:
    async def talk(service: TradingService) -> None:
        said = await service.place_order(BUY)
        assert said.accepted, said.message
        (trade,) = await service.get_trade_history()
        assert (trade.order_id, trade.quantity, trade.value) == (said.order_id, LOT, trade.price * LOT)
        (held,) = await service.get_positions()
        assert (held.instrument, held.quantity) == (OPTION.id, LOT)
        assert held.average_price == trade.price
        assert not await service.get_open_orders()

    spoken_to(talk)


def test_an_order_that_waits_can_be_changed_and_cancelled(spoken_to: Callable[[Talk], None]) -> None:
    async def talk(service: TradingService) -> None:
        said = await service.place_order(RESTING)
        assert said.accepted, said.message
        assert (await service.modify_order(ModifyOrder(said.order_id, price=2 * TICK))).accepted
        (order,) = await service.get_open_orders()
        assert (order.order_id, order.price, order.filled) == (said.order_id, 2 * TICK, 0)
        assert (await service.cancel_order(said.order_id)).accepted
        assert not await service.get_open_orders()
        assert not await service.get_positions()

    spoken_to(talk)


def test_an_order_that_waits_can_become_a_market_order(spoken_to: Callable[[Talk], None]) -> None:
    async def talk(service: TradingService) -> None:
        said = await service.place_order(RESTING)
        change = ModifyOrder(said.order_id, order_type=OrderType.MARKET)
        assert (await service.modify_order(change)).accepted
        assert not await service.get_open_orders()
        (trade,) = await service.get_trade_history()
        assert trade.quantity == LOT

    spoken_to(talk)


def test_what_is_refused_is_an_outcome_with_a_sentence(spoken_to: Callable[[Talk], None]) -> None:
    async def talk(service: TradingService) -> None:
        for said in (
            await service.place_order(HUGE),
            await service.cancel_order("NOWHERE"),
            await service.modify_order(ModifyOrder("NOWHERE", price=TICK)),
        ):
            assert not said.accepted
            assert len(said.message.split()) > 3
        assert not await service.get_open_orders()

    spoken_to(talk)


def test_the_balance_says_what_is_free_and_in_which_currency(spoken_to: Callable[[Talk], None]) -> None:
    async def talk(service: TradingService) -> None:
        balance = await service.get_account_balance()
        assert balance.free > 0
        assert (balance.blocked, balance.currency) == (0, "INR")

    spoken_to(talk)


@pytest.mark.parametrize("ceiling", [None, "paper", "Live", "anything"])
def test_no_order_port_of_a_broker_can_be_made_under_the_ceiling(
    monkeypatch: pytest.MonkeyPatch, ceiling: str | None
) -> None:
    monkeypatch.delenv("TRADING_MODE", raising=False)
    if ceiling is not None:
        monkeypatch.setenv("TRADING_MODE", ceiling)
    with pytest.raises(ConfigError, match="cannot be made under that ceiling"):
        ScriptedBroker()


def an_account(stream: str, mode: str) -> Account:
    """Return an account of the registry."""
    user, name, epoch = stream.split("/")
    return Account(1, 1, user, name, mode, "zerodha", RUPEE, Currency.INR, 1, int(epoch), stream, 0)


class Listed:
    """Accounts of one user."""

    def __init__(self, *accounts: Account) -> None:
        self.accounts = list(accounts)

    def all(self, user: str = "") -> Sequence[Account]:
        return [each for each in self.accounts if each.user == user]


def test_the_factory_gives_each_account_one_service_and_another_after_a_reset(tmp_path: Path) -> None:
    listed = Listed(an_account("asha/main/1", "paper"), an_account("asha/second/1", "paper"))
    with DeskPlay(LOADED, tmp_path, 1.0) as play:
        factory = TradingServiceFactory(play, listed)
        usual = factory.get_trading_service("asha", "zerodha")
        assert isinstance(usual, PaperTradingService)
        assert factory.get_trading_service("asha", "upstox", "main") is usual
        assert factory.get_trading_service("asha", "", "second") is not usual
        listed.accounts[0] = an_account("asha/main/2", "paper")
        assert factory.get_trading_service("asha") is not usual
        with pytest.raises(InvalidInput, match="'ravi' has no account"):
            factory.get_trading_service("ravi")


def test_an_account_of_a_broker_has_no_service_under_the_ceiling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRADING_MODE", raising=False)
    listed = Listed(an_account("asha/main/1", "live"))
    with DeskPlay(LOADED, tmp_path, 1.0) as play:
        factory = TradingServiceFactory(play, listed, {"scripted": ScriptedBroker})
        with pytest.raises(ConfigError, match="TRADING_MODE is paper"):
            factory.get_trading_service("asha", "scripted")
        monkeypatch.setenv("TRADING_MODE", "live")
        assert isinstance(factory.get_trading_service("asha", "scripted"), LiveBrokerService)
        with pytest.raises(ConfigError, match="no order port of the broker 'another'"):
            factory.get_trading_service("asha", "another")
