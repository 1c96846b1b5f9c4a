"""A trading day's own jobs: intraday positions are closed, orders lapse, days follow each other."""

from collections import Counter
from datetime import date

import pytest
from tests.trading import (
    CALL,
    DAY,
    FUTURE,
    HOLIDAY,
    NEXT_DAY,
    OTHER,
    SHARE,
    Session,
    buys,
    moment,
    sells,
    timed,
)

from kasauti.domain import events as ev
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.ist import ist_clock, ist_date
from kasauti.domain.order import Product, Status

HEADER = "time of last bid bid_quantity ask ask_quantity\n"
MARKET = (
    HEADER
    + """
    {0}:00  ACME  1000   1000    50000  1000    50000
    {0}:00  BETA  500    500     50000  500     50000
    {0}:00  FUT   26000  26000   65000  26000   65000
    {0}:00  CE    120    120     65000  120     65000
    """
)


def market(clock: str = "09:15", day: date = DAY, **setup: object) -> Session:
    """Return a session whose quotes do not age."""
    return Session(stale_s=100_000, **setup).ticks(MARKET.format(clock), day)  # type: ignore[arg-type]


def closing(session: Session) -> list[tuple[str, str, int]]:
    """Return the orders of the square-off: (clock, instrument, signed quantity)."""
    return [
        (ist_clock(each.at), each.event.instrument, each.event.side.sign * each.event.quantity)
        for each in session.log
        if isinstance(each.event, ev.OrderPlaced) and each.event.tag == "square_off"
    ]


# Intraday positions


def test_intraday_positions_are_closed_at_the_time_of_their_segment() -> None:
    session = market()
    for second, command in enumerate(
        [
            buys(SHARE, 10),
            sells(OTHER, 20),
            buys(CALL, 65, product=Product.MIS),
            buys(CALL, 130),
            buys(SHARE, 5, product=Product.CNC),
        ]
    ):
        session.ask(f"09:15:{second + 1:02d}", command)
    session.until("15:30")

    assert closing(session) == [
        ("15:20:00", SHARE.id, -10),
        ("15:20:00", OTHER.id, 20),
        ("15:25:00", CALL.id, -65),
    ]
    assert session.held(SHARE, Product.CNC) == 5
    assert all(session.held(i, Product.MIS) == 0 for i in (SHARE, OTHER, CALL))
    assert session.proof().passed


def test_open_intraday_orders_are_cancelled_first_and_no_others() -> None:
    session = market()
    intraday = session.ask("09:15:01", buys(SHARE, 10, "900"))
    delivery = session.ask("09:15:02", buys(SHARE, 10, "900", product=Product.CNC))
    future = session.ask("09:15:03", buys(FUTURE, 65, "20000", product=Product.MIS))
    session.until("15:20")

    assert session.status(intraday) is Status.CANCELLED
    assert session.status(delivery) is Status.OPEN
    assert session.status(future) is Status.OPEN
    session.until("15:25")
    assert session.status(future) is Status.CANCELLED


def test_a_position_above_the_freeze_quantity_is_closed_in_pieces() -> None:
    session = market(capital=1_000_000_000)
    for second in (1, 2, 3):
        session.ask(f"09:15:0{second}", buys(CALL, 1755, product=Product.MIS))
    session.until("15:26")

    assert [quantity for _, _, quantity in closing(session)] == [-1755, -1755, -1755]
    assert session.held(CALL, Product.MIS) == 0


def test_what_cannot_be_closed_is_tried_every_minute_and_never_twice_at_once() -> None:
    """At 15:20 nobody buys. The order waits; it is not sent again while it does."""
    session = market()
    session.ask("09:15:01", buys(SHARE, 10))
    session.ticks(HEADER + "15:19 ACME 1000 - - 1000 50000")
    session.until("15:22:30")
    assert len(closing(session)) == 1
    assert session.held(SHARE, Product.MIS) == 10

    session.ticks(HEADER + "15:23 ACME 990 990 50000 1000 50000")
    assert session.held(SHARE, Product.MIS) == 0
    assert session.fills()[-1] == ("15:23:00", -10, "990.00")


def test_all_positions_are_closed_at_once_also_where_orders_travel() -> None:
    session = market(latency_ms=300)
    session.ask("09:15:01", buys(SHARE, 10))
    session.ask("09:15:02", buys(OTHER, 10))
    session.until("15:20:01")

    assert closing(session) == [("15:20:00", SHARE.id, -10), ("15:20:00", OTHER.id, -10)]
    assert session.held(SHARE, Product.MIS) == session.held(OTHER, Product.MIS) == 0


def test_the_square_off_runs_once_and_what_is_closed_stays_closed() -> None:
    session = market()
    session.ask("09:15:01", buys(SHARE, 10))
    session.until("15:30")

    fired = Counter(event.name for event in session.events(ev.TimerFired))
    assert fired["square_off:equity"] == 1
    assert set(fired.values()) == {1}
    assert len(closing(session)) == 1


