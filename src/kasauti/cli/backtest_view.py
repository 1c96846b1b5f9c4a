"""A backtest on the terminal: what it rests on first, then what it came to, then what to think of it."""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.rule import Rule
from rich.text import Text

from kasauti.analytics.breakdowns import costs
from kasauti.analytics.doubts import benchmark_words
from kasauti.analytics.explain import CHARGE_HEADS
from kasauti.analytics.headline import MISSING, ratio, share
from kasauti.analytics.metrics import Metrics, curve_of
from kasauti.analytics.run import Ending, Run
from kasauti.cli.band_view import band_sheet
from kasauti.cli.sheet import Abreast, Cell, Column, Figures, Grid, Sheet, joined
from kasauti.cli.typography import (
    BADGE,
    SOFT,
    STRONG,
    WARN,
    amount,
    calendar_day,
    duration,
    percent,
    result,
    sparkline,
)
from kasauti.domain.money import format_rupees, to_paise_half_up

Row = tuple[Cell, Cell]

#: Wider than this a line of text is hard to read; tables may be wider.
_WIDEST = 120
_CURVE = 60
#: Months or days that are listed, the last ones.
_PERIODS = 24


class BacktestView:
    """A run with its figures; `remarks` are what its reader must know."""

    def __init__(self, run: Run, metrics: Metrics, remarks: Sequence[str] = ()) -> None:
        self._run = run
        self._metrics = metrics
        self._remarks = list(remarks)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        run, metrics = self._run, self._metrics
        yield _title(run, metrics)
        yield from _section("What it rests on")
        yield Grid(_basis_rows(run), widest=_WIDEST)
        yield from _section("Result")
        yield Abreast(
            [
                Figures("", _money_rows(metrics)),
                Figures("", _risk_rows(metrics)),
                Figures("", _trip_rows(metrics)),
                Figures("", _charge_rows(run), empty="No charges."),
            ]
        )
        if run.band:
            yield from _section("The same orders by other fill models")
            profile = run.assumptions.profile.partition(":")[0]
            yield band_sheet(profile, metrics.net + metrics.charges, metrics.charges, run.band)
        yield from _curve(run)
        yield from _periods(run)
        if run.open_at_end:
            yield from _section("Still held at the end, valued at the last price")
            yield Grid([(run.instruments[i].id, f"{units:+,}") for i, units in run.open_at_end.items()])
        remarks = [*run.assumptions.remarks, *self._remarks]
        if remarks:
            yield from _section("Before you believe it")
            yield Grid([("•", text) for text in remarks], label_style=WARN, widest=_WIDEST)


def _title(run: Run, metrics: Metrics) -> Text:
    word = "BACKTEST" if run.ending is Ending.COMPLETE else f"BACKTEST, {run.ending.upper()}"
    parts: list[Cell] = [Text(f" {word} ", BADGE), Text(run.label, STRONG)]
    if metrics.days:
        first, last = (calendar_day(date.fromisoformat(day)) for day in (metrics.first_day, metrics.last_day))
        parts.append(first if first == last else f"{first} to {last}, {metrics.days} trading days")
    return joined(parts)


def _section(title: str) -> Iterator[RenderableType]:
    yield Text()
    yield Rule(Text(title, STRONG), align="left", style=SOFT)


def _basis_rows(run: Run) -> list[Row]:
    rests = run.assumptions
    rows: list[Row] = [("prices", rests.data), ("bars", rests.bars)]
    rows += [("gap", gap) for gap in rests.gaps[:5]]
    if len(rests.gaps) > len(rests.gaps[:5]):
        rows.append(("", f"and {len(rests.gaps) - 5} more kinds; `kasauti data check` lists them"))
    rows += [("fills", rests.profile), ("latency", rests.latency), ("slippage", rests.slippage)]
    rows += [("charges", rate) for rate in rests.rates]
    rows += [
        (name, said)
        for name, said in (("refusals", rests.refused), ("benchmark", benchmark_words(run)))
        if said
    ]
    rows.append(("computed by", rests.engine))
    if run.parameters:
        rows.append(("parameters", ", ".join(f"{name} {value}" for name, value in run.parameters.items())))
    return rows


