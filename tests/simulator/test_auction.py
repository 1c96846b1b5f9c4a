"""Call auctions: orders collect and meet at the market's own price, before the open and at the close."""

from datetime import date

import pytest
from tests.tables import ticks_of
from tests.trading import Session, buys, sells

from kasauti.domain import events as ev
from kasauti.domain.commands import ModifyOrder
from kasauti.domain.evidence import Rule
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Status, Validity
from kasauti.exchange.broker_rules import BrokerRules

#: A share with derivatives, on a day with a closing auction and the opening auction's newer phases.
STOCK = Instrument(Exchange.NSE, "RELIANCE", Kind.EQUITY, 1000, name="RELIANCE", isin="INE002A01018")
OTHER = Instrument(Exchange.NSE, "ACME", Kind.EQUITY, 500, name="ACME")
DAY = date(2026, 11, 25)
HEAD = "time of last bids asks volume\n"
OPEN = f"{HEAD}09:15:00 {STOCK.id} 1500 1499.90x500 1500.10x500 10000"


def session(profile: str = "touch", *, band: bool = False) -> Session:
    return Session(profile, capital=100_000_000, universe=Universe([STOCK, OTHER]), band=band)


def cnc(session: Session, clock: str, side: str, quantity: int, price: str = "", **terms: object) -> str:
    command = (buys if side == "BUY" else sells)(STOCK, quantity, price, product=Product.CNC, **terms)
    return session.ask(clock, command, DAY)


def feed(session: Session, *rows: str) -> None:
    session.ticks("\n".join([HEAD.strip(), *rows]), DAY)


def test_orders_of_the_closing_auction_meet_at_its_first_trade() -> None:
    day = session().ticks(OPEN, DAY)
    market = cnc(day, "15:21:00", "BUY", 10)
    better = cnc(day, "15:22:00", "BUY", 20, "1506")
    feed(day, f"15:24:00 {STOCK.id} 1503 1502.90x50 1503.10x50 10000")  # indicative: nothing trades
    worse = cnc(day, "15:26:00", "BUY", 30, "1504")
    feed(day, f"15:30:30 {STOCK.id} 1505 1504.90x50 1505.10x50 19000")

    assert [(clock[:5], quantity, price) for clock, quantity, price in day.fills()] == [
        ("15:30", 10, "1,505.00"),
        ("15:30", 20, "1,505.00"),
    ]
    assert {fill.evidence.rule for _, fill in day.filled()} == {Rule.AUCTION}
    assert [day.status(each) for each in (market, better, worse)] == [
        Status.COMPLETE,
        Status.COMPLETE,
        Status.OPEN,
    ]
    day.until("15:36:00", DAY)
    assert day.status(worse) is Status.EXPIRED
    day.until("16:00:00", DAY)
    assert day.proof().passed


def test_a_limit_that_stands_at_the_end_of_continuous_trading_goes_into_the_auction() -> None:
    day = session().ticks(OPEN, DAY)
    stands = cnc(day, "15:00:00", "BUY", 10, "1495")
    stop = cnc(day, "15:01:00", "BUY", 10, "1530", trigger="1520")
    day.until("15:16:00", DAY)
    assert (day.status(stands), day.status(stop)) == (Status.OPEN, Status.EXPIRED)

    feed(day, f"15:17:00 {STOCK.id} 1490 1489.90x50 1490.10x50 11000")  # reference period: nothing trades
    assert day.fills() == []
    feed(day, f"15:30:10 {STOCK.id} 1494 1493.90x50 1494.10x50 15000")
    assert [(quantity, price) for _, quantity, price in day.fills()] == [(10, "1,494.00")]


@pytest.mark.parametrize(("profile", "fills"), [("touch", 1), ("depth", 0), ("pessimistic", 0), ("ltp", 1)])
def test_a_limit_at_the_very_price_trades_only_where_a_touch_is_a_trade(profile: str, fills: int) -> None:
    day = session(profile).ticks(OPEN, DAY)
    cnc(day, "15:21:00", "BUY", 10, "1505")
    feed(day, f"15:30:30 {STOCK.id} 1505 1504.90x50 1505.10x50 19000")

    assert len(day.fills()) == fills


