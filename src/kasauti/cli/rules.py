"""`kasauti rules`: what is in force on a day and why, what changed, and whether a file can be used."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from kasauti.cli.console import console
from kasauti.cli.options import Config, Json, Set, day_of, load
from kasauti.cli.rules_json import changes_json, rules_json
from kasauti.cli.rules_view import changes_view, rules_view
from kasauti.compose.rule_book import InForce, changed, in_force
from kasauti.compose.rule_check import check_own, check_packaged
from kasauti.compose.rule_day import day_of_rules
from kasauti.compose.rule_subject import Subject, about, subject_of
from kasauti.domain.ist import IST
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.overlay import overlay_in_use

rules_app = typer.Typer(
    help="What the exchanges, the law and the brokers ask on a date, and why; what changed.",
    no_args_is_help=True,
)

_Symbol = Annotated[
    str | None,
    typer.Option("--symbol", help="Only what is about this: NIFTY, RELIANCE, NIFTY26DECFUT, MCX:CRUDEOIL."),
]
_Plan = Annotated[str | None, typer.Option(help="Whose plan; overrides account.plan.")]


def add_to(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(rules_app, name="rules")


@rules_app.command()
def show(
    on: Annotated[
        str | None, typer.Option("--date", help="The day, like 2026-12-07.  \\[default: today]")
    ] = None,
    symbol: _Symbol = None,
    plan: _Plan = None,
    config: Config = None,
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """Show every rule in force on a day: what it says, since when, how sure it is and where it stands."""
    broker = load(config, set_, account__plan=plan).config.account.plan
    day = day_of(on) or datetime.now(IST).date()
    subject = _subject(symbol)
    found = _known(day)
    rules = about(found.rules, subject, broker)
    told = day_of_rules(day, subject)
    if as_json:
        typer.echo(rules_json(told, rules, found.unknown))
        return
    console().print(rules_view(told, rules, found.unknown, subject, broker))


@rules_app.command()
def diff(
    first: Annotated[str, typer.Argument(metavar="DAY")],
    second: Annotated[str, typer.Argument(metavar="DAY")],
    symbol: _Symbol = None,
    plan: _Plan = None,
    config: Config = None,
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """Show what changed in the rules from one day to another."""
    broker = load(config, set_, account__plan=plan).config.account.plan
    days = day_of(first), day_of(second)
    if days[0] is None or days[1] is None:
        raise InvalidInput("two days are needed, like: kasauti rules diff 2026-07-31 2026-08-03")
    before, after = sorted((days[0], days[1]))
    subject = _subject(symbol)
    found = [_known(day) for day in (before, after)]
    old, new = (about(each.rules, subject, broker) for each in found)
    changes = changed(old, new)
    unknown = [each for force in found for each in force.unknown]
    if as_json:
        typer.echo(changes_json(before, after, changes, unknown))
        return
    console().print(changes_view((before, after), changes, unknown, subject))


@rules_app.command()
def check(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A file or folder of your own.  \\[default: all in use]"),
    ] = None,
    config: Config = None,
    set_: Set = None,
) -> None:
    """Check rule files; ends with an error that names file, line and what to do for each problem."""
    if path is not None:
        if not path.exists():
            raise InvalidInput(f"there is no {path}; check the path")
        names = check_own(path)
        typer.echo(f"{path} can be used: {', '.join(names)}.")
        return
    load(config, set_)
    own = overlay_in_use()
    names = check_packaged()
    typer.echo(f"Kasauti's {len(names)} rule files can be used.")
    if own.files:
        mine = check_own(Path(own.where))
        typer.echo(f"{own.where} can be used: {', '.join(mine)}.")


def _known(day: date) -> InForce:
    """Return the rules of a day; `RuleUnknown` for one that nobody has checked."""
    found = in_force(day)
    if not found.rules:
        raise RuleUnknown(f"No rules are known for {day}. {found.unknown[0]}")
    return found


def _subject(symbol: str | None) -> Subject | None:
    return None if symbol is None else subject_of(symbol)
