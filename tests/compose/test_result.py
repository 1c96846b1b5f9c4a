"""A result shows itself: in a notebook, on a terminal, as text, as frames, as a file."""

import io
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tests.compose.test_backtest import HOUR, Breaks, Waves

import kasauti
from kasauti import Strategy, backtest, buy
from kasauti.domain.commands import Command
from kasauti.domain.market import Candle
from kasauti.domain.view import View
from kasauti.errors import InvalidInput

#: Elements that have no end.
VOID = {"line", "polyline", "br"}


class Balanced(HTMLParser):
    """Checks that what begins ends, and keeps the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        assert tag in VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def notebook(result: kasauti.BacktestResult) -> Balanced:
    page = Balanced()
    page.feed(result._repr_html_())
    assert page.open == []
    return page


def test_a_notebook_shows_figures_curve_and_doubts_without_script_or_other_files() -> None:
    result = kasauti.backtest(Waves, HOUR)
    page = notebook(result)

    assert "<svg" in result._repr_html_()
    for forbidden in ("<script", "http", "url("):
        assert forbidden not in result._repr_html_()
    assert "waves" in page.text
    assert "Net" in page.text
    assert result.remarks[0] in page.text


def test_what_a_strategy_raised_is_text_and_not_markup() -> None:
    class Angry(Breaks):
        """Raises markup."""

        def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> list[kasauti.Command]:
            raise ValueError("<script>alert(1)</script>")

    result = kasauti.backtest(Angry, HOUR)

    assert "<script" not in result._repr_html_()
    assert "<script>alert(1)</script>" in notebook(result).text
    assert "failed" in repr(result)


def test_text_and_terminal_have_the_same_figures() -> None:
    result = kasauti.backtest(Waves, HOUR)
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(result)

    shown = console.export_text()
    for line in repr(result).splitlines()[1:]:
        assert line.split("  ")[-1].strip() in shown


def test_pandas_has_floats_and_knows_the_frames() -> None:
    result = kasauti.backtest(Waves, HOUR)
    trips = result.pandas()

    assert float(trips["net"].sum()) == pytest.approx(float(result.round_trips["net"].sum()))
    assert len(result.pandas("daily")) == 1
    with pytest.raises(InvalidInput, match="Did you mean trades"):
        result.pandas("trade")


def test_frames_agree_with_the_run() -> None:
    result = kasauti.backtest(Waves, HOUR)

    assert len(result.orders) == len(result.run.orders.at)
    assert len(result.trades) == result.metrics.fills
    assert len(result.equity) == len(result.run.equity.at)
    assert float(result.daily["result"].sum()) * 10_000 == pytest.approx(result.metrics.net)


def test_a_report_is_one_file(tmp_path: Path) -> None:
    path = kasauti.backtest(Waves, HOUR).report(tmp_path / "deep" / "waves.html")

    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "<link" not in text
    assert [each.name for each in path.parent.iterdir()] == ["waves.html"]


def test_an_order_of_what_nobody_lists_is_refused_and_shown() -> None:
    class Mistaken(Strategy):
        candles = "5m"
        instruments = ("NSE:INFY",)

        asked = False

        def on_candle(self, candle: Candle, view: View) -> Iterator[Command]:
            if not self.asked:
                self.asked = True
                yield buy("NSE:INFYY", 1, product="MIS")
                yield buy("nonsense", 1, product="MIS")

    orders = backtest(Mistaken).orders.to_dicts()

    assert {(each["symbol"], each["status"]) for each in orders} == {
        ("INFYY", "DENIED"),
        ("nonsense", "DENIED"),
    }
    assert "NSE:INFYY is not among this session's instruments" in orders[0]["why"]
