"""The page: complete without anything else, honest on top, readable whatever the run was."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from tests.analytics.logs import SHARE, Logbook
from tests.analytics.runs import clock, days_of, equity_of, fills_of, orders_of, run_of, trips_of
from tests.analytics.tapes import run_of as run_of_book

from kasauti.analytics.excursions import Prices
from kasauti.analytics.report.page import html_report
from kasauti.analytics.run import Ending, Equity, Run
from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.domain.order import Side

_VOID = {"meta", "br", "input", "link", "img"}


class _Balance(HTMLParser):
    """Counts tags that are not closed, or closed without having been opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")


def full() -> Run:
    run = run_of(
        orders=orders_of((clock(10), 0, 1, "MARKET", "0"), (clock(10, 1), 0, -1, "SL-M", "98")),
        fills=fills_of((clock(10), 0, 1, 3, "101.1"), (clock(10, 5), 0, -1, 3, "103")),
        trips=trips_of("1250.50", "-300", "40", charges="45"),
        equity=equity_of("100100", "99900", "101000", exposure=["300", "0", "310"]),
        days=days_of("100100", "101000"),
        label="Opening <range> & breakout",
    )
    return replace(run, equity=replace(run.equity, benchmark=np.array([100, 101, 99], np.int64) * 10_000))


def failed() -> Run:
    return replace(
        full(), ending=Ending.FAILED, failure="ValueError in on_candle at 10:05", open_at_end={1: -65}
    )


def one_open_trade() -> Run:
    book = Logbook()
    book.open_day()
    book.trade(Side.BUY, 1, "100", instrument=SHARE)
    return run_of_book(book)


RUNS = {"full": full, "empty": run_of, "failed": failed, "one open trade": one_open_trade}


@pytest.fixture(params=RUNS, ids=str)
def html(request: pytest.FixtureRequest) -> str:
    run: Run = RUNS[request.param]()
    return html_report(run)


def drawings(html: str) -> Iterator[str]:
    return (match.group(0) for match in re.finditer(r"<svg.*?</svg>", html, re.DOTALL))


def test_every_tag_is_closed(html: str) -> None:
    balance = _Balance()
    balance.feed(html)
    assert (balance.open, balance.wrong) == ([], [])


def test_every_picture_is_well_formed_and_says_what_it_shows(html: str) -> None:
    for drawing in drawings(html):
        assert ET.fromstring(drawing).get("aria-label")  # noqa: S314  our own text
        assert "nan" not in drawing.lower().replace("financ", "")


def test_nothing_comes_from_anywhere_else(html: str) -> None:
    without_namespace = html.replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"https?:|//[a-z]|\bsrc=|<link|@import|url\(", without_namespace) == []


def test_words_of_a_strategy_cannot_become_markup() -> None:
    assert "Opening &lt;range&gt; &amp; breakout" in html_report(full())
    assert "<range>" not in html_report(full())


def test_what_it_rests_on_and_what_is_doubtful_stand_above_the_result() -> None:
    html = html_report(full())
    places = [
        html.index(words)
        for words in ("What this result rests on", "Read this result with care", "Net result")
    ]
    assert places == sorted(places)
    assert "1 tick" in html[: places[2]]


def test_a_run_that_ended_early_says_so_first() -> None:
    html = html_report(failed())
    assert '<span class="pill bad">FAILED</span>' in html
    assert html.index("ValueError in on_candle at 10:05") < html.index("Net result")
    assert "NIFTY26NOV26000CE \N{MINUS SIGN}65" in html


def test_amounts_are_grouped_as_in_india() -> None:
    run = replace(full(), capital=123_456_789_0000, equity=equity_of("123456789"), days=days_of("123456789"))
    assert "capital ₹12,34,56,789" in html_report(run)


def test_figures_that_are_not_defined_are_dashes() -> None:
    html = html_report(run_of())
    assert re.search(r"<th scope=\"row\">Sortino</th><td class=\"n\">–</td>", html)  # noqa: RUF001  a dash
    assert ">None<" not in html
    assert ">inf<" not in html


