"""`kasauti backtest`: a strategy over recorded days, from the command line to a result."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from kasauti.cli.backtest_progress import shown_progress
from kasauti.cli.backtest_view import BacktestView
from kasauti.cli.console import console
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Config, Json, Set, day_of, settings_given
from kasauti.compose import backtest as bt
from kasauti.compose.capital import whole_rupees
from kasauti.compose.result import BacktestResult
from kasauti.compose.strategies import given_strategy
from kasauti.config.document import read_value
from kasauti.errors import InvalidInput

#: A run that failed leaves as a plug-in that cannot be used does, one that was interrupted as in a shell.
EXIT_CODES = {"complete": 0, "failed": 5, "interrupted": 130}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(backtest)


def backtest(
    strategy: Annotated[str, typer.Argument(help="A strategy by name, or my_file.py:MyClass.")],
    data: Annotated[
        list[str] | None,
        typer.Option(help="A data file or a folder of them, or builtin; repeatable.  [default: builtin]"),
    ] = None,
    from_: Annotated[str | None, typer.Option("--from", help="The first day, like 2026-01-22.")] = None,
    to: Annotated[str | None, typer.Option(help="The last day.")] = None,
    capital: Annotated[str | None, typer.Option(help="Rupees: 500000, 5,00,000, 5 lakh, 1 crore.")] = None,
    profile: Annotated[
        str | None, typer.Option(help="When an order fills: depth, touch, pessimistic or ltp.")
    ] = None,
    plan: Annotated[str | None, typer.Option(help="Whose price list: zerodha or angelone.")] = None,
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter of the strategy; repeatable.")
    ] = None,
    symbol: Annotated[list[str] | None, typer.Option(help="Only this symbol; repeatable.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of the built-in market, and of latencies.")] = None,
    save: Annotated[Path | None, typer.Option(help="Keep the log in this new file.")] = None,
    config: Config = None,
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """Trade recorded days with a strategy, as fast as the machine allows, and show what came of it."""
    given = given_strategy(strategy, parameters_of(param), lambda name: f"--param {name}".strip())
    chosen = data or [bt.BUILT_IN]
    if len(chosen) > 1:
        raise InvalidInput("--data was given more than once; put the files into one folder, and name that")
    out = console()
    loaded = bt.settings(
        config,
        os.environ,
        settings_given(set_)
        | bt.feed_settings(chosen[0])
        | {
            "account.capital_rupees": None if capital is None else str(whole_rupees(capital)),
            "account.plan": plan,
            "simulator.fill_profile": profile,
            "feed.symbols": ",".join(symbol or ()) or None,
            "feed.seed": None if seed is None else str(seed),
        },
    )
    with shown_progress(console(stderr=True)) as progress:
        market = bt.market_given(chosen[0], loaded, day_of(from_), day_of(to))
        result = bt.run_backtest(loaded, market, given, progress)
    if save is not None:
        result.save(save)
    if as_json:
        typer.echo(to_json(summary_row(result)))
    else:
        out.print(BacktestView(result.run, result.metrics))
    if result.failure:
        told = Text.assemble(("Stopped: ", "bold red"), result.failure)
        console(stderr=True).print(told, soft_wrap=True)
    raise typer.Exit(EXIT_CODES[result.ending])


def summary_row(result: BacktestResult) -> dict[str, object]:
    """Return what a machine reads of a backtest: the figures, what they rest on, how it ended."""
    run = result.run
    return {
        "strategy": run.label,
        "parameters": run.parameters,
        "ending": run.ending,
        "failure": run.failure,
        "metrics": result.metrics,
        "assumptions": run.assumptions,
    }


def parameters_of(texts: list[str] | None) -> dict[str, Any]:
    """Return parameters from NAME=VALUE texts, the values as YAML has them."""
    values: dict[str, Any] = {}
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InvalidInput(f"--param {text} has no value; write it like --param fast=9")
        values[name.strip()] = read_value(value, f"--param {name}")
    return values
