"""`kasauti data`: what is in a data file, what is wrong with it, and what will be done about each thing."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from kasauti.cli.console import console
from kasauti.cli.options import Json
from kasauti.feeds.recorded.recording import check as check_recording
from kasauti.feeds.recorded.report import DataReport, Severity

data_app = typer.Typer(help="Look at market data before it is traded.", no_args_is_help=True)

_STYLES = {Severity.NOTE: "dim", Severity.WARNING: "yellow", Severity.ERROR: "bold red"}


def add_to(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(data_app, name="data")


@data_app.command()
def check(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A data file, or a folder of them.")],
    layout: Annotated[str | None, typer.Option(help="The layout, where columns do not tell.")] = None,
    as_json: Json = False,
) -> None:
    """
    Report gaps, duplicates, disorder, values that cannot be, and what will be done with each.

    Ends with exit code 6 if the data would be refused.
    """
    report = check_recording(path, layout=layout)
    if as_json:
        typer.echo(report.to_json())
    else:
        _print(console(), report)
    if report.refusal is not None:
        raise typer.Exit(6)


def _print(console: Console, report: DataReport) -> None:
    console.print(f"[bold]{report.path}[/]: {report.kind} ({', '.join(report.layouts)})")
    console.print(
        f"{report.rows:,} rows in {report.files} file(s), {report.instruments:,} instruments, "
        f"{len(report.days)} days; {report.used:,} of {report.ticks:,} ticks or bars are used"
    )
    if not report.findings:
        console.print("[green]Nothing wrong was found.[/]")
        return
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for title in ("what", "count", "done", "first", "about"):
        table.add_column(title, justify="right" if title == "count" else "left")
    for finding in report.findings:
        table.add_row(
            finding.kind.value,
            f"{finding.count:,}",
            finding.action.value,
            str(finding.first),
            finding.about,
            style=_STYLES[finding.severity],
        )
    console.print(table)
