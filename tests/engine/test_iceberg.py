"""An iceberg's parts follow each other, each an order of its own."""

from typing import Any

import pytest
from tests.engine.standing_tables import HUNDRED, balanced, ends, placed, refusals, the_one
from tests.trading import NEXT_CALL, SHARE, Session, buys, order

from kasauti.domain.commands import CancelOrder, CancelStanding, PlaceIceberg
from kasauti.domain.order import OrderType, Product, Side, Status, Validity
from kasauti.engine.standing_checks import iceberg_parts

BUY = Side.BUY


def iceberg(quantity: int, legs: int, price: str = "100", **terms: Any) -> PlaceIceberg:
    """Return an iceberg that buys the share."""
    return PlaceIceberg(order(BUY, SHARE, quantity, price, **terms), legs)


def session_with(plan: PlaceIceberg, **setup: Any) -> Session:
    session = Session(**setup).ticks(HUNDRED)
    session.ask("09:15:02", plan)
    return session.until("09:15:03")


def test_the_next_part_is_sent_when_the_one_before_has_traded() -> None:
    session = session_with(iceberg(2_500, 3))
    assert placed(session) == [("BUY", 834, "")]
    session.ticks("""
        time      last  bid    ask  ask_quantity
        09:16:00  -     99.95  100     833
        09:16:01  -     99.95  100.05  500
        09:16:02  -     99.95  100     1      # only now the first part is whole
        09:16:03  -     99.95  100.05  500
        09:16:04  -     99.95  100     900
        09:16:05  -     99.95  100.05  500
        09:16:06  -     99.95  100     900
    """)
    assert placed(session) == [("BUY", 834, ""), ("BUY", 833, ""), ("BUY", 833, "")]
    assert session.held(SHARE, Product.MIS) == 2_500
    assert ends(session) == [("complete", "all its legs traded")]
    assert list(the_one(session).sent.values()) == ["1", "2", "3"]
    balanced(session)


def test_several_trades_of_one_moment_send_one_part() -> None:
    session = Session().ticks(HUNDRED)
    session.ask("09:15:02", iceberg(2_000, 2))
    session.ticks("""
        time      last  bids       asks
        09:16:00  -     99x1       99.80x500,99.90x500,100x500
    """)
    assert placed(session) == [("BUY", 1_000, ""), ("BUY", 1_000, "")]


@pytest.mark.parametrize("how", ["whole", "leg"])
def test_one_that_is_cancelled_sends_no_more(how: str) -> None:
    session = session_with(iceberg(2_000, 2))
    one = the_one(session)
    (leg,) = one.sent
    session.ask("09:15:04", CancelStanding(one.standing_id) if how == "whole" else CancelOrder(leg))
    session.ticks("""
        time      last  bid    ask
        09:16:00  99    98.95  99.05
    """)
    assert session.status(leg) is Status.CANCELLED
    assert len(placed(session)) == 1
    assert [status for status, _ in ends(session)] == ["cancelled"]
    balanced(session)


def test_a_part_that_is_denied_ends_it() -> None:
    session = session_with(iceberg(2_000, 2), capital=30_000)
    session.ticks("""
        time      last  bid    ask
        09:16:00  -     99.95  100
    """)
    assert session.denial().rule == "funds.short"
    assert ends(session) == [("rejected", "its leg 2 was denied")]
    assert session.held(SHARE, Product.MIS) == 1_000


def test_it_ends_with_the_day() -> None:
    plan = PlaceIceberg(order(BUY, NEXT_CALL, 65 * 20, "100"), 2)
    session = Session().ticks("""
        time      of    last  bid    ask
        09:15:01  NEXT  101   100.95 101.05
    """)
    session.ask("09:15:02", plan)
    session.until("15:31")
    assert ends(session) == [("expired", "its leg 1 ended: a DAY order lapses at the close")]


@pytest.mark.parametrize(
    ("quantity", "legs", "lot", "parts"),
    [
        (10, 2, 1, [5, 5]),
        (11, 3, 1, [4, 4, 3]),
        (65 * 5, 2, 65, [195, 130]),
        (65 * 50, 50, 65, [65] * 50),
    ],
)
def test_parts_are_whole_lots_as_equal_as_can_be(
    quantity: int, legs: int, lot: int, parts: list[int]
) -> None:
    assert iceberg_parts(quantity, legs, lot) == parts
    assert sum(parts) == quantity


@pytest.mark.parametrize(
    ("plan", "rule"),
    [
        (iceberg(2_000, 1), "iceberg.legs"),
        (iceberg(2_000, 51), "iceberg.legs"),
        (iceberg(2_000, 50), ""),
        (iceberg(999, 2), "iceberg.value"),
        (iceberg(1_000, 2), ""),
        (iceberg(2_000, 2, validity=Validity.IOC), "iceberg.validity"),
        (PlaceIceberg(buys(SHARE, 2_000), 2), "iceberg.order_type"),
        (iceberg(2_000, 2, trigger="99", order_type=OrderType.SL), "iceberg.order_type"),
        (PlaceIceberg(order(BUY, NEXT_CALL, 65 * 20 + 1, "100"), 2), "iceberg.quantity"),
        (PlaceIceberg(order(BUY, NEXT_CALL, 65, "2000"), 2), "iceberg.quantity"),
    ],
)
def test_what_cannot_be_is_refused_with_its_rule(plan: PlaceIceberg, rule: str) -> None:
    session = session_with(plan)
    assert refusals(session) == ([rule] if rule else [])
    assert len(placed(session)) == (0 if rule else 1)