def test_nobody_else_may_use_the_tag_of_the_square_off() -> None:
    session = market()
    session.ask("09:15:01", buys(SHARE, 10, "900", tag="square_off"))

    assert session.denial().rule == "tag.reserved"


def test_each_strategy_s_part_is_closed_for_it_and_the_rest_for_the_user() -> None:
    session = market(
        strategies=[timed("ann", ("09:20", buys(SHARE, 30))), timed("bob", ("09:21", sells(SHARE, 10)))]
    )
    session.ask("09:30", buys(SHARE, 5))
    session.until("15:21")

    placed = [event for event in session.events(ev.OrderPlaced) if event.tag == "square_off"]
    assert [(event.strategy, event.side.sign * event.quantity) for event in placed] == [
        ("ann", -30),
        ("bob", 10),
        ("", -5),
    ]
    assert session.held(SHARE, Product.MIS) == 0
    assert session.held(SHARE, Product.MIS, "ann") == session.held(SHARE, Product.MIS, "bob") == 0


def test_strategies_that_hold_against_each_other_are_closed_too() -> None:
    """The account is flat all day, but neither may carry its part into the next one."""
    session = market(
        strategies=[timed("ann", ("09:20", buys(SHARE, 30))), timed("bob", ("09:21", sells(SHARE, 30)))]
    )
    session.until("15:21")

    assert session.held(SHARE, Product.MIS, "ann") == session.held(SHARE, Product.MIS, "bob") == 0
    assert session.held(SHARE, Product.MIS) == 0


def test_what_a_day_could_not_close_is_closed_as_soon_as_the_next_one_has_prices() -> None:
    session = market()
    session.ask("09:15:01", buys(SHARE, 10))
    session.ticks(HEADER + "15:19 ACME 1000 - - 1000 50000")
    session.until("15:31")
    assert session.held(SHARE, Product.MIS) == 10
    session.ticks(MARKET.format("09:15"), NEXT_DAY)
    session.until("09:16", NEXT_DAY)

    assert session.held(SHARE, Product.MIS) == 0


# The end of a day and the next one


def test_orders_lapse_at_the_close_and_leave_nothing_behind() -> None:
    session = market()
    order_id = session.ask("09:15:01", buys(SHARE, 10, "900", product=Product.CNC))
    session.until("15:29:59.999")
    assert session.status(order_id) is Status.OPEN
    session.until("15:30")

    assert session.status(order_id) is Status.EXPIRED
    assert session.state.working == {}
    assert session.state.ledger.margin == 0
    assert not session.state.day_open


def test_a_tick_at_the_close_still_counts_one_after_it_does_not() -> None:
    for clock, traded in (("15:30:00", True), ("15:30:00.001", False)):
        session = market()
        session.ask("15:29", buys(SHARE, 10, "900", product=Product.CNC))
        session.ticks(f"{HEADER}{clock} ACME 890 880 50 890 50")
        assert bool(session.fills()) is traded


def test_a_new_day_starts_its_counts_again_and_keeps_what_is_held() -> None:
    session = market()
    session.ask("09:15:01", buys(SHARE, 10, product=Product.CNC))
    session.ask("09:15:02", buys(SHARE, 0))
    session.ask("09:15:03", buys(OTHER, 10))
    session.ask("09:15:04", sells(OTHER, 10))
    session.until("15:31")
    assert (session.state.day_orders, session.state.day_denied, session.state.day_trades) == (3, 1, 3)
    cash = session.state.ledger.cash
    session.ticks(MARKET.format("09:15"), NEXT_DAY)

    state = session.state
    assert (state.day, state.day_open) == ("2026-01-14", True)
    assert (state.day_orders, state.day_denied, state.day_trades, state.day_charges) == (0, 0, 0, 0)
    assert list(state.positions) == [f"{SHARE.id}|CNC"]
    assert state.positions[f"{SHARE.id}|CNC"].day_buy_quantity == 0
    assert state.orders == {}
    assert state.timers == {}
    assert state.ledger.cash == cash
    assert session.proof().passed


def test_holdings_of_the_day_before_can_be_sold_at_their_own_cost() -> None:
    """No money appears or disappears over night: 10 bought at 1,000, sold at 1,000."""
    session = market()
    session.ask("09:15:01", buys(SHARE, 10, product=Product.CNC))
    session.until("15:31")
    session.ticks(MARKET.format("09:15"), NEXT_DAY)
    session.ask("09:15:01", sells(SHARE, 10, product=Product.CNC), NEXT_DAY)

    assert session.state.ledger.realised == 0
    assert session.state.ledger.funds == -session.state.ledger.capital - session.state.ledger.charges


def test_order_and_trade_ids_are_never_given_twice_in_all_the_days() -> None:
    session = market()
    for day in (DAY, NEXT_DAY, date(2026, 1, 16)):
        if day != DAY:
            session.ticks(MARKET.format("09:15"), day)
        for second in (1, 1, 2):
            session.ask(f"09:15:0{second}", buys(SHARE, 1, product=Product.CNC), day)
    ids = [event.order_id for event in session.events(ev.OrderPlaced)]
    trades = [event.trade_id for event in session.events(ev.OrderFilled)]

    assert len(set(ids)) == len(ids) == 9
    assert len(set(trades)) == len(trades) == 9


