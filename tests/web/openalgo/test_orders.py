"""One order at a time through OpenAlgo's API: what is answered, and what the books show of it."""

import pytest
from tests.web.openalgo.served import Client, House, an_order


def test_a_market_order_is_in_every_book_once_it_is_answered(house: House) -> None:
    async def talk(client: Client) -> None:
        order = an_order(client.symbols)
        answer = await client.told("placeorder", order)
        assert (answer["status"], answer["mode"]) == ("success", "analyze")
        order_id = answer["orderid"]
        status = (await client.told("orderstatus", strategy="test", orderid=order_id))["data"]
        assert (status["order_status"], status["pricetype"], status["price_type"]) == (
            "complete",
            "MARKET",
            "MARKET",
        )
        assert (status["quantity"], status["filled_quantity"]) == (order["quantity"], 65)
        book = (await client.told("orderbook"))["data"]
        assert [row["orderid"] for row in book["orders"]] == [order_id]
        assert book["statistics"]["total_completed_orders"] == 1.0
        trade = (await client.told("tradebook"))["data"][0]
        assert (trade["orderid"], trade["quantity"], trade["action"]) == (order_id, 65, "BUY")
        position = (await client.told("positionbook"))["data"][0]
        assert (position["symbol"], position["quantity"], position["product"]) == (
            order["symbol"],
            "65",
            "NRML",
        )
        assert float(position["average_price"]) == trade["average_price"]
        held = await client.told(
            "openposition", strategy="test", symbol=order["symbol"], exchange="NFO", product="NRML"
        )
        assert held["quantity"] == "65"

    house.host(talk)


def test_a_limit_order_waits_is_changed_and_cancelled(house: House) -> None:
    async def talk(client: Client) -> None:
        order = an_order(client.symbols, pricetype="LIMIT", price="20000")
        order_id = await client.bought(pricetype="LIMIT", price="20000")
        status = (await client.told("orderstatus", strategy="test", orderid=order_id))["data"]
        assert (status["order_status"], status["price"], status["average_price"]) == ("open", 20000.0, 0.0)
        change = {
            **order,
            "orderid": order_id,
            "price": "20100",
            "disclosed_quantity": "0",
            "trigger_price": "0",
        }
        changed = await client.told("modifyorder", change)
        assert changed["orderid"] == order_id
        status = (await client.told("orderstatus", strategy="test", orderid=order_id))["data"]
        assert status["price"] == 20100.0
        cancelled = await client.told("cancelorder", strategy="test", orderid=order_id)
        assert cancelled["orderid"] == order_id
        status = (await client.told("orderstatus", strategy="test", orderid=order_id))["data"]
        assert status["order_status"] == "cancelled"
        again = await client.post("cancelorder", strategy="test", orderid=order_id)
        assert (again.status_code, again.json()["status"]) == (400, "error")

    house.host(talk)


def test_what_an_order_cannot_change_is_refused_and_not_passed_over(house: House) -> None:
    async def talk(client: Client) -> None:
        order = an_order(client.symbols, pricetype="LIMIT", price="20000")
        order_id = await client.bought(pricetype="LIMIT", price="20000")
        change = {**order, "orderid": order_id, "disclosed_quantity": "0", "trigger_price": "0"}
        for field, value in (("product", "MIS"), ("action", "SELL")):
            said = await client.post("modifyorder", {**change, field: value})
            assert said.status_code == 400
            assert f"The {field} of order {order_id}" in said.json()["message"]
        asleep = {**change, "pricetype": "SL", "trigger_price": "21000", "price": "21010"}
        said = await client.post("modifyorder", asleep)
        assert said.status_code == 400
        assert "trades already, as LIMIT" in said.json()["message"]
        larger = await client.post("modifyorder", {**change, "quantity": "6500000"})
        assert larger.status_code == 400, "the margin of a change is checked"

    house.host(talk)


@pytest.mark.parametrize("stop", ["SL", "SL-M"])
def test_a_stop_becomes_a_market_order_and_gets_out(house: House, stop: str) -> None:
    async def talk(client: Client) -> None:
        terms = {"pricetype": stop, "price": "30010", "trigger_price": "30000"}
        order = an_order(client.symbols, **terms)
        order_id = await client.bought(**terms)
        change = {**order, "orderid": order_id, "pricetype": "MARKET", "disclosed_quantity": "0"}
        await client.told("modifyorder", change)
        status = (await client.told("orderstatus", strategy="test", orderid=order_id))["data"]
        assert (status["order_status"], status["pricetype"]) == ("complete", "MARKET")
        assert (status["price"], status["trigger_price"]) == (0.0, 0.0)
        assert status["average_price"] > 0

    house.host(talk)


def test_a_refused_order_is_answered_as_a_brokers_refusal_and_stands_in_the_book(house: House) -> None:
    async def talk(client: Client) -> None:
        order = an_order(client.symbols, quantity="64")
        said = await client.post("placeorder", order)
        assert (said.status_code, said.json()) == (
            400,
            {
                "status": "error",
                "message": "Quantity should be a multiple of lot size 65.",
                "mode": "analyze",
            },
        )
        (row,) = (await client.told("orderbook"))["data"]["orders"]
        assert (row["order_status"], row["rejection_reason"]) == ("rejected", said.json()["message"])
        found = await client.told("orderstatus", strategy="test", orderid=row["orderid"])
        assert found["data"]["order_status"] == "rejected"

    house.host(talk)


def test_more_than_the_account_has_is_refused(house: House) -> None:
    async def talk(client: Client) -> None:
        said = await client.post("placeorder", an_order(client.symbols, quantity="650000"))
        assert said.status_code == 400
        assert said.json()["message"].startswith("Insufficient funds. Required margin is ")

    house.host(talk)


@pytest.mark.parametrize("name", ["orderstatus", "cancelorder"])
def test_an_order_that_is_not_there_is_not_found(house: House, name: str) -> None:
    async def talk(client: Client) -> None:
        said = await client.post(name, strategy="test", orderid="nothing")
        assert (said.status_code, said.json()["message"]) == (404, "Order nothing not found")

    house.host(talk)


def test_actions_may_be_small_and_numbers_text_or_not(house: House) -> None:
    async def talk(client: Client) -> None:
        order = an_order(client.symbols)
        await client.told("placeorder", {**order, "action": "buy", "quantity": 65})
        await client.told(
            "placeorder", {**order, "action": "sell", "quantity": "65.0", "price": ""} | {"price": "0"}
        )
        held = (await client.told("positionbook"))["data"]
        assert [row["quantity"] for row in held] == ["0"]

    house.host(talk)
