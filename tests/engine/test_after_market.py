"""After-market orders are taken outside the hours and sent when the next trading day takes them."""

from datetime import date
from typing import Any

import pytest
from tests.engine.standing_tables import HUNDRED, balanced, ends, placed, refusals
from tests.trading import (
    DAY,
    FUTURE,
    HOLIDAY,
    NEXT_CALL,
    NEXT_DAY,
    SHARE,
    Session,
    buys,
    moment,
    order,
    sells,
)

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import (
    CancelStanding,
    ModifyAfterMarket,
    PlaceAfterMarket,
    PlaceOrder,
)
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import ist_clock, ist_date
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side, Validity
from kasauti.exchange.restrictions import Restrictions

AFTER_HOLIDAY = date(2026, 1, 16)


def amo(
    instrument: Instrument = SHARE, quantity: int = 10, price: str = "99", **terms: Any
) -> PlaceAfterMarket:
    product = Product.NRML if instrument.is_derivative else Product.CNC
    return PlaceAfterMarket(order(Side.BUY, instrument, quantity, price, product=product))


def evening(**setup: Any) -> Session:
    """Return a session after the close of a day on which the share ended at 100."""
    return Session(**setup).ticks(HUNDRED).until("15:31")


def sent(session: Session) -> list[tuple[date, str]]:
    return [
        (ist_date(each.at), ist_clock(each.at))
        for each in session.log
        if isinstance(each.event, ev.OrderPlaced)
    ]


def test_it_is_sent_when_the_next_day_opens_and_its_money_is_held_meanwhile() -> None:
    session = evening()
    cash = session.state.ledger.cash
    standing_id = session.ask("16:00", amo())
    assert session.state.standing[standing_id].blocked == rupees(990)
    assert session.state.ledger.cash == cash - rupees(990)
    balanced(session)
    session.ticks("""
        time      last   bid    ask
        09:15:00  99.50  99.45  99.55
        09:16:00  98.50  98.45  98.55
    """, NEXT_DAY)  # fmt: skip
    assert sent(session) == [(NEXT_DAY, "09:15:00")]
    assert session.held(SHARE, Product.CNC) == 10
    assert ends(session)[0][0] == "complete"
    balanced(session)


def test_over_a_holiday_it_waits_for_the_next_trading_day() -> None:
    session = evening().until("15:31", NEXT_DAY)
    session.ask("11:00", amo(), HOLIDAY)
    assert refusals(session) == []
    session.until("09:15", AFTER_HOLIDAY)
    assert sent(session) == [(AFTER_HOLIDAY, "09:15:00")]


def test_before_the_open_it_is_for_the_same_day() -> None:
    session = evening()
    session.ask("08:57", amo(), NEXT_DAY)
    session.until("09:15", NEXT_DAY)
    assert sent(session) == [(NEXT_DAY, "09:00:00")]


@pytest.mark.parametrize(
    ("command", "clock"),
    [
        (amo(), "09:00:00"),
        (PlaceAfterMarket(buys(SHARE, 10, product=Product.CNC)), "09:00:00"),
        (PlaceAfterMarket(buys(SHARE, 10, "101", trigger="100.50", product=Product.CNC)), "09:15:00"),
        (PlaceAfterMarket(buys(SHARE, 10, "99", validity=Validity.IOC, product=Product.CNC)), "09:15:00"),
        (amo(FUTURE, 65, "25990"), "09:00:00"),
        (amo(NEXT_CALL, 65), "09:15:00"),  # options have no pre-open
    ],
)
def test_what_the_opening_auction_takes_is_sent_into_it(command: PlaceAfterMarket, clock: str) -> None:
    session = evening()
    session.ask("16:00", command)
    session.until("08:59", NEXT_DAY).until("09:16", NEXT_DAY)

    assert sent(session) == [(NEXT_DAY, clock)]
    assert session.events(ev.OrderDenied) == []
    assert [each.late for each in session.events(sev.StandingTriggered)] == [""]


@pytest.mark.parametrize(
    "command", [amo(price="101"), PlaceAfterMarket(buys(SHARE, 10, product=Product.CNC))]
)
def test_it_meets_the_others_at_the_price_of_the_opening_auction(command: PlaceAfterMarket) -> None:
    session = evening()
    session.ask("16:00", command)
    session.until("08:59", NEXT_DAY)
    session.ticks("time last volume\n09:08:20 100.40 5000\n09:15:01 102 6000", NEXT_DAY)

    assert session.fills() == [("09:08:20", 10, "100.40")]
    balanced(session)


def test_an_order_of_the_morning_goes_at_once_into_the_auction_that_has_begun() -> None:
    """Derivatives are taken until 09:10, futures meet from 09:00 on."""
    session = evening().until("08:59", NEXT_DAY)
    session.ask("09:05", amo(FUTURE, 65, "25990"), NEXT_DAY)

    assert sent(session) == [(NEXT_DAY, "09:05:00")]
    assert [each.late for each in session.events(sev.StandingTriggered)] == [""]


@pytest.mark.parametrize(
    ("clock", "instrument", "taken"),
    [
        ("15:59:59", SHARE, False),
        ("16:00", SHARE, True),
        ("15:44:59", NEXT_CALL, False),
        ("15:45", NEXT_CALL, True),
    ],
)
def test_the_evening_window_opens_by_segment(clock: str, instrument: Instrument, taken: bool) -> None:  # noqa: FBT001
    session = evening()
    session.ask(clock, amo(instrument, 65 if instrument is NEXT_CALL else 10))
    assert refusals(session) == ([] if taken else ["amo.window"])


