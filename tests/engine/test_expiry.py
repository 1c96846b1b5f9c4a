"""Expiry and the contract note: index contracts end in cash, and the day's charges are rounded once."""

from datetime import date

import pytest
from tests.trading import (
    CALL,
    DAY,
    FUTURE,
    INDEX,
    NEXT_CALL,
    NEXT_DAY,
    PUT,
    SHARE,
    UNIVERSE,
    Session,
    buys,
    sells,
    timed,
)

from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import ist_date
from kasauti.domain.money import RUPEE, rupees
from kasauti.domain.order import Product, Status

HEADER = "time of last bid bid_quantity ask ask_quantity\n"
MARKET = (
    HEADER
    + """
    09:15:00  NIFTY 26000  -      -      -      -
    09:15:00  ACME  100    100    50000  100    50000
    09:15:00  FUT   26050  26050  65000  26050  65000
    09:15:00  CE    120    120    65000  120    65000
    09:15:00  PE    90     90     65000  90     65000
    09:15:00  NEXT  300    300    65000  300    65000
    """
)


def expiring(index: str, *commands: object, **setup: object) -> Session:
    """Trade in the morning and let the day end with the index at `index`."""
    session = Session(stale_s=100_000, **setup).ticks(MARKET)  # type: ignore[arg-type]
    for second, command in enumerate(commands, 1):
        session.ask(f"09:15:{second:02d}", command)  # type: ignore[arg-type]
    return session.ticks(f"{HEADER}15:29:59 NIFTY {index} - - - -").until("15:31")


@pytest.mark.parametrize(
    ("command", "index", "price", "realised"),
    [
        (buys(CALL, 65), "26200", 200, (200 - 120) * 65),
        (buys(CALL, 65), "26000.05", "0.05", None),
        (buys(CALL, 65), "26000", 0, -120 * 65),  # at the money: worth nothing
        (buys(CALL, 65), "25800", 0, -120 * 65),
        (sells(CALL, 65), "26200", 200, (120 - 200) * 65),
        (sells(CALL, 65), "25800", 0, 120 * 65),
        (buys(PUT, 65), "25850", 150, (150 - 90) * 65),
        (buys(PUT, 65), "26000", 0, -90 * 65),
        (sells(PUT, 65), "25850", 150, (90 - 150) * 65),
    ],
)
def test_an_option_ends_at_its_intrinsic_value(
    command: object, index: str, price: int | str, realised: int | None
) -> None:
    session = expiring(index, command)
    (settled,) = session.events(ev.PositionSettled)

    assert settled.price == rupees(price)
    assert settled.evidence.source is Source.SETTLEMENT
    assert settled.evidence.rule is Rule.SETTLED
    assert settled.evidence.order_price == rupees(index)
    if realised is not None:
        assert session.state.ledger.realised == -rupees(realised)
    assert session.state.ledger.margin == 0
    assert session.state.ledger.securities == 0
    assert session.state.held == []
    assert session.proof().passed


@pytest.mark.parametrize(
    ("command", "index", "stt"),
    [
        (buys(CALL, 65), "26200", "16.25"),  # 0.125 % of 200 x 65, and not of the strike
        (buys(PUT, 130), "25850", "24.38"),  # 0.125 % of 150 x 130 = 24.375, half up
        (buys(CALL, 65), "26000", "0"),
        (sells(CALL, 65), "26200", "0"),  # the writer pays none
    ],
)
def test_the_holder_pays_tax_on_what_the_exercise_brings(command: object, index: str, stt: str) -> None:
    session = expiring(index, command)

    assert [event.charges for event in session.events(ev.PositionSettled)] == [Charges(stt=rupees(stt))]


def test_settlement_rests_on_the_last_price_of_the_index_and_says_when_it_was_known() -> None:
    """Nobody traded the option all afternoon; what it is worth follows from the index."""
    session = expiring("26200", buys(CALL, 65))
    (settled,) = session.events(ev.PositionSettled)

    assert settled.price == rupees(200)
    assert settled.evidence.at == session.engine.hours[1] - 1_000_000_000


