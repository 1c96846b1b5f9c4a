"""`kasauti data`: what is in a data file, what is wrong with it, and what will be done about each thing."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from kasauti.cli.console import console
from kasauti.cli.options import Json, day_of
from kasauti.compose.markets import built_in_market
from kasauti.feeds.recorded.recording import check as check_recording
from kasauti.feeds.recorded.report import DataReport, Severity
from kasauti.feeds.recorded.values import TimeZone
from kasauti.feeds.recorded.writing import write_recording
from kasauti.simulator.market.built_in import DEMO_DAY

data_app = typer.Typer(help="Look at market data before it is traded.", no_args_is_help=True)

_STYLES = {Severity.NOTE: "dim", Severity.WARNING: "yellow", Severity.ERROR: "bold red"}


def add_to(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(data_app, name="data")


@data_app.command()
def check(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A data file, or a folder of them.")],
    symbol: Annotated[list[str] | None, typer.Option(help="Only this symbol; repeatable.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="The first day, like 2026-01-22.")] = None,
    to: Annotated[str | None, typer.Option(help="The last day.")] = None,
    time_zone: Annotated[
        TimeZone, typer.Option(help="Of times without an offset.", case_sensitive=False)
    ] = TimeZone.IST,
    layout: Annotated[str | None, typer.Option(help="The layout, where columns do not tell.")] = None,
    as_json: Json = False,
) -> None:
    """
    Report gaps, duplicates, disorder, values that cannot be, and what will be done with each.

    Ends with exit code 6 if the data would be refused.
    """
    report = check_recording(
        path,
        layout=layout,
        from_=day_of(from_),
        to=day_of(to),
        symbols=symbol or (),
        time_zone=time_zone,
    )
    if as_json:
        typer.echo(report.to_json())
    else:
        _print(console(), report)
    if report.refusal is not None:
        raise typer.Exit(6)


@data_app.command()
def generate(
    file: Annotated[Path, typer.Argument(help="The file to write: .parquet or .csv.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed is the same day.")] = 7,
    day: Annotated[str | None, typer.Option(help="The trading day, like 2026-11-23.")] = None,
) -> None:
    """Write a day of the built-in market to a file: data to try things on, that anybody may share."""
    market = built_in_market(seed, day_of(day) or DEMO_DAY)
    rows = write_recording(file, market.universe, market.play(None))
    typer.echo(f"{rows:,} ticks of {market.label} on {market.days[0]} written to {file}")


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