@pytest.mark.parametrize(
    ("clock", "instrument", "taken"),
    [
        ("08:57:59", SHARE, True),
        ("08:58", SHARE, False),
        ("09:09:59", NEXT_CALL, True),
        ("09:10", NEXT_CALL, False),
    ],
)
def test_the_morning_window_closes_by_segment(clock: str, instrument: Instrument, taken: bool) -> None:  # noqa: FBT001
    session = evening()
    session.ask(clock, amo(instrument, 65 if instrument is NEXT_CALL else 10), NEXT_DAY)
    assert refusals(session) == ([] if taken else ["amo.window"])


def test_during_the_session_it_is_refused_in_the_brokers_words() -> None:
    session = Session().ticks(HUNDRED)
    session.ask("10:00", amo())
    denied = session.events(sev.StandingDenied)[0]
    assert denied.message.startswith("Your order could not be converted to a After Market Order (AMO).")
    assert denied.nearest == "a regular order"


def test_it_can_be_changed_and_cancelled_until_it_is_sent() -> None:
    session = evening()
    cash = session.state.ledger.cash
    standing_id = session.ask("16:00", amo())
    session.ask("16:01", ModifyAfterMarket(standing_id, quantity=20, price=rupees(98)))
    assert session.state.ledger.cash == cash - rupees(1960)
    session.ask("16:02", CancelStanding(standing_id))
    assert session.state.ledger.cash == cash
    session.until("09:16", NEXT_DAY)
    assert placed(session) == []
    balanced(session)


def test_it_is_denied_in_the_morning_like_any_order() -> None:
    session = evening(restrictions=Restrictions(suspended={NEXT_DAY: {SHARE.id}}))
    standing_id = session.ask("16:00", PlaceAfterMarket(buys(SHARE, 10, product=Product.MIS)))
    session.until("08:59", NEXT_DAY).until("09:00", NEXT_DAY)
    assert session.denial().rule == "instrument.suspended"
    assert session.state.standing[standing_id].status.value == "rejected"
    assert session.state.ledger.margin == 0


def test_a_market_order_in_an_option_that_has_not_traded_is_refused_as_the_exchange_does() -> None:
    session = Session().ticks("time of last bid ask\n15:29:00 NEXT 260 259 261").until("15:31")
    session.ask("16:00", PlaceAfterMarket(buys(NEXT_CALL, 65)))
    session.until("09:16", NEXT_DAY)
    assert session.denial().message.startswith("17181 : ")


def test_late_is_called_late() -> None:
    session = evening()
    session.ask("16:00", amo())
    session.ticks("""
        time      last  bid    ask
        09:40:00  100   99.95  100.05
    """, NEXT_DAY)  # fmt: skip
    (trigger,) = session.events(sev.StandingTriggered)
    assert trigger.late == "nobody was here at 2026-01-14T09:15:00.000+05:30, when it was due"
    assert sent(session) == [(NEXT_DAY, "09:40:00")]


def test_a_restart_before_the_open_sends_it_once() -> None:
    session = evening()
    session.ask("16:00", amo())
    again = Session(log=list(session.log))
    again.engine.resume([], moment("08:30", NEXT_DAY))
    again.until("09:20", NEXT_DAY)
    third = again.restart()
    third.until("15:31", NEXT_DAY)
    assert sent(third) == [(NEXT_DAY, "09:00:00")]


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (order(Side.BUY, SHARE, 10, "99.02", product=Product.CNC), "price.tick"),
        (order(Side.BUY, SHARE, 0, "99", product=Product.CNC), "quantity.positive"),
        (order(Side.BUY, SHARE, 10, "99", product=Product.NRML), "product.not_allowed"),
        (order(Side.BUY, NEXT_CALL, 65, trigger="99"), "order_type.not_allowed"),
        (order(Side.BUY, SHARE, 10**7, "99", product=Product.CNC), "funds.short"),
        (sells(SHARE, 10, "99", product=Product.CNC), "holdings.short"),
        (PlaceOrder("NSE:NOWHERE", Side.BUY, 1), "instrument.unknown"),
    ],
)
def test_what_cannot_be_is_refused_at_once(command: PlaceOrder, rule: str) -> None:
    session = evening()
    session.ask("16:00", PlaceAfterMarket(command))
    assert refusals(session) == [rule]
    assert session.state.ledger.margin == 0


def test_the_day_of_the_tables_is_a_trading_day() -> None:
    assert DAY < NEXT_DAY < HOLIDAY < AFTER_HOLIDAY


@pytest.mark.parametrize(
    ("change", "kind", "prices"),
    [
        ({"order_type": OrderType.MARKET}, OrderType.MARKET, (0, 0)),
        (
            {"order_type": OrderType.SL, "trigger_price": rupees(101), "price": rupees(102)},
            OrderType.SL,
            (rupees(102), rupees(101)),
        ),
        ({"validity": Validity.IOC}, OrderType.LIMIT, (rupees(99), 0)),
    ],
)
def test_what_waits_can_become_another_kind_of_order(
    change: dict[str, Any], kind: OrderType, prices: tuple[int, int]
) -> None:
    session = evening()
    standing_id = session.ask("16:30", PlaceAfterMarket(buys(SHARE, 10, "99", product=Product.CNC)))
    session.ask("16:31", ModifyAfterMarket(standing_id, **change))
    (one,) = session.state.standing.values()
    assert isinstance(one.plan, PlaceAfterMarket)
    order = one.plan.order
    assert (order.order_type, (order.price, order.trigger_price)) == (kind, prices)
    assert order.validity is change.get("validity", Validity.DAY)
