"""The target of a bracket rests at the exchange; it and the stop close what is held once, together."""

from datetime import date

import pytest
from tests.engine.standing_tables import HUNDRED, armed, balanced, bracket, ends, placed, the_one
from tests.tables import ticks_of
from tests.trading import DAY, NEXT_CALL, NEXT_DAY, SHARE, Session, sells

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import CancelOrder, CancelStanding, ExitBracket, ModifyExits
from kasauti.domain.money import rupees
from kasauti.domain.order import Order, OrderType, Product, Side, Status
from kasauti.exchange.price_range import PriceRange
from kasauti.exchange.restrictions import Restrictions

BUY, SELL = Side.BUY, Side.SELL
MIS = Product.MIS


def bought(latency_ms: int = 0, **exits: str) -> Session:
    """Return a session with 100 shares bought at 100.05, a target resting at 105 unless said otherwise."""
    session = Session(latency_ms=latency_ms).ticks(HUNDRED)
    session.ask("09:15:02", bracket(BUY, SHARE, 100, **{"stop": "95", "target": "105"} | exits))
    session.until("09:15:05")
    assert session.held(SHARE, MIS) == 100
    return session


def target(session: Session) -> Order:
    """Return the newest order of the target."""
    return [each for each in session.state.orders.values() if each.tag == "target"][-1]


def test_it_is_a_limit_order_that_rests_and_blocks_nothing() -> None:
    session = bought()
    order = target(session)

    assert (order.order_type, order.price, order.status) == (OrderType.LIMIT, rupees(105), Status.OPEN)
    assert order.blocked == 0
    assert session.state.ledger.margin == sum(each.margin for each in session.state.held)
    assert session.events(sev.StandingTriggered) == []


def test_it_trades_at_its_price_and_ends_the_bracket() -> None:
    session = bought().ticks("""
        time      last    bid     ask
        09:16:00  105.40  105.30  105.50
    """)

    assert [price for *_, price in session.fills()][-1] == "105.00"
    assert ends(session) == [("complete", "exited by its target")]
    assert [each.leg for each in session.events(sev.StandingTriggered)] == ["target"]
    balanced(session)


def test_what_it_trades_the_stop_no_longer_guards() -> None:
    session = bought().ticks("""
        time      last  bid     ask     bid_quantity
        09:16:00  105   105     105.05  30
        09:16:01  95    94.95   95.05   500
        09:16:02  95    94.95   95.05   500
    """)

    assert armed(session)[-2:] == [(100, "95.00", "105.00"), (70, "95.00", "105.00")]
    assert [(side, units) for side, units, tag in placed(session) if tag == "stoploss"] == [("SELL", 70)]
    assert session.held(SHARE, MIS) == 0
    balanced(session)


def test_a_target_that_trades_while_it_is_taken_back_leaves_nothing_to_the_stop() -> None:
    session = bought(latency_ms=500).ticks("""
        time        last  bid     ask
        09:16:00    95    94.95   95.05    # the stop: the target's cancellation travels
        09:16:00.2  105   105     105.05   # and meanwhile it trades
        09:16:02    90    89.95   90.05
    """)

    assert [tag for _, _, tag in placed(session)] == ["", "target"]
    assert session.held(SHARE, MIS) == 0
    assert ends(session) == [("complete", "exited by its target")]
    balanced(session)


def test_what_is_left_of_it_is_the_stops() -> None:
    session = bought(latency_ms=500).ticks("""
        time        last  bid     ask     bid_quantity
        09:16:00    95    94.95   95.05   500
        09:16:00.2  105   105     105.05  40
        09:16:02    90    89.95   90.05   500
        09:16:04    90    89.95   90.05   500
    """)

    assert [(units, tag) for _, units, tag in placed(session)][1:] == [(100, "target"), (60, "stoploss")]
    assert session.held(SHARE, MIS) == 0
    assert ends(session) == [("complete", "exited by its stoploss")]
    balanced(session)


def test_it_grows_with_the_entry_and_keeps_one_order() -> None:
    session = Session().ticks(HUNDRED)
    session.ask("09:15:02", bracket(BUY, SHARE, 100, "100", stop="95", target="105"))
    session.ticks("""
        time      last  bid     ask     ask_quantity
        09:16:00  -     99.95   100     40
        09:16:05  -     99.95   100     100
    """)

    assert [(units, tag) for _, units, tag in placed(session)] == [(100, ""), (40, "target")]
    assert target(session).quantity == 100


def test_it_shrinks_when_the_position_is_closed_elsewhere() -> None:
    session = bought()
    session.ask("09:15:05.1", sells(SHARE, 60))
    session.until("09:15:05.2")

    assert (target(session).quantity, target(session).status) == (40, Status.OPEN)
    session.ask("09:15:05.3", sells(SHARE, 40))
    session.until("09:15:07")
    assert target(session).status is Status.CANCELLED
    assert ends(session) == [("cancelled", "the position was closed elsewhere")]
    balanced(session)


