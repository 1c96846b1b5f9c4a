"""Runs side by side as one HTML file of the report's looks."""

from collections.abc import Callable, Sequence

import numpy as np

from kasauti.analytics.comparison import Attribution, Comparison, compare
from kasauti.analytics.metrics import Metrics
from kasauti.analytics.report import formats as fmt
from kasauti.analytics.report.page import page
from kasauti.analytics.report.svg import Panel, drawing
from kasauti.analytics.report.tables import bar, money
from kasauti.analytics.report.ticks import round_values, time_rows
from kasauti.analytics.run import Run
from kasauti.domain.ist import NS_PER_DAY

#: Lines that can be told apart; more runs share colours.
_LINES = 6
_TOP, _HEIGHT, _WHOLE = 20, 280, 326

_ROWS: tuple[tuple[str, Callable[[Metrics], str]], ...] = (
    ("Period", lambda m: fmt.span(m.first_day, m.last_day)),
    ("Return", lambda m: fmt.percent(m.total_return, plus=True)),
    ("CAGR", lambda m: fmt.percent(m.cagr, plus=True)),
    ("Sharpe", lambda m: fmt.ratio(m.sharpe)),
    ("Sortino", lambda m: fmt.ratio(m.sortino)),
    ("Calmar", lambda m: fmt.ratio(m.calmar)),
    ("Deepest fall", lambda m: fmt.percent(m.max_drawdown)),
    ("Round trips", lambda m: fmt.count(m.trips)),
    ("Won", lambda m: fmt.percent(m.win_rate)),
    ("Profit factor", lambda m: fmt.ratio(m.profit_factor)),
    ("A round trip", lambda m: fmt.rupees(m.expectancy, plus=True)),
    ("Charges", lambda m: fmt.rupees(m.charges)),
    ("Slippage", lambda m: fmt.rupees(m.slippage)),
    ("Time held", lambda m: fmt.percent(m.exposure)),
)

#: The parts of an attribution as a reader meets them.
PARTS: tuple[tuple[str, str, str], ...] = (
    ("signals", "Signals", "round trips that only one run has, after charges"),
    ("fills", "Fills", "other prices at the same moment"),
    ("timing", "Timing", "prices at another moment"),
    ("size", "Size", "more or fewer units"),
    ("charges", "Charges", "of paired round trips"),
    ("notes", "Contract notes", "beyond the trades: rounding, squaring off, depository"),
    ("still_open", "Still open", "at the last price, less charges"),
)


def html_comparison(runs: Sequence[Run], comparison: Comparison | None = None) -> str:
    """Return the comparison of `runs` as the text of an HTML file; `comparison` if it is there already."""
    compared = comparison or compare(runs)
    names = [each.label for each in compared.runs]
    head = (
        f'<header><div><h1>{len(names)} runs side by side<span class="pill">BACKTEST</span></h1>'
        f'<p>{fmt.text(" · ".join(names))}</p></div><button id="theme" hidden>Dark</button></header>'
    )
    sections = [
        head,
        f'<section class="card chart">{_lines(runs)}{_legend(names)}</section>',
        f'<h2>Figures</h2><section class="card scroll">{_figures(compared)}</section>',
        _attributions(compared),
        _settings(compared, names),
    ]
    return page(f"{len(names)} runs compared", "".join(sections))


