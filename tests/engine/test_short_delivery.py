"""Shares that were sold and are not there are bought in dearer, once; and what is owed costs interest."""

from datetime import date

import pytest
from tests.analytics.runs import ASSUMPTIONS
from tests.trading import DAY, NEXT_DAY, SHARE, Session, buys, sells

from kasauti.analytics.run_of_log import run_of_log
from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.commands import MoveMoney
from kasauti.domain.ist import ist_date
from kasauti.domain.money import rupees
from kasauti.domain.order import Product
from kasauti.exchange.settlement import InterestKind, Settlement

CNC, MIS = Product.CNC, Product.MIS
HEADER = "time of last bid bid_quantity ask ask_quantity\n"
MARKET = HEADER + "09:15:00 ACME {0} {0} 50000 {0} 50000"
THIRD_DAY = date(2026, 1, 16)


def sold_short(price: str = "100") -> Session:
    """Sell ten intraday that nobody sells back to us any more: the stock is at its upper limit."""
    session = Session(stale_s=1_000_000).ticks(MARKET.format(price))
    session.ask("09:15:01", sells(SHARE, 10))
    return session.ticks(f"{HEADER}15:19:00 ACME 110 110 50000 - -").until("15:31")


def test_an_intraday_sale_that_cannot_be_bought_back_has_to_be_delivered() -> None:
    session = sold_short()
    (converted,) = session.events(stl.PositionConverted)
    (due,) = session.events(stl.DeliveryDue)

    assert (converted.product, converted.to, converted.quantity) == (MIS, CNC, -10)
    assert (due.quantity, due.settles) == (-10, "2026-01-14")
    assert session.held(SHARE, MIS) == 0
    assert session.held(SHARE, CNC) == -10
    ledger = session.state.ledger
    assert ledger.margin == ledger.clearing == 0
    assert ledger.unsettled == rupees(1000), "what it brought cannot be used before it is delivered"
    assert session.proof().passed


def test_what_is_missing_is_bought_in_a_fifth_above_the_close_and_the_penalty_is_booked_once() -> None:
    """Sold at 100, bought in at 115 x 1.2; 0.05 % of 1,150 is 0.575, so 0.58, and 18 % of it 0.10."""
    session = sold_short().ticks(MARKET.format("112"), NEXT_DAY)
    session.ticks(f"{HEADER}15:29:00 ACME 115 - - - -", NEXT_DAY).until("15:31", NEXT_DAY)

    (auctioned,) = session.events(stl.SharesAuctioned)
    assert (auctioned.quantity, auctioned.price) == (10, rupees(138))
    assert (auctioned.penalty, auctioned.charges.gst) == (rupees("0.58"), rupees("0.10"))
    assert auctioned.due == session.engine.hours[1]
    ledger = session.state.ledger
    assert ledger.realised == -rupees(100 - 138) * 10
    assert ledger.penalties == rupees("0.58")
    assert session.held(SHARE, CNC) == 0
    assert session.state.deliveries == {}
    session.ticks(MARKET.format("115"), THIRD_DAY).until("15:31", THIRD_DAY)
    assert len(session.events(stl.SharesAuctioned)) == 1
    assert ledger.unsettled == 0
    assert ledger.funds == -ledger.capital - ledger.realised - ledger.charges - ledger.penalties
    assert session.proof().passed


def test_what_was_bought_back_too_late_is_bought_in_all_the_same_and_comes_a_day_after() -> None:
    session = sold_short().ticks(MARKET.format("105"), NEXT_DAY)
    session.ask("09:16", buys(SHARE, 10, product=CNC), NEXT_DAY)
    assert session.held(SHARE, CNC) == 0
    session.until("15:31", NEXT_DAY)

    assert session.events(stl.SharesAuctioned)[0].quantity == 10
    assert session.held(SHARE, CNC) == 10
    session.ticks(MARKET.format("105"), THIRD_DAY).until("15:31", THIRD_DAY)
    assert session.state.holdings[SHARE.id].quantity == 10
    assert session.proof().passed