def test_only_what_expires_today_is_settled() -> None:
    session = expiring(
        "26200", buys(CALL, 65), buys(NEXT_CALL, 65), buys(FUTURE, 65), buys(SHARE, 1, product=Product.CNC)
    )

    assert [event.instrument for event in session.events(ev.PositionSettled)] == [CALL.id]
    assert {position.instrument for position in session.state.held} == {NEXT_CALL.id, FUTURE.id, SHARE.id}


def test_orders_on_an_expired_contract_are_gone_and_so_is_their_money() -> None:
    session = Session(stale_s=100_000).ticks(MARKET)
    resting = session.ask("09:15:01", buys(CALL, 65, "50"))
    session.ask("09:15:02", buys(CALL, 65))
    session.until("15:31")

    assert session.status(resting) is Status.EXPIRED
    assert session.state.ledger.margin == 0
    assert session.state.held == []


def test_an_expired_contract_does_not_trade_the_day_after() -> None:
    session = expiring("26200")
    session.ticks(MARKET, NEXT_DAY)
    session.ask("09:15:01", buys(CALL, 65), NEXT_DAY)

    assert session.denial().rule == "instrument.expired"
    assert "expired on 2026-01-13" in session.denial().message


@pytest.mark.parametrize("product", [Product.NRML, Product.MIS])
def test_each_product_is_settled_by_itself(product: Product) -> None:
    """An intraday position that could not be closed before is settled like any other."""
    session = Session(stale_s=100_000).ticks(MARKET)
    session.ask("09:15:01", buys(CALL, 65, product=product))
    session.ticks(HEADER + "15:24 CE 200 - - 200 50000")  # nobody buys any more
    session.ticks(HEADER + "15:29 NIFTY 26200 - - - -")
    session.until("15:31")

    assert [event.product for event in session.events(ev.PositionSettled)] == [product]
    assert session.state.held == []
    assert session.proof().passed


def test_strategies_are_settled_with_the_account_also_where_they_hold_against_each_other() -> None:
    session = expiring(
        "26200",
        strategies=[timed("ann", ("09:20", buys(CALL, 130))), timed("bob", ("09:21", sells(CALL, 130)))],
    )

    assert session.held(CALL, Product.NRML, "ann") == session.held(CALL, Product.NRML, "bob") == 0
    books = session.state.books
    key = f"{CALL.id}|NRML"
    assert books["ann"][key].realised == rupees((200 - 120) * 130)
    assert books["bob"][key].realised == -rupees((200 - 120) * 130)
    assert session.proof().passed


def test_without_a_price_of_the_index_nothing_is_guessed_and_the_contract_waits() -> None:
    session = Session(stale_s=100_000).ticks(
        "\n".join(line for line in MARKET.splitlines() if "NIFTY" not in line)
    )
    session.ask("09:15:01", buys(CALL, 65))
    session.until("15:31")

    assert session.events(ev.PositionSettled) == []
    assert "cannot be settled: its underlying has no price" in session.state.unsettled[CALL.id]
    assert session.held(CALL) == 65
    assert session.state.halted == "", "only this contract waits"


def test_the_price_of_another_day_is_no_price() -> None:
    """The index was last seen the evening before the expiry."""
    session = Session(stale_s=1_000_000)
    eve = date(2026, 1, 12)
    session.ticks(MARKET, eve)
    session.ask("09:15:01", buys(CALL, 65), eve)
    session.until("15:31", eve)
    session.until("15:31", DAY)

    assert session.events(ev.PositionSettled) == []
    assert "cannot be settled" in session.state.unsettled[CALL.id]


