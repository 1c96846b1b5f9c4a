"""OpenAlgo's WebSocket: keys, subscriptions in three modes, faults, order updates."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.web.openalgo.served import Client, House, an_order
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from kasauti.domain.market import TickBatch
from kasauti.web.openalgo import socket as proxy

SBIN = {"symbol": "SBIN", "exchange": "NSE"}
Say = Callable[..., Awaitable[Any]]


class Feed:
    """A socket that speaks JSON."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def ask(self, **message: object) -> Any:
        """Say something and return the next answer that is no price."""
        await self.socket.send(json.dumps(message))
        return await self.next(lambda told: told.get("type") != "market_data")

    async def next(self, fits: Callable[[Any], bool]) -> Any:
        """Return the next message that fits."""
        while True:
            told = json.loads(await self.socket.recv())
            if fits(told):
                return told

    async def price(self, mode: int, last: float) -> Any:
        """Return the message in a mode that shows a last price."""
        return await self.next(lambda told: told.get("mode") == mode and told["data"]["ltp"] == last)


def _address(client: Client) -> str:
    return f"ws://127.0.0.1:{client.doors.ports['openalgo-feed']}"


def _feeding(house: House, talk: Callable[[Client, Feed], Awaitable[None]], *, named: bool = True) -> None:
    async def with_socket(client: Client) -> None:
        async with connect(_address(client), proxy=None) as socket:
            feed = Feed(socket)
            if named:
                await feed.ask(action="authenticate", api_key=client.key.secret)
            await talk(client, feed)

    house.host(with_socket)


def _tick(client: Client, last: int) -> None:
    """Have a price come to SBIN."""
    floor = client.play.desk.floor
    slot = floor.universe.slot("NSE:SBIN")
    at = client.play.desk.now
    floor.show(
        TickBatch.of(
            at=[at],
            slot=[slot],
            last=[last],
            bid=[last - 500],
            ask=[last],
            bid_quantity=[10],
            ask_quantity=[20],
        )
    )


def test_a_key_opens_it_and_a_wrong_one_is_told_in_both_ways(house: House) -> None:
    async def talk(client: Client, feed: Feed) -> None:
        wrong = await feed.ask(action="authenticate", api_key="wrong")
        assert (wrong["type"], wrong["status"], wrong["code"]) == ("auth", "error", "AUTHENTICATION_ERROR")
        assert wrong["message"] == "Invalid API key"
        none = await feed.ask(action="authenticate")
        assert none["message"] == "API key is required"
        early = await feed.ask(action="subscribe", mode=1, **SBIN)
        assert early == {
            "status": "error",
            "code": "NOT_AUTHENTICATED",
            "message": "You must authenticate first",
        }
        right = await feed.ask(type="authenticate", api_key=client.key.secret)
        assert (right["status"], right["message"]) == ("success", "Authentication successful")
        assert right["supported_features"] == {"ltp": True, "quote": True, "depth": True}

    _feeding(house, talk, named=False)


def test_each_mode_shows_what_its_clients_read(house: House) -> None:
    async def talk(client: Client, feed: Feed) -> None:
        one = await feed.ask(action="subscribe", mode="ltp", **SBIN)
        assert one["subscriptions"] == [
            {**SBIN, "status": "success", "mode": "LTP", "depth": 5, "broker": "kasauti"}
        ]
        several = await feed.ask(action="subscribe", symbols=[SBIN], request_id="r1")
        assert (several["request_id"], several["subscriptions"][0]["mode"]) == ("r1", "Quote")
        await feed.ask(action="subscribe", symbols=[SBIN], mode=3)
        _tick(client, 8_111_000)
        fits = {"symbol": "SBIN", "exchange": "NSE", "type": "market_data"}
        ltp, quote, depth = [await feed.price(mode, 811.1) for mode in (1, 2, 3)]
        for told in (ltp, quote, depth):
            assert fits.items() <= told.items()
            assert len(str(told["data"]["timestamp"])) == len("1712548500000"), "milliseconds"
        assert ltp["data"]["ltt"] == ltp["data"]["timestamp"]
        assert {
            "open",
            "high",
            "low",
            "close",
            "volume",
            "oi",
            "last_trade_quantity",
            "average_price",
            "avg_trade_price",
            "change",
            "change_percent",
        } <= quote["data"].keys()
        assert depth["data"]["depth"]["buy"][0] == {"price": 811.05, "quantity": 10, "orders": 1}
        assert [len(side) for side in depth["data"]["depth"].values()] == [5, 5]

    _feeding(house, talk)


def test_what_is_left_is_shown_no_more(house: House) -> None:
    async def talk(client: Client, feed: Feed) -> None:
        await feed.ask(action="subscribe", mode=1, **SBIN)
        await feed.ask(action="subscribe", mode=2, **SBIN)
        left = await feed.ask(action="unsubscribe", symbols=[{**SBIN, "mode": 2}])
        assert (left["status"], left["successful"][0]["symbol"]) == ("success", "SBIN")
        again = await feed.ask(action="unsubscribe", mode=2, **SBIN)
        assert (again["status"], len(again["failed"])) == ("error", 1)
        _tick(client, 8_122_000)
        told = await feed.next(lambda told: told["data"]["ltp"] == 812.2)
        assert told["mode"] == 1
        left = await feed.ask(action="unsubscribe_all")
        assert [row["symbol"] for row in left["successful"]] == ["SBIN"]

    _feeding(house, talk)


