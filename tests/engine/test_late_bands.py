"""Futures while shares are in their closing auction: 3 % around their own average, and nothing outside it."""

from datetime import date

import pytest
from tests.tables import ticks_of
from tests.trading import BROKER, INDEX, Session, buys, sells

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import ModifyOrder, PlaceIceberg, PlaceWithTerms
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Status
from kasauti.exchange.broker_rules import BrokerRules

EXPIRY = date(2026, 12, 29)
STOCK = Instrument(Exchange.NSE, "RELIANCE", Kind.EQUITY, 1000, name="RELIANCE", isin="INE002A01018")
FUTURE = Instrument(
    Exchange.NFO, "RELIANCE26DECFUT", Kind.FUTURE, 1000, 500, 0, "RELIANCE", EXPIRY, 0, STOCK.id
)
NIFTY = Instrument(
    Exchange.NFO, "NIFTY26DECFUT", Kind.FUTURE, 1000, 65, 1800, "NIFTY", EXPIRY, 0, INDEX.id, on_index=True
)
DAY, BEFORE, AUGUST = date(2026, 11, 25), date(2026, 7, 31), date(2026, 8, 4)
HEAD = "time of last bid bid_quantity ask ask_quantity volume\n"
#: The average from 15:00 to 15:15 is (1,500 x 300 + 1,504 x 100) / 400 = 1,501; 3 % around it on ticks.
TICKS = f"""{HEAD}09:15:00 {FUTURE.id} 1400 1400 5000 1400 5000 1000
14:59:00 {FUTURE.id} 1490 1490 5000 1490 5000 2000
15:01:00 {FUTURE.id} 1500 1500 5000 1500 5000 2300
15:10:00 {FUTURE.id} 1504 1504 5000 1504 5000 2400
"""
LOW, HIGH = "1,456.00", "1,546.00"


def session(day: date = DAY, *, broker: BrokerRules = BROKER) -> Session:
    made = Session(
        capital=100_000_000,
        universe=Universe([INDEX, STOCK, FUTURE, NIFTY]),
        stale_s=100_000,
        broker=broker,
    )
    return made.ticks(TICKS, day)


def nrml(made: Session, clock: str, side: str, price: str, day: date = DAY, **terms: object) -> str:
    command = (buys if side == "BUY" else sells)(FUTURE, 500, price, product=Product.NRML, **terms)
    return made.ask(clock, command, day)


def test_orders_outside_the_band_are_cancelled_when_the_auction_begins() -> None:
    made = session()
    far, near = nrml(made, "15:11:00", "BUY", "1455"), nrml(made, "15:11:01", "BUY", "1456")
    stop = nrml(made, "15:11:02", "SELL", "1430", trigger="1440")
    made.until("15:14:59", DAY)
    assert {made.status(each) for each in (far, near)} == {Status.OPEN}

    made.until("15:15:01", DAY)

    assert [made.status(each) for each in (far, near, stop)] == [
        Status.CANCELLED, Status.OPEN, Status.CANCELLED,
    ]  # fmt: skip
    reasons = [event.reason for event in made.events(ev.OrderCancelled)]
    assert reasons[0] == f"1,455.00 is outside the band of {LOW} to {HIGH} that futures have now"
    assert made.proof().passed


@pytest.mark.parametrize(("side", "price", "edge"), [("BUY", "1455", LOW), ("SELL", "1546.10", HIGH)])
def test_an_order_outside_it_is_refused_as_beyond_the_circuit(side: str, price: str, edge: str) -> None:
    made = session()
    made.until("15:20:00", DAY)

    nrml(made, "15:20:01", side, price)

    assert (made.denial().rule, made.denial().limit) == ("price.circuit", edge)


def test_a_change_beyond_it_is_refused_and_a_market_order_stops_at_its_edge() -> None:
    made = session()
    near = nrml(made, "15:11:01", "BUY", "1456")
    made.ask("15:20:00", ModifyOrder(near, price=rupees(1440)), DAY)
    assert made.events(ev.ModifyDenied)[0].rule == "price.circuit"

    made.ticks(f"{HEAD}15:21:00 {FUTURE.id} 1545 1545 5000 1545.50 0 2500", DAY)
    market = made.ask("15:21:01", buys(FUTURE, 500, product=Product.NRML), DAY)

    assert made.state.orders[market].band == rupees(1546)


def test_the_band_is_the_same_after_a_restart_inside_the_auction() -> None:
    before = session()
    before.until("15:18:00", DAY)
    made = before.restart([ticks_of(TICKS, before._slot, DAY)], stale_s=100_000)

    nrml(made, "15:20:01", "BUY", "1455")

    assert made.denial().limit == LOW


def test_it_has_a_first_day_for_stock_futures_and_a_later_one_for_index_futures() -> None:
    for day, refused in ((BEFORE, 0), (AUGUST, 1), (DAY, 1)):
        made = session(day)
        nrml(made, "15:20:00", "BUY", "1300", day)
        assert len(made.events(ev.OrderDenied)) == refused
    for day, refused in ((AUGUST, 0), (DAY, 1)):
        made = session(day).ticks(f"{HEAD}15:11:00 {NIFTY.id} 26000 26000 5000 26000 5000 100", day)
        made.ask("15:20:00", buys(NIFTY, 65, "25219.90", product=Product.NRML), day)
        assert len(made.events(ev.OrderDenied)) == refused


def test_where_a_future_has_not_traded_nothing_is_limited_and_a_permissive_account_knows_no_band() -> None:
    made = session()
    made.ask("15:20:00", buys(NIFTY, 65, "20000", product=Product.NRML), DAY)
    lenient = session(broker=BrokerRules(counts_orders=False, lenient=True))
    nrml(lenient, "15:20:00", "BUY", "1300")

    assert not made.events(ev.OrderDenied)
    assert not lenient.events(ev.OrderDenied)


def test_a_call_auction_takes_no_iceberg_and_no_disclosed_quantity() -> None:
    made = session().ticks(f"{HEAD}15:12:00 {STOCK.id} 1500 1500 5000 1500 5000 100", DAY)
    shown = made.ask(
        "15:13:00",
        PlaceWithTerms(buys(STOCK, 100, "1490", product=Product.CNC), disclosed_quantity=50),
        DAY,
    )
    made.until("15:16:00", DAY)
    assert made.status(shown) is Status.EXPIRED

    order = buys(STOCK, 100, "1490", product=Product.CNC)
    made.ask("15:21:00", PlaceIceberg(order, legs=2), DAY)
    made.ask("15:22:00", PlaceWithTerms(order, disclosed_quantity=50), DAY)

    denied = made.events(sev.StandingDenied)
    assert [each.rule for each in denied] == ["order_type.phase"] * 2
    assert denied[0].message == (
        "Iceberg orders are currently not allowed: the call auction takes plain orders."
    )
