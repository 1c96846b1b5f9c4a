"""
The report as one HTML file: it needs no other file, no network and no script to be read.

A few lines of script add what paper cannot have: values under the pointer, a table that sorts, and the other
colours.
"""

from importlib import resources

from kasauti.analytics.band import Edge
from kasauti.analytics.report import formats as fmt
from kasauti.analytics.report.calendars import day_calendar, month_table
from kasauti.analytics.report.curves import equity_chart
from kasauti.analytics.report.distributions import against, along, by_time_held, histogram
from kasauti.analytics.report.figures import Block, Figure, blocks, headline
from kasauti.analytics.report.model import Report, report_of
from kasauti.analytics.report.palette import style_rules
from kasauti.analytics.report.price_chart import PricesOf, price_charts
from kasauti.analytics.report.tables import band_table, cost_table, facts, group_table, trip_table
from kasauti.analytics.run import Run

#: Instruments whose chart the report shows.
CHARTS = 3
#: Names of instruments written out in the head of the report.
_NAMED = 4


def html_report(run: Run, *, prices: PricesOf | None = None, report: Report | None = None) -> str:
    """
    Return the report of `run` as the text of an HTML file.

    `prices` gives an instrument's prices by its id, as `EquityTape.prices` does; without it charts of
    instruments show the trades alone. `report` is `report_of(run)`, where the caller has it already.
    """
    shown = report or report_of(run)
    sections = [
        _head(shown),
        _basis(shown),
        _hero(shown),
        f'<section class="card chart hover">{equity_chart(run)}</section>',
        _band(run, shown),
        _figures(shown),
        _calendar(shown),
        _prices(run, prices),
        _groups(shown),
        _crowd(run),
        _costs(shown),
        _trips(shown),
        _how(shown),
        _foot(shown),
    ]
    return page(f"{shown.label}: backtest", "".join(sections))


def _foot(report: Report) -> str:
    return (
        f"<footer>Kasauti {fmt.text(report.rests_on.version)}. Times are IST, amounts are rupees after"
        " charges unless they say gross. A backtest shows what would have happened under its assumptions, not"
        " what will happen.</footer>"
    )


def page(title: str, content: str) -> str:
    """Return a whole page of the report's looks."""
    files = resources.files("kasauti.analytics.report")
    style = style_rules() + files.joinpath("page.css").read_text(encoding="utf-8")
    script = files.joinpath("page.js").read_text(encoding="utf-8")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{fmt.text(title)}</title><style>{style}</style></head>"
        f"<body><main>{content}</main><script>{script}</script></body></html>\n"
    )


def _head(report: Report) -> str:
    names = report.instruments
    listed = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    state = f'<span class="pill bad">{report.ending.upper()}</span>' if report.ending != "complete" else ""
    metrics = report.metrics
    days = "1 trading day" if metrics.days == 1 else f"{fmt.count(metrics.days)} trading days"
    said = [
        fmt.span(metrics.first_day, metrics.last_day),
        days,
        listed,
        f"capital {fmt.rupees(metrics.capital)}",
    ]
    given = ", ".join(f"{name} = {value}" for name, value in report.parameters.items())
    parameters = f"<p>{fmt.text(given)}</p>" if given else ""
    return (
        f'<header><div><h1>{fmt.text(report.label)}<span class="pill">BACKTEST</span>{state}</h1>'
        f"<p>{fmt.text(' · '.join(each for each in said if each))}</p>{parameters}</div>"
        '<button id="theme" hidden>Dark</button></header>'
    )


def _basis(report: Report) -> str:
    rests = report.rests_on
    rows = [
        ("Data", rests.data),
        ("Bars", rests.bars),
        ("Fills", rests.profile),
        ("Latency", rests.latency),
        ("Slippage", rests.slippage),
        ("Charges", rests.plan),
        ("Refusals", rests.refused),
        ("Benchmark", rests.benchmark),
        ("Computed by", rests.engine),
    ]
    known = facts((name, fmt.text(said)) for name, said in rows if said)
    more = _listed("Rates in force", rests.rates) + _listed("What the data lacks", rests.gaps)
    doubts = ""
    if report.doubts or rests.remarks:
        # What the run was told to assume weighs more than what its figures show.
        items = "".join(f"<li>{fmt.text(doubt)}</li>" for doubt in (*rests.remarks, *report.doubts))
        doubts = f'<section class="card doubts"><h3>Read this result with care</h3><ul>{items}</ul></section>'
    return (
        f'<div class="basis"><section class="card"><h3>What this result rests on</h3>{known}{more}</section>'
        f"{doubts}</div>"
    )


