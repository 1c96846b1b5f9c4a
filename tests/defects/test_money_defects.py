"""
The 22 defects of the nearest neighbour that were proved by running it (openalgo_api.md 4.1), as tests that we
do not have them. Here those where money was wrong, W1 to W12; each has the numbers of its proof where it can.
"""

from datetime import date

from tests.tables import at_clock
from tests.trading import (
    CALL,
    DAY,
    FUTURE,
    MARGINS,
    NEXT_DAY,
    OTHER,
    SHARE,
    Session,
    buys,
    sells,
)

from kasauti.domain import events as ev
from kasauti.domain.commands import ModifyOrder
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Status
from kasauti.domain.reports import Filled
from kasauti.domain.state import State
from kasauti.ports import Margin

CRORE = 10_000_000
HEADER = "time of last bid bid_quantity ask ask_quantity\n"
MARKET = (
    HEADER
    + """
    09:15:00  NIFTY 26000  -      -       -      -
    09:15:00  ACME  1000   999.95 5000000 1000.05 5000000
    09:15:00  BETA  100    99.95  5000000 100.05 5000000
    09:15:00  FUT   26000  25999  650000  26001  650000
    09:15:00  CE    120    119.95 6500000 120.05 6500000
    """
)


def session(**setup: object) -> Session:
    return Session(stale_s=1_000_000, **setup).ticks(MARKET)  # type: ignore[arg-type]


def flat(day: date, acme: str, one: Session) -> Session:
    """Let ACME stand at one price, so that nothing is paid but charges."""
    return one.ticks(f"{HEADER}09:15:00 ACME {acme} {acme} 500000 {acme} 500000", day)


def worth(one: Session, marks: dict[str, int]) -> int:
    """Return what the account is worth: its money, and what it holds at these prices."""
    positions = one.state.positions.values()
    paid_up = sum(p.quantity * marks[p.instrument] for p in positions if p.quantity and p.paid_up)
    open_result = sum(
        p.quantity * marks[p.instrument] - p.cost for p in positions if p.quantity and not p.paid_up
    )
    return one.state.ledger.funds + paid_up + open_result


def test_w1_margin_of_a_resting_order_stays_blocked_when_another_instrument_fills() -> None:
    one = session(capital=CRORE)
    resting = one.ask("09:15:01", buys(SHARE, 5000, "900", product=Product.CNC))  # 45 lakh
    one.ask("09:15:02", buys(OTHER, 1, product=Product.CNC))
    assert one.state.orders[resting].blocked == rupees(45_00_000)
    assert one.state.ledger.cash < rupees(CRORE - 45_00_000)

    for second in range(12):
        one.ask(f"09:16:{second:02}", buys(SHARE, 9000, "900", product=Product.CNC))  # 81 lakh each
        one.ask(f"09:16:{second:02}", buys(OTHER, 1, product=Product.CNC))
    assert [d.rule for d in one.events(ev.OrderDenied)] == ["funds.short"] * 12
    assert one.state.ledger.cash >= 0
    assert one.proof().passed


def test_w2_a_change_is_margined_like_a_new_order_and_is_what_was_asked() -> None:
    one = session(capital=CRORE)
    order_id = one.ask("09:15:01", buys(SHARE, 1, "900", product=Product.CNC))
    for second, change in enumerate(
        (ModifyOrder(order_id, quantity=10_00_000), ModifyOrder(order_id, quantity=0))
    ):
        one.ask(f"09:15:{second + 2:02}", change)
    assert [d.rule for d in one.events(ev.ModifyDenied)] == ["funds.short", "quantity.traded"]
    assert (one.order(order_id).quantity, one.order(order_id).blocked) == (1, rupees(900))

    one.ask("09:15:05", ModifyOrder(order_id, order_type=OrderType.MARKET))
    one.until("09:15:06")
    assert one.order(order_id).order_type is OrderType.MARKET, "what is said to be changed is changed"
    assert one.status(order_id) is Status.COMPLETE


