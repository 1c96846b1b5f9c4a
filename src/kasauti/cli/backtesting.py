"""`kasauti backtest`: a strategy over recorded days, from the command line to a result."""

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from kasauti.analytics import frames
from kasauti.analytics.report.model import report_of
from kasauti.cli.backtest_progress import shown_progress
from kasauti.cli.backtest_view import BacktestView
from kasauti.cli.console import console
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Config, Json, Regime, Set, day_of, settings_given
from kasauti.compose import backtest as bt
from kasauti.compose.markets import Market
from kasauti.compose.parts import check_plan, overlay_of
from kasauti.compose.result import BacktestResult
from kasauti.compose.strategies import GivenStrategy, given_strategy
from kasauti.config import Loaded
from kasauti.config.document import read_value
from kasauti.errors import InvalidInput
from kasauti.exchange.overlay import use

#: A run that failed leaves as a plug-in that cannot be used does, one that was interrupted as in a shell.
EXIT_CODES = {"complete": 0, "failed": 5, "interrupted": 130}

StrategyName = Annotated[str, typer.Argument(help="A strategy by name, or my_file.py:MyClass.")]
DataPath = Annotated[
    str, typer.Option(help="A file, a folder of files, a pattern like '2026*.csv'; builtin.")
]
From = Annotated[str | None, typer.Option("--from", help="The first day, like 2026-01-22.")]
To = Annotated[str | None, typer.Option(help="The last day.")]
Capital = Annotated[str | None, typer.Option(help="Rupees: 500000, 5,00,000, 5 lakh, 1 crore.")]
Profile = Annotated[str | None, typer.Option(help="When an order fills: depth, touch, pessimistic or ltp.")]
Plan = Annotated[str | None, typer.Option(help="Whose price list: zerodha, angelone, upstox, ...")]
Param = Annotated[
    list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter of the strategy; repeatable.")
]
Symbol = Annotated[list[str] | None, typer.Option(help="Only this symbol; repeatable.")]
IndexFutures = Annotated[
    bool, typer.Option("--index-futures", help="Trade an index by a future made from its own bars.")
]
AssumeRulesOf = Annotated[
    str | None, typer.Option(metavar="DAY", help="Earlier days trade under the rules of this day.")
]
Band = Annotated[
    bool, typer.Option("--band", help="Also tell what the same orders make by other fill models.")
]
Seed = Annotated[int | None, typer.Option(min=0, help="Of the built-in market, and of latencies.")]


class Asked(msgspec.Struct, frozen=True):
    """A backtest as it was asked for, checked as far as it can be before its data is read."""

    given: GivenStrategy
    loaded: Loaded
    data: str
    first: date | None
    last: date | None

    def market(self) -> Market:
        """Read the data."""
        return bt.market_given(self.data, self.loaded, self.first, self.last)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(backtest)


def backtest(
    strategy: StrategyName,
    data: DataPath = bt.BUILT_IN,
    from_: From = None,
    to: To = None,
    capital: Capital = None,
    profile: Profile = None,
    plan: Plan = None,
    param: Param = None,
    symbol: Symbol = None,
    index_futures: IndexFutures = False,
    assume_rules_of: AssumeRulesOf = None,
    band: Band = False,
    regime: Regime = None,
    seed: Seed = None,
    save: Annotated[Path | None, typer.Option(help="Keep it in this new file; NAME.run: as columns.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write orders, trades ... as CSV to this folder.")] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Where the HTML report goes.  \\[default: reports/ in the data folder]"),
    ] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write none.")] = False,
    parquet: Annotated[Path | None, typer.Option(help="The same as Parquet.")] = None,
    config: Config = None,
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """Trade recorded days with a strategy, as fast as the machine allows, and show what came of it."""
    options = bt.chosen_settings(
        capital=capital,
        plan=plan,
        profile=profile,
        symbols=symbol or (),
        seed=seed,
        index_futures=index_futures,
        assume_rules_of=assume_rules_of,
        band=band,
        regime=regime,
    )
    asked = asked_for(strategy, param, data, (from_, to), options, config, set_)
    with shown_progress(console(stderr=True)) as progress:
        result = bt.run_backtest(asked.loaded, asked.market(), asked.given, progress)
    _keep(result, save, csv, parquet)
    if report is None and not (no_report or as_json):
        report = Path(asked.loaded.config.storage.data_dir) / "reports" / f"{result.label}.html"
    if report is not None and not no_report:
        result.report(report)
    if as_json:
        typer.echo(to_json(report_of(result.run)))
    else:
        _show(result, console(), None if no_report else report)
    raise typer.Exit(EXIT_CODES[result.ending])


def asked_for(
    strategy: str,
    param: list[str] | None,
    data: str,
    days: tuple[str | None, str | None],
    options: dict[str, str | None],
    config: Path | None,
    set_: list[str] | None,
) -> Asked:
    """Return what was asked for; every mistake that can be found without the data is found here."""
    given = given_strategy(strategy, parameters_of(param), lambda name: f"--param {name}".strip())
    loaded = settings_of(config, set_, bt.feed_settings(data) | options)
    return Asked(given, loaded, data, *map(day_of, days))


def settings_of(config: Path | None, set_: list[str] | None, given: dict[str, str | None]) -> Loaded:
    """Return the settings of a backtest; its rules, the user's own among them, are in use from here on."""
    loaded = bt.settings(config, os.environ, settings_given(set_) | given)
    use(overlay_of(loaded))
    check_plan(loaded)
    return loaded


def _keep(result: BacktestResult, save: Path | None, csv: Path | None, parquet: Path | None) -> None:
    if save is not None:
        result.save(save)
    for folder, suffix in ((csv, ".csv"), (parquet, ".parquet")):
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            frames.write(result.run, folder / f"{result.label}{suffix}")


def _show(result: BacktestResult, out: Console, report: Path | None) -> None:
    out.print(BacktestView(result.run, result.metrics, result.remarks))
    if report is not None:
        out.print(Text.assemble("\nThe report is in ", (str(report), "bold")), soft_wrap=True)
    if result.failure:
        console(stderr=True).print(Text.assemble(("Stopped: ", "bold red"), result.failure), soft_wrap=True)


def parameters_of(texts: list[str] | None) -> dict[str, Any]:
    """Return parameters from NAME=VALUE texts, the values as YAML has them."""
    values: dict[str, Any] = {}
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InvalidInput(f"--param {text} has no value; write it like --param fast=9")
        values[name.strip()] = read_value(value, f"--param {name}")
    return values
