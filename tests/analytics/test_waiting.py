"""Why an open order waits: one case a reason."""

from datetime import time

import pytest
from tests.analytics.logs import DAY

from kasauti.analytics.waiting import why_not_filled
from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.ist import NS_PER_SECOND, ist_ns
from kasauti.domain.market import Level, Quote
from kasauti.domain.money import rupees
from kasauti.domain.order import Order, OrderType, Product, Side, Status, Validity

INSTRUMENT = Instrument(Exchange.NFO, "NIFTY26NOV26000CE", Kind.CALL, tick_size=500, lot_size=75)
NOW = ist_ns(DAY, time(10, 2))


def _order(order_type: OrderType, side: Side = Side.BUY, **terms: object) -> Order:
    fields: dict[str, object] = {"status": Status.OPEN, "placed_at": NOW, "rested_at": NOW, **terms}
    prices = {name: rupees(str(fields.pop(name))) for name in ("price", "trigger_price") if name in fields}
    return Order("P_1", INSTRUMENT.id, side, Product.NRML, order_type, Validity.DAY, 75, **prices, **fields)  # type: ignore[arg-type]


def _quote(last: str = "100", bid: str = "0", ask: str = "0", age_s: float = 0.0) -> Quote:
    at = NOW - round(age_s * NS_PER_SECOND)
    return Quote(at, rupees(last), rupees(bid), rupees(ask), 75 if bid != "0" else 0, 75 if ask != "0" else 0)


BOOKED = _quote(bid="99.90", ask="100.10")
BLIND = _quote()

LIMIT, MARKET, SL, SL_M = OrderType.LIMIT, OrderType.MARKET, OrderType.SL, OrderType.SL_M
SELL = Side.SELL

CASES = [
    (
        "away",
        _order(LIMIT, price="99.90"),
        BOOKED,
        "The best ask 100.10 is ₹0.20 (4 ticks) above its limit 99.90.",
    ),
    ("one tick", _order(LIMIT, price="100.05"), BOOKED, "₹0.05 (1 tick) above"),
    (
        "sell",
        _order(LIMIT, SELL, price="101"),
        BOOKED,
        "The best bid 99.90 is ₹1.10 (22 ticks) below its limit 101.00.",
    ),
    (
        "at its band",
        _order(MARKET, band=rupees("100.05")),
        BOOKED,
        "The best ask 100.10 is ₹0.05 (1 tick) above its limit 100.05.",
    ),
    (
        "and why there",
        _order(MARKET, band=rupees("100.05")),
        BOOKED,
        "the rest stands there as a limit order",
    ),
    ("inside its band", _order(MARKET, band=rupees(101)), BOOKED, "What the book displays has been used"),
    ("outbid", _order(LIMIT, price="99.50"), BOOKED, "The best bid 99.90 is ahead of it."),
    ("no ask", _order(LIMIT, price="99.50"), _quote(bid="99.90"), "there is no ask"),
    ("used up", _order(LIMIT, price="100.10"), BOOKED, "what it displays has been used"),
    (
        "no book",
        _order(LIMIT, price="99"),
        BLIND,
        "The last price 100.00 is ₹1.00 (20 ticks) above its limit 99.00.",
    ),
    ("no book, rule", _order(LIMIT, price="99"), BLIND, "The data shows only last prices"),
    ("no book, old trade", _order(LIMIT, price="100"), BLIND, "but no trade since it arrived has"),
    (
        "market",
        _order(MARKET),
        BLIND,
        "A market order waits for the next trade: the data shows only last prices.",
    ),
    ("market, book", _order(MARKET), BOOKED, "waits for the next quote"),
    (
        "stop",
        _order(SL_M, SELL, trigger_price="98", status=Status.TRIGGER_PENDING),
        BOOKED,
        "It sleeps: its trigger 98.00 is ₹2.00 (40 ticks) below the last price 100.00.",
    ),
    (
        "buy stop",
        _order(SL, trigger_price="101", price="102", status=Status.TRIGGER_PENDING),
        BOOKED,
        "₹1.00 (20 ticks) above the last price",
    ),
    (
        "stop reached",
        _order(SL_M, SELL, trigger_price="100", status=Status.TRIGGER_PENDING),
        BOOKED,
        "wakes with the next trade",
    ),
    (
        "stop, no trade yet",
        _order(SL_M, SELL, trigger_price="90", status=Status.TRIGGER_PENDING),
        _quote(last="0", bid="99"),
        "nothing has traded yet",
    ),
    ("awake", _order(SL, trigger_price="99", price="99.50"), BOOKED, "it is a limit order now"),
    ("on its way", _order(MARKET, status=Status.SUBMITTED), BOOKED, "on its way to the venue since 10:02:00"),
    (
        "done",
        _order(MARKET, status=Status.CANCELLED, reason="asked by the user"),
        BOOKED,
        "cannot trade any more: it is cancelled. Asked by the user.",
    ),
    ("no price", _order(LIMIT, price="99"), Quote(0), "No price has been seen yet"),
    (
        "old data",
        _order(LIMIT, price="99"),
        _quote(bid="99.90", ask="100.10", age_s=12),
        "Its data is 12 s old, from 10:01:48.",
    ),
    ("change", _order(LIMIT, price="99", modify_asked=True), BOOKED, "A change of it is on its way."),
    ("cancel", _order(LIMIT, price="99", cancel_asked=True), BOOKED, "Its cancellation is on its way."),
]


@pytest.mark.parametrize(("order", "quote", "reason"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_an_open_order_says_what_it_waits_for(order: Order, quote: Quote, reason: str) -> None:
    assert reason in " ".join(why_not_filled(order, quote, NOW, instrument=INSTRUMENT))


def test_the_queue_ahead_is_told_with_the_moment_it_joined() -> None:
    order = _order(LIMIT, price="99.90", queue_ahead=1_20_000)

    reasons = why_not_filled(order, BOOKED, NOW, instrument=INSTRUMENT)

    assert reasons[1] == (
        "1,20,000 units were displayed ahead of it at 99.90 when it joined at 10:02:00; they trade first."
    )


def test_depth_counts_before_the_touch() -> None:
    deep = Quote(NOW, rupees("100"), asks=(Level(rupees("100.20"), 75),), bids=(Level(rupees("99"), 75),))

    reasons = why_not_filled(_order(LIMIT, price="100"), deep, NOW, instrument=INSTRUMENT)

    assert reasons[0].startswith("The best ask 100.20 is ₹0.20")


def test_a_closed_market_comes_first() -> None:
    reasons = why_not_filled(_order(LIMIT, price="99"), BOOKED, NOW, instrument=INSTRUMENT, market_open=False)

    assert reasons[0] == "The market is closed."


def test_the_pessimistic_profile_wants_a_trade_through() -> None:
    order = _order(LIMIT, price="100.10")

    reasons = why_not_filled(order, BOOKED, NOW, instrument=INSTRUMENT, profile="pessimistic/1")

    assert "this profile wants a trade through it" in reasons[0]


def test_a_taker_does_not_trade_against_a_stale_quote() -> None:
    stale = _quote(bid="99.90", ask="100.10", age_s=20)

    reasons = why_not_filled(
        _order(MARKET), stale, NOW, instrument=INSTRUMENT, stale_after_ns=10 * NS_PER_SECOND
    )

    assert reasons == [
        "It waits for a fresh quote: the one that stands is too old to trade against.",
        "Its data is 20 s old, from 10:01:40.",
    ]
