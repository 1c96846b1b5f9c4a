"""A day report on the terminal."""

from datetime import date

import pytest
from tests.analytics.logs import CALL, PUT, Logbook, evidence
from tests.cli.screens.drawn import drawn

from kasauti.analytics.reporting import day_report
from kasauti.cli.report_view import ReportView
from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.money import rupees
from kasauti.domain.order import Side

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def book() -> Logbook:
    """One trip that made 937.50, one that lost 300, an open put, a denied order, a failed strategy."""
    book = Logbook("100000")
    book.open_day(feed="builtin:7:2026-11-23")
    book.clock(10, 0)
    first = book.place(BUY, 75, strategy="oi", tag="entry")
    book.wait(0.08)
    terms = {"source": Source.DEPTH, "rule": Rule.TAKE, "shown": 75, "level": 1}
    paid = Charges(brokerage=rupees(20), stt=rupees("11.30"), gst=rupees("3.60"))
    book.fill(first, "100", charges=paid, why=evidence(book.at, rupees("100"), **terms))
    book.clock(10, 42)
    book.trade(SELL, 75, "112.50", "20", strategy="oi", tag="trailing_stop")
    book.trade(BUY, 75, "80", "20", strategy="oi")
    book.clock(11, 0)
    book.trade(SELL, 75, "76", "20", strategy="oi", tag="initial")
    book.trade(SELL, 75, "40", instrument=PUT)
    book.write(ev.OrderDenied("D", CALL, BUY, 10, "quantity.lot", "10 is not a multiple of the lot size 75"))
    book.write(ev.StrategyFailed("oi", "on_tick", "ValueError: 7", "entries"))
    book.close_day(Charges(stt=rupees("0.70")), NIFTY26NOV26000PE="38")
    return book


def _text(book: Logbook, first: str = "") -> str:
    return "\n".join(drawn(ReportView(day_report(book, first)), 120, 200))


@pytest.mark.parametrize("width", [80, 93, 100, 120, 160])
def test_the_report_fits_and_says_everything_at_any_width(book: Logbook, width: int) -> None:
    lines = drawn(ReportView(day_report(book)), width, 200)
    text = " ".join(" ".join(lines).split())

    assert max(len(line) for line in lines) <= width
    for said in (
        "PAPER Day report of demo Mon 23 Nov 2026",
        "builtin:7:2026-11-23",
        "zerodha's price list",
        "80 ms",
        "10 is not a multiple of the lot size 75",
        "proves nothing",
        "oi failed in on_tick",
    ):
        assert said in text


def test_what_it_rests_on_stands_before_the_result(book: Logbook) -> None:
    text = _text(book)

    assert text.index("What it rests on") < text.index("walks the book level by level") < text.index("Result")


def test_the_figures_are_those_of_the_report(book: Logbook) -> None:
    """Gross 937.50 - 300; charges 34.90 + 20 + 20 + 20 and 0.70 of rounding; trips net 882.60 and -340."""
    rows = [line.split() for line in drawn(ReportView(day_report(book)), 160, 200)]

    assert ["Gross", "+₹637.50"] in [row[:2] for row in rows]
    assert ["Charges", "-₹95.60"] in [row[:2] for row in rows]
    assert ["Net", "+₹541.90"] in [row[:2] for row in rows]
    text = " ".join(" ".join(row) for row in rows)
    assert "Won and lost 1 / 1" in text
    assert "Win rate 50.00 %" in text
    assert "Profit factor 2.60" in text  # 882.60 / 340
    assert "Best and worst +882.60 / -340.00" in text
    assert "STT ₹12.00" in text
    assert "contract notes in it +₹0.70" in text
    assert "Unrealised, not in the net +₹150.00" in text


def test_round_trips_have_a_line_each(book: Logbook) -> None:
    (trip,) = [
        line.split() for line in drawn(ReportView(day_report(book)), 160, 200) if "trailing stop" in line
    ]

    assert trip[:9] == [
        "10:00:00",
        "10:42:00",
        "BUY",
        "NIFTY26NOV26000CE",
        "75",
        "100.00",
        "112.50",
        "42",
        "min",
    ]


def test_only_the_last_round_trips_are_listed_and_the_others_counted(book: Logbook) -> None:
    text = "\n".join(drawn(ReportView(day_report(book), trips=1), 120, 200))

    assert "The last 1; 1 earlier ones are not listed." in text
    assert "112.50" not in text


def test_several_days_have_a_table_of_days(book: Logbook) -> None:
    book.open_day(date(2026, 11, 25))
    book.trade(BUY, 75, "10", "20")
    book.trade(SELL, 75, "11", "20")
    book.close_day(NIFTY26NOV26000PE="38")

    text = _text(book)

    assert "Mon 23 Nov 2026 to Wed 25 Nov 2026" in text
    assert "Day by day" in text
    assert "Wed 25 Nov 2026" in text.split("Day by day")[1]
    assert "23 Nov 10:00:00" in text
    assert "Day by day" not in _text(book, first="2026-11-25")


def test_a_day_without_anything_has_no_empty_sections() -> None:
    quiet = Logbook()
    quiet.open_day(feed="recorded:week")
    quiet.close_day()

    text = _text(quiet)

    for absent in ("Left open", "Troubles", "would have refused", "Day by day"):
        assert absent not in text
    assert "No position was opened and closed." in text
    assert "no order was sent" in text
    assert "No charges." in text
    assert "Deepest fall" in text
    assert "none" in text.split("Deepest fall")[1].splitlines()[0]


def test_slippage_and_settings_are_stated() -> None:
    book = Logbook()
    config = '{"simulator":{"fill_profile":"depth","slippage_ticks":1}}'
    book.write(ev.SessionStarted("0.1.0", "recorded:week", "start", config=config))
    book.write(ev.DayOpened("2026-11-23"))
    order_id = book.place(BUY, 75)
    book.fill(order_id, "100.05", why=evidence(book.at, rupees("100"), slip=500))

    text = _text(book)

    assert "₹3.75 in all, added to 1 of 1 fills" in text
    assert "fill profile depth, slippage ticks 1" in text
    assert "Kasauti 0.1.0" in text


def test_money_that_was_moved_is_shown_apart() -> None:
    book = Logbook()
    book.open_day()
    book.write(ev.MoneyMoved(rupees("5000"), "more"))

    assert "Money moved in or out" in _text(book)
