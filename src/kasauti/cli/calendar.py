"""`kasauti calendar`: whether an exchange trades on a day, and the holidays of a year."""

from datetime import date, datetime
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from kasauti.cli.console import console
from kasauti.cli.options import Config, Json, Set, day_of, load
from kasauti.cli.rules_json import hours_json
from kasauti.cli.rules_view import hours_view
from kasauti.cli.sheet import Column, Sheet
from kasauti.cli.typography import SOFT, STRONG, WARN
from kasauti.compose.rule_day import DayOfRules, day_of_rules
from kasauti.compose.year_of_days import SEGMENTS, YearOfDays, year_of_days
from kasauti.domain.ist import IST
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.trading_days import Holiday, Part, Special


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="calendar")(calendar)


def calendar(
    when: Annotated[
        str, typer.Argument(metavar="[DAY|YEAR]", help="Like 2026-11-24, or 2026.  \\[default: this year]")
    ] = "",
    exchange: Annotated[str, typer.Option(help=f"Whose: {', '.join(SEGMENTS)}.")] = "NSE",
    config: Config = None,
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """Say whether an exchange trades on a day, and when; or which days of a year are unlike the others."""
    load(config, set_)
    whose = exchange.upper()
    if whose not in SEGMENTS:
        raise InvalidInput(f"{exchange!r} is no exchange that is known here; choose {', '.join(SEGMENTS)}")
    if not when or when.isdecimal():
        _show_year(year_of_days(_year(when), whose), as_json=as_json)
        return
    day = day_of(when)
    assert day is not None, "one that is not given is a year"
    _show_day(_told(day, whose), whose, as_json=as_json)


def _year(text: str) -> int:
    year = int(text) if text and len(text) == len("2026") else 0
    if text and not date.min.year <= year <= date.max.year:
        raise InvalidInput(f"{text!r} is no year; write it like 2026")
    return year or datetime.now(IST).year


def _told(day: date, exchange: str) -> DayOfRules:
    found = day_of_rules(day, None)
    if not found.hours:
        raise RuleUnknown(found.unknown[0])
    hours = [each for each in found.hours if each.of in SEGMENTS[exchange]]
    return msgspec.structs.replace(found, hours=hours, settles=None)


def _show_day(told: DayOfRules, exchange: str, *, as_json: bool) -> None:
    trades = any(each.phases for each in told.hours)
    if as_json:
        hours = [hours_json(each) for each in told.hours]
        found = {"exchange": exchange, "date": told.day, "is_trading_day": trades, "hours": hours}
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        return
    out = console()
    says = "trades" if trades else "is closed"
    out.print(Text(f"{exchange} {says} on {told.day:%A}, {told.day.day} {told.day:%B %Y}", STRONG))
    for part in hours_view(told):
        out.print(part)


def _show_year(found: YearOfDays, *, as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        return
    out = console()
    out.print(
        Text(f"{found.exchange} in {found.year}: closed on Saturdays and Sundays, and as follows", STRONG)
    )
    columns = [
        Column("Day"),
        Column("", drop=1),
        Column("What"),
        Column("Trades"),
        Column("How sure", drop=2),
    ]
    every: list[Holiday | Special] = [*found.holidays, *found.special_sessions]
    every.sort(key=lambda each: each.date)
    rows = [
        (str(each.date), f"{each.date:%A}", each.name, _trades(each), Text(each.confidence, _style(each)))
        for each in every
    ]
    out.print(Sheet(columns, rows))
    out.print(Text(f"`kasauti calendar {every[0].date}` has the hours of a day.", SOFT))


def _trades(day: Holiday | Special) -> str:
    if isinstance(day, Holiday):
        return "closed" if day.trades is Part.NONE else f"{day.trades} only"
    parts = ", ".join(f"{begins}-{ends}" for begins, ends in day.parts)
    return f"{day.kind} session {parts}".strip()


def _style(day: Holiday | Special) -> str:
    return SOFT if day.confidence == "certain" else WARN