def test_a_contract_that_expired_while_nobody_was_here_waits_for_the_exchange_s_price() -> None:
    before = Session(stale_s=100_000).ticks(MARKET)
    before.ask("09:15:01", sells(CALL, 65))
    session = Session(log=list(before.log))
    session.ticks(MARKET, NEXT_DAY)

    assert "expired on 2026-01-13 and cannot be settled: nobody was here" in session.state.unsettled[CALL.id]
    assert session.held(CALL) == -65
    session.until("15:31", NEXT_DAY)
    later = Session(log=list(session.log), official={(INDEX.id, DAY): rupees("26150.05")})
    later.ticks(MARKET, date(2026, 1, 16))

    (settled,) = later.events(ev.PositionSettled)
    assert (settled.price, settled.evidence.profile) == (rupees("150.05"), "settlement/official")
    (fired,) = [e for e in later.events(ev.TimerFired) if e.name.startswith("expiry:")]
    assert ist_date(fired.due) == DAY
    assert later.state.unsettled == {}
    assert len(later.events(stl.SettlementMissing)) == 1, "it is said once"
    assert later.held(CALL) == later.state.ledger.margin == 0
    assert later.proof().passed


def test_the_close_that_nobody_saw_settles_at_the_exchange_s_price_before_its_books_close() -> None:
    before = Session(stale_s=100_000).ticks(MARKET)
    before.ask("09:15:01", buys(CALL, 65))
    session = Session(log=list(before.log), official={(INDEX.id, DAY): rupees(26_200)})
    session.ticks(MARKET, NEXT_DAY)

    tags = [each.event.TAG for each in session.log][-5:]
    assert tags == ["timer.fired", "timer.fired", "position.settled", "day.closed", "day.opened"]
    (closed,) = session.events(ev.DayClosed)
    assert session.state.ledger.stt == rupees(16), "the note of its own day has the tax on exercise"
    assert closed.day == "2026-01-13"
    assert session.proof().passed


# The contract note


def test_the_note_rounds_tax_and_stamp_to_the_rupee_once_for_the_day() -> None:
    """
    Three intraday sales of 10 at 100: turnover 3,000 in three orders.

    STT 0.025 % of 1,000 is 0.25 an order, 0.75 the day: the note says 1. Then three purchases: stamp duty
    0.003 % of 1,000 is 0.03 an order, 0.09 the day: the note says 0. Brokerage stays the sum of the orders,
    0.03 % of 1,000 each: 0.30 x 6.
    """
    session = Session(stale_s=100_000).ticks(MARKET)
    for second in (1, 2, 3):
        session.ask(f"09:15:0{second}", sells(SHARE, 10))
    for second in (4, 5, 6):
        session.ask(f"09:15:0{second}", buys(SHARE, 10))
    ledger = session.state.ledger
    assert (ledger.stt, ledger.stamp, ledger.brokerage) == (rupees("0.75"), rupees("0.09"), rupees("1.80"))
    session.until("15:31")

    (closed,) = session.events(ev.DayClosed)
    assert (closed.rounding.stt, closed.rounding.stamp) == (rupees("0.25"), -rupees("0.09"))
    assert (ledger.stt, ledger.stamp, ledger.brokerage) == (rupees(1), 0, rupees("1.80"))
    assert session.state.day_charges == ledger.charges
    assert ledger.trial_balance == 0
    assert session.proof().passed


def test_the_note_covers_the_tax_on_exercise() -> None:
    """Bought one lot at 120, exercised at 200: 16.25 of tax, which the note rounds to 16."""
    session = expiring("26200", buys(CALL, 65))

    assert session.state.ledger.stt == rupees(16)
    assert session.state.ledger.stt % RUPEE == 0


def test_brokerage_is_charged_once_an_order_however_often_it_trades() -> None:
    """Twenty rupees for an option order of three fills."""
    session = Session()
    session.ticks(MARKET)
    session.ask("09:15:01", buys(CALL, 195, "110"))
    for second, ask in ((2, 110), (3, 111), (4, 110), (5, 111), (6, 110)):
        session.ticks(f"{HEADER}09:15:0{second} CE 110 109 65 {ask} 65")
    fills = [fill.charges.brokerage for _, fill in session.filled()]

    assert fills == [rupees(20), 0, 0]
    order = next(iter(session.state.orders.values()))
    assert order.charges.total == session.state.ledger.charges


