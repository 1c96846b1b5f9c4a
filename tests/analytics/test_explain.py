"""Explanations of fills: every rule has its words, and a price that does not follow is called wrong."""

import pytest
from tests.analytics.logs import CALL, PUT, Logbook, evidence

from kasauti.analytics.evidence_words import seen, stood_there
from kasauti.analytics.explain import Explanation, explain_fill, story_of_order, story_of_trade
from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Side
from kasauti.errors import InvalidInput

BUY, SELL = Side.BUY, Side.SELL
LEVEL = {"source": Source.DEPTH, "rule": Rule.TAKE}


@pytest.fixture
def book() -> Logbook:
    book = Logbook()
    book.open_day()
    book.clock(10, 2)
    return book


def _text(explanation: Explanation, what: str) -> str:
    return " / ".join(step.text for step in explanation.steps if step.what == what)


def _walk(book: Logbook) -> str:
    """Place a market order for 150 that takes two levels, 0.25 s later; return the id of the second trade."""
    order_id = book.place(BUY, 150, strategy="oi", tag="entry")
    known = book.at
    book.wait(0.25)
    book.fill(
        order_id,
        "152.30",
        75,
        Charges(brokerage=rupees("20")),
        evidence(known, rupees("152.30"), shown=150, taken=75, level=1, **LEVEL),
    )
    return book.fill(
        order_id,
        "152.35",
        75,
        Charges(exchange=rupees("4"), gst=rupees("0.72")),
        evidence(known, rupees("152.35"), shown=300, level=2, **LEVEL),
    )


def test_a_walk_through_the_book_is_told_level_by_level(book: Logbook) -> None:
    trade_id = _walk(book)

    told = explain_fill(story_of_trade(book, trade_id), trade_id)

    assert told.headline == "BUY 75 NIFTY26NOV26000CE at 152.35: took level 2 of the asks"
    assert (
        _text(told, "decided")
        == "10:02:00.000 oi asked to BUY 150 NFO:NIFTY26NOV26000CE at market, as its entry"
    )
    assert _text(told, "latency") == "250 ms until the venue had it"
    assert _text(told, "arrived") == "10:02:00.250 and met what stood there then"
    assert _text(told, "stood there") == "10:02:00, 0.250 s before: level 2 of the asks, 152.35 x 300 units"
    assert _text(told, "rule") == "took the opposite side of the book (depth/1)"
    assert _text(told, "level") == "1: 75 of 150 at 152.30 / 2: 75 of 300 at 152.35  <- this trade"
    assert _text(told, "slippage") == "none added: the book's own prices are paid, level by level"
    assert _text(told, "price") == "derived again: 152.35, as booked"
    assert told.agrees


def test_charges_are_told_head_by_head_with_the_turnover_of_trade_and_order(book: Logbook) -> None:
    """75 x 152.30 = 11,422.50 and 75 x 152.35 = 11,426.25, together 22,848.75."""
    trade_id = _walk(book)

    told = explain_fill(story_of_trade(book, trade_id), trade_id)

    assert _text(told, "charges") == (
        "₹4.72 on a turnover of ₹11,426.25: exchange ₹4.00, GST ₹0.72. The order so far: ₹24.72 on ₹22,848.75"
    )


def test_what_earlier_fills_used_of_a_level_is_told(book: Logbook) -> None:
    _walk(book)

    told = explain_fill(story_of_trade(book, "PT1"), "PT1")

    assert _text(told, "stood there").endswith("x 150 units, 75 of them used by earlier fills")


def test_an_order_that_rested_tells_its_queue(book: Logbook) -> None:
    order_id = book.place(SELL, 75, PUT, order_type=OrderType.LIMIT, price="40")
    book.wait(0.25)
    book.write(ev.OrderOpened(order_id, queue_ahead=1200))
    book.wait(60)
    terms = {"source": Source.PRINT, "rule": Rule.QUEUE, "shown": 1500, "queue": 1200}
    trade_id = book.fill(order_id, "40", why=evidence(book.at, rupees("40"), **terms))

    told = explain_fill(story_of_order(book, order_id), trade_id)

    assert told.headline == "SELL 75 NIFTY26NOV26000PE at 40.00: the queue of 1,200 ahead of it traded away"
    assert _text(told, "decided").endswith(
        "a person asked to SELL 75 NFO:NIFTY26NOV26000PE at 40.00 or better"
    )
    assert _text(told, "arrived") == "10:02:00.250 and joined the queue behind 1,200 displayed units"
    assert _text(told, "stood there") == (
        "10:03:00, that moment: a trade at 40.00, 1,500 units, 1,200 were ahead of it and traded first"
    )
    assert _text(told, "slippage") == "none: it rested and traded at its own price"


