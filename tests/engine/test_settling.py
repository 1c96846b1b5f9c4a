"""Shares settle a day after they were traded, futures every day: no money is made, each happens once."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trading import CALENDAR, DAY, FUTURE, NEXT_DAY, OTHER, SHARE, Session, buys, moment, sells

from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.holding import HoldingView, holdings
from kasauti.domain.ist import ist_date
from kasauti.domain.money import rupees
from kasauti.domain.order import Product
from kasauti.exchange.settlement import Settlement

CNC = Product.CNC
HEADER = "time of last bid bid_quantity ask ask_quantity\n"
THIRD_DAY = date(2026, 1, 16)


def market(session: Session, day: date, share: str = "100", future: str = "26000") -> Session:
    """Let a day begin with these prices."""
    rows = [
        f"09:15:00 {name} {price} {price} 50000 {price} 50000"
        for name, price in (("ACME", share), ("BETA", share), ("FUT", future))
    ]
    return session.ticks(HEADER + "\n".join(rows), day)


def new(**setup: object) -> Session:
    return market(Session(stale_s=1_000_000, **setup), DAY)  # type: ignore[arg-type]


def view(session: Session) -> HoldingView:
    (shown,) = holdings(session.state)
    return shown


# Delivery


def test_what_is_bought_is_t1_the_next_day_and_settled_after_it() -> None:
    session = new()
    session.ask("09:15:01", buys(SHARE, 10, product=CNC))
    assert holdings(session.state) == [], "today it is a position"

    session.until("15:31")
    assert (view(session).quantity, view(session).t1) == (0, 10)
    market(session, NEXT_DAY)
    assert (view(session).quantity, view(session).t1) == (0, 10)
    session.until("15:31", NEXT_DAY)

    held = view(session)
    assert (held.quantity, held.t1, held.used, held.authorised) == (10, 0, 0, 10)
    assert held.average_price == rupees(100)
    assert held.cost == rupees(1000)
    (settled,) = session.events(stl.DeliverySettled)
    assert (settled.quantity, settled.day, settled.due) == (10, "2026-01-13", session.engine.hours[1])
    assert session.proof().passed


def test_a_sale_uses_what_has_settled_first_and_leaves_a_day_later() -> None:
    session = new()
    session.ask("09:15:01", buys(SHARE, 10, product=CNC))
    session.until("15:31")
    market(session, NEXT_DAY)
    session.ask("09:16", buys(SHARE, 4, product=CNC), NEXT_DAY)
    session.until("15:31", NEXT_DAY)
    market(session, THIRD_DAY)
    session.ask("09:16", sells(SHARE, 12, product=CNC), THIRD_DAY)

    held = view(session)
    assert (held.quantity, held.t1, held.used, held.left) == (0, 2, 12, 2)
    session.until("15:31", THIRD_DAY)
    held = view(session)
    assert (held.quantity, held.t1, held.used) == (2, 0, 0)
    assert session.state.holdings[SHARE.id].quantity == 14, "they leave when the sale settles"
    market(session, date(2026, 1, 19)).until("15:31", date(2026, 1, 19))
    assert session.state.holdings[SHARE.id].quantity == 2
    assert session.state.deliveries == {}
    assert session.proof().passed


def test_what_is_bought_and_sold_on_one_day_is_never_delivered() -> None:
    session = new()
    session.ask("09:15:01", buys(SHARE, 10, product=CNC))
    session.ask("09:15:02", sells(SHARE, 10, product=CNC))
    session.until("15:31")

    assert session.events(stl.DeliveryDue) == []
    assert session.state.ledger.unsettled == 0


@pytest.mark.parametrize(
    ("traded", "settles"),
    [
        (date(2026, 1, 13), date(2026, 1, 14)),
        (date(2026, 1, 14), date(2026, 1, 16)),  # the 15th is a holiday
        (date(2026, 2, 18), date(2026, 2, 20)),  # the 19th trades and does not settle
        (date(2026, 3, 18), date(2026, 3, 20)),
        (date(2026, 3, 30), date(2026, 4, 2)),  # the 31st is a holiday, the 1st does not settle
        (date(2026, 1, 30), date(2026, 2, 2)),  # Sunday the 1st trades, the clearing house is closed
        (date(2025, 10, 20), date(2025, 10, 23)),  # muhurat on the 21st, a holiday on the 22nd
    ],
)
def test_the_day_of_settlement_is_a_day_of_the_clearing_house(traded: date, settles: date) -> None:
    assert Settlement().settles_on(traded, CALENDAR) == settles


def test_what_was_bought_yesterday_brings_money_for_tomorrow() -> None:
    """Sold a day before it has come in: the proceeds can be used the day after."""
    session = new()
    session.ask("09:15:01", buys(SHARE, 10, product=CNC))
    session.until("15:31")
    market(session, NEXT_DAY, "110")
    cash, funds = session.state.ledger.cash, session.state.ledger.funds
    session.ask("09:16", sells(SHARE, 10, product=CNC), NEXT_DAY)

    ledger = session.state.ledger
    (held,) = session.events(stl.ProceedsHeld)
    assert (held.amount, held.until, held.trade_id) == (rupees(1100), "2026-01-15", "PT2")
    assert ledger.unsettled == rupees(1100)
    assert ledger.cash < cash
    assert ledger.funds > funds
    market(session, THIRD_DAY)
    assert ledger.unsettled == 0
    assert session.state.held_back == {}
    assert ledger.cash == ledger.funds
    assert session.proof().passed


@pytest.mark.parametrize(
    ("on", "settled", "unsettled", "held"),
    [
        (date(2024, 10, 4), rupees(1000), 0, rupees(200)),
        (date(2024, 10, 7), rupees(1000), 0, 0),
        (date(2024, 10, 7), rupees(1000), rupees(300), rupees(300)),
        (date(2024, 10, 4), rupees("0.07"), 0, rupees("0.02")),  # 80 % is 5.6 paise: 5 can be used
    ],
)
def test_how_much_of_a_sale_can_be_used_goes_by_the_date(
    on: date, settled: int, unsettled: int, held: int
) -> None:
    assert Settlement("zerodha").held_back(on, settled, unsettled) == held


def test_two_sales_of_one_moment_hold_back_each_its_own_part() -> None:
    session = new()
    session.ask("09:15:01", buys(SHARE, 10, product=CNC))
    session.until("15:31")
    session.ticks(f"{HEADER}09:15:00 ACME 100 100 4 100 50000", NEXT_DAY)
    session.ask("09:15:01", sells(SHARE, 10, product=CNC), NEXT_DAY)
    session.ticks(f"{HEADER}09:15:02 ACME 99 99 50000 100 50000", NEXT_DAY)

    assert [held.amount for held in session.events(stl.ProceedsHeld)] == [rupees(400), rupees(594)]


# Nobody there


def test_what_should_have_settled_meanwhile_settles_once_and_says_how_late() -> None:
    before = new()
    before.ask("09:15:01", buys(SHARE, 10, product=CNC))
    session = Session(log=list(before.log), stale_s=1_000_000)
    market(session, date(2026, 1, 19)).until("15:31", date(2026, 1, 19))

    (settled,) = session.events(stl.DeliverySettled)
    late = next(each for each in session.log if each.event is settled)
    assert (ist_date(settled.due), ist_date(late.at)) == (NEXT_DAY, date(2026, 1, 19))
    assert late.cause == "timer:settlement late"
    assert view(session).quantity == 10
    assert session.proof().passed


# Futures


def test_a_future_that_is_held_is_paid_every_day_and_keeps_its_price() -> None:
    session = new()
    session.ask("09:15:01", buys(FUTURE, 65))
    funds = session.state.ledger.funds
    session.ticks(f"{HEADER}15:29:00 FUT 26100 26100 650 26100 650").until("15:31")

    (marked,) = session.events(stl.FuturesMarked)
    assert (marked.price, marked.amount) == (rupees(26_100), rupees(6500))
    ledger, position = session.state.ledger, session.position(FUTURE)
    assert ledger.funds - funds == rupees(6500) - session.events(ev.DayClosed)[0].rounding.total
    assert (position.average_price, position.marked) == (rupees(26_000), rupees(6500))
    assert ledger.realised == 0
    assert ledger.trial_balance == 0

    market(session, NEXT_DAY, future="26050").until("15:31", NEXT_DAY)
    assert [each.amount for each in session.events(stl.FuturesMarked)] == [rupees(6500), -rupees(3250)]
    market(session, THIRD_DAY, future="26200")
    session.ask("09:16", sells(FUTURE, 65), THIRD_DAY)
    assert ledger.realised == -rupees(200) * 65
    assert ledger.variation == position.marked == 0
    assert session.proof().passed


def test_a_price_that_has_not_moved_moves_no_money() -> None:
    session = new()
    session.ask("09:15:01", buys(FUTURE, 65))
    session.until("15:31")

    assert session.events(stl.FuturesMarked) == []


PRICES = st.lists(st.integers(25_000, 27_000), min_size=1, max_size=3)
TRADES = st.lists(st.lists(st.integers(-3, 3), max_size=4), min_size=1, max_size=3)


@given(PRICES, TRADES)
@settings(max_examples=25)
def test_daily_settlement_makes_no_money_on_any_path(prices: list[int], trades: list[list[int]]) -> None:
    """Worth is what trades paid and what is held at its price; marking only says when the cash moves."""
    session = Session(stale_s=1_000_000)
    paid, held, price = 0, 0, 26_000
    for day, lots in zip((DAY, NEXT_DAY, THIRD_DAY), trades, strict=False):
        price = prices[len(lots) % len(prices)]
        market(session, day, future=str(price))
        for second, lot in enumerate(lots, 1):
            command = buys(FUTURE, 65 * lot) if lot > 0 else sells(FUTURE, -65 * lot)
            session.ask(f"09:16:{second:02d}", command, day)
        price = prices[0] + len(lots)
        session.ticks(f"{HEADER}15:00:00 FUT {price} {price} 65000 {price} 65000", day).until("15:31", day)
    signs = {each.order_id: each.side.sign for each in session.events(ev.OrderPlaced)}
    for _, fill in session.filled():
        signed = signs[fill.order_id] * fill.quantity
        held, paid = held + signed, paid + signed * fill.price
    ledger, position = session.state.ledger, session.position(FUTURE)
    unrealised = position.unrealised(rupees(price)) if held else 0
    worth = ledger.funds + ledger.securities + ledger.clearing + ledger.variation + unrealised
    assert worth == -ledger.capital - paid + held * rupees(price) - ledger.charges
    assert ledger.variation == -position.marked
    if held:
        assert position.cost + position.marked == held * rupees(price), "all has been settled to the close"
    assert ledger.trial_balance == 0
    assert session.proof().passed


def test_other_shares_are_kept_apart() -> None:
    session = new()
    session.ask("09:15:01", buys(SHARE, 10, product=CNC))
    session.ask("09:15:02", buys(OTHER, 3, product=CNC))
    session.until("15:31")

    assert [(each.instrument, each.t1) for each in holdings(session.state)] == [(SHARE.id, 10), (OTHER.id, 3)]
    assert moment("15:30") == session.engine.hours[1]
