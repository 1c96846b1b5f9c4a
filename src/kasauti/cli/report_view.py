"""A day report on the terminal: what it rests on first, then the result, then what it is made of."""

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.rule import Rule
from rich.text import Text

from kasauti.analytics.day_report import DayReport
from kasauti.cli.band_view import band_sheet
from kasauti.cli.report_parts import (
    basis_rows,
    charge_rows,
    day_of,
    days_sheet,
    money_rows,
    open_sheet,
    order_words,
    quality_rows,
    refusal_rows,
    trips_sheet,
)
from kasauti.cli.sheet import Abreast, Figures, Grid, joined
from kasauti.cli.typography import BADGE, DOWN, SOFT, STRONG, WARN

#: Wider than this a line of text is hard to read; tables may be wider.
_WIDEST = 120


class ReportView:
    """A day report; `trips` is the most round trips that are listed, the last ones."""

    def __init__(self, report: DayReport, *, trips: int = 40) -> None:
        self._report = report
        self._trips = trips

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        report = self._report
        yield _title(report)
        yield from _section("What it rests on")
        yield Grid(basis_rows(report.basis, report.days), widest=_WIDEST)
        yield from _section("Result")
        charges = Figures("", charge_rows(report), empty="No charges.")
        yield Abreast([Figures("", money_rows(report)), Figures("", quality_rows(report)), charges])
        if report.band:
            yield from _section("The same orders by other fill models")
            profile = ", ".join(report.basis.profiles) or "no fills"
            yield band_sheet(profile, report.gross + report.unrealised, report.charges.total, report.band)
        if len(report.by_day) > 1:
            yield from _section("Day by day")
            yield days_sheet(report)
        yield from _section("Round trips")
        yield trips_sheet(report, self._trips)
        yield from _section("Orders")
        yield joined(order_words(report.orders), " · ")
        yield from self._exceptions()

    def _exceptions(self) -> Iterator[RenderableType]:
        """Yield the sections that a day without them does not have."""
        report = self._report
        if report.refused:
            yield from _section("What an exchange or broker would have refused")
            yield Grid(refusal_rows(report), widest=_WIDEST)
        if report.left_open:
            yield from _section("Left open")
            yield open_sheet(report)
        if report.troubles:
            yield from _section("Troubles")
            yield _points(report.troubles, DOWN)
        if report.remarks:
            yield from _section("Before you believe it")
            yield _points(report.remarks, WARN)


def _title(report: DayReport) -> Text:
    first, last = report.days[0], report.days[-1]
    days = day_of(first) if first == last else f"{day_of(first)} to {day_of(last)}"
    badge = Text(f" {report.mode.upper()} ", BADGE)
    return joined([badge, Text(f"Day report of {report.account}", STRONG), days])


def _section(title: str) -> Iterator[RenderableType]:
    yield Text()
    yield Rule(Text(title, STRONG), align="left", style=SOFT)


def _points(texts: Sequence[str], style: str) -> Grid:
    return Grid([("•", text) for text in texts], label_style=style, widest=_WIDEST)