def _lines(runs: Sequence[Run]) -> str:
    """Draw each run's return over the days that any of them has."""
    days = sorted({day for run in runs for day in run.days.day})
    if not days:
        return '<p class="none">No run has a trading day.</p>'
    rows = {day: row + 1 for row, day in enumerate(days)}
    curves = [
        run.days.equity / run.capital - 1.0 if run.capital > 0 else run.days.equity * 0.0 for run in runs
    ]
    low, high = min(0.0, *(c.min(initial=0) for c in curves)), max(0.0, *(c.max(initial=0) for c in curves))
    room = (high - low) * 0.05 or 0.01
    panel = Panel(_TOP, _HEIGHT, (0, len(days)), (low - room, high + room))
    at = np.array(days, "datetime64[D]").astype(np.int64) * NS_PER_DAY
    panel.row_lines([(row + 1, label) for row, label in time_rows(at)], _TOP + _HEIGHT + 18)
    panel.value_lines([(value, fmt.percent(value)) for value in round_values(panel.low, panel.high)])
    for number, (run, curve) in reversed(list(enumerate(zip(runs, curves, strict=True)))):
        places = [0, *(rows[day] for day in run.days.day)]
        panel.curve(places, [0.0, *curve.tolist()], f"curve line{number % _LINES}")
    panel.title("Return on capital, by day")
    return drawing(_WHOLE, panel.parts, f"Returns of {len(runs)} runs")


def _legend(names: Sequence[str]) -> str:
    keys = "".join(
        f'<span><i class="line{number % _LINES}">━</i> {fmt.text(name)}</span>'
        for number, name in enumerate(names)
    )
    return f'<p class="keys">{keys}</p>'


def _figures(compared: Comparison) -> str:
    heads = "".join(f'<th scope="col" class="n">{fmt.text(each.label)}</th>' for each in compared.runs)
    nets = "".join(money(each.metrics.net) for each in compared.runs)
    rows = "".join(
        f'<tr><th scope="row">{name}</th>'
        + "".join(f'<td class="n">{fmt.text(shown(each.metrics))}</td>' for each in compared.runs)
        + "</tr>"
        for name, shown in _ROWS
    )
    return (
        f'<table><thead><tr><th scope="col"></th>{heads}</tr></thead>'
        f'<tbody><tr><th scope="row">Net result, ₹</th>{nets}</tr>{rows}</tbody></table>'
    )


def _attributions(compared: Comparison) -> str:
    first = compared.runs[0].label
    cards = "".join(
        _attribution(each.label, first, each.why) for each in compared.runs if each.why is not None
    )
    return f'<h2>Where the difference comes from</h2><div class="two">{cards}</div>'


def _attribution(label: str, first: str, why: Attribution) -> str:
    largest = max(abs(getattr(why, name)) for name, _, _ in (("total", "", ""), *PARTS)) or 1
    rows = "".join(_part(title, said, int(getattr(why, name)), largest) for name, title, said in PARTS)
    total = _part("All of it", "", why.total, largest).replace("<tr", '<tr class="sum"', 1)
    since = f" The first difference is at {fmt.moment(why.first_difference)}." if why.first_difference else ""
    return (
        f'<section class="card"><h3>{fmt.text(label)} against {fmt.text(first)}</h3>'
        f'<table class="costs"><tbody>{rows}{total}</tbody></table>'
        f'<p class="soft">{fmt.count(why.paired)} round trips are paired; {fmt.count(why.only_here)} are only'
        f" here, {fmt.count(why.only_there)} only in {fmt.text(first)}.{since}</p></section>"
    )


def _part(title: str, said: str, units: int, largest: int) -> str:
    return (
        f'<tr><th scope="row" title="{fmt.text(said)}">{title} <small>{said}</small></th>'
        f"{money(units)}{bar(units, largest)}</tr>"
    )


def _settings(compared: Comparison, names: Sequence[str]) -> str:
    if not compared.settings:
        return '<h2>What was set differently</h2><p class="soft">Nothing: the same words in all runs.</p>'
    heads = "".join(f'<th scope="col">{fmt.text(name)}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{fmt.text(row.name)}</th>'
        + "".join(f"<td>{fmt.text(value)}</td>" for value in row.values)
        + "</tr>"
        for row in compared.settings
    )
    return (
        '<h2>What was set differently</h2><section class="card scroll how"><table><thead><tr>'
        f'<th scope="col"></th>{heads}</tr></thead><tbody>{rows}</tbody></table></section>'
    )
