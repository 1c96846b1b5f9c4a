"""A GTT waits for days, acts once, and sends an ordinary order."""

from collections.abc import Iterable

import pytest
from tests.trading import DAY, FUTURE, NEXT_DAY, OTHER, SHARE, Session, buys

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import CancelStanding, GttLeg, ModifyGtt, PlaceGtt
from kasauti.domain.instrument import Instrument
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side, Status
from kasauti.domain.standing import StandingStatus

HUNDRED = """
    time      of    last  bid     ask
    09:15:01  ACME  100   99.95   100.05
"""


def gtt(
    *legs: tuple[Side, int, str, str], of: Instrument = SHARE, product: Product = Product.CNC
) -> PlaceGtt:
    """Return a GTT of legs (side, quantity, price, trigger)."""
    made = [GttLeg(side, units, rupees(price), rupees(trigger)) for side, units, price, trigger in legs]
    return PlaceGtt(of.id, tuple(made), product)


BUY_AT_95 = gtt((Side.BUY, 10, "95", "95"))


def at_hundred() -> Session:
    return Session().ticks(HUNDRED)


def holding() -> Session:
    """Return a session with 10 shares bought at 100.05 for delivery."""
    session = at_hundred()
    session.ask("09:15:02", buys(SHARE, 10, product=Product.CNC))
    session.until("09:15:03")
    assert session.held(SHARE, Product.CNC) == 10
    return session


def ended(session: Session) -> list[tuple[StandingStatus, str]]:
    return [(each.status, each.standing_id) for each in session.events(sev.StandingEnded)]


def triggers(session: Session) -> list[tuple[str, int]]:
    return [(each.leg, each.price) for each in session.events(sev.StandingTriggered)]


def test_it_sends_its_limit_order_when_the_last_price_comes_to_the_trigger() -> None:
    session = at_hundred()
    standing_id = session.ask("09:15:02", BUY_AT_95)
    session.ticks("""
        time      last   bid    ask
        09:16:00  95.05  95     95.10
        09:16:01  95     94.95  95.05   # reached
        09:16:02  94     93.95  94.05
        09:16:03  96     95.95  96.05
        09:16:04  94     93.95  94.05   # reached again: it has acted
    """)
    (order,) = session.state.orders.values()
    assert (order.order_type, order.price, order.quantity) == (OrderType.LIMIT, rupees(95), 10)
    assert session.fills() == [("09:16:02", 10, "95.00")]
    assert order.status is Status.COMPLETE
    assert triggers(session) == [("1", rupees(95))]
    assert session.state.standing[standing_id].status is StandingStatus.TRIGGERED
    assert session.state.standing[standing_id].sent == {order.order_id: "1"}


def test_no_money_is_held_before_it_fires() -> None:
    session = at_hundred()
    before = session.state.ledger.cash
    session.ask("09:15:02", BUY_AT_95)
    assert session.state.ledger.cash == before


def test_one_above_the_price_fires_when_the_price_rises_to_it() -> None:
    session = holding()
    session.ask("09:15:04", gtt((Side.SELL, 10, "105", "105")))
    session.ticks("""
        time      last    bid     ask
        09:16:00  90      89.95   90.05
        09:16:01  104.95  104.90  105
        09:16:02  106     105.95  106.05
    """)
    assert triggers(session) == [("1", rupees(106))]
    assert session.held(SHARE, Product.CNC) == 0


def test_of_two_legs_the_first_that_fires_ends_the_other() -> None:
    session = holding()
    session.ask("09:15:04", gtt((Side.SELL, 10, "94", "95"), (Side.SELL, 10, "105", "105")))
    session.ticks("""
        time      last  bid     ask
        09:16:00  94.5  94.45   94.55
        09:16:01  106   105.95  106.05
        09:16:02  90    89.95   90.05
    """)
    assert triggers(session) == [("1", rupees("94.5"))]
    assert session.held(SHARE, Product.CNC) == 0
    assert len(session.events(ev.OrderPlaced)) == 2


