"""Kite's official client trades a day through the twin."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from kiteconnect import KiteConnect, exceptions  # type: ignore[import-untyped]
from tests.web.kite.conftest import Seconds
from tests.web.kite.served import House


@pytest.fixture
def unused(tmp_path: Path) -> Iterator[House]:
    """Return a desk on which nobody has traded: what else is tested on one leaves positions."""
    desk = House(tmp_path)
    yield desk
    desk.close()


def _logged_in(house: House) -> KiteConnect:
    """Go the way of a login: the page, the key, the request token, the session."""
    client = KiteConnect("my-app", root=house.root)
    client.reqsession.trust_env = False
    form = {"api_key": "my-app", "key": house.key.secret, "redirect_url": "http://127.0.0.1:1/back?x=1"}
    with httpx.Client(base_url=house.root, trust_env=False) as browser:
        page = browser.get("/connect/login", params={"api_key": "my-app", "v": 3})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        back = browser.post("/connect/login", data=form)
    assert back.status_code == 302
    url = httpx.URL(back.headers["location"])
    assert (url.host, url.path, url.params["status"], url.params["x"]) == (
        "127.0.0.1",
        "/back",
        "success",
        "1",
    )
    session = client.generate_session(url.params["request_token"], api_secret=house.key.secret)
    assert session["api_key"] == "my-app"
    return client


def test_a_day_from_login_to_logout(unused: House) -> None:
    kite, future = _logged_in(unused), unused.future()
    assert kite.profile()["user_id"] == "owner"
    name = f"{future.exchange}:{future.tradingsymbol}"
    last = kite.ltp(name)[name]["last_price"]
    assert last > 0
    order = {
        "variety": "regular", "exchange": str(future.exchange), "tradingsymbol": future.tradingsymbol,
        "transaction_type": "BUY", "quantity": future.lot_size, "product": "NRML", "market_protection": -1,
    }  # fmt: skip
    bought = kite.place_order(**order, order_type="MARKET", tag="bot1")
    words = [row["status"] for row in kite.order_history(bought)]
    assert words == ["PUT ORDER REQ RECEIVED", "VALIDATION PENDING", "OPEN PENDING", "OPEN", "COMPLETE"]
    row = next(each for each in kite.orders() if each["order_id"] == bought)
    assert (row["status"], row["filled_quantity"], row["tag"]) == ("COMPLETE", future.lot_size, "bot1")
    (trade,) = kite.order_trades(bought)
    assert trade["average_price"] == row["average_price"]
    (net,) = [each for each in kite.positions()["net"] if each["tradingsymbol"] == future.tradingsymbol]
    assert (net["quantity"], net["buy_price"]) == (future.lot_size, row["average_price"])
    resting = kite.place_order(**order, order_type="LIMIT", price=round(last * 0.97))
    kite.modify_order("regular", resting, price=round(last * 0.98), order_type="LIMIT")
    kite.cancel_order("regular", resting)
    words = [row["status"] for row in kite.order_history(resting)]
    assert words[3:] == [
        "OPEN", "MODIFY VALIDATION PENDING", "MODIFY PENDING", "MODIFIED", "OPEN", "CANCEL PENDING",
        "CANCELLED",
    ]  # fmt: skip
    assert kite.convert_position("NFO", future.tradingsymbol, "BUY", "day", future.lot_size, "NRML", "MIS")
    mine = [each for each in kite.positions()["day"] if each["tradingsymbol"] == future.tradingsymbol]
    assert {each["product"]: each["day_buy_quantity"] for each in mine} == {"MIS": future.lot_size}
    assert kite.convert_position("NFO", future.tradingsymbol, "BUY", "day", future.lot_size, "MIS", "NRML")
    kite.place_order(**{**order, "transaction_type": "SELL"}, order_type="MARKET")
    (flat,) = [each for each in kite.positions()["net"] if each["tradingsymbol"] == future.tradingsymbol]
    assert flat["quantity"] == 0
    kite.invalidate_access_token()
    with pytest.raises(exceptions.TokenException, match="Incorrect `api_key` or `access_token`"):
        kite.orders()


def test_a_request_token_is_good_once_and_for_who_has_the_secret(house: House) -> None:
    with httpx.Client(base_url=house.root, trust_env=False) as client:
        form = {"api_key": "app", "key": house.key.secret}
        back = client.post("/connect/login", data=form)
        token = httpx.URL(back.headers["location"]).params["request_token"]
        for secret in ("wrong", house.key.secret):
            checksum = hashlib.sha256(f"app{token}{secret}".encode()).hexdigest()
            asked = {"api_key": "app", "request_token": token, "checksum": checksum}
            said = client.post("/session/token", data=asked)
            assert (said.status_code, said.json()["error_type"]) == (403, "TokenException")


def test_lists_candles_money_and_costs_are_read(house: House) -> None:
    kite, future = house.kite(), house.future()
    rows = kite.instruments("NFO")
    (row,) = [each for each in rows if each["tradingsymbol"] == future.tradingsymbol]
    assert (row["segment"], row["instrument_type"], row["lot_size"]) == ("NFO-FUT", "FUT", future.lot_size)
    assert row["instrument_token"] & 0xFF == 2
    assert row["instrument_token"] >> 8 == int(row["exchange_token"])
    assert {each["instrument_token"] for each in kite.instruments() if each["segment"] == "INDICES"} >= {
        256265
    }
    assert kite.quote("NSE:NIFTY 50", "NSE:NOTHING").keys() == {"NSE:NIFTY 50"}
    name = f"NFO:{future.tradingsymbol}"
    with house.standing_still():
        last = kite.ltp(name)[name]["last_price"]
        (span,) = kite.trigger_range("BUY", name, "NSE:NIFTY 50", "NSE:NOTHING").values()
        assert kite.margins("equity")["net"] == kite.margins()["equity"]["available"]["live_balance"]
    assert span["instrument_token"] == row["instrument_token"]
    assert round(last * 0.9) < span["lower"] < span["upper"] <= last
    assert kite.ohlc(256265)["256265"]["ohlc"]["open"] > 0
    day = house.play.desk.floor.market.days[0].isoformat()
    candles = kite.historical_data(row["instrument_token"], day, f"{day} 15:30:00", "minute", oi=True)
    assert isinstance(candles, list)
    with pytest.raises(exceptions.InputException, match="interval exceeds max limit: 60 days"):
        kite.historical_data(row["instrument_token"], "2026-01-01", "2026-06-01", "minute")
    equity = kite.margins("equity")
    assert equity["available"]["cash"] <= 5_000_000 + 1_000, (
        "what clearing carries is not money of the account"
    )
    assert equity["net"] == round(equity["available"]["cash"] - equity["utilised"]["debits"], 2)
    assert (kite.mf_orders(), kite.mf_sips(), kite.mf_holdings()) == ([], [], [])
    with pytest.raises(exceptions.OrderException, match=r"0 units .* can be converted"):
        kite.convert_position("NFO", future.tradingsymbol, "BUY", "overnight", future.lot_size, "MIS", "NRML")
    asked = {
        "exchange": "NFO", "tradingsymbol": future.tradingsymbol, "transaction_type": "BUY",
        "variety": "regular", "product": "NRML", "order_type": "MARKET", "quantity": future.lot_size,
        "price": 0, "trigger_price": 0,
    }  # fmt: skip
    (alone,) = kite.order_margins([asked])
    assert alone["total"] > 0
    assert alone["charges"]["brokerage"] == 20
    together = kite.basket_order_margins([asked, {**asked, "transaction_type": "SELL"}])
    assert together["final"]["total"] < together["initial"]["total"]
    option = next(each for each in rows if each["instrument_type"] == "CE" and str(each["expiry"]) == day)
    sold = {**asked, "tradingsymbol": option["tradingsymbol"], "transaction_type": "SELL", "price": 60}
    (last_day,) = kite.order_margins([{**sold, "quantity": option["lot_size"]}])
    assert last_day["total"] == round(last_day["span"] + last_day["exposure"], 2), (
        "with what its last day adds"
    )
    (cost,) = kite.get_virtual_contract_note([{**asked, "average_price": 25_000, "order_id": "1"}])
    assert cost["charges"]["brokerage"] == 20


def test_a_trigger_is_placed_changed_and_deleted(house: House) -> None:
    kite, future = house.kite(), house.future()
    name = future.tradingsymbol
    last = kite.ltp(f"NFO:{name}")[f"NFO:{name}"]["last_price"]
    trigger, price = round(last * 0.95), round(last * 0.94)
    order = {
        "transaction_type": "BUY",
        "quantity": future.lot_size,
        "order_type": "LIMIT",
        "product": "NRML",
        "price": price,
    }
    number = kite.place_gtt("single", name, "NFO", [trigger], last, [order])["trigger_id"]
    assert kite.get_gtt(number)["status"] == "active"
    kite.modify_gtt(number, "single", name, "NFO", [trigger - 10], last, [order])
    assert kite.get_gtt(number)["condition"]["trigger_values"] == [trigger - 10]
    kite.delete_gtt(number)
    assert [each["status"] for each in kite.get_gtts() if each["id"] == number] == ["deleted"]


def test_a_refused_cover_order_is_in_the_book_with_its_reason(house: House) -> None:
    kite, future = house.kite(), house.future()
    order = {
        "variety": "co", "exchange": "NFO", "tradingsymbol": future.tradingsymbol, "product": "MIS",
        "transaction_type": "BUY", "quantity": future.lot_size, "order_type": "MARKET",
        "trigger_price": 1_000,
    }  # fmt: skip
    with pytest.raises(
        exceptions.KiteException, match="stop loss trigger price is beyond the allowed range"
    ) as refused:
        kite.place_order(**order, market_protection=-1)
    row = kite.orders()[-1]
    assert (row["status"], row["variety"], row["status_message"]) == ("REJECTED", "co", str(refused.value))
    words = [each["status"] for each in kite.order_history(row["order_id"])]
    assert words == ["PUT ORDER REQ RECEIVED", "VALIDATION PENDING", "REJECTED"]
    assert kite.order_trades(row["order_id"]) == []
    with pytest.raises(exceptions.OrderException, match="not open"):
        kite.cancel_order("co", row["order_id"])


def test_the_brokers_rules_are_errors_of_the_brokers_classes(live_house: House, seconds: Seconds) -> None:
    kite, future = live_house.kite(), live_house.future()
    order = {
        "variety": "regular", "exchange": "NFO", "tradingsymbol": future.tradingsymbol,
        "transaction_type": "BUY", "quantity": future.lot_size, "product": "NRML", "order_type": "MARKET",
    }  # fmt: skip
    with pytest.raises(exceptions.InputException, match="Market orders without market protection") as refused:
        kite.place_order(**order)
    assert refused.value.code == 400
    kite.ltp("NSE:NIFTY 50")
    with pytest.raises(exceptions.NetworkException, match="Too many requests") as refused:
        kite.ltp("NSE:NIFTY 50")
    assert refused.value.code == 429
    seconds.now_s += 1
    assert kite.ltp("NSE:NIFTY 50")
    with pytest.raises(exceptions.InputException, match="order_id"):
        kite.cancel_order("regular", "1")
