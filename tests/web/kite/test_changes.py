"""Nothing of a change is passed over: it is done, or refused in words."""

import pytest
from kiteconnect import exceptions  # type: ignore[import-untyped]
from tests.web.kite.served import House


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
        ({"order_type": "MARKET"}, "order_type of this order is LIMIT"),
        ({"validity": "IOC"}, "validity of this order is DAY"),
        ({"validity": "TTL"}, "validity of this order is DAY"),
        ({"disclosed_quantity": 10}, "disclosed_quantity of this order is 0"),
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
    with pytest.raises(exceptions.OrderException, match="stays as it was placed"):
        house.kite().modify_order("regular", order_id, trigger_price=30_010, market_protection=5)
    with pytest.raises(exceptions.InputException, match="an order of type SL-M has none"):
        house.kite().modify_order("regular", order_id, price=30_010)
    house.kite().cancel_order("regular", order_id)
