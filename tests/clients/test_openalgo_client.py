"""OpenAlgo's own client, unmodified, against a desk: its whole surface, REST and WebSocket."""

import asyncio
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.web.openalgo.served import Client, House

SCRIPT = Path(__file__).with_name("openalgo_day.py")


@pytest.fixture(scope="module")
def told(python: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the client's day brought; the market is ten times as fast as the clock."""
    house = House(tmp_path_factory.mktemp("desk"), speed=10)
    house.wait(minutes=2)
    said: dict[str, Any] = {}

    async def day(client: Client) -> None:
        ports = client.doors.ports
        address = f"http://127.0.0.1:{ports['native']}", f"ws://127.0.0.1:{ports['openalgo-feed']}"
        running = await asyncio.create_subprocess_exec(
            python,
            str(SCRIPT),
            client.key.secret,
            *address,
            env={**os.environ, "NO_PROXY": "127.0.0.1", "PYTHONPATH": ""},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await running.communicate()
        assert running.returncode == 0, err.decode()
        said.update(json.loads(out))

    try:
        house.host(day)
    finally:
        house.close()
    return said


#: Calls that the client is to be refused.
REFUSED = {"unknown", "denied", "missing", "live", "telegram", "daily"}


@pytest.mark.parametrize("group", ["orders", "options", "account", "market"])
def test_every_call_of_the_client_succeeds(told: dict[str, Any], group: str) -> None:
    failed = {
        name: answer
        for name, answer in told[group].items()
        if name not in REFUSED and "columns" not in answer and answer["status"] != "success"
    }
    assert failed == {}


def test_what_is_refused_comes_to_the_client_as_openalgos_errors(told: dict[str, Any]) -> None:
    refused = {**told["orders"], **told["market"], **told["account"]}
    codes = {name: refused[name].get("code") for name in REFUSED - {"daily"}}
    assert codes == {"unknown": 400, "denied": 400, "missing": 404, "live": 403, "telegram": 404}
    assert (
        "{'squareoff': ['Unknown field.']}"
        in json.loads(refused["unknown"]["message"].partition(": ")[2])["message"]
    )
    assert refused["daily"]["error_type"] == "no_data"
    assert (told["wrong_key"]["code"], "Invalid openalgo apikey" in told["wrong_key"]["message"]) == (
        403,
        True,
    )


def test_orders_are_what_the_client_asked_for(told: dict[str, Any]) -> None:
    orders = told["orders"]
    assert orders["orderstatus"]["data"]["order_status"] == "cancelled"
    assert orders["orderstatus"]["data"]["price"] == 20100.0
    assert "orderid" not in orders["matched"]
    assert orders["openposition"]["quantity"] == "195"
    assert [row["quantity"] for row in orders["splitorder"]["results"]] == [20, 20, 20, 20, 20, 5]
    assert [row["status"] for row in orders["basketorder"]["results"]] == ["success", "success"]
    assert orders["gttorderbook"]["data"][0]["status"] == "active"
    rows = told["account"]["orderbook"]["data"]["orders"]
    assert [row["order_status"] for row in rows].count("rejected") == 1
    assert told["account"]["closeposition"]["failed_closures"] == 0
    assert {row["quantity"] for row in told["account"]["flat"]["data"]} == {"0"}


def test_frames_of_the_client_are_in_indian_time(told: dict[str, Any]) -> None:
    history = told["market"]["history"]
    assert (history["zone"], history["rows"] > 0) == ("Asia/Kolkata", True)
    assert datetime.fromisoformat(history["first"]).strftime("%H:%M") == "09:15"
    assert {"open", "high", "low", "close", "volume", "oi"} <= set(history["columns"])
    assert told["market"]["instruments"]["rows"] > told["market"]["nse"]["rows"] == 3
    assert [row["ltp"] > 0 for row in told["market"]["multiquotes"]["data"]] == [True, True]


def test_numbers_that_clients_take_for_text_are_text(told: dict[str, Any]) -> None:
    funds = told["account"]["funds"]["data"]
    names = ("availablecash", "collateral", "m2mrealized", "m2munrealized", "utiliseddebits")
    assert [type(funds[name]) for name in names] == [str] * 5
    position = told["account"]["positionbook"]["data"][0]
    assert [type(position[name]) for name in ("quantity", "average_price", "ltp", "pnl")] == [str] * 4


def test_the_clients_feed_shows_every_mode_and_the_order(told: dict[str, Any]) -> None:
    feed = told["feed"]
    assert feed["connect"] is True
    assert feed["came"] == {"ltp": True, "quote": True, "depth": True, "order": True}
    assert feed["on_order"]["type"] == "order_update"
    (quote,) = feed["get_quotes"]["quote"]["NFO"].values()
    assert float(quote["low"]) <= float(quote["ltp"]) <= float(quote["high"])
    (depth,) = feed["get_depth"]["depth"]["NFO"].values()
    assert depth["ltp"]