def test_a_symbol_that_is_not_there_spoils_no_other(house: House) -> None:
    async def talk(client: Client, feed: Feed) -> None:
        pairs = [SBIN, {"symbol": "NOTHING", "exchange": "NSE"}]
        told = await feed.ask(action="subscribe", symbols=pairs, mode="DEPTH")
        assert told["status"] == "partial"
        assert [row["status"] for row in told["subscriptions"]] == ["success", "error"]

    _feeding(house, talk)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('{"action": "subscribe", "symbol": "SBIN", "exchange": "NSE", "mode": 4}', "INVALID_MODE"),
        ('{"action": "subscribe", "mode": 1}', "INVALID_PARAMETERS"),
        ('{"action": "unsubscribe"}', "INVALID_PARAMETERS"),
        ('{"action": "dance"}', "INVALID_ACTION"),
        ('{"action": ["subscribe"]}', "INVALID_ACTION"),
        ("{", "INVALID_JSON"),
        ("[]", "INVALID_JSON"),
        ("[" * 5_000, "INVALID_JSON"),
    ],
)
def test_faults_have_openalgos_codes_and_no_type(house: House, said: str, code: str) -> None:
    async def talk(client: Client, feed: Feed) -> None:
        await feed.socket.send(said)
        told = await feed.next(lambda told: told.get("type") != "market_data")
        assert (told["status"], told["code"]) == ("error", code)
        assert "type" not in told
        pong = await feed.ask(action="ping", timestamp=1, _pingId=7)
        assert (pong["type"], pong["client_timestamp"], pong["_pingId"]) == ("pong", 1, 7)

    _feeding(house, talk)


def test_orders_are_told_as_they_change(house: House) -> None:
    async def talk(client: Client, feed: Feed) -> None:
        assert (await feed.ask(action="subscribe_orders"))["status"] == "success"
        order_id = await client.bought()
        told = await feed.next(lambda told: told.get("order_status") == "complete")
        assert (told["type"], told["orderid"], told["filled_quantity"]) == ("order_update", order_id, 65)
        await client.post("placeorder", an_order(client.symbols, quantity="1"))
        told = await feed.next(lambda told: told.get("order_status") == "rejected")
        assert told["rejection_reason"] == "Quantity should be a multiple of lot size 65."
        assert (await feed.ask(action="unsubscribe_orders"))["status"] == "success"
        assert client.account.listeners == []

    _feeding(house, talk)


def test_who_names_no_key_in_time_is_let_go(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy, "AUTH_DEADLINE_S", 0.01)

    async def talk(client: Client, feed: Feed) -> None:
        with pytest.raises(ConnectionClosed) as closed:
            await feed.socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401

    _feeding(house, talk, named=False)


def test_a_changed_order_is_told_with_its_new_terms(house: House) -> None:
    async def talk(client: Client, feed: Feed) -> None:
        await feed.ask(action="subscribe_orders")
        stop = an_order(client.symbols, pricetype="SL", price="30010", trigger_price="30000")
        order_id = (await client.told("placeorder", stop))["orderid"]
        await feed.next(lambda told: told.get("order_status") == "trigger pending")
        limit = {
            **stop,
            "orderid": order_id,
            "pricetype": "LIMIT",
            "trigger_price": "0",
            "disclosed_quantity": "0",
        }
        for price, quantity in (("20000", "65"), ("20001", "65"), ("20001", "130")):
            await client.told("modifyorder", {**limit, "price": price, "quantity": quantity})
            told = await feed.next(lambda told: told.get("type") == "order_update")
            assert (told["orderid"], told["order_status"], told["pricetype"]) == (order_id, "open", "LIMIT")
            assert (told["price"], told["trigger_price"]) == (float(price), 0)
            assert told["quantity"] == told["pending_quantity"] == int(quantity)
        await client.told("cancelorder", orderid=order_id, strategy="test")
        told = await feed.next(lambda told: told.get("type") == "order_update")
        assert (told["order_status"], told["quantity"], told["pending_quantity"]) == ("cancelled", 130, 0)

    _feeding(house, talk)


def test_a_bracket_that_is_refused_is_told_as_the_order_that_the_book_shows(house: House) -> None:
    async def talk(client: Client, feed: Feed) -> None:
        await feed.ask(action="subscribe_orders")
        wrong = an_order(client.symbols, quantity="1", stoploss="20000")
        said = await client.post("placeorder", wrong)
        told = await feed.next(lambda told: told.get("type") == "order_update")
        assert said.json()["status"] == "error"
        assert (told["order_status"], told["rejection_reason"] != "") == ("rejected", True)
        book = (await client.told("orderbook"))["data"]["orders"]
        assert [(row["orderid"], row["order_status"]) for row in book] == [(told["orderid"], "rejected")]

    _feeding(house, talk)
