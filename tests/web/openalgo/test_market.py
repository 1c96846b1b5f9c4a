"""Symbols, the past, days and margins through OpenAlgo's API."""

from datetime import UTC, datetime
from itertools import pairwise

from tests.web.openalgo.served import Client, House, an_order


def test_a_symbol_has_its_terms_and_is_found_by_words(house: House) -> None:
    async def talk(client: Client) -> None:
        future = an_order(client.symbols)["symbol"]
        told = (await client.told("symbol", symbol=future, exchange="NFO"))["data"]
        assert (told["name"], told["instrumenttype"], told["lotsize"], told["freeze_qty"]) == (
            "NIFTY",
            "FUT",
            65,
            1800,
        )
        assert (told["tick_size"], told["brsymbol"]) == (0.1, "NIFTY26NOVFUT")
        assert told["token"].isdigit()
        assert (await client.post("symbol", symbol="X", exchange="NSE")).status_code == 404
        found = await client.told("search", query="nifty 26000 ce", exchange="NFO")
        assert [row["strike"] for row in found["data"]] == [26000.0]
        assert found["message"] == "Found 1 matching symbols"
        none = await client.told("search", query="nothing at all")
        assert none["data"] == []
        expiries = await client.told("expiry", symbol="NIFTY", exchange="NFO", instrumenttype="options")
        assert expiries["data"] == [told["expiry"]]
        said = await client.post("expiry", symbol="NIFTY", exchange="NSE", instrumenttype="options")
        assert said.json()["message"]["exchange"][0].startswith("Must be one of: NFO, BFO")

    house.host(talk)


def test_the_list_is_json_or_a_file_with_or_without_an_exchange(house: House) -> None:
    async def talk(client: Client) -> None:
        query = {"apikey": client.key.secret}
        everything = (await client.http.get("/api/v1/instruments", params=query)).json()["data"]
        assert len(everything) == len(client.symbols.universe)
        index = (
            await client.http.get("/api/v1/instruments", params={**query, "exchange": "NSE_INDEX"})
        ).json()
        assert [row["symbol"] for row in index["data"]] == ["NIFTY"]
        file = await client.http.get(
            "/api/v1/instruments/", params={**query, "exchange": "NSE", "format": "csv"}
        )
        assert file.headers["content-type"].startswith("text/csv")
        assert len(file.text.splitlines()) == 1 + 3
        said = await client.http.get("/api/v1/instruments", params={"apikey": "wrong"})
        assert (said.status_code, said.json()["message"]) == (403, "Invalid openalgo apikey")
        said = await client.http.get("/api/v1/instruments")
        assert said.status_code == 400

    house.host(talk)


def test_history_is_in_seconds_and_a_day_at_its_midnight(past_house: House) -> None:
    async def talk(client: Client) -> None:
        asked = {"symbol": "SBIN", "exchange": "NSE", "start_date": "2026-11-23", "end_date": "2026-11-23"}
        rows = (await client.told("history", asked, interval="1m", source="api"))["data"]
        assert rows[0]["timestamp"] == int(datetime(2026, 11, 23, 3, 45, tzinfo=UTC).timestamp())
        assert {b["timestamp"] - a["timestamp"] for a, b in pairwise(rows)} == {60}
        assert all(row["low"] <= min(row["open"], row["close"]) <= row["high"] for row in rows)
        five = (await client.told("history", asked, interval="5m"))["data"][0]
        assert (five["open"], five["close"]) == (rows[0]["open"], rows[4]["close"])
        assert (await client.told("history", asked, interval="D"))["data"] == [], "the day has not ended"
        known = (await client.told("intervals"))["data"]
        assert (known["minutes"], known["days"]) == (["1m", "3m", "5m", "10m", "15m", "30m"], ["D"])
        wrong = [
            ({"interval": "2h"}, 400),
            ({"interval": "1m", "source": "db"}, 404),
            ({"interval": "7m"}, 400),
        ]
        for change, status in wrong:
            assert (await client.post("history", {**asked, **change})).status_code == status

    past_house.host(talk)


def test_a_ticker_speaks_as_amibroker_reads(past_house: House) -> None:
    async def talk(client: Client) -> None:
        query = {"apikey": client.key.secret, "from": "2026-11-01", "to": "2026-11-23", "interval": "1m"}
        text = (await client.http.get("/api/v1/ticker/NSE:SBIN", params={**query, "format": "txt"})).text
        name, day, clock, *numbers = text.splitlines()[0].split(",")
        assert (name, day, clock, len(numbers)) == ("NSE:SBIN", "2026-11-23", "09:15:00", 5)
        told = (await client.http.get("/api/v1/ticker/NSE:SBIN", params=query)).json()
        assert [str(told["data"][0][each]) for each in ("open", "high", "low", "close")] == numbers[:4]
        gone = await client.http.get("/api/v1/ticker/NSE:X", params={**query, "format": "txt"})
        assert (gone.status_code, gone.headers["content-type"]) == (404, "text/plain; charset=utf-8")

    past_house.host(talk)


def test_days_of_the_market(house: House) -> None:
    """NSE's list of holidays for 2026 has Republic Day, on which MCX trades in the evening."""

    async def talk(client: Client) -> None:
        told = await client.told("market/holidays", year=2026)
        assert (told["year"], told["timezone"]) == (2026, "Asia/Kolkata")
        republic_day = next(row for row in told["data"] if row["date"] == "2026-01-26")
        assert republic_day["description"] == "Republic Day"
        assert "NSE" in republic_day["closed_exchanges"]
        hours = (await client.told("market/timings", date="2026-11-23"))["data"]
        opens = int(datetime(2026, 11, 23, 3, 45, tzinfo=UTC).timestamp()) * 1000
        assert next(row for row in hours if row["exchange"] == "NSE")["start_time"] == opens
        assert (await client.told("market/timings", date="2026-11-22"))["data"] == []
        assert (await client.post("market/timings", date="soon")).status_code == 400
        assert (await client.post("market/holidays", year=1999)).status_code == 400

    house.host(talk)


def test_margins_of_positions_together(house: House) -> None:
    async def talk(client: Client) -> None:
        order = an_order(client.symbols)
        leg = {
            key: order[key] for key in ("symbol", "exchange", "action", "quantity", "product", "pricetype")
        }
        told = (await client.told("margin", positions=[leg]))["data"]
        assert told["total_margin_required"] >= told["span_margin"] + told["exposure_margin"] - 0.01 > 0
        said = await client.post("margin", positions=[{**leg, "quantity": 65}])
        assert said.json()["message"] == "{'positions': {0: {'quantity': ['Not a valid string.']}}}"
        said = await client.post("margin", positions=[])
        assert said.json()["message"] == "{'positions': ['Positions must contain 1 to 50 items.']}"

    house.host(talk)


def test_no_key_turns_paper_into_money(house: House) -> None:
    async def talk(client: Client) -> None:
        told = (await client.told("analyzer/toggle", mode=True))["data"]
        assert (told["analyze_mode"], told["message"]) == (True, "Analyzer mode switched to analyze")
        said = await client.post("analyzer/toggle", mode=False)
        assert (said.status_code, said.json()["status"]) == (403, "error")
        assert (await client.told("analyzer"))["data"]["analyze_mode"] is True

    house.host(talk)


def test_nobody_is_linked_to_telegram(house: House) -> None:
    async def talk(client: Client) -> None:
        said = await client.post("telegram/notify", username="u", message="m", priority=5)
        assert (said.status_code, said.json()["message"]) == (404, "User not found or not linked to Telegram")

    house.host(talk)
