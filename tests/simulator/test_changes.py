"""Changing and ending orders at the venue: priority kept or lost, races with fills, validity, restarts."""

from typing import Any

import pytest
from tests.trading import NEXT_DAY, SHARE, Session, buys, moment, sells

from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, ModifyOrder
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Status

QUIET = "09:15:00 100 99.95 500 100.05 500 1000"
HEADER = "time last bid bid_quantity ask ask_quantity volume"


def resting(profile: str = "depth", latency_ms: int = 0) -> tuple[Session, str]:
    """Return a session with an order for 100 at 99.80 resting since 09:15:01."""
    session = Session(profile, latency_ms=latency_ms)
    (order_id,) = session.play(f"{HEADER}\n{QUIET}", ("09:15:01", buys(SHARE, 100, "99.80")))
    session.until("09:15:02")
    assert session.status(order_id) is Status.OPEN
    return session, order_id


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"quantity": 60}, True),  # less of it: keeps its place
        ({"quantity": 100}, True),  # nothing new
        ({"quantity": 101}, False),  # more
        ({"price": rupees("99.85")}, False),
        ({"price": rupees("99.75")}, False),
        ({"price": rupees("99.80")}, True),  # the same price, said again
        ({"quantity": 60, "price": rupees("99.85")}, False),
    ],
)
def test_only_less_of_the_same_keeps_its_place(change: dict[str, Any], kept: bool) -> None:  # noqa: FBT001
    session, first = resting("touch")
    second = session.ask("09:15:03", buys(SHARE, 100, "99.80"))
    session.ask("09:15:04", ModifyOrder(first, **change))
    assert [event.kept_priority for event in session.events(ev.OrderModified)] == [kept]

    # Both are put at one price again; the one who kept its place is first.
    session.ask("09:15:05", ModifyOrder(first, price=rupees("99.80")))
    session.ticks(f"{HEADER}\n09:15:06 99.80 99.50 500 99.70 40 1100")
    winner = first if kept else second
    assert [order_id for _, order_id, *_ in session.trades()] == [winner]


def test_a_change_counts_from_the_whole_order_not_from_what_is_left() -> None:
    session, order_id = resting()
    session.ticks(f"{HEADER}\n09:15:03 99.80 99.50 500 99.80 30 1000")  # thirty trade
    session.ask("09:15:04", ModifyOrder(order_id, quantity=50))

    order = session.order(order_id)
    assert (order.quantity, order.filled, order.leaves) == (50, 30, 20)
    session.ticks(f"{HEADER}\n09:15:05 99.70 99.50 500 99.70 500 1000")
    assert session.fills() == [("09:15:03", 30, "99.80"), ("09:15:05", 20, "99.80")]
    assert session.status(order_id) is Status.COMPLETE


@pytest.mark.parametrize("quantity", [29, 30])
def test_it_cannot_become_less_than_has_traded(quantity: int) -> None:
    session, order_id = resting()
    session.ticks(f"{HEADER}\n09:15:03 99.80 99.50 500 99.80 30 1000")
    session.ask("09:15:04", ModifyOrder(order_id, quantity=quantity))

    (denied,) = session.events(ev.ModifyDenied)
    assert denied.rule == "quantity.traded"
    assert session.order(order_id).quantity == 100


def test_a_change_meets_the_market_when_it_arrives() -> None:
    """Better priced than the ask by the time it arrives, it takes what stands there."""
    session, order_id = resting(latency_ms=500)
    session.play(
        f"{HEADER}\n09:15:03.200 100 99.95 500 100.10 40 1000",
        ("09:15:03", ModifyOrder(order_id, price=rupees("100.20"))),
    )
    session.until("09:15:04")

    assert session.fills() == [("09:15:03", 40, "100.10")]
    assert session.order(order_id).price == rupees("100.20")


def test_a_change_that_comes_too_late_is_refused_and_the_order_stays_complete() -> None:
    session, order_id = resting(latency_ms=500)
    session.play(
        f"{HEADER}\n09:15:03.200 99.70 99.60 500 99.70 500 1000",
        ("09:15:03", ModifyOrder(order_id, quantity=200)),
    )
    session.until("09:15:04")

    assert session.fills() == [("09:15:03", 100, "99.80")]
    assert [type(event) for event in session.events()][-1] is ev.ModifyRejected
    assert session.events(ev.VenueAnomaly) == []
    assert session.order(order_id).quantity == 100
    assert session.order(order_id).blocked == 0
    assert session.proof().passed


