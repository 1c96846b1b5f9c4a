"""Options by how far they are from the money: symbols, orders, chains, Greeks."""

from typing import Any

import pytest
from tests.web.openalgo.served import Client, House

from kasauti.exchange.greeks import greeks

NIFTY = {"underlying": "NIFTY", "exchange": "NSE_INDEX"}


def _expiry(client: Client) -> str:
    (day,) = client.symbols.universe.expiries("NSE:NIFTY 50")
    return f"{day:%d%b%y}".upper()


async def _near(client: Client) -> tuple[str, dict[str, Any]]:
    """Return the expiry and its chain, five strikes each side."""
    expiry = _expiry(client)
    return expiry, await client.told("optionchain", NIFTY, expiry_date=expiry, strike_count=5)


def test_a_chain_is_labelled_from_the_money_out(house: House) -> None:
    async def talk(client: Client) -> None:
        expiry, told = await _near(client)
        rows = told["chain"]
        assert (told["expiry_date"], told["quotes_included"], len(rows)) == (expiry, True, 11)
        assert rows[5]["strike"] == told["atm_strike"]
        assert abs(told["atm_strike"] - told["underlying_ltp"]) <= 25
        assert [row["ce"]["label"] for row in rows[3:8]] == ["ITM2", "ITM1", "ATM", "OTM1", "OTM2"]
        assert [row["pe"]["label"] for row in rows[3:8]] == ["OTM2", "OTM1", "ATM", "ITM1", "ITM2"]
        assert rows[5]["ce"]["bid"] < rows[5]["ce"]["ask"]
        assert rows[5]["ce"]["symbol"] == f"NIFTY{expiry}{rows[5]['strike']:g}CE"
        assert "delta" not in rows[5]["ce"]
        nearest = await client.told("optionchain", NIFTY)
        assert nearest["expiry_date"] == expiry
        with_greeks = await client.told("optionchain", NIFTY, strike_count=1, with_greeks=True)
        call = with_greeks["chain"][1]["ce"]
        assert 0.3 < call["delta"] < 0.7
        assert call["implied_volatility"] > 0

    house.host(talk)


def test_a_symbol_is_found_by_its_offset_on_index_and_future(house: House) -> None:
    async def talk(client: Client) -> None:
        expiry, chain = await _near(client)
        asked = {**NIFTY, "expiry_date": expiry, "offset": "otm2", "option_type": "pe"}
        told = await client.told("optionsymbol", asked)
        assert told["symbol"] == chain["chain"][3]["pe"]["symbol"]
        assert (told["exchange"], told["lotsize"], told["freeze_qty"], told["tick_size"]) == (
            "NFO",
            65,
            1800,
            0.05,
        )
        future = {"underlying": f"NIFTY{expiry}FUT", "exchange": "NFO", "offset": "ATM", "option_type": "CE"}
        assert (await client.told("optionsymbol", future))["symbol"].endswith("CE")

    house.host(talk)


def test_what_is_wrong_with_an_offset_is_said_in_the_words_of_that_family(house: House) -> None:
    async def talk(client: Client) -> None:
        asked = {**NIFTY, "offset": "OTM51", "option_type": "CE"}
        said = await client.post("optionsymbol", asked)
        assert said.status_code == 400
        assert said.json() == {
            "status": "error",
            "message": "Validation error",
            "errors": {"offset": ["Offset must be ATM, ITM1-ITM50, or OTM1-OTM50"]},
        }
        said = await client.post("optionsymbol", {**asked, "offset": "ATM"})
        assert said.status_code == 400
        assert said.json()["message"].startswith("Expiry date required.")
        beyond = {"expiry_date": _expiry(client), "offset": "OTM50"}
        wrong = [({"expiry_date": "28NOV30"}, 404), ({"expiry_date": "soon"}, 400), (beyond, 400)]
        for change, status in wrong:
            said = await client.post("optionsymbol", {**asked, "offset": "ATM", **change})
            assert (said.status_code, said.json()["status"]) == (status, "error")
        said = await client.post("optiongreeks", symbol="X", exchange="NSE")
        assert said.json()["message"] == "Validation failed"
        said = await client.post("optiongreeks", symbol="X", exchange="NFO", apikey="wrong")
        assert (said.status_code, said.json()["message"]) == (401, "Invalid openalgo apikey")

    house.host(talk)