def test_no_more_trades_than_the_auction_did() -> None:
    day = session().ticks(OPEN, DAY)
    cnc(day, "15:21:00", "BUY", 100)
    feed(day, f"15:30:30 {STOCK.id} 1505 1504.90x50 1505.10x50 10060")

    assert [quantity for _, quantity, _ in day.fills()] == [60]


def test_an_auction_without_a_trade_fills_nothing() -> None:
    day = session().ticks(OPEN, DAY)
    order = cnc(day, "15:21:00", "BUY", 100)
    feed(day, f"15:30:30 {STOCK.id} 1505 1504.90x50 1505.10x50 10000")
    day.until("15:36:00", DAY)

    assert (day.fills(), day.status(order)) == ([], Status.EXPIRED)


@pytest.mark.parametrize(
    ("clock", "side", "price", "terms", "rule"),
    [
        ("15:16:00", "BUY", "1500", {}, "market.closed"),  # the reference period takes nothing
        ("15:26:00", "BUY", "", {}, "order_type.not_allowed"),  # market orders are frozen
        ("15:21:00", "BUY", "1530", {"trigger": "1520"}, "order_type.not_allowed"),
        ("15:21:00", "BUY", "1500", {"validity": Validity.IOC}, "validity.not_allowed"),
        ("15:31:00", "BUY", "1500", {}, "market.closed"),  # it is being matched
        ("09:06:00", "BUY", "", {}, "order_type.not_allowed"),
        ("09:12:30", "BUY", "1500", {}, "market.closed"),
    ],
)
def test_an_auction_takes_what_its_phase_takes(
    clock: str, side: str, price: str, terms: dict[str, object], rule: str
) -> None:
    day = session()
    feed(day, f"09:00:01 {STOCK.id} 1500 1499.90x500 1500.10x500 0")
    if clock > "10":
        day.ticks(OPEN, DAY)
    order = cnc(day, clock, side, 10, price, **terms)

    (denied,) = day.events(ev.OrderDenied)
    assert (denied.order_id, denied.rule) == (order, rule)


def test_a_share_without_derivatives_has_no_closing_auction() -> None:
    day = session().ticks(OPEN, DAY)
    day.ask("15:21:00", buys(OTHER, 10, "100", product=Product.CNC), DAY)

    assert [order.status for order in day.state.orders.values()] == [Status.OPEN]


def test_the_opening_auction_meets_before_the_open_and_the_rest_goes_on() -> None:
    day = session()
    feed(day, f"09:00:01 {STOCK.id} 1500 0x0 0x0 0")
    market = cnc(day, "09:01:00", "BUY", 100)
    limit = cnc(day, "09:06:00", "BUY", 10, "1490")
    feed(day, f"09:10:10 {STOCK.id} 1502 0x0 0x0 60")

    assert [(clock[:5], quantity, price) for clock, quantity, price in day.fills()] == [
        ("09:10", 60, "1,502.00")
    ]
    feed(
        day,
        f"09:15:05 {STOCK.id} 1510 1509.90x500 1510.10x500 500",  # beyond its band of 1,507.50
        f"09:16:00 {STOCK.id} 1502 1501.90x500 1502.00x500 900",
    )
    assert day.fills()[-1][1:] == (40, "1,507.50")
    assert (day.status(market), day.status(limit)) == (Status.COMPLETE, Status.OPEN)


#: The reference is the average of 15:00 to 15:15, (1500 x 1000 + 1510 x 3000) / 4000 = 1507.50; three per
#: cent around it, on the tick of 10 paise, are 1462.30 to 1552.70.
BEFORE = (
    f"15:00:00 {STOCK.id} 1490 1489.90x500 1490.10x500 10000",
    f"15:05:00 {STOCK.id} 1500 1499.90x500 1500.10x500 11000",
    f"15:10:00 {STOCK.id} 1510 1509.90x500 1510.10x500 14000",
)


