"""A cover order's stop goes to the exchange as its entry fills, and nothing of it stays uncovered."""

from typing import Any

import pytest
from tests.engine.standing_tables import HUNDRED, balanced, ends, placed, refusals, the_one
from tests.trading import CALL, FUTURE, SHARE, Session, buys, order, sells

from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, CancelStanding, ModifyExits, PlaceCover
from kasauti.domain.instrument import Instrument
from kasauti.domain.money import rupees
from kasauti.domain.order import Order, OrderType, Product, Side, Status, Validity

BUY, SELL = Side.BUY, Side.SELL


def cover(side: Side, of: Instrument, quantity: int, price: str, stop: str, **terms: Any) -> PlaceCover:
    """Return a cover order in MIS; without a price its entry is a market order."""
    terms.setdefault("product", Product.MIS)
    limit = rupees(terms.pop("stop_price", 0))
    return PlaceCover(order(side, of, quantity, price, **terms), rupees(stop), limit)


def at_hundred(**setup: Any) -> Session:
    return Session(**setup).ticks(HUNDRED)


def bought(**setup: Any) -> Session:
    session = at_hundred(**setup)
    session.ask("09:15:02", cover(BUY, SHARE, 100, "", "97"))
    session.until("09:15:04")
    assert session.held(SHARE, Product.MIS) == 100
    return session


def stop_of(session: Session) -> Order:
    """Return the working stop."""
    (found,) = [each for each in session.state.working_orders() if each.order_type.has_trigger]
    return found


def test_the_stop_is_an_order_at_the_exchange() -> None:
    session = bought()
    stop = stop_of(session)
    assert (stop.side, stop.quantity, stop.order_type) == (SELL, 100, OrderType.SL_M)
    assert (stop.status, stop.trigger_price) == (Status.TRIGGER_PENDING, rupees(97))
    session.ticks("""
        time      last  bid    ask
        09:16:00  97    96.95  97.05
        09:16:01  97    96.95  97.05
    """)
    assert session.held(SHARE, Product.MIS) == 0
    assert ends(session) == [("complete", "closed by its stop")]
    balanced(session)
    assert session.state.ledger.margin == 0


def test_with_a_limit_the_stop_is_an_sl_order() -> None:
    session = at_hundred()
    session.ask("09:15:02", cover(SELL, SHARE, 10, "", "103", stop_price="104"))
    session.until("09:15:03")
    stop = stop_of(session)
    assert (stop.side, stop.order_type, stop.price) == (BUY, OrderType.SL, rupees(104))


def test_an_entry_that_does_not_fill_has_no_stop() -> None:
    session = at_hundred()
    entry = session.ask("09:15:02", cover(BUY, SHARE, 100, "99", "97"))
    session.until("09:15:04")
    assert [each.order_id for each in session.state.working_orders()] == [entry]
    session.ask("09:15:05", CancelOrder(entry))
    session.until("09:15:06")
    assert placed(session) == [("BUY", 100, "")]
    assert ends(session) == [("cancelled", "its entry did not fill")]


def test_more_of_the_entry_makes_the_stop_larger() -> None:
    session = at_hundred()
    session.ask("09:15:02", cover(BUY, SHARE, 100, "100", "97"))
    session.ticks("""
        time      last  bid    ask  ask_quantity
        09:16:00  -     99.95  100  40
        09:16:01  -     99.95  100.05  0
    """)
    assert stop_of(session).quantity == 40
    session.ticks("""
        time      last  bid    ask  ask_quantity
        09:16:02  -     99.95  100  60
    """)
    assert stop_of(session).quantity == 100
    assert session.held(SHARE, Product.MIS) == 100


@pytest.mark.parametrize("how", ["exit", "cancel the stop"])
def test_exiting_cancels_the_stop_and_sells_at_market(how: str) -> None:
    session = bought(latency_ms=100)
    stop = stop_of(session)
    session.ask(
        "09:15:05",
        CancelStanding(the_one(session).standing_id) if how == "exit" else CancelOrder(stop.order_id),
    )
    session.until("09:15:06")
    assert session.status(stop.order_id) is Status.CANCELLED
    assert placed(session)[-1] == ("SELL", 100, "")
    assert session.held(SHARE, Product.MIS) == 0
    assert ends(session) == [("complete", "closed by its exit")]
    balanced(session)


def test_exiting_before_anything_filled_cancels_the_entry() -> None:
    session = at_hundred()
    session.ask("09:15:02", cover(BUY, SHARE, 100, "99", "97"))
    session.until("09:15:03")
    session.ask("09:15:04", CancelStanding(the_one(session).standing_id))
    session.until("09:15:05")
    assert session.state.working_orders() == []
    assert ends(session) == [("cancelled", "its entry did not fill")]


