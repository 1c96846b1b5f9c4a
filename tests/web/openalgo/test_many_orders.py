"""Several orders in one request: smart, basket, split, close all; and exits that the account holds."""

from tests.web.openalgo.served import Client, House, an_order

from kasauti.domain.commands import PlaceBracket


async def _held(client: Client) -> str:
    order = an_order(client.symbols)
    told = await client.told(
        "openposition", strategy="x", symbol=order["symbol"], exchange="NFO", product="NRML"
    )
    return str(told["quantity"])


def test_a_smart_order_trades_the_difference_and_says_when_there_is_none(house: House) -> None:
    async def talk(client: Client) -> None:
        order = an_order(client.symbols)
        steps = [
            ("BUY", 65, "65"),
            ("BUY", 195, "195"),
            ("SELL", 65, "65"),
            ("SELL", -65, "-65"),
            ("BUY", 0, "0"),
        ]
        for action, wanted, held in steps:
            told = await client.told("placesmartorder", order, action=action, position_size=str(wanted))
            assert told["orderid"]
            assert await _held(client) == held
            if wanted:
                again = await client.told("placesmartorder", order, action=action, position_size=str(wanted))
                assert "orderid" not in again
                assert again["message"] == "Positions Already Matched. No Action needed."
        told = await client.told("placesmartorder", order, quantity="0", position_size="0")
        assert told["message"] == "No OpenPosition Found. Not placing Exit order."
        assert "orderid" not in told

    house.host(talk)


def test_a_smart_order_without_a_position_and_a_target_of_nothing_is_placed_as_given(house: House) -> None:
    async def talk(client: Client) -> None:
        told = await client.told("placesmartorder", an_order(client.symbols), position_size="0")
        assert told["orderid"]
        assert await _held(client) == "65"

    house.host(talk)


def test_a_smart_limit_order_stays_a_limit_order(house: House) -> None:
    async def talk(client: Client) -> None:
        order = an_order(client.symbols, pricetype="LIMIT", price="20000")
        told = await client.told("placesmartorder", order, position_size="130")
        status = (await client.told("orderstatus", strategy="x", orderid=told["orderid"]))["data"]
        assert (status["pricetype"], status["quantity"], status["order_status"]) == ("LIMIT", "130", "open")

    house.host(talk)


def test_a_smart_order_that_is_sent_twice_at_once_trades_once(slow_house: House) -> None:
    async def talk(client: Client) -> None:
        order = an_order(client.symbols)
        first = await client.told("placesmartorder", order, position_size="65")
        second = await client.told("placesmartorder", order, position_size="65")
        assert first["orderid"]
        assert "orderid" not in second

    slow_house.host(talk)


def test_a_basket_closes_first_then_buys_then_sells_and_answers_for_each(house: House) -> None:
    async def talk(client: Client) -> None:
        await client.bought()
        future = an_order(client.symbols)
        item = {key: future[key] for key in ("symbol", "exchange", "quantity", "product")}
        share = {"symbol": "SBIN", "exchange": "NSE", "quantity": 10, "product": "MIS"}
        orders = [
            {**share, "action": "SELL"},
            {"symbol": "NOTHING", "exchange": "NSE", "quantity": "1", "action": "BUY"},
            {**item, "action": "SELL"},
        ]
        told = await client.told("basketorder", strategy="b", orders=orders)
        rows = told["results"]
        assert [row["symbol"] for row in rows] == [item["symbol"], "NOTHING", "SBIN"]
        assert [row["status"] for row in rows] == ["success", "error", "success"]
        assert [row["is_last_order"] for row in rows] == [False, False, True]
        assert "orderid" not in rows[1]
        assert await _held(client) == "0"

    house.host(talk)


def test_faults_in_a_basket_are_named_by_their_place(house: House) -> None:
    async def talk(client: Client) -> None:
        said = await client.post("basketorder", strategy="b", orders=[{"symbol": "SBIN"}, 7])
        assert said.status_code == 400
        assert said.json()["message"] == (
            "{'orders': {0: {'exchange': ['Missing data for required field.'],"
            " 'action': ['Missing data for required field.'],"
            " 'quantity': ['Missing data for required field.']}, 1: {'_schema': ['Invalid input type.']}}}"
        )

    house.host(talk)


