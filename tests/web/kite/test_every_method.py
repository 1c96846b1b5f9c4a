"""Every public method of Kite's official client against the twin, and a second day of it."""

import hashlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from kiteconnect import KiteConnect, exceptions  # type: ignore[import-untyped]
from tests.web.kite.served import House

_NOTHING = exceptions.InputException


@pytest.fixture(scope="module")
def own_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Return a desk of its own: every method trades."""
    desk = House(tmp_path_factory.mktemp("methods"))
    yield desk
    desk.close()


class Bot:
    """The client with the order that most of its calls are about."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.kite = house.kite()
        self.future = house.future()
        self.name = f"NFO:{self.future.tradingsymbol}"
        self.last = self.kite.ltp(self.name)[self.name]["last_price"]
        self.order = {
            "variety": "regular", "exchange": "NFO", "tradingsymbol": self.future.tradingsymbol,
            "transaction_type": "BUY", "quantity": self.future.lot_size, "product": "NRML",
            "order_type": "LIMIT", "price": round(self.last * 0.97),
        }  # fmt: skip

    def rest(self) -> str:
        """Return the id of an order that rests."""
        return str(self.kite.place_order(**self.order))

    def buy(self) -> str:
        """Return the id of an order that has traded."""
        terms = {**self.order, "order_type": "MARKET", "price": None, "market_protection": -1}
        return str(self.kite.place_order(**terms))

    def gtt(self) -> int:
        """Return the number of a GTT."""
        return int(self.kite.place_gtt(*self.gtt_terms())["trigger_id"])

    def gtt_terms(self) -> tuple[Any, ...]:
        """Return what a GTT is made of."""
        price = round(self.last * 0.9)
        leg = {
            "transaction_type": "BUY", "quantity": self.future.lot_size, "order_type": "LIMIT",
            "product": "NRML", "price": price,
        }  # fmt: skip
        return "single", self.future.tradingsymbol, "NFO", [price], self.last, [leg]

    def asked(self) -> dict[str, Any]:
        """Return the order as margins and charges ask for it."""
        return {**self.order, "trigger_price": 0, "average_price": self.last, "order_id": "1"}


def _modified(bot: Bot) -> object:
    order_id = bot.rest()
    bot.kite.modify_order("regular", order_id, price=round(bot.last * 0.96))
    return bot.kite.order_history(order_id)[-1]["price"] == round(bot.last * 0.96)


def _converted(bot: Bot) -> object:
    bot.buy()
    lot, symbol = bot.future.lot_size, bot.future.tradingsymbol
    return bot.kite.convert_position("NFO", symbol, "BUY", "day", lot, "NRML", "MIS")


def _logged_in(bot: Bot) -> object:
    token = bot.house.request_token("session-app")
    client = KiteConnect("session-app", root=bot.house.root)
    client.reqsession.trust_env = False
    session = client.generate_session(token, api_secret=bot.house.key.secret)
    assert client.profile()["user_id"] == session["user_id"]
    return client.invalidate_access_token()


def _sliced(bot: Bot) -> object:
    option = next(each for each in bot.house.play.desk.floor.universe if each.kind == "CE")
    quantity = option.freeze_quantity // option.lot_size * option.lot_size + option.lot_size
    terms = {**bot.order, "tradingsymbol": option.tradingsymbol, "price": 1, "quantity": quantity}
    answer = bot.kite.place_autoslice_order(**terms)
    # This desk takes any quantity, so there is but one part.
    return answer["order_id"] and answer["children"] == []


def _hooked(bot: Bot) -> object:
    died: list[str] = []
    client = KiteConnect("bot", "wrong", root=bot.house.root)
    client.reqsession.trust_env = False
    client.set_session_expiry_hook(lambda: died.append("died"))
    with pytest.raises(exceptions.TokenException):
        client.orders()
    return died == ["died"]


def _refused(
    call: Callable[[KiteConnect], object], error: type[Exception] = _NOTHING
) -> Callable[[Bot], bool]:
    def run(bot: Bot) -> bool:
        with pytest.raises(error):
            call(bot.kite)
        return True

    return run


