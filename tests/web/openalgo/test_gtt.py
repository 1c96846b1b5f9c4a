"""GTTs through OpenAlgo's API."""

from typing import Any

from tests.web.openalgo.served import Client, House

SHARE = {
    "strategy": "g",
    "symbol": "SBIN",
    "exchange": "NSE",
    "action": "BUY",
    "product": "CNC",
    "quantity": 1,
}

NO_MIS = "GTT supports only CNC (delivery) or NRML (overnight F&O); MIS is intraday-only."
NO_TRIGGER = "SINGLE GTT requires a positive triggerprice_sl or triggerprice_tg."
#: What is asked for, the field that is wrong, and what is said about it.
FAULTS: list[tuple[dict[str, object], str, str]] = [
    ({"trigger_type": "BOTH"}, "trigger_type", "Must be 'SINGLE' or 'OCO'."),
    ({"trigger_type": "OCO"}, "triggerprice_sl", "Required for OCO (stoploss trigger)."),
    ({"trigger_type": "SINGLE"}, "triggerprice_sl", NO_TRIGGER),
    ({"trigger_type": "SINGLE", "product": "MIS"}, "product", NO_MIS),
]


async def _last(client: Client) -> int:
    """Return the price in whole rupees."""
    last: float = (await client.told("quotes", symbol="SBIN", exchange="NSE"))["data"]["ltp"]
    return round(last)


async def _book(client: Client) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await client.told("gttorderbook"))["data"]
    return rows


def test_a_single_gtt_is_placed_changed_and_cancelled(house: House) -> None:
    async def talk(client: Client) -> None:
        trigger = await _last(client) - 50
        asked = {**SHARE, "trigger_type": "SINGLE", "price": trigger - 1, "triggerprice_sl": trigger}
        told = await client.told(
            "placegttorder", asked, triggerprice_tg="", stoploss=None, extra="passed over"
        )
        (row,) = await _book(client)
        assert row["trigger_id"] == told["trigger_id"]
        assert (row["trigger_type"], row["status"], row["trigger_prices"]) == ("single", "active", [trigger])
        assert row["legs"] == [
            {"action": "BUY", "quantity": 1, "price": trigger - 1, "pricetype": "LIMIT", "product": "CNC"}
        ]
        change = {
            **asked,
            "trigger_id": told["trigger_id"],
            "triggerprice_sl": trigger - 10,
            "price": trigger - 11,
        }
        assert (await client.told("modifygttorder", change))["trigger_id"] == told["trigger_id"]
        assert (await _book(client))[0]["trigger_prices"] == [trigger - 10]
        other = await client.post("modifygttorder", {**change, "symbol": "INFY"})
        assert other.status_code == 400
        await client.told("cancelgttorder", strategy="g", trigger_id=told["trigger_id"])
        assert (await _book(client))[0]["status"] == "cancelled"
        gone = await client.post("cancelgttorder", strategy="g", trigger_id="nothing")
        assert (gone.status_code, gone.json()["message"]) == (404, "GTT nothing not found")

    house.host(talk)


def test_a_gtt_with_two_legs_has_both(house: House) -> None:
    async def talk(client: Client) -> None:
        last = await _last(client)
        legs = {
            "triggerprice_sl": last - 50,
            "stoploss": last - 51,
            "triggerprice_tg": last + 50,
            "target": last + 50,
        }
        await client.told("placegttorder", SHARE, action="SELL", trigger_type="oco", price=0, **legs)
        (row,) = await _book(client)
        assert (row["trigger_type"], row["trigger_prices"]) == ("two-leg", [last - 50, last + 50])
        assert [leg["price"] for leg in row["legs"]] == [last - 51, last + 50]

    house.host(talk)


def test_a_market_gtt_sends_a_limit_at_the_worst_price_of_a_market_order(house: House) -> None:
    async def talk(client: Client) -> None:
        trigger = await _last(client) + 50
        asked = {
            **SHARE,
            "trigger_type": "SINGLE",
            "price": 0,
            "pricetype": "MARKET",
            "triggerprice_tg": trigger,
        }
        await client.told("placegttorder", asked)
        (leg,) = (await _book(client))[0]["legs"]
        assert trigger < leg["price"] <= trigger * 1.005 + 0.001, "half a per cent above 500 rupees"

    house.host(talk)


def test_what_does_not_fit_together_is_said(house: House) -> None:
    async def talk(client: Client) -> None:
        for change, field, fault in FAULTS:
            said = await client.post("placegttorder", SHARE, price=1, **change)
            assert (said.status_code, said.json()["message"]) == (400, str({field: [fault]}))
        near = await _last(client)
        said = await client.post(
            "placegttorder", SHARE, trigger_type="SINGLE", price=near, triggerprice_sl=near
        )
        assert said.status_code == 400, "too near to the last price"

    house.host(talk)
