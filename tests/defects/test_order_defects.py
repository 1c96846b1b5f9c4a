"""
The 22 defects of the nearest neighbour (openalgo_api.md 4.1), second part: W13 to W22, where orders, symbols
and times were wrong.
"""

import os
import time
from datetime import date

import pytest
from tests.trading import CALL, DAY, FUTURE, INDEX, SHARE, Session, buys, moment, sells, timed

from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, PlaceOrder
from kasauti.domain.inputs import Ask
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side, Status
from kasauti.exchange.broker_rules import BrokerRules
from kasauti.exchange.price_range import PriceRange
from kasauti.exchange.restrictions import Restrictions
from kasauti.exchange.symbols import future_symbol, parse

HEADER = "time of last bid bid_quantity ask ask_quantity\n"
MARKET = (
    HEADER
    + """
    09:15:00  NIFTY 26000  -      -       -      -
    09:15:00  ACME  100    99.95  5000    100.05 5000
    09:15:00  FUT   26000  25999  6500    26001  6500
    09:15:00  CE    120    119.95 6500    120.05 6500
    """
)


def session(**setup: object) -> Session:
    return Session(stale_s=1_000_000, **setup).ticks(MARKET)  # type: ignore[arg-type]


def test_w13_cancelling_everything_reaches_stops_that_sleep() -> None:
    one = session()
    stop = one.ask("09:15:01", sells(SHARE, 10, trigger="98"))
    limit = one.ask("09:15:02", buys(SHARE, 10, "99"))
    assert one.status(stop) is Status.TRIGGER_PENDING
    for order in one.state.working_orders():
        one.ask("09:15:03", CancelOrder(order.order_id))
    assert (one.status(stop), one.status(limit)) == (Status.CANCELLED, Status.CANCELLED)
    assert one.state.ledger.margin == 0


@pytest.mark.parametrize(
    ("command", "kind"),
    [(buys(SHARE, 10, "99"), OrderType.LIMIT), (sells(SHARE, 10, "97", trigger="98"), OrderType.SL)],
)
def test_w14_an_order_is_placed_as_what_it_was_asked_for(command: PlaceOrder, kind: OrderType) -> None:
    one = session()
    order = one.order(one.ask("09:15:01", command))
    assert (order.order_type, order.filled) == (kind, 0)
    assert one.events(ev.OrderPlaced)[0].order_type is kind


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic"])
def test_w15_a_limit_below_the_ask_does_not_trade_at_the_last_price(profile: str) -> None:
    """BUY 100,000 at 100.00 with the last price at 99.95 and an ask of 100.50: nothing."""
    one = Session(profile, stale_s=1_000_000, capital=100_000_000)
    header = "time of last bid bid_quantity ask ask_quantity volume\n"
    one.ticks(f"{header}09:15:00 ACME 99.95 99.90 500 100.50 500 7000")
    order_id = one.ask("09:15:01", buys(SHARE, 100_000, "100"))
    one.ticks(f"{header}09:15:02 ACME 99.95 99.90 500 100.50 500 7000")
    assert one.order(order_id).filled == 0


def test_w16_a_stop_that_woke_does_not_sleep_again() -> None:
    """Trigger 101, limit 101.50; it wakes with the ask beyond, then the last price falls back."""
    one = session()
    order_id = one.ask("09:15:01", buys(SHARE, 10, "101.50", trigger="101"))
    one.ticks(f"{HEADER}09:16:00 ACME 101 101.50 500 101.60 500")
    assert (one.status(order_id), one.order(order_id).filled) == (Status.OPEN, 0)
    one.ticks(f"{HEADER}09:16:01 ACME 100.50 101.30 500 101.40 500")
    assert one.status(order_id) is Status.COMPLETE


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (buys(SHARE, 10, "100.03"), "price.tick"),
        (PlaceOrder(SHARE.id, Side.BUY, 10, OrderType.LIMIT, Product.MIS, 49_731), "price.tick"),
        (buys(CALL, 75_010), "quantity.freeze"),
        (buys(CALL, 65, trigger="125"), "order_type.not_allowed"),
        (buys(CALL, 64), "quantity.lot"),
    ],
)
def test_w17_tick_lot_freeze_and_stop_market_are_checked(command: PlaceOrder, rule: str) -> None:
    one = session()
    one.ask("09:15:01", command)
    assert one.denial().rule == rule
    assert one.events(ev.OrderPlaced) == []