def test_w3_settlement_makes_no_money_where_the_purchase_was_above_the_last_price() -> None:
    """800 bought at 1,000.05 and sold 10 % higher: gross ₹79,960, not 8.79 lakh."""
    one = session(capital=CRORE)
    one.ask("09:15:01", buys(SHARE, 800, product=Product.CNC))
    one.until("15:31")
    flat(NEXT_DAY, "1000", one).until("15:31", NEXT_DAY)
    third = date(2026, 1, 16)
    flat(third, "1100", one)
    one.ask("09:16:00", sells(SHARE, 800, product=Product.CNC), third)
    one.until("15:31", third)
    gross = 800 * (rupees("1100") - rupees("1000.05"))
    assert -one.state.ledger.realised == gross == rupees(79_960)
    charges = sum(o.charges.total for o in one.events(ev.OrderFilled))
    assert rupees(CRORE) + gross - one.state.ledger.funds >= charges
    assert one.proof().passed


def test_w4_profit_of_a_position_without_margin_reaches_cash() -> None:
    """An option bought blocks nothing; ₹20,000 of profit has to arrive."""
    one = session(capital=CRORE)
    one.ask("09:15:01", buys(CALL, 650))
    before = one.state.ledger.cash
    one.ticks(f"{HEADER}09:16:00 CE 150.80 150.80 6500 150.85 6500")
    one.ask("09:16:01", sells(CALL, 650))
    fill = one.events(ev.OrderFilled)[-1]
    assert one.state.ledger.cash - before == 650 * rupees("150.80") - fill.charges.total
    assert one.state.day_realised == 650 * (rupees("150.80") - rupees("120.05"))


def test_w5_a_position_that_turns_is_margined_for_what_it_is() -> None:
    """50 long, 100 sold: 50 short at 1,000 in MIS block a fifth, 10,000, not 3,333."""
    one = Session(stale_s=1_000_000).ticks(f"{HEADER}09:15:00 ACME 1000 1000 5000 1000 5000")
    one.ask("09:15:01", buys(SHARE, 50))
    one.ask("09:15:02", sells(SHARE, 100))
    assert one.held(SHARE, Product.MIS) == -50
    assert one.position(SHARE, Product.MIS).margin == rupees(10_000)