def test_it_survives_days_and_fires_on_a_later_one() -> None:
    session = at_hundred()
    session.ask("09:15:02", BUY_AT_95)
    session.until("15:31")
    session.ticks("""
        time      last  bid    ask
        09:15:05  93    92.95  93.05   # the next day opens below
    """, NEXT_DAY)  # fmt: skip
    assert triggers(session) == [("1", rupees(93))]
    assert session.events(sev.StandingTriggered)[0].late == "", "a gap over night is nobody's lateness"
    assert session.held(SHARE, Product.CNC) == 10


def test_a_fired_one_may_be_denied_and_says_so() -> None:
    session = at_hundred()
    standing_id = session.ask("09:15:02", gtt((Side.SELL, 10, "95", "95")))
    session.ticks("""
        time      last  bid    ask
        09:16:00  95    94.95  95.05
    """)
    one = session.state.standing[standing_id]
    assert session.denial().rule == "holdings.short"
    assert one.status is StandingStatus.TRIGGERED
    assert "denied" in one.reason
    assert list(one.sent) == [session.denial().order_id]


def test_it_can_be_changed_and_deleted() -> None:
    session = at_hundred()
    standing_id = session.ask("09:15:02", BUY_AT_95)
    session.ask("09:15:03", ModifyGtt(standing_id, gtt((Side.BUY, 20, "90", "90")).legs))
    session.ticks("""
        time      last  bid    ask
        09:16:00  95    94.95  95.05
    """)
    assert triggers(session) == []
    session.ask("09:16:01", CancelStanding(standing_id))
    session.ticks("""
        time      last  bid    ask
        09:17:00  90    89.95  90.05
    """)
    assert triggers(session) == []
    assert ended(session) == [(StandingStatus.DELETED, standing_id)]
    session.ask("09:17:01", CancelStanding(standing_id))
    assert session.events(sev.StandingDenied)[-1].rule == "standing.not_active"


def test_the_same_command_id_makes_one_instruction() -> None:
    session = at_hundred()
    plan = PlaceGtt(SHARE.id, BUY_AT_95.legs, command_id="alert-7")
    assert session.ask("09:15:02", plan) == session.ask("09:15:03", plan)
    assert len(session.state.standing) == 1


@pytest.mark.parametrize(
    ("plan", "rule", "nearest"),
    [
        (gtt((Side.BUY, 10, "99.90", "99.90")), "gtt.distance", "99.75"),
        (gtt((Side.BUY, 10, "100.20", "100.20")), "gtt.distance", "100.25"),
        (gtt((Side.BUY, 10, "99.75", "99.75")), "", ""),
        (gtt((Side.BUY, 10, "95", "95.02")), "price.tick", ""),
        (gtt((Side.BUY, 10, "95.02", "95")), "price.tick", ""),
        (gtt((Side.BUY, 0, "95", "95")), "quantity.positive", ""),
        (gtt((Side.BUY, 10, "0", "95")), "price.missing", ""),
        (gtt((Side.BUY, 10, "95", "95"), product=Product.MIS), "gtt.product", "CNC"),
        (gtt(), "gtt.legs", ""),
        (gtt((Side.SELL, 10, "95", "95"), (Side.SELL, 10, "99", "99")), "gtt.sides", ""),
        (gtt((Side.SELL, 10, "105", "105"), (Side.SELL, 10, "95", "95")), "gtt.sides", ""),
        (gtt((Side.BUY, 10, "95", "95"), of=OTHER), "market.no_price", ""),
        (gtt((Side.BUY, 1, "95", "95"), of=FUTURE, product=Product.CNC), "market.no_price", ""),
        (PlaceGtt("NSE:NOWHERE", BUY_AT_95.legs), "instrument.unknown", ""),
    ],
)
def test_what_cannot_be_is_refused_with_its_rule(plan: PlaceGtt, rule: str, nearest: str) -> None:
    session = at_hundred()
    session.ask("09:15:02", plan)
    denied = session.events(sev.StandingDenied)
    assert [each.rule for each in denied] == ([rule] if rule else [])
    if nearest:
        assert denied[0].nearest == nearest
    assert session.proof().passed


