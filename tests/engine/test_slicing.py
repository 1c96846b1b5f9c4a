"""Freeze slicing: 1,800 is NIFTY's freeze quantity and 65 its lot, so one order has 1,755 at most."""

from typing import Any

from tests.trading import CALL, Session, buys

from kasauti.domain import events as ev
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.order import Status
from kasauti.exchange.broker_rules import BrokerRules

MARKET = """
    time      of  last  bid     bid_quantity  ask     ask_quantity
    09:15:00  CE  120   119.95  65000         120.05  65000
"""


def session(**setup: object) -> Session:
    return Session(capital=1_000_000_000, **setup).ticks(MARKET)  # type: ignore[arg-type]


def sliced(quantity: int, **terms: Any) -> PlaceOrder:
    return buys(CALL, quantity, autoslice=True, **terms)


def test_without_slicing_the_nearest_is_said() -> None:
    one = session()
    one.ask("09:15:01", buys(CALL, 65 * 60))
    denied = one.denial()
    assert (denied.rule, denied.limit, denied.actual) == ("quantity.freeze", "1755", "3900")
    assert denied.nearest == {"quantity": 1755}
    assert denied.advice == "1755 would be, or 3 orders with autoslice."


def test_slices_are_orders_of_their_own_and_name_the_first() -> None:
    one = session()
    first = one.ask("09:15:01", sliced(65 * 60, command_id="click-1"))
    placed = one.events(ev.OrderPlaced)
    assert [order.quantity for order in placed] == [1755, 1755, 390]
    assert [order.parent for order in placed] == [first] * 3
    assert len({order.order_id for order in placed}) == 3
    assert [order.command_id for order in placed] == ["click-1", "", ""]
    assert all(one.status(order.order_id) is Status.COMPLETE for order in placed)
    assert one.held(CALL) == 65 * 60
    assert one.proof().problem == ""


def test_each_slice_has_its_own_brokerage() -> None:
    """₹20 an order (Zerodha): three slices cost ₹60."""
    one = session()
    one.ask("09:15:01", sliced(65 * 60))
    assert sum(order.charges.brokerage for order in one.state.orders.values()) == 60 * 10_000


def test_the_same_click_twice_is_one_order() -> None:
    one = session()
    first = one.ask("09:15:01", sliced(65 * 60, command_id="click-1"))
    assert one.ask("09:15:02", sliced(65 * 60, command_id="click-1")) == first
    assert len(one.events(ev.OrderPlaced)) == 3


def test_an_order_that_fits_is_not_cut() -> None:
    one = session()
    order_id = one.ask("09:15:01", sliced(1755))
    assert [(each.order_id, each.parent) for each in one.events(ev.OrderPlaced)] == [(order_id, "")]


def test_more_than_ten_slices_are_refused_whole() -> None:
    one = session()
    one.ask("09:15:01", sliced(1755 * 10 + 65))
    denied = one.denial()
    assert (denied.rule, denied.limit, denied.actual) == ("quantity.slices", "17550", "17615")
    assert denied.nearest == {"quantity": 17550}
    assert one.events(ev.OrderPlaced) == []
    one.ask("09:15:02", sliced(1755 * 10))
    assert len(one.events(ev.OrderPlaced)) == 10


def test_a_slice_that_is_refused_leaves_the_others() -> None:
    """Two slices of 1,755 at ₹120 cost ₹4.2 lakh with their margin of 1 %; there is ₹3 lakh."""
    one = Session(capital=300_000).ticks(MARKET)
    one.ask("09:15:01", sliced(1755 * 2))
    assert [order.quantity for order in one.events(ev.OrderPlaced)] == [1755]
    assert one.denial().rule == "funds.short"


def test_slices_count_as_orders() -> None:
    one = session(broker=BrokerRules())
    one.ask("09:15:01", buys(CALL, 65, "100"))
    one.ask("09:15:01", sliced(1755 * 10))
    assert len(one.events(ev.OrderPlaced)) == 10
    assert [denied.rule for denied in one.events(ev.OrderDenied)] == ["rate.second"]
