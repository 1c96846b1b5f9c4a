"""`kasauti sweep`: many backtests of one strategy, the best of them, and whether that can be believed."""

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from kasauti.cli.backtesting import (
    AssumeRulesOf,
    Capital,
    DataPath,
    From,
    IndexFutures,
    Plan,
    Profile,
    StrategyName,
    Symbol,
    To,
    parameters_of,
    settings_of,
)
from kasauti.cli.console import console
from kasauti.cli.options import Config, Json, Set, day_of
from kasauti.cli.playing import Interruption
from kasauti.cli.sweep_json import sweep_json
from kasauti.cli.sweep_progress import shown_sweep
from kasauti.cli.sweep_view import SweepView
from kasauti.compose import backtest as bt
from kasauti.sweeps.campaign import run_sweep
from kasauti.sweeps.result import SweepResult
from kasauti.sweeps.search import SearchKind
from kasauti.sweeps.space import space
from kasauti.sweeps.wanted import Wanted

#: Below this folder every strategy's sweeps have their own.
_HOME: Final = Path("sweeps")
#: The exit codes of `kasauti backtest`: interrupted, and nothing but failures.
_INTERRUPTED: Final = 130
_FAILED: Final = 5

_Texts = list[str] | None
_Param = Annotated[
    list[str],
    typer.Option(metavar="NAME=VALUES", help="What to try: fast=5:50:5 or mode=a,b; repeatable."),
]
_Fixed = Annotated[
    _Texts, typer.Option(metavar="NAME=VALUE", help="A parameter that is not swept; repeatable.")
]
_Where = Annotated[_Texts, typer.Option(help='Only where this holds: "fast < slow"; repeatable.')]
_Metric = Annotated[str, typer.Option(help="What to rank by: sharpe, net, calmar, sqn ...")]
_Search = Annotated[SearchKind, typer.Option(help="All, drawn by lot, or led by the results so far.")]
_Trials = Annotated[int | None, typer.Option(help="How many combinations to try.")]
_Seed = Annotated[int, typer.Option(min=0, help="Of random and bayes.")]
_WalkForward = Annotated[
    str, typer.Option(metavar="IN:OUT", help="Choose over 6 months, test on the next 2: 6:2; days: 60d:20d.")
]
_Jobs = Annotated[int, typer.Option(min=0, help="Processes; 0: one a core.")]
_On = Annotated[str, typer.Option(metavar="ADDRESS", help="A Ray cluster, like ray://host:10001, or ray.")]
_Out = Annotated[Path | None, typer.Option(help="Where results are kept.  \\[default: sweeps/<strategy>]")]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sweep)


def sweep(
    strategy: StrategyName,
    data: DataPath,
    param: _Param,
    fixed: _Fixed = None,
    where: _Where = None,
    metric: _Metric = "sharpe",
    search: _Search = SearchKind.GRID,
    trials: _Trials = None,
    seed: _Seed = 0,
    walk_forward: _WalkForward = "",
    jobs: _Jobs = 0,
    on: _On = "",
    out: _Out = None,
    from_: From = None,
    to: To = None,
    capital: Capital = None,
    profile: Profile = None,
    plan: Plan = None,
    symbol: Symbol = None,
    index_futures: IndexFutures = False,
    assume_rules_of: AssumeRulesOf = None,
    config: Config = None,
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """
    Backtest a strategy with many parameters: the best, a map of them, and what chance explains.

    Every result is kept in --out as it comes: stop or kill it, the same command goes on where it was.
    """
    tried, kept = space(param, where or ()), parameters_of(fixed)
    own = bt.chosen_settings(
        capital=capital,
        plan=plan,
        profile=profile,
        symbols=symbol or (),
        index_futures=index_futures,
        assume_rules_of=assume_rules_of,
    )
    loaded = settings_of(config, set_, bt.feed_settings(data) | own)
    folder = out or _HOME / _folder_name(strategy)
    with Interruption() as interruption, shown_sweep(console(stderr=True)) as watch:
        wanted = Wanted(
            strategy=strategy,
            market=bt.market_given(data, loaded, day_of(from_), day_of(to)),
            space=tried,
            loaded=loaded,
            metric=metric,
            search=search,
            trials=trials,
            seed=seed,
            walk_forward=walk_forward,
            jobs=jobs,
            on=on,
            out=folder,
            fixed=kept,
        )
        result = run_sweep(wanted, watch, lambda: interruption.wished)
    _show(result, folder, as_json=as_json)


def _show(result: SweepResult, folder: Path, *, as_json: bool) -> None:
    """Print a result, and keep its page and its tables in the folder."""
    page = result.report(folder / "sweep.html")
    result.save(folder)
    if as_json:
        typer.echo(sweep_json(result))
    else:
        out = console()
        out.print(SweepView(result))
        out.print(f"Report: {page}   all results: {folder / 'results.csv'}, .parquet", soft_wrap=True)
    if result.interrupted:
        raise typer.Exit(_INTERRUPTED)
    if not result.ranked:
        raise typer.Exit(_FAILED)


def _folder_name(strategy: str) -> str:
    """Return a folder's name for a strategy: its own, or that of its class."""
    return re.sub(r"[^\w.-]+", "_", strategy.rpartition(":")[2]) or "sweep"
