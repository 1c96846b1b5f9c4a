"""`kasauti strategies`: what can be traded with by name, and what it can be told."""

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from kasauti.cli.console import console
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Json
from kasauti.cli.sheet import Column, Sheet
from kasauti.cli.typography import STRONG
from kasauti.compose.strategy_list import ListedStrategy, installed_strategies, listed_strategy

#: What stands for a parameter that has no usual value.
_MUST_BE_GIVEN = "must be given"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("strategies")(strategies)


def strategies(
    name: Annotated[
        str | None, typer.Argument(metavar="STRATEGY", help="Only this one, or my_file.py:MyClass.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What strategies there are by name, and the parameters of one."""
    found = installed_strategies() if name is None else [listed_strategy(name)]
    if as_json:
        typer.echo(to_json(found))
    elif name is None:
        _print_all(console(), found)
    else:
        _print_one(console(), found[0])


def _print_all(out: Console, found: list[ListedStrategy]) -> None:
    rows = [[each.name, each.what.partition("\n")[0]] for each in found]
    out.print(Sheet([Column("Strategy"), Column("What it does", least=40)], rows))
    out.print()
    out.print(
        "`kasauti strategies NAME` has the parameters of one; a file of your own runs as my_file.py:MyClass."
    )


def _print_one(out: Console, found: ListedStrategy) -> None:
    out.print(Text(found.name, STRONG))
    for paragraph in found.what.split("\n\n"):
        out.print(" ".join(paragraph.split()))
        out.print()
    rows = [
        [each.name, _MUST_BE_GIVEN if each.usual is None else each.usual, each.takes]
        for each in found.parameters
    ]
    columns = [Column("Parameter"), Column("Usually"), Column("Takes", least=20)]
    out.print(Sheet(columns, rows, empty="It has no parameters."))
