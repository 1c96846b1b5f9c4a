"""Validity in minutes, disclosed quantity, and offers in an auction."""

import pytest
from tests.engine.standing_tables import HUNDRED, balanced, ends, placed, refusals
from tests.trading import CALL, NEXT_DAY, SHARE, Session, buys, moment, order, sells

from kasauti.domain import standing_events as sev
from kasauti.domain.commands import CancelOrder, PlaceAuction, PlaceOrder, PlaceWithTerms
from kasauti.domain.ist import ist_clock
from kasauti.domain.order import OrderType, Product, Side, Status, Validity


def at_hundred() -> Session:
    return Session().ticks(HUNDRED)


def test_after_its_minutes_an_order_is_cancelled() -> None:
    session = at_hundred()
    order_id = session.ask("09:16:00", PlaceWithTerms(buys(SHARE, 10, "99"), minutes=5))
    session.until("09:20:59")
    assert session.status(order_id) is Status.OPEN
    session.until("09:21:01")
    assert session.status(order_id) is Status.CANCELLED
    assert ends(session) == [("expired", "its order ended: its minutes are over")]
    (at,) = [each.at for each in session.log if isinstance(each.event, sev.StandingTriggered)]
    assert ist_clock(at) == "09:21:00"
    balanced(session)


def test_one_that_trades_in_time_is_complete() -> None:
    session = at_hundred()
    session.ask("09:16:00", PlaceWithTerms(buys(SHARE, 10, "99"), minutes=5))
    session.ticks("""
        time      last  bid    ask
        09:17:00  98.9  98.85  98.95
        09:30:00  98.9  98.85  98.95
    """)
    assert ends(session) == [("complete", "its order traded")]
    assert session.events(sev.StandingTriggered) == []


def test_what_traded_before_the_end_stays() -> None:
    session = at_hundred()
    order_id = session.ask("09:16:00", PlaceWithTerms(buys(SHARE, 100, "99"), minutes=1))
    session.ticks("""
        time      last  bid    ask  ask_quantity
        09:16:30  -     98.95  99   40
    """)
    session.until("09:18")
    assert (session.order(order_id).filled, session.status(order_id)) == (40, Status.CANCELLED)


def test_somebody_may_cancel_it_before() -> None:
    session = at_hundred()
    order_id = session.ask("09:16:00", PlaceWithTerms(buys(SHARE, 10, "99"), minutes=5))
    session.ask("09:17:00", CancelOrder(order_id))
    session.until("09:30")
    assert ends(session) == [("cancelled", "its order ended: asked by the user")]


def test_its_end_is_kept_over_a_restart_and_called_late_if_it_was() -> None:
    session = at_hundred()
    order_id = session.ask("09:16:00", PlaceWithTerms(buys(SHARE, 10, "99"), minutes=5))
    session.until("09:16:01")
    in_time = Session(log=list(session.log))
    in_time.engine.resume([])
    in_time.until("09:21:01")
    assert in_time.status(order_id) is Status.CANCELLED
    assert in_time.events(sev.StandingTriggered)[0].late == ""
    late = Session(log=list(session.log))
    late.engine.resume([], moment("10:00"))
    late.until("10:00:01")
    assert late.status(order_id) is Status.CANCELLED
    assert late.events(sev.StandingTriggered)[0].late.startswith("nobody was here at 2026-01-13T09:21:00")


def with_terms(command: PlaceOrder, minutes: int = 0, shown: int = 0) -> PlaceWithTerms:
    return PlaceWithTerms(command, minutes, shown)


