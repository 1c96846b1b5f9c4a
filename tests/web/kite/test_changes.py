"""Nothing of a change is passed over: it is done, or refused in words."""

from collections.abc import Sequence

import pytest
from kiteconnect import exceptions  # type: ignore[import-untyped]
from tests.web.kite.served import House

from kasauti.desk.account import DeskAccount
from kasauti.domain import events as ev
from kasauti.web.kite.updates import updates_of


def _resting(house: House, **terms: object) -> str:
    future = house.future()
    order = {
        "variety": "regular", "exchange": "NFO", "tradingsymbol": future.tradingsymbol, "product": "NRML",
        "transaction_type": "BUY", "quantity": future.lot_size, "order_type": "LIMIT",
        "price": 20_000, **terms,
    }  # fmt: skip
    return str(house.kite().place_order(**order))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"order_type": "SL-M", "trigger_price": 30_000}, "trades already, as LIMIT"),
        ({"order_type": "SL", "trigger_price": 30_000, "price": 30_010}, "trades already, as LIMIT"),
        ({"validity": "TTL"}, "validity of this order is DAY"),
        ({"disclosed_quantity": 10}, "Disclosed quantity is not allowed"),
        ({"order_type": "MARKET", "market_protection": 101}, "market_protection"),
        ({"trigger_price": 19_000}, "an order of type LIMIT has none"),
        ({"market_protection": -1}, "an order of type LIMIT has none"),
    ],
)
def test_what_cannot_be_changed_is_refused(house: House, change: dict[str, object], said: str) -> None:
    order_id = _resting(house)
    with pytest.raises(exceptions.KiteException, match=said):
        house.kite().modify_order("regular", order_id, **change)
    assert house.kite().order_history(order_id)[-1]["status"] == "OPEN"
    house.kite().cancel_order("regular", order_id)


def test_what_stands_may_be_said_again(house: House) -> None:
    order_id, lot = _resting(house), house.future().lot_size
    house.kite().modify_order(
        "regular", order_id, price=20_001, order_type="LIMIT", validity="DAY", disclosed_quantity=lot,
        quantity=lot, trigger_price=0,
    )  # fmt: skip
    row = house.kite().order_history(order_id)[-1]
    assert (row["status"], row["price"]) == ("OPEN", 20_001)
    house.kite().cancel_order("regular", order_id)


def test_a_stop_at_market_keeps_its_protection(house: House) -> None:
    order_id = _resting(house, order_type="SL-M", price=None, trigger_price=30_000, market_protection=-1)
    house.kite().modify_order("regular", order_id, trigger_price=30_005, market_protection=-1)
    assert house.kite().order_history(order_id)[-1]["trigger_price"] == 30_005
    house.kite().modify_order("regular", order_id, trigger_price=30_010, market_protection=5)
    with pytest.raises(exceptions.InputException, match="an order of type SL-M has none"):
        house.kite().modify_order("regular", order_id, price=30_010)
    house.kite().cancel_order("regular", order_id)


def _rows(house: House, order_id: str) -> list[tuple[object, ...]]:
    history = house.kite().order_history(order_id)
    return [(row["status"], row["order_type"], row["price"] > 0, row["trigger_price"] > 0) for row in history]


@pytest.mark.parametrize(
    "stop",
    [{"order_type": "SL-M", "price": None}, {"order_type": "SL", "price": 30_010}],
    ids=["SL-M", "SL"],
)
def test_a_bot_gets_out_by_making_its_stop_a_market_order(house: House, stop: dict[str, object]) -> None:
    order_id = _resting(house, trigger_price=30_000, market_protection=-1, **stop)
    kind, limit = stop["order_type"], stop["price"] is not None
    with house.watching() as seen:
        house.kite().modify_order("regular", order_id, order_type="MARKET", market_protection=-1)
        seen.wait_for("OrderFilled")
    assert _rows(house, order_id) == [
        ("PUT ORDER REQ RECEIVED", kind, limit, True),
        ("VALIDATION PENDING", kind, limit, True),
        ("OPEN PENDING", kind, limit, True),
        ("TRIGGER PENDING", kind, limit, True),
        ("MODIFY VALIDATION PENDING", "MARKET", False, False),
        ("MODIFY PENDING", "MARKET", False, False),
        ("MODIFIED", "MARKET", False, False),
        ("OPEN", "MARKET", False, False),
        ("COMPLETE", "MARKET", False, False),
    ]
    row = next(each for each in house.kite().orders() if each["order_id"] == order_id)
    assert (row["order_type"], row["status"], row["modified"]) == ("MARKET", "COMPLETE", True)
    assert row["filled_quantity"] == row["quantity"]


def test_a_stop_becomes_a_limit_that_rests_and_then_ioc(house: House) -> None:
    order_id = _resting(house, order_type="SL-M", price=None, trigger_price=30_000, market_protection=-1)
    kite = house.kite()
    kite.modify_order("regular", order_id, order_type="LIMIT", price=20_000)
    assert _rows(house, order_id)[-2:] == [("MODIFIED", "LIMIT", True, False), ("OPEN", "LIMIT", True, False)]
    kite.modify_order("regular", order_id, validity="IOC")
    row = kite.order_history(order_id)[-1]
    assert (row["status"], row["validity"], row["cancelled_quantity"]) == (
        "CANCELLED",
        "IOC",
        row["quantity"],
    )


def test_a_change_to_market_needs_protection_as_the_real_one_does(live_house: House) -> None:
    kite, future = live_house.kite(), live_house.future()
    quote = kite.quote(f"NFO:{future.tradingsymbol}")[f"NFO:{future.tradingsymbol}"]
    price = round(quote["last_price"] * 0.995)
    order_id = kite.place_order(
        "regular", "NFO", future.tradingsymbol, "BUY", future.lot_size, "NRML", "LIMIT", price=price
    )
    with pytest.raises(exceptions.KiteException, match="without market protection are not allowed"):
        kite.modify_order("regular", order_id, order_type="MARKET")
    with live_house.watching() as seen:
        kite.modify_order("regular", order_id, order_type="MARKET", market_protection=-1)
        seen.wait_for("OrderFilled")
    assert kite.order_history(order_id)[-1]["status"] == "COMPLETE"


def test_updates_tell_of_the_new_kind_and_then_of_its_fill(house: House) -> None:
    order_id = _resting(house, order_type="SL-M", price=None, trigger_price=30_000, market_protection=-1)
    told: list[tuple[object, ...]] = []
    (account,) = house.play.accounts

    def hear(who: DeskAccount, recorded: Sequence[ev.Recorded]) -> None:
        rows = updates_of(who, recorded, house.play.desk.floor.universe, "main", "secret")
        told.extend((row["status"], row["order_type"]) for row in rows if row["order_id"] == order_id)

    account.listeners.append(hear)
    with house.watching() as seen:
        house.kite().modify_order("regular", order_id, order_type="LIMIT", price=20_000)
        house.kite().modify_order("regular", order_id, order_type="MARKET", market_protection=-1)
        seen.wait_for("OrderFilled")
    account.listeners.remove(hear)
    assert told == [("UPDATE", "LIMIT"), ("COMPLETE", "MARKET")]
