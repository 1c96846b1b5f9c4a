"""
The list of what a compatible server has to pass, line by line, where no other module has it.

Webhooks are in tests/web of their own; the client's round trip in tests/clients.
"""

from datetime import date, time
from pathlib import Path

import pytest
from tests.web.openalgo.served import Client, House, an_order

from kasauti.domain.ist import NS_PER_MINUTE, ist_ns
from kasauti.web.access import Scope

PLACEHOLDER = {"quantity": "{{strategy.order.contracts}}", "position_size": "{{strategy.position_size}}"}


def test_a_strategy_alert_of_tradingview_trades_as_its_generator_writes_it(house: House) -> None:
    """Lower-case action, numbers as text, and text/plain, which TradingView sends when it sees no JSON."""

    async def talk(client: Client) -> None:
        order = an_order(client.symbols)
        alert = (
            f'{{"apikey": "{client.key.secret}", "strategy": "TradingView Strategy",'
            f' "symbol": "{order["symbol"]}",'
            ' "action": "buy", "exchange": "NFO", "pricetype": "MARKET", "product": "NRML", "quantity": "65",'
            ' "position_size": "65"}'
        )
        for orders in (1, 1):
            said = await client.http.post(
                "/api/v1/placesmartorder",
                content=alert,
                headers={"content-type": "text/plain; charset=utf-8"},
            )
            assert said.status_code == 200
            assert len((await client.told("orderbook"))["data"]["orders"]) == orders

    house.host(talk)


def test_placeholders_that_nobody_replaced_are_refused(house: House) -> None:
    async def talk(client: Client) -> None:
        said = await client.post("placesmartorder", {**an_order(client.symbols), **PLACEHOLDER})
        assert said.status_code == 400
        assert "'quantity': ['Not a valid number.']" in said.json()["message"]

    house.host(talk)


@pytest.mark.parametrize("field", ["stoploss", "target", "trailing", "trailing_sl"])
def test_exits_are_accepted_where_openalgo_knows_no_such_field(house: House, field: str) -> None:
    async def talk(client: Client) -> None:
        order = an_order(client.symbols)
        ltp = (await client.told("quotes", symbol=order["symbol"], exchange="NFO"))["data"]["ltp"]
        price = {"stoploss": round(ltp - 100), "target": round(ltp + 100)}.get(field, 50)
        assert (await client.told("placeorder", {**order, field: str(price)}))["orderid"]
        assert (await client.told("placeorder", {**order, field: None}))["orderid"]
        assert len(client.account.state.standing) == 1

    house.host(talk)


def test_a_market_order_without_protection_gets_the_brokers_own(strict_house: House) -> None:
    async def talk(client: Client) -> None:
        order_id = await client.bought()
        assert client.account.state.orders[order_id].band > 0

    strict_house.host(talk)


def test_what_comes_too_fast_is_429_with_the_time_to_wait(strict_house: House) -> None:
    async def talk(client: Client) -> None:
        order = an_order(client.symbols)
        # Ahead of its clock the desk's time stands still: all of these come in one second of it.
        client.play.desk.now += 10 * NS_PER_MINUTE
        answers = [await client.post("placeorder", order) for _ in range(11)]
        assert [each.status_code for each in answers] == [200] * 10 + [429]
        refused = answers[-1]
        assert refused.json() == {
            "status": "error",
            "message": "Rate limit exceeded. Please slow down your requests.",
            "retry_after": 60,
            "mode": "analyze",
        }

    strict_house.host(talk)


def test_a_key_trades_no_more_than_it_is_good_for(house: House) -> None:
    async def talk(client: Client) -> None:
        order = an_order(client.symbols)
        client.restrict(max_quantity=65, symbols=frozenset({"NIFTY"}))
        await client.told("placeorder", order)
        for change in ({"quantity": "130"}, {"symbol": "SBIN", "exchange": "NSE", "product": "MIS"}):
            said = await client.post("placeorder", {**order, **change})
            assert (said.status_code, said.json()["status"]) == (403, "error")
        share = {"symbol": "SBIN", "exchange": "NSE", "action": "BUY", "quantity": 1}
        future = {key: order[key] for key in ("symbol", "exchange", "action", "quantity", "product")}
        told = await client.told("basketorder", strategy="b", orders=[share, future])
        assert [row["status"] for row in told["results"]] == ["error", "success"]
        client.restrict(scope=Scope.READ)
        assert (await client.post("placeorder", order)).status_code == 403
        assert (await client.told("funds"))["status"] == "success"

    house.host(talk)


def test_one_account_does_not_see_the_orders_of_another(house: House) -> None:
    ids: list[str] = []

    async def buy(client: Client) -> None:
        ids.append(await client.bought())

    async def look(client: Client) -> None:
        for name in ("orderstatus", "cancelorder"):
            assert (await client.post(name, strategy="x", orderid=ids[0])).status_code == 404
        assert (await client.told("orderbook"))["data"]["orders"] == []

    house.host(buy)
    house.host(look)


def test_shares_that_were_bought_for_delivery_are_holdings_the_next_day(tmp_path: Path) -> None:
    share = {"strategy": "h", "symbol": "SBIN", "exchange": "NSE", "product": "CNC", "quantity": "10"}
    house = House(tmp_path)

    async def buy(client: Client) -> None:
        await client.told("placeorder", share, action="BUY")
        rows = (await client.told("positionbook"))["data"]
        assert [(row["product"], row["quantity"]) for row in rows] == [("CNC", "10")]
        assert (await client.told("holdings"))["data"]["holdings"] == []
        client.play.desk.advance(ist_ns(date(2026, 11, 25), time(9, 15)))
        assert (await client.told("positionbook"))["data"] == []
        (row,) = (await client.told("holdings"))["data"]["holdings"]
        assert (row["symbol"], row["quantity"], row["product"]) == ("SBIN", 10, "CNC")
        assert row["average_price"] > 0

    try:
        house.host(buy)
    finally:
        house.close()