def test_w6_writing_options_is_margined_far_beyond_the_premium() -> None:
    """One lot blocks more than a tenth of its strike; a crore does not carry 26,000 lots."""
    one = session(capital=CRORE)
    one.ask("09:15:01", sells(CALL, 65))
    assert one.position(CALL).margin > 26_000 * 65 * 10_000 // 10
    one.ask("09:15:02", sells(CALL, 1755 // 65 * 65))
    one.ask("09:15:03", sells(CALL, 1755 // 65 * 65))
    one.ask("09:15:04", sells(CALL, 1755 // 65 * 65))
    assert one.denial().rule == "funds.short"


def test_w6_a_call_covered_by_its_future_blocks_less_than_the_two_alone() -> None:
    """There the second leg made it dearer: 375 became 1,95,375."""
    both, call, future = session(capital=CRORE), session(capital=CRORE), session(capital=CRORE)
    both.ask("09:15:01", sells(CALL, 65))
    both.ask("09:15:02", buys(FUTURE, 65))
    call.ask("09:15:01", sells(CALL, 65))
    future.ask("09:15:01", buys(FUTURE, 65))
    assert len(both.events(ev.OrderFilled)) == 2
    alone = call.state.ledger.margin + future.state.ledger.margin
    assert 0 < both.state.ledger.margin < alone


def test_w7_an_option_settles_by_its_underlying_not_by_its_own_last_price() -> None:
    """Bought at 120 and never traded again; the index ends 500 above the strike."""
    one = session(capital=CRORE)
    one.ask("09:15:01", buys(CALL, 65))
    one.ticks(f"{HEADER}15:29:59 NIFTY 26500 - - - -").until("15:31")
    (settled,) = one.events(ev.PositionSettled)
    assert settled.price == rupees(500)
    assert one.state.day_realised == 65 * (rupees(500) - rupees("120.05"))


def test_w8_whatever_is_cut_off_the_log_the_books_and_the_position_agree() -> None:
    one = session(capital=CRORE)
    one.ask("09:15:01", buys(SHARE, 50))
    one.ask("09:15:02", sells(SHARE, 20, "1000"))
    for end in range(1, len(one.log) + 1):
        state = State.replay(one.log[:end])
        filled = sum(o.side.sign * o.filled for o in state.orders.values())
        assert sum(p.quantity for p in state.positions.values()) == filled
        assert state.ledger.trial_balance == 0


def test_w9_a_fill_counts_once_and_a_cancelled_order_has_no_trade_after_it() -> None:
    one = session()
    order_id = one.ask("09:15:01", buys(SHARE, 15))
    evidence = Evidence(Source.QUOTE, Rule.TAKE, at_clock("09:15:02", DAY), rupees(1000), "depth/1")
    again = Filled(order_id, at_clock("09:15:02", DAY), 15, rupees(1000), evidence)
    one.engine.admit([again])
    assert len(one.events(ev.VenueAnomaly)) == 1
    assert one.held(SHARE, Product.MIS) == 15
    assert len(one.events(ev.OrderFilled)) == 1


def test_w10_what_was_left_of_an_earlier_day_is_closed_and_todays_trade_is_not() -> None:
    one = Session(stale_s=1).ticks(MARKET)
    one.ask("09:15:00", buys(OTHER, 7))
    one.until("15:45")  # no price since the morning: the square-off found nobody
    assert one.held(OTHER, Product.MIS) == 7
    one.ticks(f"{HEADER}09:15:00 BETA 90 90 500 90 500\n09:15:00 ACME 1000 1000 500 1000 500", NEXT_DAY)
    one.ask("09:15:00.5", buys(SHARE, 3), NEXT_DAY)
    one.ticks(f"{HEADER}09:16:00 BETA 90 90 500 90 500", NEXT_DAY)
    assert (one.held(OTHER, Product.MIS), one.held(SHARE, Product.MIS)) == (0, 3)
    closing = one.events(ev.OrderFilled)[-1]
    assert one.order(closing.order_id).tag == "square_off", "and there is a trade of it"


def test_w11_currency_is_exact_to_its_quarter_of_a_paisa() -> None:
    """1,000 dollars bought at 84.0000 and sold two ticks higher: ₹5.00, not 2.50."""
    usdinr = Instrument(Exchange.CDS, "USDINR26JANFUT", Kind.FUTURE, 25, 1000, 0, "USDINR", date(2026, 1, 28))

    class Tenth:
        def of(self, instrument: Instrument, product: Product, on: date) -> Margin:
            return MARGINS.of(FUTURE, product, on)

    one = Session(universe=Universe([usdinr]), margins=Tenth(), stale_s=1_000_000)
    one.ticks(f"{HEADER}10:00:00 {usdinr.id} 84 84 9000 84 9000")
    one.ask("10:00:01", buys(usdinr, 1000))
    one.ticks(f"{HEADER}10:01:00 {usdinr.id} 84.005 84.005 9000 84.005 9000")
    one.ask("10:01:01", sells(usdinr, 1000))
    assert one.fills() == [("10:00:01", 1000, "84.00"), ("10:01:01", -1000, "84.0050")]
    assert one.state.day_realised == rupees(5)


def test_w12_the_account_is_worth_the_same_after_settlement() -> None:
    one = session(capital=CRORE)
    one.ask("09:15:01", buys(SHARE, 800, product=Product.CNC))
    marks = {SHARE.id: rupees(1000)}
    one.until("15:29")
    before = worth(one, marks)
    flat(NEXT_DAY, "1000", one).until("15:31", NEXT_DAY)
    assert abs(before - worth(one, marks)) < rupees(10), "what the day's note rounds, and no purchase price"
    assert one.held(SHARE, Product.CNC) == 800