def test_an_auction_that_went_by_unseen_is_made_up_for_and_says_how_late() -> None:
    before = sold_short()
    session = Session(log=list(before.log), stale_s=1_000_000)
    session.ticks(MARKET.format("130"), date(2026, 1, 19))

    (auctioned,) = session.events(stl.SharesAuctioned)
    late = next(each for each in session.log if each.event is auctioned)
    assert (ist_date(auctioned.due), ist_date(late.at)) == (NEXT_DAY, date(2026, 1, 19))
    assert auctioned.price == rupees(132), "a fifth above the last close that was seen, 110"
    assert session.proof().passed


def test_a_covered_future_gives_what_settled_and_buys_in_the_rest() -> None:
    """Only what is not in the depository is missing."""
    rules = Settlement()
    assert rules.close_out(DAY, rupees(100), rupees(125)) == rupees(125), "the highest price, if that is more"
    assert rules.close_out(DAY, rupees("100.05"), rupees(110)) == rupees("120.06")


# Interest


def test_what_an_account_owes_over_night_costs_interest_once_for_each_night() -> None:
    """Friday to Monday are three nights: 0.05 % of what is owed for each."""
    friday, monday = date(2026, 1, 16), date(2026, 1, 19)
    session = Session(capital=10_000, stale_s=1_000_000).ticks(MARKET.format("100"), friday)
    session.ask("09:16", MoveMoney(-rupees(12_000), "taken out by mistake"), friday)
    session.until("15:31", friday)
    session.ticks(MARKET.format("100"), monday).until("15:31", monday)
    session.ticks(MARKET.format("100"), date(2026, 1, 20))

    first, second = session.events(stl.InterestCharged)
    assert (first.day, first.principal, first.amount) == ("2026-01-16", rupees(2000), rupees(3))
    assert (second.day, second.principal, second.amount) == ("2026-01-19", rupees(2003), rupees("1.00"))
    assert session.state.ledger.interest == rupees(4)
    assert session.proof().passed


def test_interest_that_was_to_be_booked_while_nobody_was_here_says_so() -> None:
    before = Session(capital=10_000, stale_s=1_000_000).ticks(MARKET.format("100"))
    before.ask("09:16", MoveMoney(-rupees(12_000), "taken out by mistake"))
    before.until("15:31")
    session = Session(log=list(before.log), stale_s=1_000_000).ticks(MARKET.format("100"), date(2026, 1, 19))

    (charged,) = session.events(stl.InterestCharged)
    assert charged.amount == rupees(6), "six nights"
    assert ist_date(charged.due) == NEXT_DAY


def test_an_account_that_owes_nothing_pays_nothing() -> None:
    session = sold_short().ticks(MARKET.format("112"), NEXT_DAY)

    assert session.events(stl.InterestCharged) == []


@pytest.mark.parametrize(
    ("plan", "kind", "amount"),
    [
        ("zerodha", InterestKind.DEBIT, "50.00"),
        ("zerodha", InterestKind.MTF, "40.00"),
        ("dhan", InterestKind.DEBIT, "0"),  # no row: none is charged
    ],
)
def test_each_broker_takes_its_own(plan: str, kind: InterestKind, amount: str) -> None:
    assert Settlement(plan).interest(DAY, kind, rupees(100_000), 1) == rupees(amount)


def test_a_run_is_worth_what_its_ledger_says_with_penalties_and_interest() -> None:
    session = sold_short().ticks(MARKET.format("112"), NEXT_DAY).until("15:31", NEXT_DAY)
    session.ask("15:35", MoveMoney(-rupees(10_000_500), "too much"), NEXT_DAY)
    session.ticks(MARKET.format("112"), THIRD_DAY).until("15:31", THIRD_DAY)
    run = run_of_log(
        session.log, instruments=session.universe, label="short", assumptions=ASSUMPTIONS, version="test"
    )

    assert session.state.ledger.interest > 0
    assert run.equity.equity.tolist()[-1] == session.state.ledger.funds
    assert run.trips.quantity.tolist() == [10]
    assert run.trips.gross.tolist() == [-session.state.ledger.realised]
    assert len(session.events(ev.DayClosed)) == 3
