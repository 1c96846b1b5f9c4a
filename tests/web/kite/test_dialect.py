"""What cannot be answered is refused as Kite refuses it: a status, a class of error, a sentence."""

import re

import httpx
import pytest
from tests.web.kite.served import House


def _client(house: House, token: str) -> httpx.Client:
    headers = {"authorization": f"token bot:{token}"} if token else {}
    return httpx.Client(base_url=house.root, headers=headers, trust_env=False)


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "fault"),
    [
        ("GET", "/nowhere", "", 404, "GeneralException"),
        ("PATCH", "/orders", "", 405, "GeneralException"),
        ("POST", "/orders/regular", "quantity=1", 400, "InputException"),
        ("POST", "/orders/bo", "quantity=1", 400, "InputException"),
        ("POST", "/margins/orders", "[" * 20_000, 400, "InputException"),
        ("POST", "/margins/orders", "{", 400, "InputException"),
        ("POST", "/orders/regular", "x" * 70_000, 413, "InputException"),
        ("GET", "/orders/1", "", 400, "InputException"),
        ("GET", "/gtt/triggers/99", "", 404, "InputException"),
        ("PUT", "/portfolio/positions", "", 400, "InputException"),
    ],
)
def test_a_refusal_has_its_status_and_class(
    house: House, method: str, path: str, content: str, status: int, fault: str
) -> None:
    with _client(house, house.key.secret) as client:
        said = client.request(method, path, content=content)
    told = said.json()
    assert (said.status_code, told["status"], told["error_type"]) == (status, "error", fault)
    assert told["message"]


def test_money_that_is_short_is_said_as_kite_says_it(house: House) -> None:
    future = house.future()
    order = {
        "exchange": "NFO", "tradingsymbol": future.tradingsymbol, "transaction_type": "BUY",
        "validity": "DAY", "quantity": future.lot_size * 100, "product": "NRML",
        "order_type": "LIMIT", "price": 24_000,
    }  # fmt: skip
    with _client(house, house.key.secret) as client:
        said = client.post("/orders/regular", data=order)
        refused = client.get("/orders").json()["data"][-1]
    told = said.json()
    assert (said.status_code, told["error_type"]) == (400, "MarginException"), told
    # As Kite's: Insufficient funds. Required margin is 228365.92 but available margin is 228358.50.
    words = r"Insufficient funds\. Required margin is \d+\.\d\d but available margin is \d+\.\d\d\."
    assert re.fullmatch(words, told["message"]), told["message"]
    assert refused["status_message"] == refused["status_message_raw"] == told["message"]


@pytest.mark.parametrize("token", ["", "wrong"])
def test_without_a_session_nothing_is_answered(house: House, token: str) -> None:
    with _client(house, token) as client:
        said = client.get("/orders")
    assert (said.status_code, said.json()["error_type"]) == (403, "TokenException")
    assert said.json()["message"] == "Incorrect `api_key` or `access_token`."


def test_the_sandboxs_prefix_and_json_bodies_are_as_good(house: House) -> None:
    future = house.future()
    order = {
        "exchange": "NFO", "tradingsymbol": future.tradingsymbol, "transaction_type": "BUY",
        "validity": "IOC", "quantity": future.lot_size, "product": "NRML",
        "order_type": "LIMIT", "price": 1_000,
    }  # fmt: skip
    with _client(house, house.key.secret) as client:
        order_id = client.post("/oms/orders/regular", json=order).json()["data"]["order_id"]
        last = client.get(f"/orders/{order_id}").json()["data"][-1]
    assert (last["order_id"], last["validity"]) == (order_id, "IOC")


def test_a_login_leads_to_this_machine_only(house: House) -> None:
    form = {"api_key": "app", "key": house.key.secret, "redirect_url": "https://elsewhere.example/back"}
    with _client(house, "") as client:
        assert client.post("/connect/login", data=form).status_code == 400
        wrong = client.post("/connect/login", data={"api_key": "<b>", "key": "wrong"})
    assert wrong.status_code == 403
    assert "<b><b>" not in wrong.text
