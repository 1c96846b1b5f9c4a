"""Exits held beside an order: sized to what filled, one of them acts, never for more than is held."""

from typing import Any

import pytest
from tests.engine.standing_tables import (
    HUNDRED,
    armed,
    balanced,
    bracket,
    ends,
    placed,
    refusals,
    the_one,
    trailed,
)
from tests.trading import NEXT_CALL, NEXT_DAY, SHARE, Session, buys, sells, timed

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import CancelOrder, CancelStanding, ModifyExits, PlaceBracket
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Side

BUY, SELL = Side.BUY, Side.SELL


def at_hundred() -> Session:
    return Session().ticks(HUNDRED)


def bought(**exits: Any) -> Session:
    """Return a session with 100 shares bought at 100.05 with exits."""
    session = at_hundred()
    session.ask("09:15:02", bracket(BUY, SHARE, 100, "", **exits))
    session.until("09:15:03")
    assert session.held(SHARE, Product.MIS) == 100
    return session


def test_nothing_stands_ready_before_the_entry_trades() -> None:
    session = at_hundred()
    session.ask("09:15:02", bracket(BUY, SHARE, 100, "99", stop="95", target="105"))
    session.ticks("""
        time      last  bid     ask
        09:16:00  106   105.95  106.05   # beyond the target, and nothing is held
    """)
    assert armed(session) == []
    assert placed(session) == [("BUY", 100, "")]


def test_the_stop_sells_what_was_bought_and_the_target_is_gone() -> None:
    session = bought(stop="95", target="105")
    session.ticks("""
        time      last   bid     ask
        09:16:00  95.05  95      95.10
        09:16:01  95     94.95   95.05
        09:16:02  106    105.95  106.05
    """)
    assert placed(session) == [("BUY", 100, ""), ("SELL", 100, "target"), ("SELL", 100, "stoploss")]
    assert session.held(SHARE, Product.MIS) == 0
    assert ends(session) == [("complete", "exited by its stoploss")]
    balanced(session)
    assert session.state.ledger.margin == 0


def test_the_target_sells_and_the_stop_is_gone() -> None:
    session = bought(stop="95", target="105")
    session.ticks("""
        time      last  bid     ask
        09:16:01  105   105     105.05
        09:16:02  90    89.95   90.05
    """)
    assert placed(session)[1:] == [("SELL", 100, "target")]
    assert ends(session) == [("complete", "exited by its target")]


def test_a_short_entry_has_its_stop_above() -> None:
    session = at_hundred()
    session.ask("09:15:02", bracket(SELL, SHARE, 100, stop="105", target="90"))
    session.ticks("""
        time      last  bid     ask
        09:16:00  91    90.95   91.05
        09:16:01  105   104.95  105.05
    """)
    assert placed(session) == [("SELL", 100, ""), ("BUY", 100, "target"), ("BUY", 100, "stoploss")]
    assert session.held(SHARE, Product.MIS) == 0


def test_distances_count_from_what_the_entry_cost() -> None:
    session = bought(stop="2", target="5", away=True)
    assert armed(session) == [(100, "98.05", "105.05")]


def test_a_partial_fill_is_guarded_as_far_as_it_went() -> None:
    session = at_hundred()
    session.ask("09:15:02", bracket(BUY, SHARE, 100, "100", stop="95", target="105"))
    session.ticks("""
        time      last  bid     ask     ask_quantity
        09:16:00  -     99.95   100     40
        09:16:05  105   105     105.05  500          # the target, with 60 still open
        09:16:06  95    94.95   95.05   500
    """)
    assert armed(session)[0] == (40, "95.00", "105.00")
    assert session.held(SHARE, Product.MIS) == 0
    assert placed(session) == [("BUY", 100, ""), ("SELL", 40, "target")]
    balanced(session)


def test_what_fills_after_an_exit_began_is_sold_as_well() -> None:
    session = Session(latency_ms=500).ticks(HUNDRED)
    session.ask("09:15:02", bracket(BUY, SHARE, 100, "100", stop="99", target="105"))
    session.ticks("""
        time        last  bid     ask     ask_quantity
        09:16:00    -     99.95   100     40
        09:16:05    105   105     105.05  500           # the target; the entry's cancellation travels
        09:16:05.1  -     99.95   100     60            # and meanwhile the rest trades
        09:16:07    99    98.95   99.05   500
        09:16:09    99    98.95   99.05   500
    """)
    assert placed(session)[1:] == [("SELL", 40, "target"), ("SELL", 60, "target"), ("SELL", 60, "stoploss")]
    assert len(session.events(sev.StandingTriggered)) == 1
    assert session.held(SHARE, Product.MIS) == 0
    assert ends(session) == [("complete", "exited by its stoploss")]
    balanced(session)


