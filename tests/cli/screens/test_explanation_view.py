"""Explanations in the room they get."""

import pytest
from rich.layout import Layout
from tests.analytics.logs import Logbook, evidence
from tests.cli.screens.drawn import drawn

from kasauti.analytics.explain import Explanation, explain_fill, story_of_trade
from kasauti.cli.explanation_view import FillReason, explanation
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.money import rupees
from kasauti.domain.order import Side


@pytest.fixture
def fills() -> list[Explanation]:
    book = Logbook()
    book.open_day()
    book.clock(10, 2)
    trades = []
    for price in ("99", "100"):
        order_id = book.place(Side.BUY, 75, strategy="oi", tag="entry")
        book.wait(0.25)
        terms = {"source": Source.DEPTH, "rule": Rule.TAKE, "shown": 150, "level": 1}
        why = evidence(book.at, rupees(price), **terms)
        trades.append(book.fill(order_id, price, charges=Charges(brokerage=rupees(20)), why=why))
    return [explain_fill(story_of_trade(book, trade), trade) for trade in trades]


def test_a_page_of_its_own_has_every_step(fills: list[Explanation]) -> None:
    text = "\n".join(drawn(explanation(fills[-1]), 100))

    assert "10:02:00 BUY 75 NIFTY26NOV26000CE at 100.00 PT2" in text
    for step in fills[-1].steps:
        assert step.what in text


@pytest.mark.parametrize("height", range(3, 20))
@pytest.mark.parametrize("width", [46, 70])
def test_what_tells_least_goes_first_and_the_price_stays(
    fills: list[Explanation], width: int, height: int
) -> None:
    lines = drawn(Layout(FillReason(fills)), width, height)

    assert len(lines) == height
    assert "BUY 75 NIFTY26NOV26000CE at 100.00" in lines[0]
    assert lines[1].startswith("because took level 1 of the asks")
    shown = "\n".join(lines)
    if height > 6:
        assert "derived again" in shown
    if "rule " in shown:
        assert "decided" in shown
        assert "charges" in shown


def test_earlier_fills_follow_where_there_is_room(fills: list[Explanation]) -> None:
    tall = "\n".join(drawn(Layout(FillReason(fills)), 70, 20))
    short = "\n".join(drawn(Layout(FillReason(fills)), 70, 8))

    assert "before that" in tall
    assert "at 99.00" in tall
    assert "at 99.00" not in short


def test_without_a_fill_it_says_what_will_be_here() -> None:
    assert drawn(FillReason([]))[0].startswith("Nothing has traded yet.")


def test_instruments_may_be_named_another_way(fills: list[Explanation]) -> None:
    assert "75 the call at 100.00" in drawn(FillReason(fills, lambda _: "the call"))[0]