@pytest.mark.parametrize("quantity", [50, 60])
def test_a_change_to_what_traded_on_its_way_or_less_is_refused_by_the_venue(quantity: int) -> None:
    session, order_id = resting(latency_ms=500)
    session.play(
        f"{HEADER}\n09:15:03.200 99.80 99.60 500 99.80 60 1000",
        ("09:15:03", ModifyOrder(order_id, quantity=quantity)),
    )
    session.until("09:15:04")

    order = session.order(order_id)
    assert (order.quantity, order.filled, order.modify_asked) == (100, 60, False)
    assert [event.message for event in session.events(ev.ModifyRejected)] == [
        f"60 units have traded already, the new quantity is {quantity}"
    ]
    assert order.blocked == rupees("99.80") * 40 // 5  # what forty units need, again
    assert session.proof().passed


def test_a_second_request_waits_for_the_answer_to_the_first() -> None:
    session, order_id = resting(latency_ms=500)
    session.ask("09:15:03", ModifyOrder(order_id, quantity=50))
    session.ask("09:15:03", ModifyOrder(order_id, quantity=70))

    assert [event.rule for event in session.events(ev.ModifyDenied)] == ["order.pending"]
    session.until("09:15:04")
    session.ask("09:15:04", ModifyOrder(order_id, quantity=70))
    session.until("09:15:05")
    assert session.order(order_id).quantity == 70


@pytest.mark.parametrize(("trigger", "kept"), [("98", False), ("99", True), ("99.50", False)])
def test_a_stop_whose_trigger_moves_is_behind_the_others(
    trigger: str,
    kept: bool,  # noqa: FBT001
) -> None:
    session = Session("touch")
    moved, other = session.play(
        f"{HEADER}\n{QUIET}",
        ("09:15:01", sells(SHARE, 10, trigger="99")),
        ("09:15:02", sells(SHARE, 10, trigger="99")),
    )
    session.ask("09:15:03", ModifyOrder(moved, trigger_price=rupees(trigger)))
    session.ticks(f"{HEADER}\n09:15:04 98 97.90 500 98.10 500 1100")

    assert [event.kept_priority for event in session.events(ev.OrderModified)] == [kept]
    order = [moved, other] if kept else [other, moved]
    assert [order_id for _, order_id, *_ in session.trades()] == order


@pytest.mark.parametrize(
    ("profile", "columns"), [("touch", "bid ask"), ("depth", ""), ("touch", ""), ("pessimistic", "bid ask")]
)
def test_where_no_queue_is_known_a_change_names_none(profile: str, columns: str) -> None:
    session = Session(profile)
    row = "99.95 100.05" if columns else ""
    (order_id,) = session.play(f"time last {columns}\n09:15 100 {row}", ("09:15:01", buys(SHARE, 10, "99")))
    session.ask("09:15:02", ModifyOrder(order_id, price=rupees("99.50")))

    assert [event.queue_ahead for event in session.events(ev.OrderModified)] == [0]


def test_a_market_order_that_waits_is_still_one_after_a_change() -> None:
    session = Session("depth")
    (order_id,) = session.play("time last volume\n09:15 100 1000", ("09:15:01", buys(SHARE, 10)))
    session.ask("09:15:02", ModifyOrder(order_id, quantity=20))
    session.ticks("time last volume\n09:15:03 250 1100")

    assert session.fills() == [("09:15:03", 20, "250.00")]


def test_the_trigger_of_a_sleeping_stop_can_be_moved() -> None:
    session = Session("touch")
    (order_id,) = session.play(f"{HEADER}\n{QUIET}", ("09:15:01", sells(SHARE, 10, trigger="99")))
    session.ask("09:15:02", ModifyOrder(order_id, trigger_price=rupees("99.50")))
    session.ticks(f"{HEADER}\n09:15:03 99.50 99.40 500 99.60 500 1100")

    assert session.fills() == [("09:15:03", -10, "99.40")]


# Cancelling


def test_a_cancelled_order_is_gone_and_so_is_its_block() -> None:
    session, order_id = resting()
    session.ask("09:15:03", CancelOrder(order_id))
    session.ticks(f"{HEADER}\n09:15:04 99 98.90 500 99 500 1100")

    assert session.status(order_id) is Status.CANCELLED
    assert session.fills() == []
    assert session.state.ledger.margin == 0