def test_an_entry_that_ends_unfilled_leaves_nothing() -> None:
    session = at_hundred()
    order_id = session.ask("09:15:02", bracket(BUY, SHARE, 100, "99", stop="95"))
    session.ask("09:15:03", CancelOrder(order_id))
    session.until("09:15:04")
    assert ends(session) == [("cancelled", "its entry did not fill: asked by the user")]
    assert session.state.standing_orders == {}


def test_a_denied_entry_is_an_ordinary_denial() -> None:
    session = Session(capital=100).ticks(HUNDRED)
    order_id = session.ask("09:15:02", bracket(BUY, SHARE, 100, stop="95"))
    assert session.denial().order_id == order_id
    assert session.state.standing == {}


def test_what_is_closed_elsewhere_is_no_longer_guarded() -> None:
    session = bought(stop="95", target="105")
    session.ask("09:15:04", sells(SHARE, 60))
    session.until("09:15:05")
    assert armed(session)[-1] == (40, "95.00", "105.00")
    session.ask("09:15:06", sells(SHARE, 40))
    session.until("09:15:07")
    assert ends(session) == [("cancelled", "the position was closed elsewhere")]
    session.ticks("""
        time      last  bid    ask
        09:16:00  90    89.95  90.05
    """)
    assert session.held(SHARE, Product.MIS) == 0
    assert len(placed(session)) == 4


def test_a_closing_order_that_waits_is_not_sold_twice() -> None:
    session = bought(stop="95")
    mine = session.ask("09:15:04", sells(SHARE, 60, "110"))
    session.ticks("""
        time      last  bid    ask
        09:16:00  95    94.95  95.05
        09:16:01  95    94.95  95.05
    """)
    assert session.held(SHARE, Product.MIS) == 60, "40 were free, 60 are promised to the waiting order"
    session.ask("09:16:02", CancelOrder(mine))
    session.ticks("""
        time      last  bid    ask
        09:16:03  95    94.95  95.05
    """)
    assert session.held(SHARE, Product.MIS) == 0
    assert len(session.events(sev.StandingTriggered)) == 1


def test_two_brackets_of_one_position_guard_no_more_than_is_held() -> None:
    session = bought(stop="95")
    session.ask("09:15:04", bracket(BUY, SHARE, 100, stop="96"))
    session.until("09:15:05")
    session.ask("09:15:06", sells(SHARE, 150))
    session.until("09:15:07")
    assert sum(one.guarded for one in session.state.standing.values()) == 50
    session.ticks("""
        time      last  bid    ask
        09:16:00  90    89.95  90.05
        09:16:01  90    89.95  90.05
    """)
    assert session.held(SHARE, Product.MIS) == 0
    balanced(session)


def test_a_trailing_stop_never_goes_back_and_sells() -> None:
    session = bought(trail="2", step="1")
    assert armed(session) == [(100, "98.05", "0.00")]
    session.ticks("""
        time      last    bid     ask
        09:16:00  101     100.95  101.05   # not a whole step from 100.05
        09:16:01  101.05  101     101.10   # one
        09:16:02  103.50  103.45  103.55   # two more
        09:16:03  102     101.95  102.05
        09:16:04  101.05  101     101.10   # the stop
    """)
    assert trailed(session) == ["99.05", "101.05"]
    assert session.events(sev.StandingTriggered)[0].leg == "stoploss"
    assert session.held(SHARE, Product.MIS) == 0


def test_a_short_trails_from_above() -> None:
    session = at_hundred()
    session.ask("09:15:02", bracket(SELL, SHARE, 100, trail="2", step="1"))
    session.ticks("""
        time      last   bid    ask
        09:16:00  98.90  98.85  98.95
        09:16:01  97.90  97.85  97.95
        09:16:02  99.95  99.90  100
    """)
    assert trailed(session) == ["100.95", "99.95"]
    assert session.held(SHARE, Product.MIS) == 0