def test_a_caller_may_tell_the_last_price() -> None:
    session = at_hundred()
    session.ask("09:15:02", PlaceGtt(OTHER.id, BUY_AT_95.legs, last_price=rupees(100)))
    session.ticks("""
        time      of    last  bid    ask
        09:16:00  BETA  94    93.95  94.05
    """)
    assert session.held(OTHER, Product.CNC) == 10


def test_there_are_no_more_than_the_broker_takes() -> None:
    session = at_hundred()
    for _ in range(500):
        session.ask("09:15:02", BUY_AT_95)
    assert session.events(sev.StandingDenied) == []
    session.ask("09:15:02", BUY_AT_95)
    (denied,) = session.events(sev.StandingDenied)
    assert (denied.rule, denied.limit, denied.actual) == ("gtt.count", "500", "501")


def test_after_a_year_it_is_over() -> None:
    session = at_hundred()
    standing_id = session.ask("09:15:02", BUY_AT_95)
    expires = session.state.standing[standing_id].expires_at
    assert expires - session.state.standing[standing_id].placed_at == 365 * 86_400 * 10**9


def test_ticks_in_batches_of_any_size_make_the_same_log() -> None:
    rows = [
        f"09:16:{n:02d}  {last}  {last - 0.05:.2f}  {last + 0.05:.2f}"
        for n, last in enumerate([97, 96, 95, 94, 99])
    ]

    def played(batches: Iterable[list[str]]) -> list[ev.Recorded]:
        session = at_hundred()
        session.ask("09:15:02", BUY_AT_95)
        for batch in batches:
            session.ticks("time last bid ask\n" + "\n".join(batch))
        return list(session.log)

    assert played([rows]) == played([row] for row in rows)


def test_a_bar_fires_it_and_its_order_meets_the_next_bar() -> None:
    session = Session().bars("""
        time   open  high  low  close
        09:15  100   100   100  100
    """)
    session.ask("09:16:00", BUY_AT_95)
    session.bars("""
        time   open  high  low  close
        09:16  99    99    94   97
        09:17  94    96    94   95
    """)
    assert triggers(session) == [("1", rupees(95))]
    assert [each.at for each in session.log if isinstance(each.event, sev.StandingTriggered)] == [
        each.at for each in session.log if isinstance(each.event, sev.StandingSent)
    ]
    assert session.fills() == [("09:18:00", 10, "94.00")]


def test_what_was_missed_acts_on_the_first_price_and_is_called_late() -> None:
    session = at_hundred()
    session.ask("09:15:02", BUY_AT_95)
    again = Session(log=list(session.log))
    back = session.state.at + 600 * 10**9
    again.engine.resume([], back)
    again.ticks("""
        time      last  bid    ask
        09:30:00  94    93.95  94.05
    """)
    (trigger,) = again.events(sev.StandingTriggered)
    assert trigger.late.startswith("nobody was here from 2026-01-13T09:15:02")
    calm = Session(log=list(session.log))
    calm.engine.resume([], back)
    calm.ticks("""
        time      last  bid    ask
        09:30:00  99    98.95  99.05
        09:30:01  94    93.95  94.05
    """)
    assert calm.events(sev.StandingTriggered)[0].late == ""


def test_a_whole_day_missed_makes_the_first_price_late() -> None:
    session = at_hundred()
    session.ask("09:15:02", BUY_AT_95)
    session.until("15:31")
    again = Session(log=list(session.log))
    again.ticks("""
        time      last  bid    ask
        09:15:05  93    92.95  93.05
    """, DAY.replace(day=16))  # fmt: skip
    assert again.events(sev.StandingTriggered)[0].late
