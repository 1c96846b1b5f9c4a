"""`kasauti lookahead-check`: whether a strategy decides on what it cannot know yet."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from kasauti.cli import backtesting as own
from kasauti.cli.console import console
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Config, Json, Set
from kasauti.cli.typography import SOFT, calendar_day, clock
from kasauti.compose import backtest as bt
from kasauti.compose.lookahead import CUTS, SECONDS, Checked, Step, check_lookahead
from kasauti.domain.ist import ist_date, ist_iso

#: What a check that found something leaves with, and one that was interrupted.
_FOUND, _INTERRUPTED = 1, 130
_SHOWN_BY_IT = (
    "So what it decided at a cut needs nothing from later, and what it decided between two cuts needs nothing"
    " from after the next one; --cuts N looks more closely. What it reads from files by itself was not cut."
)


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
    seconds: Annotated[
        int, typer.Option(min=1, help="How long the runs on less data may take; late cuts are left out.")
    ] = round(SECONDS),
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
    with _shown(console(stderr=True)) as tell:
        checked = check_lookahead(
            bt.settings_with(asked.loaded, asked.given),
            asked.market(),
            asked.given,
            cuts=cuts,
            seconds=seconds,
            tell=tell,
        )
    if as_json:
        typer.echo(to_json(_row(checked)))
    else:
        _print(checked, asked.given.label, seconds)
    if checked.changed is not None:
        raise typer.Exit(_FOUND)
    raise typer.Exit(_INTERRUPTED if checked.interrupted else 0)


@contextmanager
def _shown(out: Console) -> Iterator[Callable[[Step], None] | None]:
    """Show a bar while the block runs, if `out` is a terminal, and yield what to tell it."""
    if not out.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task("reading the data", total=None)

        def tell(step: Step) -> None:
            what = "on all data" if step.run == 1 else "on less data"
            bar.update(
                task, description=f"run {step.run} of {step.runs}, {what}", total=1.0, completed=step.done
            )

        yield tell


def _row(checked: Checked) -> dict[str, object]:
    changed = checked.changed
    return {
        "decisions": checked.decisions,
        "cuts": [ist_iso(cut) for cut in checked.cuts],
        "left_out": [ist_iso(cut) for cut in checked.left_out],
        "unchecked_decisions": checked.unchecked,
        "interrupted": checked.interrupted,
        "changed": None
        if changed is None
        else {
            "at": ist_iso(changed.at),
            "cut": ist_iso(changed.cut),
            "with_all_data": changed.with_all,
            "with_less_data": changed.with_less,
        },
    }


def _print(checked: Checked, label: str, seconds: int) -> None:
    out = console()
    if checked.changed is not None:
        out.print(
            Text.assemble(("LOOKS AHEAD ", "bold red"), (label, "bold"), " decides on data from later:")
        )
        out.print(checked.changed.sentence, markup=False, soft_wrap=True)
        return
    word = ("INTERRUPTED ", "bold yellow") if checked.interrupted else ("PASS ", "bold green")
    decisions = f": {checked.decisions:,} decisions"
    if not checked.cuts:
        out.print(Text.assemble(word, (label, "bold"), decisions, "; none was checked."), soft_wrap=True)
        return
    times = "once" if len(checked.cuts) == 1 else f"{len(checked.cuts)} times"
    told = f"{decisions}; the data was cut {times}, and none before a cut changed."
    out.print(Text.assemble(word, (label, "bold"), told), soft_wrap=True)
    out.print(Text(f"Cut at {_moments(checked.cuts)}.", SOFT), soft_wrap=True)
    out.print(Text(_SHOWN_BY_IT, SOFT), soft_wrap=True)
    if checked.left_out:
        why = "you stopped it" if checked.interrupted else f"--seconds {seconds} did not suffice for them"
        left = f"Not made: the cuts at {_moments(checked.left_out)}, as {why}."
        out.print(Text(f"{left} {checked.unchecked:,} decisions after the last cut were not checked."))


def _moments(moments: list[int]) -> str:
    """Return moments in words, each day said once."""
    words, day = [], date.min
    for moment in moments:
        said = (
            clock(moment) if ist_date(moment) == day else f"{calendar_day(ist_date(moment))} {clock(moment)}"
        )
        day = ist_date(moment)
        words.append(said)
    return ", ".join(words)
