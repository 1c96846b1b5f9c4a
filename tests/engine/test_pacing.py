"""
How many orders a broker takes: 10 in a clock second, 400 in a minute, 5,000 in a day; 25 changes of one.

Source of the figures: market_rules.md 4.1, brokers.md 1.4.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from tests.trading import SHARE, Session, buys, moment, sells

from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, ModifyOrder
from kasauti.domain.inputs import Ask
from kasauti.domain.money import rupees
from kasauti.exchange.broker_rules import BrokerRules

DAY = date(2026, 11, 20)
_MS = 1_000_000


def counted(plan: str = "zerodha", **setup: Any) -> Session:
    return Session(broker=BrokerRules(plan), **setup)


def ask(session: Session, at: int, quantity: int = 1) -> ev.OrderPlaced | ev.OrderDenied:
    session.engine.handle(Ask(at, buys(SHARE, quantity, "50")))
    event = session.log[-1].event
    if isinstance(event, ev.OrderOpened):
        event = session.log[-2].event
    assert isinstance(event, ev.OrderPlaced | ev.OrderDenied)
    return event


def denied(session: Session) -> list[str]:
    return [event.rule for event in session.events(ev.OrderDenied)]


def test_the_eleventh_order_of_a_clock_second_is_refused_and_the_first_of_the_next_is_not() -> None:
    """Not a sliding second: ten at .950 and ten more at 1.000 all pass."""
    session, start = counted(), moment("09:20:00.950", DAY)
    for number in range(10):
        ask(session, start + number)
    refused = ask(session, start + 49 * _MS)
    assert isinstance(refused, ev.OrderDenied)
    assert (refused.rule, refused.message, refused.limit, refused.actual) == (
        "rate.second", "Too many requests", "10", "11",
    )  # fmt: skip
    for number in range(10):
        ask(session, start + 50 * _MS + number)
    assert denied(session) == ["rate.second"]


@pytest.mark.parametrize(
    ("plan", "says"),
    [("zerodha", "Too many requests"), ("angelone", "Access denied because of exceeding access rate")],
)
def test_it_is_refused_as_the_accounts_broker_says_it(plan: str, says: str) -> None:
    session = counted(plan)
    for number in range(11):
        ask(session, moment("09:20:00", DAY) + number)
    assert session.denial().message == says


def at_this_pace(start: int, seconds: int) -> Iterator[int]:
    """Yield ten moments in each second."""
    for second in range(seconds):
        yield from (start + second * 1_000 * _MS + number for number in range(10))


def test_the_401st_of_a_clock_minute_is_refused() -> None:
    session = counted()
    for at in at_this_pace(moment("09:20:00", DAY), 40):
        ask(session, at)
    assert denied(session) == []
    refused = ask(session, moment("09:20:50", DAY))
    assert isinstance(refused, ev.OrderDenied)
    assert (refused.rule, refused.limit) == ("rate.minute", "400")
    assert refused.message == "Maximum allowed order requests exceeded."
    ask(session, moment("09:21:00", DAY))
    assert denied(session) == ["rate.minute"]


def test_the_5001st_of_a_day_is_refused_and_the_next_day_begins_anew() -> None:
    session = counted()
    for minute in range(13):
        for at in at_this_pace(moment(f"09:{20 + minute}:00", DAY), 40):
            ask(session, at)
    assert denied(session) == ["rate.day"] * 200
    assert session.denial().limit == "5000"
    ask(session, moment("09:20:00", date(2026, 11, 23)))
    assert session.events(ev.OrderDenied)[200:] == []


def test_what_is_refused_for_another_reason_counts_and_what_came_too_fast_does_not() -> None:
    session, start = counted(), moment("09:20:00", DAY)
    for number in range(10):
        ask(session, start + number, quantity=-1)
    assert denied(session) == ["quantity.positive"] * 10
    for number in range(200):
        ask(session, start + 100 + number)
    assert denied(session)[10:] == ["rate.second"] * 200
    for at in at_this_pace(moment("09:20:01", DAY), 39):
        ask(session, at)
    assert denied(session)[210:] == []
    ask(session, moment("09:20:55", DAY))
    assert denied(session)[210:] == ["rate.minute"]


def test_changes_and_cancellations_do_not_count() -> None:
    session, start = counted(), moment("09:20:00", DAY)
    order_id = ask(session, start).order_id
    for number in range(5):
        session.engine.handle(Ask(start + 1 + number, ModifyOrder(order_id, price=rupees(49 - number))))
    session.engine.handle(Ask(start + 9, CancelOrder(order_id)))
    for number in range(9):
        ask(session, start + 10 + number)
    assert denied(session) == []


def test_a_restart_knows_what_was_asked_for_in_its_second() -> None:
    session, start = counted(), moment("09:20:00", DAY)
    for number in range(10):
        ask(session, start + number, quantity=1 if number % 2 else -1)
    session.engine.commit()
    again = session.restart(broker=BrokerRules())
    assert isinstance(ask(again, start + 900 * _MS), ev.OrderDenied)
    assert again.denial().rule == "rate.second"
    assert isinstance(ask(again, start + 1_000 * _MS), ev.OrderPlaced)


def test_the_accounts_own_square_off_neither_counts_nor_is_refused() -> None:
    table = "time of last bid bid_quantity ask ask_quantity\n15:19:00 ACME 100 99.95 900 100.05 900"
    session = counted().ticks(table, DAY)
    session.ask("15:19:01", buys(SHARE, 10), DAY)
    for number in range(10):
        session.engine.handle(Ask(moment("15:20:00", DAY) - 10 + number, sells(SHARE, 1, "150")))
    session.until("15:20:00", DAY)
    assert denied(session) == []
    assert session.events(ev.OrderPlaced)[-1].tag == "square_off"


def test_a_lenient_account_may_be_as_fast_as_it_likes() -> None:
    session = Session(broker=BrokerRules(lenient=True))
    for number in range(50):
        ask(session, moment("09:20:00", DAY) + number)
    assert denied(session) == []


def test_an_order_may_be_changed_25_times() -> None:
    session = Session()
    order_id = session.ask("09:20:00", buys(SHARE, 10, "50"), DAY)
    for number in range(26):
        session.ask(f"09:21:{number:02}", ModifyOrder(order_id, price=rupees(40 + number % 2)), DAY)
    refused = session.events(ev.ModifyDenied)
    assert [each.rule for each in refused] == ["modify.too_many"]
    assert refused[0].message == "Maximum allowed order modifications exceeded."
    assert session.order(order_id).modifications == 25


def test_before_october_2025_fewer_were_taken() -> None:
    limits = BrokerRules().limits(date(2025, 9, 30))
    assert (limits.per_second, limits.per_minute, limits.per_day) == (10, 200, 3000)