def _money_rows(metrics: Metrics) -> list[Row]:
    return [
        ("Gross", result(metrics.gross, sign="₹")),
        ("Charges", format_rupees(-metrics.charges)),
        (Text("Net", STRONG), Text.assemble(result(metrics.net, sign="₹"), style=STRONG)),
        ("  of the capital", percent(metrics.total_return, signed=True)),
        ("Capital", format_rupees(metrics.capital)),
        ("Worth at the end", format_rupees(metrics.equity)),
        ("Slippage in it", format_rupees(-metrics.slippage)),
    ]


def _risk_rows(metrics: Metrics) -> list[Row]:
    return [
        ("Per year (CAGR)", share(metrics.cagr, signed=True)),
        ("Sharpe", ratio(metrics.sharpe)),
        ("Sortino", ratio(metrics.sortino)),
        ("Calmar", ratio(metrics.calmar)),
        ("Deepest fall", format_rupees(-metrics.max_drawdown_amount)),
        ("  of the peak", share(metrics.max_drawdown)),
        ("Longest below a peak", _length(metrics.longest_drawdown_ns)),
    ]


def _trip_rows(metrics: Metrics) -> list[Row]:
    return [
        ("Round trips", f"{metrics.trips:,}"),
        ("Won and lost", f"{metrics.wins:,} / {metrics.losses:,}"),
        ("Win rate", share(metrics.win_rate)),
        ("Profit factor", ratio(metrics.profit_factor)),
        ("Per trip", _average(metrics.expectancy)),
        (
            "Best and worst",
            Text.assemble(_or_missing(metrics.best_trip), " / ", _or_missing(metrics.worst_trip)),
        ),
        ("Held on average", _length(round(metrics.average_holding_ns or 0))),
    ]


def _charge_rows(run: Run) -> list[Row]:
    names = {**dict(CHARGE_HEADS), "rounding": "contract notes"}
    paid = costs(run)
    rows: list[Row] = [(names[each.head], format_rupees(each.amount)) for each in paid if each.amount]
    if rows:
        total = format_rupees(sum(each.amount for each in paid))
        rows.append((Text("all", STRONG), Text(total, STRONG)))
    return rows


def _curve(run: Run) -> Iterator[RenderableType]:
    _, values = curve_of(run)
    line = sparkline(values.tolist(), _CURVE)
    if line:
        low, high = int(values.min()), int(values.max())
        yield Text()
        yield Text.assemble(
            ("Equity  ", SOFT), line, (f"  {format_rupees(low)} to {format_rupees(high)}", SOFT)
        )


def _periods(run: Run) -> Iterator[RenderableType]:
    """Yield the result by month, or by day where there is one month only."""
    months = list(dict.fromkeys(day[:7] for day in run.days.day))
    by_day = len(months) == 1
    if len(run.days.day) < 2:  # noqa: PLR2004  a single day is the result above
        return
    names = run.days.day if by_day else months
    before = np.append(np.int64(run.capital), run.days.equity[:-1])
    results = run.days.equity - before
    rows: list[list[Cell]] = []
    for name in names[-_PERIODS:]:
        own = np.array([day.startswith(name) for day in run.days.day])
        shown = calendar_day(date.fromisoformat(name)) if by_day else name
        rows.append(
            [
                shown,
                "" if by_day else str(int(own.sum())),
                str(int(run.days.fills[own].sum())),
                amount(int(run.days.charges[own].sum())),
                result(int(results[own].sum())),
            ]
        )
    yield from _section("Day by day" if by_day else "Month by month")
    yield Sheet(
        [
            Column("Day" if by_day else "Month"),
            Column("" if by_day else "Days", right=True),
            Column("Fills", right=True),
            Column("Charges ₹", right=True),
            Column("Net ₹, marked", right=True),
        ],
        rows,
    )


def _average(units: float | None) -> Cell:
    return MISSING if units is None else result(to_paise_half_up(round(units)))


def _or_missing(units: int | None) -> Text:
    return Text(MISSING) if units is None else result(units)


def _length(ns: int) -> str:
    day_ns = 86_400_000_000_000
    return MISSING if not ns else f"{ns / day_ns:.0f} days" if ns >= day_ns else duration(ns)
