"""`kasauti compare`: runs side by side, and where the difference comes from."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from kasauti.analytics.comparison import Attribution, Compared, Comparison, compare
from kasauti.analytics.headline import headline
from kasauti.analytics.report.comparison_page import html_comparison
from kasauti.analytics.run import Run
from kasauti.cli.console import console
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Json
from kasauti.cli.sheet import Cell, Column, Grid, Sheet
from kasauti.cli.typography import DASH, STRONG, WARN, result
from kasauti.compose.saved_runs import saved_run
from kasauti.domain.ist import ist_iso
from kasauti.errors import InvalidInput

#: What the parts of a difference mean, in the order in which they are shown.
_PARTS = (
    ("signals", "round trips that only one of them has"),
    ("fills", "other prices at the same moment"),
    ("timing", "prices at another moment"),
    ("size", "another size"),
    ("charges", "charges of the same trips"),
    ("notes", "contract notes beyond the trades"),
    ("still_open", "positions still open"),
)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare")(compare_)


def compare_(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Files that --save wrote.")],
    report: Annotated[Path | None, typer.Option(help="Write it as an HTML file, too.")] = None,
    as_json: Json = False,
) -> None:
    """Put runs side by side, each against the first, and say where the difference comes from."""
    if len(runs) < 2:  # noqa: PLR2004  one run has nothing to be compared with
        raise InvalidInput("one run has nothing to be compared with; name two or more")
    loaded = [saved_run(each) for each in runs]
    compared = compare(loaded)
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(html_comparison(loaded, compared), encoding="utf-8")
    if as_json:
        typer.echo(to_json(compared))
        return
    out = console()
    _print(out, compared, loaded)
    if report is not None:
        out.print(Text.assemble("\nThe report is in ", (str(report), "bold")), soft_wrap=True)


def _print(out: Console, compared: Comparison, runs: list[Run]) -> None:
    columns = [Column(""), *(Column(each.label, right=True) for each in compared.runs)]
    figures = [headline(run, each.metrics) for run, each in zip(runs, compared.runs, strict=True)]
    rows: list[list[Cell]] = [
        [label, *(own[place][1] for own in figures)] for place, (label, _) in enumerate(figures[0])
    ]
    out.print(Sheet(columns, rows))
    if compared.settings:
        out.print()
        out.print(Text("Set or assumed differently", STRONG))
        rows = [[each.name, *each.values] for each in compared.settings]
        out.print(
            Sheet(
                [
                    Column("", least=10),
                    *(Column(c.label, least=12, drop=n) for n, c in enumerate(compared.runs)),
                ],
                rows,
            )
        )
    for each in compared.runs:
        if each.why is not None:
            _explain(out, each, compared.runs[0].label, each.why)


def _explain(out: Console, each: Compared, base: str, why: Attribution) -> None:
    out.print()
    out.print(Text.assemble((f"{each.label} against {base}: ", STRONG), result(why.total, sign="₹")))
    rows = [(words, result(getattr(why, part))) for part, words in _PARTS if getattr(why, part)]
    out.print(Grid(rows or [("the same", DASH)]))
    trips = f"{why.paired:,} round trips in both, {why.only_here:,} only here, {why.only_there:,} only there"
    out.print(trips, markup=False)
    if why.first_difference:
        out.print(Text(f"The first difference begins at {ist_iso(why.first_difference)}.", WARN))