def test_marks_of_the_close_are_recorded_for_what_is_held_and_for_the_circuit_breaker() -> None:
    session = expiring("26200", buys(NEXT_CALL, 65), buys(SHARE, 1, product=Product.CNC))
    (closed,) = session.events(ev.DayClosed)

    assert closed.marks == {INDEX.id: rupees(26_200), NEXT_CALL.id: rupees(300), SHARE.id: rupees(100)}


def test_a_future_ends_at_the_index() -> None:
    future = Instrument(
        Exchange.NFO, "NIFTY26113FUT", Kind.FUTURE, 1000, 65, 1800, "NIFTY", DAY, 0, INDEX.id, on_index=True
    )
    session = Session(universe=Universe([*UNIVERSE, future]), stale_s=100_000).ticks(MARKET)
    session.ticks(f"{HEADER}09:15:01 {future.id} 26050 26050 650 26050 650")
    session.ask("09:15:02", buys(future, 65))
    session.ticks(f"{HEADER}15:29:59 NIFTY 26200 - - - -").until("15:31")
    (settled,) = session.events(ev.PositionSettled)

    assert (settled.price, settled.charges) == (rupees(26_200), Charges())
    assert session.state.ledger.realised == -rupees(150) * 65
    assert session.state.ledger.clearing == session.state.ledger.margin == 0
    assert session.proof().passed


def test_where_index_contracts_stop_earlier_they_are_settled_then_and_the_rest_trades_on() -> None:
    """2026-12-08: contracts of the day stop at 15:30, other derivatives at 15:45."""
    day = date(2026, 12, 8)
    call, later = (
        Instrument(
            Exchange.NFO,
            name,
            Kind.CALL,
            500,
            65,
            1800,
            "NIFTY",
            expiry,
            rupees(26000),
            INDEX.id,
            on_index=True,
        )
        for name, expiry in (("NIFTY26D0826000CE", day), ("NIFTY26D1526000CE", date(2026, 12, 15)))
    )
    session = Session(universe=Universe([INDEX, call, later]), stale_s=100_000)
    session.ticks(f"{HEADER}09:15:00 NIFTY 26100 - - - -\n09:15:00 {call.id} 120 120 650 120 650", day)
    resting = session.ask("09:15:01", buys(call, 65, "100"), day)
    session.ask("09:15:02", buys(call, 65), day)
    other = session.ask("15:29", buys(later, 65, "100"), day)
    session.until("15:30", day)

    assert [event.price for event in session.events(ev.PositionSettled)] == [rupees(100)]
    assert session.status(resting) is Status.EXPIRED
    assert session.status(other) is Status.OPEN
    session.until("15:45", day)
    assert session.status(other) is Status.EXPIRED
    assert session.proof().passed


def test_strategies_that_hold_against_each_other_over_night_are_known_the_next_day() -> None:
    """The account is flat, so nothing of it is carried but what its strategies hold."""
    session = Session(
        stale_s=100_000,
        strategies=[timed("ann", ("09:20", buys(CALL, 65))), timed("bob", ("09:21", sells(CALL, 65)))],
    )
    session.ticks(MARKET, date(2026, 1, 12)).until("15:31", date(2026, 1, 12))
    assert session.held(CALL, Product.NRML, "ann") == 65
    session.ticks(f"{HEADER}09:00:00 NIFTY 26200 - - - -").until("09:16")
    assert f"{CALL.id}|NRML" in session.state.positions
    session.until("15:31")

    books = session.state.books
    assert session.held(CALL, Product.NRML, "ann") == books["bob"][f"{CALL.id}|NRML"].quantity == 0
    assert session.proof().passed
