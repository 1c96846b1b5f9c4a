"""Each remark appears when it should, and only then."""

import pytest
from tests.analytics.logs import CALL, Logbook, evidence

from kasauti.analytics.reporting import day_report
from kasauti.domain import events as ev
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.money import rupees
from kasauti.domain.order import Side

BUY, SELL = Side.BUY, Side.SELL
BOOK = {"source": Source.QUOTE, "rule": Rule.TAKE, "shown": 75}


def _day(feed: str = "recorded day") -> Logbook:
    book = Logbook()
    book.open_day(feed=feed)
    return book


def _trip(book: Logbook, entry: str, leave: str, charges: str = "0", **terms: object) -> None:
    """Open and close 75, each 0.2 s after it was asked for, on evidence of a quote or what `terms` say."""
    for side, price in ((BUY, entry), (SELL, leave)):
        order_id = book.place(side, 75)
        book.wait(0.2)
        why = evidence(book.at, rupees(price), **{**BOOK, **terms})
        book.fill(order_id, price, why=why)
    if charges != "0":
        book.trade(BUY, 75, leave, charges)
        book.trade(SELL, 75, leave)


def _said(book: Logbook, phrase: str) -> bool:
    if book.state.day_open:
        book.close_day()
    return any(phrase in remark for remark in day_report(book).remarks)


def test_thirty_fair_trips_on_a_recorded_book_need_no_remark() -> None:
    book = _day()
    for _ in range(30):
        _trip(book, "100", "101")
    book.close_day()

    assert day_report(book).remarks == []


@pytest.mark.parametrize(("trips", "said"), [(1, True), (29, True), (30, False)])
def test_few_trips(trips: int, said: bool) -> None:  # noqa: FBT001
    book = _day()
    for _ in range(trips):
        _trip(book, "100", "101")

    assert _said(book, "luck and skill") is said


def test_nothing_traded() -> None:
    assert _said(_day(), "Nothing was traded")


def test_nothing_closed() -> None:
    book = _day()
    book.trade(BUY, 75, "10")

    assert _said(book, "No position was opened and closed")


@pytest.mark.parametrize(
    ("leaves", "said"),
    [(["110", "99", "99"], True), (["110", "100", "100"], True), (["110", "101", "100"], False)],
)
def test_one_trip_that_carries_the_result(leaves: list[str], said: bool) -> None:  # noqa: FBT001
    book = _day()
    for leave in leaves:
        _trip(book, "100", leave)

    assert _said(book, "carries the result") is said


def test_a_loss_is_carried_by_nobody() -> None:
    book = _day()
    for leave in ("105", "90"):
        _trip(book, "100", leave)

    assert not _said(book, "carries the result")


def test_fills_on_last_prices_only() -> None:
    book = _day()
    _trip(book, "100", "101", source=Source.PRINT, rule=Rule.LAST)

    assert _said(book, "All 2 fills rest on last prices or bars")
    assert _said(book, "No slippage was added")


def test_some_fills_on_last_prices_with_slippage() -> None:
    book = _day()
    _trip(book, "100", "101")
    _trip(book, "100", "101", source=Source.PRINT, rule=Rule.LAST, slip=500)

    assert _said(book, "2 of 4 fills rest on last prices")
    assert not _said(book, "No slippage was added")


def test_limits_filled_on_a_touch() -> None:
    book = _day()
    _trip(book, "100", "101", source=Source.PRINT, rule=Rule.TOUCHED)

    assert _said(book, "2 of 2 fills happened when a trade merely touched")


def test_the_profile_that_flatters() -> None:
    book = _day()
    _trip(book, "100", "101", profile="ltp/1")

    assert _said(book, "profile ltp")


def test_no_latency() -> None:
    book = _day()
    book.trade(BUY, 75, "100")
    book.trade(SELL, 75, "100")

    assert _said(book, "in no time")


def test_charges_that_ate_the_profit() -> None:
    book = _day()
    _trip(book, "100", "100.10", charges="8")

    assert _said(book, "Charges of ₹8.00 ate a gross profit of ₹7.50")


def test_a_made_up_market_proves_nothing() -> None:
    assert _said(_day("builtin:7:2026-11-23"), "proves nothing")
    assert not _said(_day("NIFTY week, Parquet"), "proves nothing")


def test_refused_orders() -> None:
    book = _day()
    book.write(ev.OrderDenied("D", CALL, BUY, 10, "quantity.lot", "10 is no lot"))

    assert _said(book, "1 order would have been refused")


def test_a_position_left_open() -> None:
    book = _day()
    book.trade(BUY, 75, "100")
    book.close_day(NIFTY26NOV26000CE="98")

    assert _said(book, "1 position left open: -₹150.00 unrealised")


def test_a_position_left_open_without_a_price() -> None:
    book = _day()
    book.trade(BUY, 75, "100")
    book.close_day()

    assert _said(book, "1 position left open, and not all have a price")


def test_an_open_day_and_troubles() -> None:
    book = _day()
    book.write(ev.TradingHalted("kill switch"))
    remarks = day_report(book).remarks

    assert any("not closed" in remark for remark in remarks)
    assert any("1 thing went wrong" in remark for remark in remarks)