@pytest.mark.parametrize(
    ("plan", "rule"),
    [
        (with_terms(buys(SHARE, 10, "99")), "terms.none"),
        (with_terms(buys(SHARE, 10, "99", validity=Validity.IOC), 5), "terms.validity"),
        (with_terms(buys(SHARE, 10, "99"), 301), "validity.minutes"),
        (with_terms(buys(SHARE, 10, "99"), 300), ""),
        (with_terms(buys(CALL, 65, "99"), 5), "validity.not_allowed"),
        (with_terms(buys(SHARE, 100, "99"), shown=9), "disclosed.quantity"),
        (with_terms(buys(SHARE, 100, "99"), shown=10), ""),
        (with_terms(buys(SHARE, 101, "99"), shown=10), "disclosed.quantity"),
        (with_terms(buys(SHARE, 100, "99"), shown=101), "disclosed.quantity"),
        (with_terms(buys(SHARE, 100), shown=50), "disclosed.not_allowed"),
        (with_terms(buys(CALL, 650, "99"), shown=65), "disclosed.not_allowed"),
    ],
)
def test_what_cannot_be_is_refused_with_its_rule(plan: PlaceWithTerms, rule: str) -> None:
    session = at_hundred()
    session.ask("09:16", plan)
    assert refusals(session) == ([rule] if rule else [])
    assert len(placed(session)) == (0 if rule else 1)


def holding() -> Session:
    """Return the day after 10 shares were bought for delivery at 100, in the auction's window."""
    session = at_hundred()
    session.ask("09:15:02", buys(SHARE, 10, product=Product.CNC))
    session.until("15:31")
    return session.ticks("time last bid ask\n13:59:59 100 99.95 100.05", NEXT_DAY)


def offer(quantity: int = 10, price: str = "110", number: str = "7") -> PlaceAuction:
    return PlaceAuction(sells(SHARE, quantity, price, product=Product.CNC), number)


def test_an_offer_is_refused_because_no_auction_is_known_and_says_so() -> None:
    session = holding()
    session.ask("14:00", offer(), NEXT_DAY)

    (denied,) = session.events(sev.StandingDenied)
    assert (denied.rule, denied.actual, denied.nearest) == ("auction.unknown", "7", "a regular sale")
    assert denied.message.startswith("There is no auction 7 of NSE:ACME: which shares others failed")
    assert session.held(SHARE, Product.CNC) == 10


def test_an_offer_that_an_older_log_holds_ends_with_its_window() -> None:
    session = holding()
    at = moment("14:00", NEXT_DAY)
    held = sev.StandingPlaced("PAPER_AUCTION_1", offer(), "", 0, at + 2_700 * 10**9)
    session.engine.record(held, "user", at)
    session = session.restart()

    session.until("14:45", NEXT_DAY)

    assert ends(session) == [("expired", "the auction is over; nobody's shortage is known here")]


@pytest.mark.parametrize(
    ("clock", "plan", "rule"),
    [
        ("13:59:59", offer(), "auction.window"),
        ("14:45", offer(), "auction.window"),
        ("14:10", offer(11), "holdings.short"),
        ("14:10", offer(price="120.05"), "auction.band"),
        ("14:10", offer(price="79.95"), "auction.band"),
        ("14:10", offer(price="120"), "auction.unknown"),
        ("14:10", offer(number=""), "auction.not_allowed"),
        ("14:10", PlaceAuction(buys(SHARE, 10, "110", product=Product.CNC), "7"), "auction.not_allowed"),
        ("14:10", PlaceAuction(sells(SHARE, 10, product=Product.CNC), "7"), "auction.not_allowed"),
        ("14:10", PlaceAuction(sells(SHARE, 10, "110"), "7"), "auction.not_allowed"),
    ],
)
def test_an_offer_that_cannot_be_is_refused(clock: str, plan: PlaceAuction, rule: str) -> None:
    session = holding()
    session.ask(clock, plan, NEXT_DAY)
    assert refusals(session) == [rule]


def test_the_word_for_a_stop_with_a_limit_may_be_shown_in_part() -> None:
    session = at_hundred()
    stop = order(Side.BUY, SHARE, 100, "106", trigger="105")
    assert stop.order_type is OrderType.SL
    session.ask("09:16", with_terms(stop, shown=10))
    assert refusals(session) == []