def test_every_figure_that_has_an_author_says_its_formula_and_its_source() -> None:
    """What was asked of the report: these figures, each with formula and source."""
    table = html_report(full()).partition('<details class="how">')[2].partition("</details>")[0]
    rows = {
        name: (formula, source)
        for name, formula, source in re.findall(r'row">(.*?)</th><td>([^<]+)</td><td>([^<]*)</td>', table)
    }
    sources = {name: source for name, (_, source) in rows.items() if source}

    named = {
        "CAGR",
        "Sharpe",
        "Sortino",
        "Calmar",
        "Deepest fall",
        "Profit factor",
        "Expectancy",
        "Average R",
    }
    named |= {"SQN", "Kelly", "Ulcer index", "Tail ratio", "Deflated Sharpe, 1 trial"}
    assert named <= set(sources)
    assert {"Longest fall", "Win rate"} <= set(rows)
    assert sources["Deflated Sharpe, 1 trial"] == "Bailey and López de Prado 2014"


def test_the_chart_names_its_benchmark_and_what_that_made() -> None:
    run = full()
    named = replace(run, assumptions=replace(run.assumptions, benchmark="NIFTY 50"))

    assert "dotted: the capital held in NIFTY 50; shaded: the deepest fall" in html_report(named)
    assert "NIFTY 50, held all the time with all the capital: -1.00 %" in html_report(named)
    assert "dotted: the capital" not in html_report(
        replace(run, equity=replace(run.equity, benchmark=np.zeros(3, np.int64)))
    )


def test_a_million_rows_make_a_small_page() -> None:
    rows, trips = 1_000_000, 20_000
    rng = np.random.default_rng(7)
    at = clock(9, 16) + np.arange(rows) * NS_PER_MINUTE
    curve = 10**10 + rng.integers(-(10**6), 10**6 + 5, rows).cumsum()
    held = rng.integers(0, 2, rows) * 10**8
    places = rng.integers(0, rows, 2 * trips)
    run = run_of(
        orders=orders_of(*[(0, 0, 1, "MARKET", "0")] * (2 * trips)),
        fills=fills_of(*[(int(at[row]), 0, 1 - 2 * (row % 2), 1, "100") for row in np.sort(places).tolist()]),
        trips=trips_of(*(f"{value / 100:.2f}" for value in rng.integers(-90_000, 90_001, trips).tolist())),
        days=days_of(*["1000000"] * 250),
        capital="1000000",
    )
    run = replace(run, equity=Equity(at, curve, held, at // 10**11))
    html = html_report(run, prices=lambda _: Prices(at, curve, curve, curve))
    assert len(html.encode()) < 1_000_000
    assert html.count('class="dots small') == 2
    assert "the last 120 trades" in html


def test_prices_are_drawn_where_they_are_known() -> None:
    at = clock(9, 59) + np.arange(30, dtype=np.int64) * NS_PER_MINUTE
    close = np.arange(30, dtype=np.int64) * 1_000 + 1_000_000
    known = Prices(at, close, close, close)
    with_prices = html_report(full(), prices=lambda name: known if name == SHARE else None)
    (curve,) = re.findall(r'<path class="curve price" d="([^"]*)"', with_prices)
    assert curve.count("L") == 29
    assert re.findall(r'<path class="mark (\w+)"', with_prices) == ["buy", "sell"]


def test_every_day_is_a_cell_and_every_month_adds_up() -> None:
    run = run_of(days=days_of("100100.60", "99000", "101000", first=date(2026, 12, 30)), capital="100000")
    html = html_report(run)
    cells = re.findall(r'<rect class="day (\w+)"[^>]*><title>([^<]*)</title>', html)
    assert [said for _, said in cells] == [
        "30 Dec 2026: +100.60, 0 fills",
        "31 Dec 2026: \N{MINUS SIGN}1,100.60, 0 fills",
        "1 Jan 2027: +2,000.00, 0 fills",
    ]
    assert [kind.rstrip("1234") for kind, _ in cells] == ["won", "lost", "won"]
    assert "\N{MINUS SIGN}1,000<small>" in html
    assert "+2,000<small>" in html


def test_what_was_assumed_is_the_first_doubt() -> None:
    run = full()
    run = replace(run, assumptions=replace(run.assumptions, remarks=("The futures are made up.",)))
    html = html_report(run)
    care = html.index("Read this result with care")
    assert care < html.index("The futures are made up.") < html.index("3 round trips: below")
