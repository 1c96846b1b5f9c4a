"""Reports are claims: what cannot be is recorded as an anomaly and changes nothing."""

from copy import deepcopy

import pytest
from tests.trading import SHARE, Session, buys, moment, sells

from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, ModifyOrder
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Status
from kasauti.domain.reports import (
    Cancelled,
    Filled,
    Modified,
    ModifyRefused,
    Opened,
    Rejected,
    Report,
    Triggered,
)

AT = moment("09:16")
PRINT = Evidence(Source.PRINT, Rule.LAST, AT, rupees(100), "broker/1")


def fill(order_id: str, quantity: int, price: str = "100", trade_id: str = "") -> Filled:
    return Filled(order_id, AT, quantity, rupees(price), PRINT, trade_id)


@pytest.fixture
def session() -> Session:
    """Four orders: open for 100, a sleeping stop, one complete, one cancelled."""
    session = Session(stale_s=1000)
    session.ticks("time last bid bid_quantity ask ask_quantity\n09:15:00 100 99.95 500 100.05 500")
    session.ask("09:15:01", buys(SHARE, 100, "99"))
    session.ask("09:15:02", sells(SHARE, 10, trigger="90"))
    session.ask("09:15:03", buys(SHARE, 10))
    session.ask("09:15:05", CancelOrder(session.ask("09:15:04", buys(SHARE, 10, "98"))))
    return session


def ids(session: Session) -> tuple[str, str, str, str]:
    opened, asleep, complete, cancelled = session.state.orders
    return opened, asleep, complete, cancelled


def impossible(session: Session) -> dict[str, Report]:
    opened, asleep, complete, cancelled = ids(session)
    return {
        "an order nobody placed": fill("PAPER_none", 1),
        "more than is open": fill(opened, 101),
        "nothing": fill(opened, 0),
        "less than nothing": fill(opened, -5),
        "a price of nothing": fill(opened, 1, "0"),
        "a price below nothing": fill(opened, 1, "-1"),
        "a fill of a sleeping stop": fill(asleep, 10),
        "a fill of a complete order": fill(complete, 1),
        "a fill of a cancelled order": fill(cancelled, 1),
        "an end of an order nobody placed": Cancelled("PAPER_none", AT, "gone"),
        "an end that has been": Cancelled(complete, AT, "again"),
        "an opening of what is open and asleep": Opened(opened, AT, trigger_pending=True),
        "an opening of what has ended": Opened(cancelled, AT),
        "a trigger of what is awake": Triggered(opened, AT, rupees(90)),
        "a change below what traded": Modified(opened, AT, 0, rupees(99), 0, kept_priority=True),
        "a change of what has ended": Modified(complete, AT, 20, rupees(99), 0, kept_priority=True),
        "a refusal of what was not asked": ModifyRefused(opened, AT, "no"),
        "a rejection of what has ended": Rejected(complete, AT, "no"),
    }


@pytest.mark.parametrize("name", [
    "an order nobody placed", "more than is open", "nothing", "less than nothing", "a price of nothing",
    "a price below nothing", "a fill of a sleeping stop", "a fill of a complete order",
    "a fill of a cancelled order", "an end of an order nobody placed", "an end that has been",
    "an opening of what is open and asleep", "an opening of what has ended", "a trigger of what is awake",
    "a change below what traded", "a change of what has ended", "a refusal of what was not asked",
    "a rejection of what has ended",
])  # fmt: skip
def test_what_cannot_be_changes_nothing(session: Session, name: str) -> None:
    before = deepcopy(session.state)
    report = impossible(session)[name]
    session.engine.admit([report])

    (anomaly,) = session.events(ev.VenueAnomaly)
    assert anomaly.order_id == report.order_id
    assert type(report).__name__ in anomaly.report
    before.seq, before.at = session.state.seq, session.state.at
    assert session.state == before
    assert session.proof().passed


def test_every_impossible_report_is_tried(session: Session) -> None:
    marks = test_what_cannot_be_changes_nothing.pytestmark  # type: ignore[attr-defined]
    assert list(impossible(session)) == marks[0].args[1]


def test_a_venue_s_own_trade_id_is_kept(session: Session) -> None:
    opened, *_ = ids(session)
    session.engine.admit([fill(opened, 40, "99", "NSE-7")])

    assert session.filled()[-1][1].trade_id == "NSE-7"
    assert session.order(opened).filled == 40
    assert session.held(SHARE, Product.MIS) == 50


def test_fills_and_leaves_and_what_was_cancelled_add_up_to_the_order(session: Session) -> None:
    opened, *_ = ids(session)
    session.engine.admit([fill(opened, 40, "99"), Cancelled(opened, AT, "asked"), fill(opened, 1, "99")])

    order = session.order(opened)
    assert (order.status, order.filled, order.leaves) == (Status.CANCELLED, 40, 60)
    assert len(session.events(ev.VenueAnomaly)) == 1
    assert session.position(SHARE, Product.MIS).pending_buy == 0


def test_a_rejection_frees_what_was_blocked() -> None:
    session = Session(latency_ms=1000)
    session.ticks("time last\n09:15:00 100")
    order_id = session.ask("09:15:01", buys(SHARE, 100, "99"))
    session.engine.admit([Rejected(order_id, AT, "RMS: blocked")])

    assert session.status(order_id) is Status.REJECTED
    assert session.order(order_id).reason == "RMS: blocked"
    assert session.state.ledger.margin == 0


def test_a_rejection_after_a_fill_is_an_anomaly(session: Session) -> None:
    opened, *_ = ids(session)
    session.engine.admit([fill(opened, 1, "99"), Rejected(opened, AT, "too late")])

    assert len(session.events(ev.VenueAnomaly)) == 1
    assert session.status(opened) is Status.OPEN


def test_a_refused_change_is_heard_once(session: Session) -> None:
    opened, *_ = ids(session)
    late = Session(log=list(session.log), latency_ms=5000)
    late.engine.resume([])
    late.ask("09:16", ModifyOrder(opened, quantity=50))
    late.engine.admit([ModifyRefused(opened, AT, "no"), ModifyRefused(opened, AT, "no")])

    assert len(late.events(ev.ModifyRejected)) == 1
    assert len(late.events(ev.VenueAnomaly)) == 1
    assert late.order(opened).blocked == rupees(99) * 100 // 5
