"""Price alerts over HTTP; their shapes are those of Kite's documented answers."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.web.kite.served import House

SHARED = Path(os.environ.get("KASAUTI_SHARED", str(Path(__file__).parents[3].parent / "shared")))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Return a desk of its own: what alerts buy is nobody else's matter."""
    desk = House(tmp_path_factory.mktemp("alerts"))
    yield desk
    desk.close()


@pytest.fixture
def client(house: House) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"token bot:{house.key.secret}"}
    with httpx.Client(base_url=house.root, trust_env=False, headers=headers) as each:
        yield each


def _basket(house: House, quantity: int) -> dict[str, Any]:
    terms = {
        "transaction_type": "BUY", "product": "NRML", "order_type": "MARKET", "validity": "DAY",
        "validity_ttl": 0, "quantity": quantity, "price": 0, "trigger_price": 0, "variety": "regular",
        "tags": [], "squareoff": 0, "stoploss": 0, "trailing_stoploss": 0, "market_protection": 0,
    }  # fmt: skip
    item = {"type": "insert", "tradingsymbol": house.future().tradingsymbol, "exchange": "NFO"}
    return {"name": "b", "type": "alert", "tags": [], "items": [{**item, "weight": 10_000, "params": terms}]}


def _wanted(**terms: object) -> dict[str, object]:
    return {
        "name": "NIFTY 50", "type": "simple", "lhs_exchange": "INDICES", "lhs_tradingsymbol": "NIFTY 50",
        "lhs_attribute": "LastTradedPrice", "operator": ">=", "rhs_type": "constant",
        "rhs_constant": "99000.5",
        **terms,
    }  # fmt: skip


def _data(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_an_alert_is_made_changed_listed_and_deleted(client: httpx.Client) -> None:
    made = _data(client.post("/alerts", data=_wanted()))
    assert (made["status"], made["rhs_constant"], made["lhs_exchange"]) == ("enabled", 99000.5, "INDICES")
    uuid = made["uuid"]
    changed = _data(client.put(f"/alerts/{uuid}", data=_wanted(rhs_constant=98_000)))
    assert (changed["uuid"], changed["rhs_constant"]) == (uuid, 98_000)
    assert _data(client.get(f"/alerts/{uuid}")) == changed
    assert uuid in {each["uuid"] for each in _data(client.get("/alerts", params={"status": "enabled"}))}
    assert _data(client.get(f"/alerts/{uuid}/history")) == []
    second = _data(client.post("/alerts", data=_wanted()))["uuid"]
    assert _data(client.delete("/alerts", params={"uuid": [uuid, second]})) is None
    assert _data(client.get(f"/alerts/{uuid}"))["status"] == "deleted"
    assert uuid not in {each["uuid"] for each in _data(client.get("/alerts", params={"status": "enabled"}))}


def test_one_that_holds_fires_with_its_order_and_stays_disabled(house: House, client: httpx.Client) -> None:
    lot = house.future().lot_size
    basket = json.dumps(_basket(house, lot))
    with house.watching() as seen:
        made = _data(client.post("/alerts", data=_wanted(type="ato", rhs_constant=1, basket=basket)))
        seen.wait_for("StandingSent")
    row = _data(client.get(f"/alerts/{made['uuid']}"))
    assert (row["status"], row["alert_count"]) == ("disabled", 1)
    assert row["basket"]["items"][0]["params"]["quantity"] == lot
    (entry,) = _data(client.get(f"/alerts/{made['uuid']}/history"))
    assert entry["condition"] == 'LastTradedPrice("INDICES:NIFTY 50") >= 1'
    assert entry["meta"][0]["last_price"] > 20_000
    (sent,) = entry["order_meta"]
    orders = {each["order_id"]: each for each in _data(client.get("/orders"))}
    assert orders[sent["order_id"]]["quantity"] == lot


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"lhs_tradingsymbol": "NOTHING"}, "INDICES:NOTHING"),
        ({"operator": "!="}, "operator"),
        ({"rhs_type": "instrument"}, "rhs_tradingsymbol"),
        ({"rhs_constant": ""}, "rhs_constant is needed"),
        ({"type": "ato"}, "has a basket"),
        ({"type": "ato", "basket": "{}"}, "items"),
        ({"type": "ato", "basket": "nothing"}, "Invalid JSON"),
    ],
)
def test_what_is_no_alert_is_refused_in_words(client: httpx.Client, wrong: dict[str, str], said: str) -> None:
    answer = client.post("/alerts", data=_wanted(**wrong))
    assert (answer.status_code, answer.json()["error_type"]) == (400, "InputException")
    assert said in answer.json()["message"]
    assert client.get("/alerts/none").status_code == 404


@pytest.mark.skipif(not SHARED.is_dir(), reason="Kite's documented answers are not on this machine")
def test_its_rows_have_the_fields_of_the_documented_ones(house: House, client: httpx.Client) -> None:
    folder = SHARED / "fixtures" / "kite"
    documented = {name: json.loads((folder / f"alerts_{name}.json").read_text())["data"] for name in
                  ("create", "get", "history")}  # fmt: skip
    made = _data(client.post("/alerts", data=_wanted()))
    assert made.keys() == documented["create"].keys()
    with house.watching() as seen:
        asked = _wanted(
            type="ato", rhs_constant=1, basket=json.dumps(_basket(house, house.future().lot_size))
        )
        fired = _data(client.post("/alerts", data=asked))
        seen.wait_for("StandingSent")
    ato = _data(client.get(f"/alerts/{fired['uuid']}"))
    assert ato.keys() == documented["get"][1].keys()
    (mine,), (theirs,) = ato["basket"]["items"], documented["get"][1]["basket"]["items"]
    assert (mine.keys(), mine["params"].keys()) == (theirs.keys(), theirs["params"].keys())
    (entry,) = _data(client.get(f"/alerts/{fired['uuid']}/history"))
    assert entry.keys() == documented["history"][0].keys()
    assert entry["meta"][0].keys() == documented["history"][0]["meta"][0].keys()