#: What each method is called with; what is returned has to be true, or a list.
CALLS: dict[str, Callable[[Bot], object]] = {
    "basket_order_margins": lambda b: b.kite.basket_order_margins([b.asked()])["final"]["total"] > 0,
    "cancel_mf_order": _refused(lambda k: k.cancel_mf_order("1")),
    "cancel_mf_sip": _refused(lambda k: k.cancel_mf_sip("1")),
    "cancel_order": lambda b: b.kite.cancel_order("regular", b.rest()),
    "convert_position": _converted,
    "delete_gtt": lambda b: b.kite.delete_gtt(b.gtt())["trigger_id"],
    "exit_order": lambda b: b.kite.exit_order("regular", b.rest()),
    "generate_session": _logged_in,
    "get_auction_instruments": lambda b: b.kite.get_auction_instruments(),
    "get_gtt": lambda b: b.kite.get_gtt(b.gtt())["status"] == "active",
    "get_gtts": lambda b: b.kite.get_gtts(),
    "get_virtual_contract_note": lambda b: b.kite.get_virtual_contract_note([b.asked()])[0]["charges"][
        "total"
    ],
    "historical_data": lambda b: b.kite.historical_data(256265, *_today(b), "minute"),
    "holdings": lambda b: b.kite.holdings(),
    "instruments": lambda b: b.kite.instruments("NFO"),
    "invalidate_access_token": _logged_in,
    "invalidate_refresh_token": lambda b: b.kite.invalidate_refresh_token("none"),
    "login_url": lambda b: "api_key=bot" in b.kite.login_url(),
    "ltp": lambda b: b.kite.ltp(b.name)[b.name]["last_price"] > 0,
    "margins": lambda b: b.kite.margins("equity")["net"],
    "mf_holdings": lambda b: b.kite.mf_holdings(),
    "mf_instruments": lambda b: b.kite.mf_instruments(),
    "mf_orders": lambda b: b.kite.mf_orders(),
    "mf_sips": lambda b: b.kite.mf_sips(),
    "modify_gtt": lambda b: b.kite.modify_gtt(b.gtt(), *b.gtt_terms())["trigger_id"],
    "modify_mf_sip": _refused(lambda k: k.modify_mf_sip("1", amount=1)),
    "modify_order": _modified,
    "ohlc": lambda b: b.kite.ohlc(b.name)[b.name]["ohlc"]["open"],
    "order_history": lambda b: [each["status"] for each in b.kite.order_history(b.buy())][-1] == "COMPLETE",
    "order_margins": lambda b: b.kite.order_margins([b.asked()])[0]["total"] > 0,
    "order_trades": lambda b: b.kite.order_trades(b.buy())[0]["quantity"] == b.future.lot_size,
    "orders": lambda b: b.rest() in {each["order_id"] for each in b.kite.orders()},
    "place_autoslice_order": _sliced,
    "place_gtt": lambda b: b.gtt(),
    "place_mf_order": _refused(lambda k: k.place_mf_order("INF1", "BUY", amount=1)),
    "place_mf_sip": _refused(lambda k: k.place_mf_sip("INF1", 1, 1, "monthly")),
    "place_order": lambda b: b.rest(),
    "positions": lambda b: {"net", "day"} == b.kite.positions().keys(),
    "profile": lambda b: b.kite.profile()["user_id"] == "owner",
    "quote": lambda b: len(b.kite.quote(b.name)[b.name]["depth"]["buy"]) == 5,
    "renew_access_token": _refused(
        lambda k: k.renew_access_token("none", "secret"), exceptions.TokenException
    ),
    "set_access_token": lambda b: b.kite.set_access_token(b.house.key.secret) is None,
    "set_session_expiry_hook": _hooked,
    "trades": lambda b: b.buy() in {each["order_id"] for each in b.kite.trades()},
    "trigger_range": lambda b: b.kite.trigger_range("BUY", b.name)[b.name]["lower"] < b.last,
}


def _today(bot: Bot) -> tuple[str, str]:
    day = bot.house.play.desk.floor.market.days[0].isoformat()
    return day, f"{day} 15:30:00"


def test_every_public_method_of_the_client_has_its_call_here() -> None:
    public = {name for name, _ in inspect.getmembers(KiteConnect, inspect.isfunction) if name[0] != "_"}
    assert set(CALLS) == public, "the official client has other methods than these"