def _listed(title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    items = "".join(f"<li>{fmt.text(line)}</li>" for line in lines)
    opened = " open" if len(lines) <= 4 else ""  # noqa: PLR2004  more than a few lines wait until they are asked for
    return f"<details{opened}><summary>{title} ({len(lines)})</summary><ul>{items}</ul></details>"


def _hero(report: Report) -> str:
    metrics = report.metrics
    name = "up" if metrics.net > 0 else "down" if metrics.net < 0 else ""
    tiles = "".join(_tile(figure) for figure in headline(metrics))
    return (
        f'<div class="hero"><section class="card net"><span>Net result</span>'
        f'<b class="{name}">{fmt.whole_rupees(metrics.net, plus=True)}</b>'
        f"<span>realised {fmt.rupees(metrics.gross, plus=True)} before charges of"
        f" {fmt.rupees(metrics.charges)}</span></section>"
        f'<div class="tiles">{tiles}</div></div>'
    )


def _tile(figure: Figure) -> str:
    name = {True: "up", False: "down", None: ""}[figure.good]
    return (
        f'<section class="tile" title="{fmt.text(figure.how)}"><span>{fmt.text(figure.name)}</span>'
        f'<b class="{name}">{fmt.text(figure.value)}</b><span>{fmt.text(figure.under)}</span></section>'
    )


def _figures(report: Report) -> str:
    cards = "".join(_block(block) for block in blocks(report.metrics))
    return f'<h2>Figures</h2><div class="four">{cards}</div>'


def _block(block: Block) -> str:
    rows = "".join(
        f'<tr title="{fmt.text(figure.how)}"><th scope="row">{fmt.text(figure.name)}</th>'
        f'<td class="n">{fmt.text(figure.value)}</td></tr>'
        for figure in block.figures
    )
    return f'<section class="card"><h3>{block.name}</h3><table><tbody>{rows}</tbody></table></section>'


def _band(run: Run, report: Report) -> str:
    if not run.band:
        return ""
    metrics, profile = report.metrics, run.assumptions.profile.partition(":")[0]
    own = Edge(profile, metrics.net + metrics.charges, metrics.charges, metrics.net, 0)
    return (
        "<h2>The same orders by other fill models</h2>"
        f'<section class="card">{band_table(own, run.band)}<p class="soft">Where they lie close together the'
        " result is the strategy's; where they lie apart it rests on how orders are taken to fill."
        "</p></section>"
    )


def _calendar(report: Report) -> str:
    table = month_table(report.months)
    if not table:
        return ""
    return f'<h2>By month and day</h2><section class="card">{table}{day_calendar(report.days)}</section>'


def _prices(run: Run, prices: PricesOf | None) -> str:
    charts = price_charts(run, prices or (lambda _: None), CHARTS)
    if not charts:
        return ""
    keys = (
        '<p class="keys"><span><i class="b">▲</i> bought</span><span><i class="s">▼</i> sold</span>'
        "<span>dotted: from entry to exit, green where the round trip won</span></p>"
    )
    cards = "".join(
        f'<section class="card chart"><h3>{fmt.text(name)}</h3>{svg}</section>' for name, svg in charts
    )
    traded = len(set(run.fills.instrument.tolist()))
    most = f'<p class="soft">The {CHARTS} most traded of {traded} instruments.</p>' if traded > CHARTS else ""
    return f"<h2>Entries and exits</h2>{most}{keys}{cards}"


def _groups(report: Report) -> str:
    tables = [
        group_table("By hour of entry", report.by_hour, 24),
        group_table("By weekday", report.by_weekday),
        group_table("By exit reason", report.by_reason),
        *(
            group_table(title, groups, 12)
            for title, groups in (
                ("By symbol", report.by_symbol),
                ("By side", report.by_side),
                ("By strategy", report.by_strategy),
            )
            if len(groups) > 1
        ),
    ]
    return f'<h2>Where it was made</h2><div class="two">{"".join(tables)}</div>' if report.trips else ""


def _crowd(run: Run) -> str:
    if not len(run.trips.side):
        return ""
    charts = [("How results are spread", histogram(run)), ("Result by time held", by_time_held(run))]
    if run.trips.worst.any() or run.trips.best.any():
        charts += [("Result by how far it went against (MAE)", against(run))]
        charts += [("Result by how far it went with (MFE)", along(run))]
    cards = "".join(
        f'<section class="card"><h3>{title}</h3>{chart}</section>'.replace("<svg ", '<svg class="half" ', 1)
        for title, chart in charts
    )
    return f'<h2>Round trips as a crowd</h2><div class="two">{cards}</div>'


def _costs(report: Report) -> str:
    return f'<h2>What it cost</h2><section class="card">{cost_table(report)}</section>'


def _trips(report: Report) -> str:
    held = ", ".join(f"{fmt.text(each.symbol)} {fmt.count(each.quantity)}" for each in report.open_at_end)
    left = f"<p>Still open at the end: {held}.</p>" if held else ""
    return f'<h2>Round trips</h2><section class="card">{trip_table(report.trips)}{left}</section>'


def _how(report: Report) -> str:
    rows = "".join(
        f'<tr><th scope="row">{fmt.text(figure.name)}</th><td>{fmt.text(figure.how)}</td>'
        f"<td>{fmt.text(figure.source)}</td></tr>"
        for block in blocks(report.metrics)
        for figure in block.figures
    )
    return (
        '<details class="how"><summary>How each figure is computed, and after whom</summary>'
        '<div class="scroll"><table><thead><tr><th scope="col">Figure</th><th scope="col">Formula</th>'
        f'<th scope="col">Source</th></tr></thead><tbody>{rows}</tbody></table></div></details>'
    )
