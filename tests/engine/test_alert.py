"""A price alert fires once, at the first price for which its condition holds, and sends its orders."""

import pytest
from tests.engine.standing_tables import HUNDRED, balanced, refusals, the_one
from tests.trading import NEXT_DAY, OTHER, SHARE, Session, buys, sells

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import CancelStanding, ModifyAlert, PlaceAlert, PlaceOrder
from kasauti.domain.comparison import Comparison
from kasauti.domain.ist import ist_clock
from kasauti.domain.money import rupees
from kasauti.domain.standing import StandingStatus
from kasauti.exchange.broker_rules import BrokerRules


def alert(words: str, price: str, *orders: PlaceOrder) -> PlaceAlert:
    """Return an alert on the share, as in `alert(">=", "101")`."""
    return PlaceAlert(SHARE.id, Comparison(words), rupees(price), orders=orders)


def at_hundred() -> Session:
    return Session().ticks(HUNDRED)


def fired(session: Session) -> list[int]:
    return [each.price for each in session.events(sev.StandingTriggered)]


# The price goes from 100 to each of these, one a second; 0 is none for which it fires.
@pytest.mark.parametrize(
    ("words", "price", "prices", "at"),
    [
        (">=", "101", ["100.5", "101", "102"], "101"),
        (">", "101", ["101", "101.05", "102"], "101.05"),
        ("<=", "99", ["99.05", "99", "98"], "99"),
        ("<", "99", ["99", "98.95", "98"], "98.95"),
        ("==", "101", ["102", "100", "101", "101"], "101"),
        ("==", "99", ["98", "99"], "99"),
        (">=", "99", ["100", "101"], "100"),
        ("==", "101", ["102", "100"], "0"),
        (">", "101", ["101", "100"], "0"),
    ],
)
def test_it_fires_once_at_the_first_price_for_which_it_holds(
    words: str, price: str, prices: list[str], at: str
) -> None:
    session = at_hundred()
    session.ask("09:15:02", alert(words, price))
    for second, last in enumerate([*prices, *prices], 10):
        session.ticks(f"time of last bid ask\n09:16:{second} ACME {last} 90 110")
    assert fired(session) == ([rupees(at)] if at != "0" else [])
    assert not the_one(session).is_over, "it stays until it is deleted"
    balanced(session)


@pytest.mark.parametrize(
    ("words", "steps", "expected"),
    [
        (">=", [("ACME", "104"), ("BETA", "103")], 1),
        (">", [("ACME", "105"), ("BETA", "105"), ("BETA", "104.95")], 1),
        (">", [("ACME", "105"), ("BETA", "105")], 0),
        ("<=", [("ACME", "120"), ("BETA", "119"), ("ACME", "119")], 1),
        ("==", [("ACME", "120"), ("BETA", "130"), ("ACME", "129"), ("BETA", "129")], 1),
        ("==", [("ACME", "120"), ("BETA", "130"), ("ACME", "131")], 0),
    ],
)
def test_of_two_instruments_each_can_make_it_hold(
    words: str, steps: list[tuple[str, str]], expected: int
) -> None:
    """ACME begins at 100 and BETA at 110, or where the words hold then at 90."""
    session = at_hundred()
    start = "90" if words == "<=" else "110"
    session.ticks(f"time of last bid ask\n09:15:01 BETA {start} {start} {start}")
    session.ask("09:15:02", PlaceAlert(SHARE.id, Comparison(words), other=OTHER.id))
    for second, (name, last) in enumerate(steps, 10):
        session.ticks(f"time of last bid ask\n09:16:{second} {name} {last} {last} {last}")
    assert len(fired(session)) == expected


def test_its_orders_are_sent_in_their_order_each_by_itself() -> None:
    session = at_hundred()
    basket = (buys(SHARE, 10, "101"), sells(OTHER, 5), buys(SHARE, 20, "100"))
    session.ask("09:15:02", alert(">=", "101", *basket))
    before = session.state.ledger.cash
    session.ticks("time of last bid ask\n09:16:01 ACME 101 100.95 101.05")
    placed = [(each.instrument, each.quantity) for each in session.events(ev.OrderPlaced)]
    assert placed == [(SHARE.id, 10), (SHARE.id, 20)]
    assert session.denial().instrument == OTHER.id, "it has no price yet, which stops none of the others"
    one = the_one(session)
    assert list(one.sent.values()) == ["1", "2", "3"]
    assert session.state.ledger.cash < before
    session.ask("09:16:02", CancelStanding(one.standing_id))
    assert (one.status, len(session.state.working)) == (StandingStatus.DELETED, 2)
    balanced(session)


def test_it_survives_a_restart_and_has_fired_after_the_next_one() -> None:
    session = at_hundred()
    session.ask("09:15:02", alert(">=", "101", buys(SHARE, 10, "101")))
    again = session.restart().ticks("time of last bid ask\n09:17:01 ACME 101.5 101 102")
    assert fired(again) == [rupees("101.5")]
    third = again.restart().ticks("time of last bid ask\n09:18:01 ACME 103 102 104")
    assert (len(fired(third)), len(third.events(ev.OrderPlaced))) == (1, 1)
    third.ticks("time of last bid ask\n09:16:01 ACME 104 103 105", NEXT_DAY)
    assert len(fired(third)) == 1


def test_it_is_changed_until_it_has_fired() -> None:
    session = at_hundred()
    standing_id = session.ask("09:15:02", alert(">=", "105"))
    session.ask("09:15:03", ModifyAlert(standing_id, alert("<=", "99")))
    session.ticks("time of last bid ask\n09:16:01 ACME 106 105 107\n09:16:02 ACME 99 98 99.05")
    assert fired(session) == [rupees(99)]
    session.ask("09:16:03", ModifyAlert(standing_id, alert("<=", "98")))
    assert refusals(session) == ["alert.fired"]


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (PlaceAlert("NSE:NOBODY", Comparison.ABOVE, 1), "instrument.unknown"),
        (PlaceAlert(SHARE.id, Comparison.ABOVE, 1, other="NSE:NOBODY"), "instrument.unknown"),
        (PlaceAlert(SHARE.id, Comparison.ABOVE), "alert.value"),
        (PlaceAlert(SHARE.id, Comparison.ABOVE, other=SHARE.id), "alert.other"),
        (alert(">", "101", buys(SHARE, 0)), "quantity.positive"),
        (alert(">", "101", *[buys(SHARE, 1)] * 21), "alert.orders"),
    ],
)
def test_what_cannot_be_an_alert_is_refused(wrong: PlaceAlert, rule: str) -> None:
    session = at_hundred()
    session.ask("09:15:02", wrong)
    assert (refusals(session), session.state.standing) == ([rule], {})


def test_orders_that_the_second_has_no_room_for_follow_in_the_next_one() -> None:
    session = Session(broker=BrokerRules()).ticks(HUNDRED)
    session.ask("09:15:02", alert(">=", "101", *[buys(SHARE, 1, "90") for _ in range(12)]))
    session.ticks("time of last bid ask\n09:16:01 ACME 101 100.95 101.05").until("09:16:02")
    moments = [ist_clock(each.at) for each in session.log if isinstance(each.event, ev.OrderPlaced)]
    assert moments == ["09:16:01"] * 10 + ["09:16:02"] * 2
    assert session.events(ev.OrderDenied) == []
    balanced(session)