def test_exits_can_be_changed_and_dropped() -> None:
    session = bought(stop="95", target="105")
    standing_id = the_one(session).standing_id
    session.ask("09:15:04", ModifyExits(standing_id, stoploss=rupees(98), target=0))
    assert armed(session)[-1] == (100, "98.00", "0.00")
    session.ticks("""
        time      last  bid     ask
        09:16:00  106   105.95  106.05
    """)
    assert session.held(SHARE, Product.MIS) == 100
    session.ask("09:16:01", ModifyExits(standing_id, stoploss=rupees(107)))
    assert refusals(session) == ["stop.side"]
    session.ask("09:16:02", CancelStanding(standing_id))
    session.ticks("""
        time      last  bid    ask
        09:16:03  90    89.95  90.05
    """)
    assert session.held(SHARE, Product.MIS) == 100, "what is held is the owner's again"


@pytest.mark.parametrize(
    ("plan", "rule"),
    [
        (bracket(BUY, SHARE, 1), "exits.none"),
        (bracket(BUY, SHARE, 1, stop="101"), "stop.side"),
        (bracket(SELL, SHARE, 1, stop="99"), "stop.side"),
        (bracket(BUY, SHARE, 1, target="99"), "target.side"),
        (bracket(SELL, SHARE, 1, target="101"), "target.side"),
        (bracket(BUY, SHARE, 1, "90", stop="91"), "stop.side"),
        (bracket(BUY, SHARE, 1, stop="95.02"), "price.tick"),
        (bracket(BUY, SHARE, 1, stop="200", away=True), "stop.side"),
        (PlaceBracket(buys(SHARE, 1), stoploss=-500), "exits.negative"),
    ],
)
def test_exits_that_cannot_be_are_refused(plan: PlaceBracket, rule: str) -> None:
    session = at_hundred()
    session.ask("09:15:02", plan)
    assert refusals(session) == [rule]
    assert placed(session) == []


def test_the_square_off_closes_it_once() -> None:
    session = bought(stop="95", target="105")
    session.ticks("""
        time      last  bid     ask
        15:19:59  100   99.95   100.05
        15:20:00  95    94.95   95.05    # the stop and the square-off in one moment
        15:20:01  95    94.95   95.05
    """)
    assert session.held(SHARE, Product.MIS) == 0
    assert [units for side, units, tag in placed(session) if side == "SELL" and tag != "target"] == [100]
    balanced(session)


def test_exits_of_a_carried_position_stand_on_the_next_day() -> None:
    session = Session().ticks("""
        time      of    last  bid    ask
        09:15:01  NEXT  100   99.95  100.05
    """)
    session.ask("09:15:02", bracket(BUY, NEXT_CALL, 65, stop="90", target="120"))
    session.until("15:31")
    session.ticks("""
        time      of    last  bid    ask
        09:15:01  NEXT  85    84.95  85.05
        09:15:02  NEXT  85    84.95  85.05
    """, NEXT_DAY)  # fmt: skip
    assert session.held(NEXT_CALL) == 0
    assert session.events(sev.StandingTriggered)[0].price == rupees(85)


def test_a_bar_that_reaches_both_is_taken_as_the_stop() -> None:
    session = Session().bars("""
        time   open  high  low  close
        09:15  100   100   100  100
    """)
    session.ask("09:16:00", bracket(BUY, SHARE, 100, stop="95", target="105"))
    session.bars("""
        time   open  high  low  close
        09:16  100   101   99   100
        09:17  100   110   90   108
        09:18  108   108   108  108
    """)
    assert placed(session)[1:] == [("SELL", 100, "target"), ("SELL", 100, "stoploss")]
    assert session.events(sev.StandingTriggered)[0].price == rupees(95)
    assert session.held(SHARE, Product.MIS) == 0


def test_a_strategys_exits_are_its_own() -> None:
    plan = bracket(BUY, SHARE, 100, stop="95")
    session = Session(
        strategies=[timed("one", ("09:15:02", plan)), timed("two", ("09:15:03", sells(SHARE, 50)))]
    )
    session.ticks("""
        time      last  bid    ask
        09:15:01  100   99.95  100.05
        09:15:05  100   99.95  100.05
        09:16:00  95    94.95  95.05
        09:16:01  95    94.95  95.05
    """)
    assert session.held(SHARE, Product.MIS, "one") == 0
    assert session.held(SHARE, Product.MIS, "two") == -50
    sold = [each for each in session.events(ev.OrderPlaced) if each.tag == "stoploss"]
    assert [(each.strategy, each.quantity) for each in sold] == [("one", 100)]


def test_a_strategy_cannot_touch_anothers() -> None:
    session = bought(stop="95")
    standing_id = the_one(session).standing_id
    thief = timed("thief", ("09:15:30", CancelStanding(standing_id)))
    other = Session(strategies=[thief], log=list(session.log))
    other.engine.resume([])
    other.until("09:16")
    assert refusals(other) == ["standing.not_own"]