def test_w17_prices_outside_the_days_band_are_refused() -> None:
    one = session(restrictions=Restrictions({DAY: {SHARE.id: PriceRange(rupees(90), rupees(110))}}))
    for price, text in (
        ("110.05", "higher than the current upper"),
        ("89.95", "lower than the current lower"),
    ):
        one.ask("09:15:01", buys(SHARE, 10, price))
        assert one.denial().rule == "price.circuit"
        assert text in one.denial().message
    one.ask("09:15:02", buys(SHARE, 10, "90"))
    assert len(one.events(ev.OrderPlaced)) == 1


@pytest.mark.parametrize(
    ("command", "day", "rule"),
    [
        (buys(SHARE, 10, "100"), date(2026, 1, 17), "market.closed"),
        (PlaceOrder(INDEX.id, Side.BUY, 1), DAY, "product.index"),
        (buys(CALL, 65, "100"), date(2026, 4, 13), "instrument.expired"),
    ],
    ids=["on a Saturday", "an index", "three months after its expiry"],
)
def test_w18_what_does_not_trade_is_refused(command: PlaceOrder, day: date, rule: str) -> None:
    one = Session()
    one.ask("10:00", command, day)
    assert one.denial().rule == rule


def test_w19_a_name_that_begins_with_digits_expires_like_any_other() -> None:
    one_sixty = Instrument(
        Exchange.NFO, "360ONE26JANFUT", Kind.FUTURE, 500, 500, 0, "360ONE", date(2026, 1, 27), 0, "NSE:360ONE"
    )  # fmt: skip
    one = Session(universe=Universe([one_sixty]))
    one.ask("10:00", buys(one_sixty, 500, "1000"), date(2026, 1, 28))
    assert one.denial().rule == "instrument.expired"
    assert future_symbol("360ONE", date(2026, 1, 27)) == one_sixty.tradingsymbol
    assert parse(one_sixty.tradingsymbol, ["360ONE"]).name == "360ONE"


def test_w20_ten_thousand_orders_of_one_moment_have_ten_thousand_ids() -> None:
    one = Session()
    at = moment("10:00:00")
    for _ in range(10_000):
        one.engine.handle(Ask(at, buys(SHARE, 1, "50")))
    placed = [order.order_id for order in one.events(ev.OrderPlaced)]
    denied = [order.order_id for order in one.events(ev.OrderDenied)]
    assert len({*placed, *denied}) == len(placed) + len(denied) == 10_000
    assert one.state.ledger.margin == sum(order.blocked for order in one.state.orders.values())


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system cannot change its time zone in a process")
@pytest.mark.parametrize("zone", ["Asia/Kolkata", "UTC", "America/New_York"])
def test_w21_hours_and_days_are_indias_wherever_the_machine_stands(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "TZ", zone)
    time.tzset()
    try:
        one = Session()
        for clock, taken in (("09:14:59.999", 0), ("09:15:00", 1), ("15:29:59.999", 2), ("15:30:00", 2)):
            one.ask(clock, buys(SHARE, 1, "50", product=Product.CNC))
            assert len(one.events(ev.OrderPlaced)) == taken
        assert one.state.day == "2026-01-13"
        assert "20260113091500" in one.events(ev.OrderPlaced)[0].order_id
    finally:
        monkeypatch.undo()
        time.tzset()


def test_w22_orders_of_every_source_are_counted_together() -> None:
    """Six of a strategy and five of a person in one second of the clock: the eleventh is refused."""
    plan = [("10:00:00", buys(FUTURE, 65, "20000")) for _ in range(6)]
    one = Session(broker=BrokerRules(), strategies=[timed("fast", *plan)], capital=100_000_000)
    one.ticks(MARKET).until("10:00:00")
    for number in range(5):
        one.engine.handle(Ask(moment("10:00:00.5") + number, buys(SHARE, 1, "50")))
    assert len(one.events(ev.OrderPlaced)) == 10
    assert one.denial().rule == "rate.second"