def test_an_order_names_the_option_it_found(house: House) -> None:
    async def talk(client: Client) -> None:
        expiry, chain = await _near(client)
        asked = {
            **NIFTY,
            "expiry_date": expiry,
            "strategy": "o",
            "offset": "OTM1",
            "option_type": "CE",
            "action": "BUY",
        }
        told = await client.told("optionsorder", asked, quantity=65, product="NRML")
        assert told["symbol"] == chain["chain"][6]["ce"]["symbol"]
        assert (told["offset"], told["option_type"], told["exchange"]) == ("OTM1", "CE", "NFO")
        assert (told["underlying"], told["mode"]) == ("NIFTY", "analyze")
        assert told["underlying_ltp"] > 0
        status = (await client.told("orderstatus", strategy="o", orderid=told["orderid"]))["data"]
        assert (status["symbol"], status["order_status"]) == (told["symbol"], "complete")
        split = await client.told("optionsorder", asked, quantity=195, splitsize=130, product="NRML")
        assert [row["quantity"] for row in split["results"]] == [130, 65]
        assert "orderid" not in split

    house.host(talk)


def test_of_several_legs_purchases_go_first_and_rows_are_in_the_order_of_legs(house: House) -> None:
    async def talk(client: Client) -> None:
        leg = {"option_type": "CE", "quantity": 65, "product": "NRML"}
        legs = [
            {**leg, "offset": "OTM1", "action": "SELL"},
            {**leg, "offset": "OTM3", "action": "BUY"},
            {**leg, "offset": "OTM50", "action": "BUY"},
        ]
        told = await client.told(
            "optionsmultiorder", NIFTY, strategy="o", expiry_date=_expiry(client), legs=legs
        )
        rows = told["results"]
        assert [(row["leg"], row["action"], row["status"]) for row in rows] == [
            (1, "SELL", "success"),
            (2, "BUY", "success"),
            (3, "BUY", "error"),
        ]
        sides = [row["action"] for row in (await client.told("orderbook"))["data"]["orders"]]
        assert sides == ["BUY", "SELL"]
        said = await client.post("optionsmultiorder", NIFTY, strategy="o", legs=[])
        assert said.json()["errors"] == {"legs": ["Legs must contain 1 to 20 items."]}

    house.host(talk)


def test_greeks_and_a_synthetic_future_of_an_expiry(house: House) -> None:
    async def talk(client: Client) -> None:
        expiry, chain = await _near(client)
        middle = chain["chain"][5]
        told = await client.told("optiongreeks", symbol=middle["ce"]["symbol"], exchange="NFO")
        assert 0.3 < told["greeks"]["delta"] < 0.7
        assert told["implied_volatility"] > 0
        assert (told["strike"], told["option_type"], told["underlying"]) == (middle["strike"], "CE", "NIFTY")
        pairs = [{"symbol": each, "exchange": "NFO"} for each in (middle["pe"]["symbol"], "NOTHING")]
        several = await client.told("multioptiongreeks", symbols=pairs)
        assert several["summary"] == {"total": 2, "success": 1, "failed": 1}
        assert several["data"][0]["greeks"]["delta"] < 0
        future = await client.told("syntheticfuture", NIFTY, expiry_date=expiry)
        made = middle["strike"] + middle["ce"]["ltp"] - middle["pe"]["ltp"]
        assert future["synthetic_future_price"] == pytest.approx(made, abs=10)

    house.host(talk)


def test_greeks_are_those_of_the_textbook() -> None:
    """Hull's put on a future: F and K 20, 4 months, 9 %, 25 %: N(-d1) is 0.4712, e^-0.03 0.97045."""
    known = greeks(forward=20, strike=20, years=4 / 12, volatility=0.25, rate=0.09, is_call=True)
    assert known.delta == pytest.approx(0.97045 * (1 - 0.4712), abs=1e-4)
    put = greeks(forward=20, strike=20, years=4 / 12, volatility=0.25, rate=0.09, is_call=False)
    assert known.delta - put.delta == pytest.approx(2.718281828 ** (-0.03), abs=1e-6)
    assert known.gamma == pytest.approx(put.gamma)
    assert known.vega == pytest.approx(put.vega)