def test_a_fill_may_cross_a_cancellation_and_then_the_fill_stands() -> None:
    session, order_id = resting(latency_ms=500)
    session.play(f"{HEADER}\n09:15:03.200 99.70 99.60 500 99.70 60 1000", ("09:15:03", CancelOrder(order_id)))
    session.until("09:15:04")

    order = session.order(order_id)
    assert (order.status, order.filled) == (Status.CANCELLED, 60)
    assert session.position(SHARE, order.product).quantity == 60
    assert session.proof().passed


def test_a_fill_that_completes_it_leaves_nothing_to_cancel() -> None:
    session, order_id = resting(latency_ms=500)
    session.play(
        f"{HEADER}\n09:15:03.200 99.70 99.60 500 99.70 100 1000", ("09:15:03", CancelOrder(order_id))
    )
    session.until("09:15:04")

    assert session.status(order_id) is Status.COMPLETE
    assert session.events(ev.OrderCancelled, ev.VenueAnomaly) == []
    assert session.proof().passed


def test_cancelling_twice_or_what_has_ended_is_refused_and_changes_nothing() -> None:
    session, order_id = resting(latency_ms=500)
    session.ask("09:15:03", CancelOrder(order_id))
    session.ask("09:15:03", CancelOrder(order_id))
    session.until("09:15:04")
    session.ask("09:15:04", CancelOrder(order_id))
    session.ask("09:15:04", CancelOrder("never"))

    assert [event.rule for event in session.events(ev.ModifyDenied)] == [
        "order.pending",
        "order.not_working",
        "order.not_working",
    ]
    assert len(session.events(ev.OrderCancelled)) == 1


def test_an_order_can_be_cancelled_while_it_is_on_its_way() -> None:
    session = Session(latency_ms=500)
    (order_id,) = session.play(f"{HEADER}\n{QUIET}", ("09:15:01", buys(SHARE, 10)))
    session.ask("09:15:01.100", CancelOrder(order_id))
    session.until("09:15:03")

    # It arrives first and takes what stands; the cancellation finds nothing left.
    assert session.status(order_id) is Status.COMPLETE


# The end of the day


@pytest.mark.parametrize("latency_ms", [0, 400])
def test_day_orders_lapse_at_the_close_also_those_on_their_way(latency_ms: int) -> None:
    session = Session(latency_ms=latency_ms)
    session.ticks(f"{HEADER}\n{QUIET}")
    resting = session.ask("15:29:50", buys(SHARE, 10, "99", product=Product.CNC))
    late = session.ask("15:29:59.900", buys(SHARE, 10, "99", product=Product.CNC))
    session.until("15:31")

    assert [session.status(order_id) for order_id in (resting, late)] == [Status.EXPIRED] * 2
    assert session.state.working == {}
    assert session.state.ledger.margin == 0
    assert session.events(ev.VenueAnomaly) == []
    assert session.venue.due > moment("15:31")


def test_what_lapsed_never_comes_back() -> None:
    """Neither from the book nor from the way there: the next day's prices find nothing."""
    session = Session(latency_ms=400)
    session.ticks(f"{HEADER}\n{QUIET}")
    session.ask("15:29:50", buys(SHARE, 10, "99", product=Product.CNC))
    late = session.ask("15:29:59.900", buys(SHARE, 10, "99", product=Product.CNC))
    session.ask("15:29:59.950", ModifyOrder(late, quantity=20))
    session.until("15:31")
    session.ticks(f"{HEADER}\n09:15:01 90 89.95 500 90.05 500 1000", day=NEXT_DAY)

    assert session.fills() == []
    assert session.events(ev.VenueAnomaly) == []
    assert session.proof().passed


@pytest.mark.parametrize("latency_ms", [1, 500, 777])
def test_requests_arrive_after_their_latency_and_not_a_nanosecond_off(latency_ms: int) -> None:
    session = Session("touch", latency_ms=latency_ms)
    (order_id,) = session.play(f"{HEADER}\n{QUIET}", ("09:15:01.123", buys(SHARE, 10, "99.50")))
    session.until("09:15:02")
    session.ask("09:15:03.321", ModifyOrder(order_id, quantity=5))
    session.until("09:15:05")
    session.ask("09:15:06.555", CancelOrder(order_id))
    session.until("09:15:08")

    kinds = (ev.OrderOpened, ev.OrderModified, ev.OrderCancelled)
    arrived = [each.at for each in session.log if isinstance(each.event, kinds)]
    asked = ("09:15:01.123", "09:15:03.321", "09:15:06.555")
    assert arrived == [moment(clock) + latency_ms * 1_000_000 for clock in asked]
