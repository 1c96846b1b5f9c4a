"""Money, positions and prices, with the types that brokers' answers have."""

from decimal import Decimal
from typing import Any

from tests.web.openalgo.served import Client, House, an_order


def test_funds_are_text_with_two_decimals(house: House) -> None:
    async def talk(client: Client) -> None:
        before = (await client.told("funds"))["data"]
        assert (before["availablecash"], before["utiliseddebits"]) == ("5000000.00", "0.00")
        await client.bought()
        after = (await client.told("funds"))["data"]
        blocked = Decimal(after["utiliseddebits"])
        assert blocked > 0
        charges = Decimal(str(after["charges"]))
        assert Decimal(after["availablecash"]) == Decimal("5000000.00") - blocked - charges

    house.host(talk)


def test_quotes_show_what_stands_and_the_day(house: House) -> None:
    async def talk(client: Client) -> None:
        option = {"symbol": an_order(client.symbols)["symbol"], "exchange": "NFO"}
        # The market goes on between two answers: until it stood still around the book.
        quote: dict[str, Any] = {}
        book: dict[str, Any] = {}
        while quote == {} or quote != (await client.told("quotes", option))["data"]:
            quote = (await client.told("quotes", option))["data"]
            book = (await client.told("depth", option))["data"]
        assert quote["bid"] < quote["ask"]
        assert quote["low"] <= quote["ltp"] <= quote["high"]
        index = (await client.told("quotes", symbol="NIFTY", exchange="NSE_INDEX"))["data"]
        assert index["ltp"] > 0
        assert [len(book[side]) for side in ("bids", "asks")] == [5, 5]
        assert book["bids"][0]["price"] == quote["bid"]
        assert book["totalbuyqty"] == sum(level["quantity"] for level in book["bids"])

    house.host(talk)


def test_of_several_quotes_the_unknown_one_says_so(house: House) -> None:
    async def talk(client: Client) -> None:
        pairs = [{"symbol": "SBIN", "exchange": "NSE"}, {"symbol": "X", "exchange": "NSE"}]
        answer = await client.told("multiquotes", symbols=pairs)
        first, second = answer["results"]
        assert first["data"]["ltp"] > 0
        assert "not found" in second["error"]
        assert answer["data"][0]["ltp"] == first["data"]["ltp"]
        said = await client.post("quotes", symbol="X", exchange="NSE")
        assert (said.status_code, said.json()["message"]) == (404, second["error"])

    house.host(talk)


def test_the_server_says_that_it_simulates(house: House) -> None:
    async def talk(client: Client) -> None:
        state = (await client.told("analyzer"))["data"]
        assert state == {"mode": "analyze", "analyze_mode": True, "total_logs": 0}

    house.host(talk)
