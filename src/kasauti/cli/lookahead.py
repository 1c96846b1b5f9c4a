"""`kasauti lookahead-check`: whether a strategy decides on what it cannot know yet."""

from typing import Annotated

import typer
from rich.text import Text

from kasauti.cli import backtesting as own
from kasauti.cli.console import console
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Config, Json, Set
from kasauti.compose import backtest as bt
from kasauti.compose.lookahead import CUTS, Checked, check_lookahead
from kasauti.domain.ist import ist_iso

#: What a check that found something leaves with.
_FOUND = 1


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("lookahead-check")(lookahead_check)


def lookahead_check(
    strategy: own.StrategyName,
    data: own.DataPath = bt.BUILT_IN,
    from_: own.From = None,
    to: own.To = None,
    capital: own.Capital = None,
    param: own.Param = None,
    symbol: own.Symbol = None,
    index_futures: own.IndexFutures = False,
    assume_rules_of: own.AssumeRulesOf = None,
    seed: own.Seed = None,
    cuts: Annotated[int, typer.Option(min=1, help="At how many of its decisions the data is cut.")] = CUTS,
    config: Config = None,
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """
    Run a strategy again on less data, and name the first decision that changes.

    Ends with exit code 1 if one does. What a strategy reads from files by itself is not cut, so it is not
    found.
    """
    options = bt.chosen_settings(
        capital=capital,
        symbols=symbol or (),
        seed=seed,
        index_futures=index_futures,
        assume_rules_of=assume_rules_of,
    )
    asked = own.asked_for(strategy, param, data, (from_, to), options, config, set_)
    with console(stderr=True).status("running it on all data") as status:
        checked = check_lookahead(
            bt.settings_with(asked.loaded, asked.given),
            asked.market(),
            asked.given,
            cuts=cuts,
            tell=lambda done, of: status.update(f"run {done + 1} of {of}"),
        )
    if as_json:
        typer.echo(to_json(_row(checked)))
    else:
        _print(checked, asked.given.label)
    raise typer.Exit(_FOUND if checked.changed is not None else 0)


def _row(checked: Checked) -> dict[str, object]:
    changed = checked.changed
    return {
        "decisions": checked.decisions,
        "cuts": [ist_iso(cut) for cut in checked.cuts],
        "changed": None
        if changed is None
        else {
            "at": ist_iso(changed.at),
            "cut": ist_iso(changed.cut),
            "with_all_data": changed.with_all,
            "with_less_data": changed.with_less,
        },
    }


def _print(checked: Checked, label: str) -> None:
    out = console()
    if checked.changed is not None:
        out.print(
            Text.assemble(("LOOKS AHEAD ", "bold red"), (label, "bold"), " decides on data from later:")
        )
        out.print(checked.changed.sentence, markup=False, soft_wrap=True)
        return
    times = "once" if len(checked.cuts) == 1 else f"{len(checked.cuts)} times"
    told = f": {checked.decisions:,} decisions; the data was cut {times}, and none before a cut changed."
    out.print(Text.assemble(("PASS ", "bold green"), (label, "bold"), told), soft_wrap=True)