@pytest.mark.parametrize(
    ("price", "edge", "nearest"),
    [
        ("1552.70", "", ""),
        ("1552.80", "higher than the current upper circuit limit of 1,552.70", "1552.70"),
        ("1462.30", "", ""),
        ("1462.20", "lower than the current lower circuit limit of 1,462.30", "1462.30"),
    ],
)
def test_a_limit_has_to_lie_inside_three_per_cent_of_the_reference_price(
    price: str, edge: str, nearest: str
) -> None:
    day = session().ticks(OPEN, DAY)
    feed(day, *BEFORE)
    order = cnc(day, "15:21:00", "BUY", 10, price)

    if not edge:
        assert day.status(order) is Status.OPEN
        return
    denied = day.denial()
    assert edge in denied.message
    assert denied.nearest == {"price": rupees(nearest)}
    resting = cnc(day, "15:22:00", "BUY", 10, "1500")
    day.ask("15:23:00", ModifyOrder(resting, price=rupees(price)), DAY)
    assert [each.rule for each in day.events(ev.ModifyDenied)] == ["price.circuit"]
    assert day.order(resting).price == rupees(1500)


def test_what_rests_outside_the_band_is_cancelled_when_the_auction_begins() -> None:
    day = session().ticks(OPEN, DAY)
    feed(day, *BEFORE)
    inside, outside = cnc(day, "15:11:00", "BUY", 10, "1462.30"), cnc(day, "15:11:01", "BUY", 10, "1400")
    day.until("15:16:00", DAY)

    assert (day.status(inside), day.status(outside)) == (Status.OPEN, Status.CANCELLED)
    assert day.order(outside).reason == (
        "1,400.00 is outside the closing auction's band of 1,462.30 to 1,552.70"
    )


def test_after_a_restart_in_the_auction_the_band_is_the_same() -> None:
    day = session().ticks(OPEN, DAY)
    feed(day, *BEFORE)
    cnc(day, "15:20:30", "BUY", 10, "1500")
    seen = ticks_of("\n".join([OPEN, *BEFORE]), day.universe.slot, DAY)
    again = day.restart([seen], profile="touch")
    cnc(again, "15:21:00", "BUY", 10, "1552.80")

    assert "upper circuit limit of 1,552.70" in again.denial().message


def test_an_account_that_takes_what_makes_sense_knows_no_band() -> None:
    day = Session(
        "touch", capital=100_000_000, universe=Universe([STOCK, OTHER]), broker=BrokerRules(lenient=True)
    )
    day.ticks(OPEN, DAY)
    feed(day, *BEFORE)

    assert day.status(cnc(day, "15:21:00", "BUY", 10, "1600")) is Status.OPEN


def test_a_change_of_a_limit_is_taken_in_the_auction() -> None:
    day = session().ticks(OPEN, DAY)
    order = cnc(day, "15:21:00", "BUY", 10, "1500")
    day.ask("15:26:00", ModifyOrder(order, price=rupees(1520)), DAY)
    feed(day, f"15:30:30 {STOCK.id} 1505 1504.90x50 1505.10x50 19000")

    assert [(quantity, price) for _, quantity, price in day.fills()] == [(10, "1,505.00")]


def test_the_edges_of_the_band_meet_in_the_auction_too() -> None:
    day = session("touch", band=True).ticks(OPEN, DAY)
    cnc(day, "15:21:00", "BUY", 10)
    feed(day, f"15:30:30 {STOCK.id} 1505 1504.90x50 1505.10x50 19000")

    assert {event.profile: event.price for event in day.events(ev.BandFilled)} == {
        "ltp/1": 1505_0000,
        "pessimistic/1": 1505_0000,
    }


def test_a_restart_in_the_auction_takes_its_orders_up_again() -> None:
    day = session().ticks(OPEN, DAY)
    cnc(day, "15:21:00", "BUY", 10)
    seen = ticks_of(OPEN, day.universe.slot, DAY)
    again = day.restart([seen], profile="touch")
    again.ticks(f"{HEAD}15:30:30 {STOCK.id} 1505 1504.90x50 1505.10x50 19000", DAY)

    assert [(quantity, price) for _, quantity, price in again.fills()] == [(10, "1,505.00")]