def test_a_stop_that_comes_too_late_is_an_exit_at_market() -> None:
    session = at_hundred(latency_ms=500)
    session.ask("09:15:02", cover(BUY, SHARE, 100, "", "97"))
    session.ticks("""
        time        last  bid    ask
        09:15:02.4  96    95.95  96.05   # it fills below its own stop
        09:15:03.5  96    95.95  96.05
    """)
    assert session.denial().rule == "trigger.side"
    assert placed(session) == [("BUY", 100, ""), ("SELL", 100, "")]
    session.until("09:15:05")
    assert session.held(SHARE, Product.MIS) == 0
    balanced(session)


def test_the_stop_can_be_moved_within_the_range() -> None:
    session = bought()
    standing_id = the_one(session).standing_id
    session.ask("09:15:05", ModifyExits(standing_id, stoploss=rupees(98)))
    session.until("09:15:06")
    assert stop_of(session).trigger_price == rupees(98)
    session.ask("09:15:07", ModifyExits(standing_id, stoploss=rupees(80)))
    assert refusals(session) == ["co.range"]


def test_closing_the_position_elsewhere_withdraws_the_stop() -> None:
    session = bought()
    session.ask("09:15:05", sells(SHARE, 100))
    session.until("09:15:06")
    session.ticks("""
        time      last  bid    ask
        09:16:00  96    95.95  96.05
        09:16:01  96    95.95  96.05
    """)
    assert session.held(SHARE, Product.MIS) == 0
    assert session.state.working_orders() == []


def test_the_square_off_closes_it_once() -> None:
    session = bought()
    session.ticks("""
        time      last  bid    ask
        15:19:59  100   99.95  100.05
        15:20:01  100   99.95  100.05
        15:20:02  96    95.95  96.05
    """)
    assert session.held(SHARE, Product.MIS) == 0
    assert sum(fill.quantity for _, fill in session.filled()) == 200
    balanced(session)


def test_it_is_denied_like_any_order() -> None:
    session = at_hundred(capital=100)
    session.ask("09:15:02", cover(BUY, SHARE, 100, "", "97"))
    assert session.denial().rule == "funds.short"
    assert session.state.standing == {}


@pytest.mark.parametrize(
    ("plan", "rule", "nearest"),
    [
        (cover(BUY, SHARE, 1, "100", "90"), "co.range", "90.10"),
        (cover(BUY, SHARE, 1, "100", "90.10"), "", ""),
        (cover(SELL, SHARE, 1, "100", "110"), "co.range", "109.90"),
        (cover(SELL, SHARE, 1, "100", "109.90"), "", ""),
        (cover(BUY, SHARE, 1, "100", "100"), "stop.side", ""),
        (cover(SELL, SHARE, 1, "100", "100"), "stop.side", ""),
        (cover(BUY, SHARE, 1, "100", "97.02"), "price.tick", ""),
        (cover(BUY, SHARE, 1, "100", "97", product=Product.CNC), "co.not_allowed", ""),
        (cover(BUY, SHARE, 1, "100", "97", validity=Validity.IOC), "co.not_allowed", ""),
        (cover(BUY, CALL, 65, "100", "97"), "co.not_allowed", ""),
        (cover(BUY, FUTURE, 65, "100", "97"), "", ""),
        (cover(BUY, SHARE, 1, "100", "97", order_type=OrderType.SL, trigger="99"), "co.order_type", ""),
        (PlaceCover(buys(SHARE, 1), 0), "price.missing", ""),
    ],
)
def test_what_cannot_be_is_refused_with_its_rule(plan: PlaceCover, rule: str, nearest: str) -> None:
    session = at_hundred()
    session.ask("09:15:02", plan)
    assert refusals(session) == ([rule] if rule else [])
    if rule == "co.range":
        denied = session.events()[-1]
        assert denied.message == (
            "The stop loss trigger price is beyond the allowed range of 9.9%. Try a price within the range."
        )
        assert denied.nearest == nearest
    if not rule:
        assert len(session.events(ev.OrderPlaced)) == 1


def test_one_whose_stop_was_denied_while_another_order_would_close_it_ends_with_the_position() -> None:
    """The other order may close all of it: no exit is sent beside it; the square-off closes what is left."""
    session = at_hundred()
    session.ask("09:15:02", buys(SHARE, 650, "98"))
    session.ask("09:15:03", cover(SELL, SHARE, 40, "99.50", "101"))
    session.ticks("""
        time      last   bid     ask     bid_quantity
        09:16:00  101.2  101.15  101.25  10
        15:19:59  101.2  101.15  101.25  10
        15:20:01  101.2  101.15  101.25  10
        15:21:01  101.2  101.15  101.25  500
    """)
    assert session.held(SHARE, Product.MIS) == 0
    assert the_one(session).is_over
    balanced(session)