def test_a_stop_tells_when_it_woke_and_what_slippage_cost(book: Logbook) -> None:
    order_id = book.place(SELL, 75, order_type=OrderType.SL_M, trigger="90")
    book.write(ev.OrderOpened(order_id, trigger_pending=True))
    book.wait(30)
    book.write(ev.OrderTriggered(order_id, rupees("89.50")))
    trade_id = book.fill(order_id, "88.90", why=evidence(book.at, rupees("89"), slip=rupees("0.10")))

    told = explain_fill(story_of_order(book, order_id), trade_id)

    assert "at market once 90.00 trades" in _text(told, "decided")
    assert _text(told, "latency") == "none"
    assert _text(told, "arrived").endswith("slept until its trigger 90.00")
    assert _text(told, "woke") == "10:02:30.000 when 89.50 traded"
    assert _text(told, "slippage") == "0.10 below the evidence, ₹7.50 in all"
    assert told.agrees


def test_a_change_on_the_way_is_told(book: Logbook) -> None:
    order_id = book.place(BUY, 75, order_type=OrderType.SL, price="101", trigger="100")
    book.write(ev.OrderOpened(order_id, trigger_pending=True))
    book.wait(1)
    book.write(ev.OrderModified(order_id, 75, rupees("100"), rupees("99.50"), kept_priority=False))
    book.write(ev.OrderTriggered(order_id, rupees("99.50")))
    trade_id = book.fill(order_id, "99.50", why=evidence(book.at, rupees("99.50")))

    told = explain_fill(story_of_order(book, order_id), trade_id)

    assert _text(told, "changed") == (
        "10:02:01.000 to 75 at 100.00, trigger 99.50; it went to the end of the queue"
    )


def test_a_stop_that_became_a_market_order_says_so(book: Logbook) -> None:
    order_id = book.place(BUY, 75, order_type=OrderType.SL, price="101", trigger="100")
    book.write(ev.OrderOpened(order_id, trigger_pending=True))
    book.wait(1)
    market = ev.OrderModified(
        order_id, 75, 0, 0, kept_priority=False, band=rupees("100.50"), order_type=OrderType.MARKET
    )
    book.write(market)
    trade_id = book.fill(order_id, "99.50", why=evidence(book.at, rupees("99.50")))

    told = explain_fill(story_of_order(book, order_id), trade_id)

    assert _text(told, "changed") == (
        "10:02:01.000 to MARKET 75 at market, to 100.50 at worst; it went to the end of the queue"
    )


def test_a_price_that_does_not_follow_from_its_evidence_is_called_wrong(book: Logbook) -> None:
    order_id = book.place(BUY, 75)
    trade_id = book.fill(order_id, "100", why=evidence(book.at, rupees("99")))

    told = explain_fill(story_of_order(book, order_id), trade_id)

    assert not told.agrees
    assert _text(told, "price") == "WRONG: derived again 99.00, booked was 100.00"


def test_the_story_of_a_trade_is_told_among_other_orders(book: Logbook) -> None:
    other = book.place(BUY, 75, price="5", order_type=OrderType.LIMIT)
    book.write(ev.OrderCancelled(other, "asked by the user"))
    trade_id = _walk(book)
    book.trade(SELL, 75, "160")

    story = story_of_trade(book, trade_id)

    assert [type(recorded.event).__name__ for recorded in story] == [
        "OrderPlaced",
        "OrderFilled",
        "OrderFilled",
    ]


def test_an_unknown_trade_is_an_error_that_names_it(book: Logbook) -> None:
    _walk(book)

    with pytest.raises(InvalidInput, match="no trade PT99"):
        story_of_trade(book, "PT99")
    with pytest.raises(InvalidInput, match="PT99"):
        explain_fill(book.events, "PT99")


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_has_its_words(rule: Rule) -> None:
    words = seen(Evidence(Source.PRINT, rule, 0, 10_000, "depth/1"), buys=True)

    assert words
    assert "{" not in words


@pytest.mark.parametrize("source", Source)
@pytest.mark.parametrize("buys", [True, False])
def test_every_source_has_its_words(source: Source, buys: bool) -> None:  # noqa: FBT001
    words = stood_there(Evidence(source, Rule.TAKE, 0, 1_523_000, "depth/1"), 60_000_000_000, buys=buys)

    assert "152.30" in words


def test_a_bar_is_told_from_its_begin_to_its_end(book: Logbook) -> None:
    order_id = book.place(BUY, 75)
    began = book.at
    book.wait(60)
    terms = {"source": Source.BAR, "rule": Rule.OPEN, "shown": 5000}
    trade_id = book.fill(order_id, "100", why=evidence(began, rupees("100"), **terms))

    told = explain_fill(story_of_order(book, order_id), trade_id)

    assert _text(told, "stood there") == (
        "the bar that began 10:02:00 and ended 10:03:00 with 5,000 units in it: 100.00"
    )
    assert CALL.endswith(told.headline.split()[2])
