"""`kasauti calibrate`: a person's own fills against the simulated exchange."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from kasauti.cli import backtesting as own
from kasauti.cli.console import console
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Config, Json, Set
from kasauti.cli.sheet import Cell, Column, Grid, Sheet
from kasauti.cli.typography import DASH, STRONG
from kasauti.compose import backtest as bt
from kasauti.compose.calibration import Calibration, Fit, calibrate
from kasauti.compose.live_fills import live_orders

_COLUMNS = (
    Column("Fill model"),
    Column("Traded in both", right=True),
    Column("Only live", right=True),
    Column("Only simulated", right=True),
    Column("Refused", right=True, drop=1),
    Column("Live worse by, ticks", right=True),
    Column("Off by, ticks", right=True),
)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("calibrate")(calibrate_)


def calibrate_(
    fills: Annotated[Path, typer.Argument(help="Your orders as they filled, as CSV; see docs/fills.md.")],
    data: Annotated[str, typer.Option(help="Ticks or depth of those days: a file or a folder of files.")],
    plan: own.Plan = None,
    assume_rules_of: own.AssumeRulesOf = None,
    config: Config = None,
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """Hold your own live fills against the simulated exchange, and say which settings come nearest."""
    options = bt.chosen_settings(plan=plan, assume_rules_of=assume_rules_of)
    loaded = own.settings_of(config, set_, bt.feed_settings(data) | options)
    market = bt.market_given(data, loaded, None, None)
    found = calibrate(loaded, market, live_orders(fills, market.universe))
    if as_json:
        typer.echo(to_json(found))
    else:
        _print(console(), found)


def _print(out: Console, found: Calibration) -> None:
    out.print(Text(f"{found.orders:,} orders against the simulated exchange", STRONG))
    out.print()
    out.print(Sheet(_COLUMNS, [_row(fit) for fit in found.fits]))
    out.print()
    if found.latency_ms:
        steps = ", ".join(f"{percent} % within {ms:,} ms" for percent, ms in found.latency_ms)
        out.print(Text(f"Market orders traded after they were placed: {steps}."))
        out.print()
    if found.settings:
        out.print(Text("Nearest to your fills", STRONG))
        out.print(Grid([(name, str(value)) for name, value in found.settings.items()]))
    else:
        out.print("No order traded in both worlds, so nothing can be said of any setting.")


def _row(fit: Fit) -> list[Cell]:
    return [
        fit.profile,
        f"{fit.both:,}",
        f"{fit.only_live:,}",
        f"{fit.only_simulated:,}",
        f"{fit.refused:,}",
        DASH if fit.bias_ticks is None else f"{fit.bias_ticks:+.2f}",
        DASH if fit.error_ticks is None else f"{fit.error_ticks:.2f}",
    ]