def test_another_price_moves_it_and_none_takes_it_back() -> None:
    session = bought()
    standing_id = the_one(session).standing_id
    session.ask("09:15:06", ModifyExits(standing_id, target=rupees(107)))
    session.until("09:15:07")
    assert target(session).price == rupees(107)

    session.ask("09:15:08", ModifyExits(standing_id, target=0))
    session.until("09:15:09")

    assert target(session).status is Status.CANCELLED
    assert the_one(session).guarded == 100


def test_who_cancels_it_keeps_the_stop() -> None:
    session = bought()
    session.ask("09:15:06", CancelOrder(target(session).order_id))
    session.until("09:15:07")
    assert armed(session)[-1] == (100, "95.00", "0.00")

    session.ticks("""
        time      last  bid     ask
        09:16:00  106   106     106.05
        09:16:01  95    94.95   95.05
        09:16:02  95    94.95   95.05
    """)
    assert [tag for _, _, tag in placed(session)] == ["", "target", "stoploss"]


def test_cancelling_the_bracket_takes_it_back() -> None:
    session = bought()
    session.ask("09:15:06", CancelStanding(the_one(session).standing_id))
    session.until("09:15:07")

    assert target(session).status is Status.CANCELLED
    assert session.held(SHARE, MIS) == 100


def test_after_a_restart_it_rests_once() -> None:
    before = bought()
    session = before.restart([ticks_of(HUNDRED, before._slot, DAY)])
    assert [tag for _, _, tag in placed(session)] == ["", "target"]

    session.ticks("""
        time      last  bid  ask
        09:16:00  105   105  105.05
    """)

    assert ends(session) == [("complete", "exited by its target")]
    balanced(session)


def test_a_stop_that_was_reached_before_a_restart_goes_out_after_it() -> None:
    before = bought(latency_ms=500)
    stop = """
        time      last  bid    ask
        09:16:00  95    94.95  95.05
    """
    before.ticks(stop)
    assert target(before).cancel_asked
    history = [ticks_of(table, before._slot, DAY) for table in (HUNDRED, stop)]

    session = before.restart(history, latency_ms=500)
    session.ticks("""
        time      last  bid    ask
        09:16:03  94    93.95  94.05
        09:16:05  94    93.95  94.05
    """)

    assert [tag for _, _, tag in placed(session)] == ["", "target", "stoploss"]
    assert session.held(SHARE, MIS) == 0
    assert len(session.events(sev.StandingTriggered)) == 1
    balanced(session)


def test_it_lapses_at_the_close_and_rests_again_the_next_day() -> None:
    session = Session().ticks("""
        time      of    last  bid    ask
        09:15:01  NEXT  100   99.95  100.05
    """)
    session.ask("09:15:02", bracket(BUY, NEXT_CALL, 65, stop="90", target="120"))
    session.until("15:31")
    assert target(session).status is Status.EXPIRED
    session.ticks("""
        time      of    last  bid     ask
        09:15:01  NEXT  110   109.95  110.05
        09:15:02  NEXT  120   120     120.05
    """, NEXT_DAY)  # fmt: skip

    assert [tag for _, _, tag in placed(session)] == ["", "target", "target"]
    assert session.held(NEXT_CALL) == 0


@pytest.mark.parametrize(("high", "tags"), [("106", ["", "target"]), ("105", [""])])
def test_beyond_the_limits_of_the_day_nothing_rests(high: str, tags: list[str]) -> None:
    limits = Restrictions({date(2026, 1, 13): {SHARE.id: PriceRange(rupees(90), rupees(high))}})
    session = Session(restrictions=limits).ticks(HUNDRED)
    session.ask("09:15:02", bracket(BUY, SHARE, 100, stop="5", target="5", away=True))
    session.until("09:15:05")

    assert [tag for _, _, tag in placed(session)] == tags
    assert session.events(ev.OrderDenied) == []


def test_who_wants_out_asks_the_bracket_and_nothing_is_sold_twice() -> None:
    session = bought(latency_ms=200)
    standing_id = the_one(session).standing_id
    session.ask("09:15:06", ExitBracket(standing_id))
    session.ask("09:15:06.1", ExitBracket(standing_id))
    session.ticks("""
        time      last  bid    ask
        09:15:07  100   99.95  100.05
        09:15:08  100   99.95  100.05
    """)

    assert [tag for _, _, tag in placed(session)] == ["", "target", "exit"]
    assert session.held(SHARE, MIS) == 0
    assert ends(session) == [("complete", "exited by its exit")]
    balanced(session)


def test_of_a_bar_that_reached_both_nothing_of_it_trades() -> None:
    session = Session().bars("""
        time   open  high  low  close
        09:15  100   100   100  100
    """)
    session.ask("09:16:00", bracket(BUY, SHARE, 100, stop="95", target="105"))
    session.bars("""
        time   open  high  low  close
        09:16  100   101   99   100
        09:17  100   104   99   104
        09:18  104   106   103  106
    """)

    assert [each[2] for each in session.fills()] == ["100.00", "105.00"]
    assert ends(session) == [("complete", "exited by its target")]