@pytest.mark.parametrize("name", CALLS)
def test_a_method_is_answered(own_house: House, name: str) -> None:
    answer = CALLS[name](Bot(own_house))
    assert answer or isinstance(answer, list), name


def test_a_logout_ends_the_session_and_its_token_opens_nothing(own_house: House) -> None:
    checksum = hashlib.sha256(b"nothing").hexdigest()
    client = own_house.kite()
    client.set_access_token(checksum)
    with pytest.raises(exceptions.TokenException):
        client.positions()


def test_over_night_the_day_begins_anew_and_what_was_bought_is_carried(tmp_path: Path) -> None:
    first = House(tmp_path, {"feed.day": "2026-11-18"})
    bot = Bot(first)
    lot, symbol = bot.future.lot_size, bot.future.tradingsymbol
    bot.buy()
    share = {**bot.order, "exchange": "NSE", "tradingsymbol": "SBIN", "product": "CNC", "quantity": 10}
    bot.kite.place_order(**{**share, "order_type": "MARKET", "price": None}, market_protection=-1)
    (mine,) = [each for each in bot.kite.positions()["net"] if each["tradingsymbol"] == "SBIN"]
    assert (mine["quantity"], mine["overnight_quantity"], bot.kite.holdings()) == (10, 0, [])
    first.close()

    second = House(tmp_path, {"feed.day": "2026-11-19"})
    kite = second.kite()
    while not kite.ltp(f"NFO:{symbol}")[f"NFO:{symbol}"]["last_price"]:
        pass  # the first prices of the day come by themselves
    positions = kite.positions()
    (carried,) = [each for each in positions["net"] if each["tradingsymbol"] == symbol]
    assert (carried["quantity"], carried["overnight_quantity"], carried["day_buy_quantity"]) == (lot, lot, 0)
    assert positions["day"] == []
    (held,) = kite.holdings()
    assert (held["tradingsymbol"], held["quantity"], held["t1_quantity"]) == ("SBIN", 0, 10)
    assert held["opening_quantity"] == 10
    with second.standing_still():
        compact, summary = _told(second, "compact"), _told(second, "summary")
        (held,) = kite.holdings()
    names = ("exchange", "tradingsymbol", "instrument_token", "t1_quantity", "quantity")
    assert compact == [{name: held[name] for name in names}]
    _as_kite_sums_up(summary)
    assert summary["total_pnl"] == held["pnl"]
    assert summary["today_pnl"] == pytest.approx(held["day_change"] * 10)
    assert (kite.orders(), kite.trades()) == ([], [])
    kite.place_order(**{**bot.order, "order_type": "MARKET", "price": None}, market_protection=-1)
    (net,) = [each for each in kite.positions()["net"] if each["tradingsymbol"] == symbol]
    assert (net["quantity"], net["overnight_quantity"], net["day_buy_quantity"]) == (2 * lot, lot, lot)
    second.close()


def _told(house: House, what: str) -> Any:
    """Return what clients in other languages than the official one ask for."""
    headers = {"authorization": f"token bot:{house.key.secret}"}
    with httpx.Client(base_url=house.root, headers=headers, trust_env=False) as client:
        return client.get(f"/portfolio/holdings/{what}").json()["data"]


def _as_kite_sums_up(told: dict[str, float]) -> None:
    """Hold a summary against the arithmetic of Kite's own."""
    made, invested, value = told["total_pnl"], told["invested_amount"], told["current_value"]
    assert made == pytest.approx(value - invested)
    assert told["total_pnl_percent"] == pytest.approx(100 * made / invested)
    today = told["today_pnl"]
    assert told["today_pnl_percent"] == pytest.approx(100 * today / (value - today))


def test_kites_own_summary_has_the_same_arithmetic() -> None:
    # holdings_summary.json of Zerodha's mock responses.
    kites = {
        "total_pnl": 6798.235950000001,
        "total_pnl_percent": 16.56312500412587,
        "today_pnl": -76.79999999999775,
        "today_pnl_percent": -0.16026898477945015,
        "invested_amount": 41044.40405,
        "current_value": 47842.64000000001,
    }
    _as_kite_sums_up(kites)
