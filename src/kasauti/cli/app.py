"""Every command group of the command line, in one application."""

from typing import Annotated

import typer

from kasauti import __version__
from kasauti.cli import backtesting, crash, data, inspecting, logs, settings, trading

app = typer.Typer(
    name="kasauti",
    help="Test trading strategies for Indian markets before they touch money.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
trading.add_to(app)
backtesting.add_to(app)
inspecting.add_to(app)
logs.add_to(app)
crash.add_to(app)
data.add_to(app)
settings.add_to(app)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    if version:
        typer.echo(f"kasauti {__version__}")
        raise typer.Exit