def test_a_day_nobody_closed_is_closed_before_the_next_one_begins() -> None:
    """The process went away at ten and came back the day after."""
    before = market()
    order_id = before.ask("10:00", buys(SHARE, 10, "900", product=Product.CNC))
    session = Session(log=before.log, stale_s=100_000)
    session.ticks(MARKET.format("09:15"), NEXT_DAY)

    tail = [(each.cause, each.event.TAG) for each in session.log][-4:]
    assert tail == [
        ("timer:close late", "order.expired"),
        ("timer:day_close late", "timer.fired"),
        ("timer:day_close late", "day.closed"),
        ("timer:day_open", "day.opened"),
    ]
    assert [event.day for event in session.events(ev.DayClosed)] == ["2026-01-13"]
    assert order_id not in session.state.orders
    assert session.state.ledger.margin == 0
    assert session.proof().passed


def test_the_close_of_a_missed_day_rounds_its_note_as_if_somebody_had_been_there() -> None:
    there = market()
    there.ask("10:00", buys(SHARE, 7, product=Product.CNC))
    missed = Session(log=list(there.log), stale_s=100_000)
    there.until("15:30")
    missed.ticks(MARKET.format("09:15"), NEXT_DAY)

    assert missed.events(ev.DayClosed)[0].rounding == there.events(ev.DayClosed)[0].rounding


def test_jobs_that_should_have_run_while_nobody_was_here_run_once_and_are_marked_late() -> None:
    before = market()
    before.ask("09:15:01", buys(SHARE, 10))
    session = Session(log=before.log, stale_s=100_000)
    session.engine.resume([], moment("15:22"))
    session.ticks(MARKET.format("15:22"))
    session.until("15:30")

    late = [
        (each.event.name, ist_clock(each.event.due), ist_clock(each.at))
        for each in session.log
        if isinstance(each.event, ev.TimerFired) and each.event.name == "square_off:equity"
    ]
    assert late == [("square_off:equity", "15:20:00", "15:22:00")]
    assert session.held(SHARE, Product.MIS) == 0
    assert session.proof().passed


def test_nothing_runs_on_a_holiday() -> None:
    ann = timed("ann", ("09:20", buys(SHARE, 1)))
    session = market(strategies=[ann])
    session.until("15:31")
    before = len(session.log)
    session.ticks(MARKET.format("09:15"), HOLIDAY)
    session.until("15:31", HOLIDAY)

    assert len(session.log) == before
    assert {ist_date(each.at) for each in session.log[1:]} == {DAY}


@pytest.mark.parametrize(
    ("clock", "says"),
    [("09:59:59", ""), ("10:00:00", "market.closed"), ("11:29:59", "market.closed"), ("11:30:00", "")],
)
def test_a_session_with_a_break_takes_nothing_in_it(clock: str, says: str) -> None:
    """On 2 March 2024 the exchanges traded from two sites: 09:15-10:00 and 11:30-12:30."""
    day = date(2024, 3, 2)
    session = Session()
    session.ask(clock, buys(SHARE, 10, "100", product=Product.CNC), day)
    session.ask(clock, buys(SHARE, 10, "100"), day)

    rules = [denied.rule for denied in session.events(ev.OrderDenied)]
    assert rules == [*([says] if says else []), says or "product.mis_cutoff"]


def left_over(*commands: PlaceOrder) -> Session:
    """Return the morning after a day whose intraday purchase nobody would buy back."""
    session = market()
    session.ask("09:15:01", buys(SHARE, 10))
    session.ticks(HEADER + "15:19 ACME 1000 - - 1000 50000")
    session.until("15:31")
    session.ticks(MARKET.format("09:15"), NEXT_DAY)
    for second, command in enumerate(commands, 1):
        session.ask(f"09:15:{second:02d}", command, NEXT_DAY)
    return session


def test_what_is_traded_intraday_after_such_a_day_is_left_alone_until_its_own_time() -> None:
    session = left_over(buys(OTHER, 7), buys(SHARE, 3, "900"))
    session.until("09:17", NEXT_DAY)
    assert (session.held(SHARE, Product.MIS), session.held(OTHER, Product.MIS)) == (0, 7)
    assert len(session.state.working) == 1
    session.ask("09:18", buys(SHARE, 5), NEXT_DAY)
    session.until("15:19:59", NEXT_DAY)

    assert (session.held(SHARE, Product.MIS), session.held(OTHER, Product.MIS)) == (5, 7)
    session.until("15:21", NEXT_DAY)
    assert session.state.held == []
    assert session.state.working == {}


def test_a_position_that_turned_today_is_of_today() -> None:
    """Ten were left over; twenty are sold: ten short are new, and no leftover."""
    session = left_over(sells(SHARE, 20))
    session.until("09:30", NEXT_DAY)

    assert session.held(SHARE, Product.MIS) == -10
    assert session.position(SHARE, Product.MIS).opened_at == moment("09:15:01", NEXT_DAY)
