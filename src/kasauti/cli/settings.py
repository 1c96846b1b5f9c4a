"""`kasauti config`: what is set, where it came from, and whether a file can be used."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from kasauti.cli.console import console
from kasauti.cli.options import Config, Set, load
from kasauti.config import Setting

config_app = typer.Typer(help="Every setting, its value and where it came from.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(config_app, name="config")


@config_app.command()
def explain(
    config: Config = None,
    set_: Set = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of settings for a machine.")] = False,
) -> None:
    """Show every setting: its value, where it came from, its default and what it means."""
    settings = load(config, set_).explain()
    if as_json:
        typer.echo(msgspec.json.encode(settings, enc_hook=str))
        return
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column("setting", no_wrap=True)
    table.add_column("value", style="bold")
    table.add_column("from")
    table.add_column("what it is", style="dim")
    section = ""
    for setting in settings:
        if setting.key.partition(".")[0] != section:
            section = setting.key.partition(".")[0]
            table.add_section()
        table.add_row(setting.key, _shown(setting), setting.origin, setting.description)
    console().print(table)


def _shown(setting: Setting) -> str:
    value = "none" if setting.value is None else str(setting.value)
    return f"{value} {setting.unit}".strip()


@config_app.command()
def check(
    config: Annotated[Path, typer.Argument(help="The file to check.", metavar="FILE")],
) -> None:
    """Check a configuration file; ends with an error that names line and suggestion for each problem."""
    loaded = load(config, None)
    given = sum(1 for setting in loaded.explain() if setting.origin.startswith(str(config)))
    typer.echo(f"{config} can be used: {given} settings from it, the others from defaults or environment.")