def test_a_split_order_has_full_parts_and_a_rest(house: House) -> None:
    async def talk(client: Client) -> None:
        share = {"strategy": "s", "symbol": "SBIN", "exchange": "NSE", "action": "BUY", "product": "MIS"}
        told = await client.told("splitorder", share, quantity="105", splitsize="20")
        assert (told["split_size"], told["total_quantity"]) == (20, 105)
        assert [row["quantity"] for row in told["results"]] == [20, 20, 20, 20, 20, 5]
        assert [row["order_num"] for row in told["results"]] == [1, 2, 3, 4, 5, 6]
        assert len({row["orderid"] for row in told["results"]}) == 6
        said = await client.post("splitorder", share, quantity="101", splitsize="1")
        assert (said.status_code, said.json()["message"]) == (
            400,
            "Total number of orders would exceed maximum limit of 100",
        )

    house.host(talk)


def test_closing_closes_every_position_and_cancelling_every_order_stops_included(house: House) -> None:
    async def talk(client: Client) -> None:
        await client.bought()
        share = {"strategy": "s", "symbol": "SBIN", "exchange": "NSE", "product": "MIS", "quantity": "10"}
        await client.told("placeorder", share, action="SELL")
        ltp = (await client.told("quotes", symbol="SBIN", exchange="NSE"))["data"]["ltp"]
        stop = round(ltp * 1.05)
        await client.told(
            "placeorder", share, action="BUY", pricetype="SL", price=stop + 1, trigger_price=stop
        )
        book = (await client.told("orderbook"))["data"]
        assert book["orders"][-1]["order_status"] == "trigger pending"
        assert book["statistics"]["total_trigger_pending_orders"] == 1.0
        told = await client.told("cancelallorder", strategy="another")
        assert told["message"] == "Canceled 1 orders. Failed to cancel 0 orders."
        told = await client.told("closeposition", strategy="another")
        assert (told["message"], told["closed_positions"], told["failed_closures"]) == (
            "Closed 2 positions",
            2,
            0,
        )
        rows = (await client.told("positionbook"))["data"]
        assert [row["quantity"] for row in rows] == ["0", "0"]
        told = await client.told("closeposition", strategy="another")
        assert told["message"] == "No Open Positions Found"
        results = await client.told("pnl/symbols")
        assert results["total_pnl"] == sum(row["pnl"] for row in results["data"])

    house.host(talk)


def test_exits_on_an_order_are_held_by_the_account(house: House) -> None:
    async def talk(client: Client) -> None:
        order = an_order(client.symbols)
        ltp = (await client.told("quotes", symbol=order["symbol"], exchange="NFO"))["data"]["ltp"]
        exits = {"stoploss": str(round(ltp - 100)), "target": str(round(ltp + 100)), "trailing_sl": "50"}
        told = await client.told("placeorder", {**order, **exits})
        assert await _held(client) == "65"
        (one,) = client.account.state.standing.values()
        assert isinstance(one.plan, PlaceBracket)
        assert (one.guarded, one.plan.trailing) == (65, 50_0000)
        assert told["orderid"] in one.sent
        wrong = await client.post("placeorder", {**order, "stoploss": str(round(ltp + 100))})
        assert (wrong.status_code, wrong.json()["status"]) == (400, "error")

    house.host(talk)


def test_closing_takes_the_target_of_a_bracket_back_and_closes_once(house: House) -> None:
    async def talk(client: Client) -> None:
        order = an_order(client.symbols)
        ltp = (await client.told("quotes", symbol=order["symbol"], exchange="NFO"))["data"]["ltp"]
        await client.bought(target=round(ltp * 1.01), stoploss=round(ltp * 0.99))
        orders = (await client.told("orderbook"))["data"]["orders"]
        assert sorted((each["pricetype"], each["order_status"]) for each in orders) == [
            ("LIMIT", "open"),
            ("MARKET", "complete"),
        ]

        told = await client.told("closeposition", strategy="x")

        assert (told["closed_positions"], told["failed_closures"]) == (1, 0)
        assert await _held(client) == "0"
        orders = (await client.told("orderbook"))["data"]["orders"]
        assert sorted((each["action"], each["order_status"]) for each in orders) == [
            ("BUY", "complete"),
            ("SELL", "cancelled"),
            ("SELL", "complete"),
        ]

    house.host(talk)
