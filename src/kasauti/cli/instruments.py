"""`kasauti instruments`: what is listed on a day, what changed, and what an exchange allows an instrument."""

import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from kasauti.cli.console import console
from kasauti.cli.instrument_rows import instrument_row, loaded_row
from kasauti.cli.instrument_view import (
    bounds_table,
    changes_table,
    faults_table,
    instrument_view,
    listings_table,
    loaded_lines,
)
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Json, day_of
from kasauti.cli.typography import counted, price, quantity
from kasauti.compose.instruments import ruled_instrument
from kasauti.compose.masters import Masters, fault_of, found_in
from kasauti.compose.price_rules import price_bounds
from kasauti.config import load_config
from kasauti.domain.ist import ist_date
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput
from kasauti.feeds.clock import wall_ns

instruments_app = typer.Typer(
    help="What is listed on a day, what changed, and what an exchange allows an instrument.",
    no_args_is_help=True,
)

_SHOWN = 40

Day = Annotated[str | None, typer.Option("--date", help="The trading day, like 2026-11-23.")]
Data = Annotated[Path | None, typer.Option("--data", help="The folder that has or gets the lists.")]
SymbolArgument = Annotated[str, typer.Argument(metavar="SYMBOL", help="Like NFO:NIFTY26NOV26000CE.")]


def add_to(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(instruments_app, name="instruments")


def _masters(data: Path | None) -> Masters:
    return Masters(data or Path(load_config(None, {}, os.environ).config.storage.data_dir))


@instruments_app.command()
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The list, also as .gz or .zip.")],
    date: Day = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """
    Take a day's list of instruments: Kite's dump, Angel's scrip master, a bhavcopy, NSE's contract file.

    One line that cannot be used refuses the whole file. Instruments on which the list and our rules disagree
    are taken and do not trade.
    """
    loaded = _masters(data).load(file, day_of(date))
    if as_json:
        typer.echo(to_json(loaded_row(loaded)))
        return
    out = console()
    for line in loaded_lines(loaded):
        out.print(line)
    if loaded.faults:
        out.print()
        out.print(faults_table(loaded.faults, _SHOWN))


@instruments_app.command()
def show(symbol: SymbolArgument, date: Day = None, data: Data = None, as_json: Json = False) -> None:
    """Show one instrument of the newest list: its terms, its names everywhere, and whether it may trade."""
    master = _masters(data).newest(day_of(date))
    listing = found_in(master, symbol)
    row = instrument_row(master, listing, fault_of(master, listing))
    if as_json:
        typer.echo(to_json(row))
    else:
        console().print(instrument_view(row))


@instruments_app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="Words of a symbol or a name.")],
    date: Day = None,
    data: Data = None,
    most: Annotated[int, typer.Option(min=1, help="How many to show.")] = _SHOWN,
    as_json: Json = False,
) -> None:
    """Find instruments whose symbol or name has every word."""
    master = _masters(data).newest(day_of(date))
    text = " ".join(words)
    found = master.search(text)
    if as_json:
        typer.echo(to_json([instrument_row(master, each, fault_of(master, each)) for each in found[:most]]))
        return
    out = console()
    out.print(listings_table(found[:most], empty=f"Nothing listed on {master.day} has {text!r} in it."))
    if len(found) > most:
        out.print(f"and {quantity(len(found) - most)} more; --most shows more", style="dim")


@instruments_app.command()
def diff(
    first: Annotated[str | None, typer.Argument(metavar="DAY1", help="The newest but one without.")] = None,
    last: Annotated[str | None, typer.Argument(metavar="DAY2", help="The newest without.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show what changed between two lists: what came and went, lots, ticks, freeze quantities, expiries."""
    before, after, changes = _masters(data).changes(day_of(first), day_of(last))
    if as_json:
        typer.echo(to_json(changes))
        return
    out = console()
    out.print(f"[bold]{before}[/] to [bold]{after}[/]: {counted(len(changes), 'change')}")
    out.print(changes_table(changes, _SHOWN))


@instruments_app.command()
def limits(
    symbol: SymbolArgument,
    at: Annotated[str, typer.Option("--price", help="The reference: last price, premium or close.")],
    date: Day = None,
    tick: Annotated[str | None, typer.Option(help="The tick, where the rules cannot know it.")] = None,
    band: Annotated[str | None, typer.Option(help="The fixed band of a share, in per cent.")] = None,
    as_json: Json = False,
) -> None:
    """Show which prices the exchange allows around a price: protection, market orders, the day's band."""
    day = day_of(date) or ist_date(wall_ns())
    reference = rupees(at)
    instrument = ruled_instrument(symbol, day, reference, tick=None if tick is None else rupees(tick))
    bounds = price_bounds(instrument, day, reference, percent=None if band is None else _percent(band))
    if as_json:
        typer.echo(to_json(bounds))
        return
    out = console()
    out.print(
        f"[bold]{instrument.id}[/] on {day}, around {price(reference)}, tick {price(instrument.tick_size)}"
    )
    out.print(bounds_table(bounds))


def _percent(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise InvalidInput(f"{text!r} is not a per cent; write it like 5") from error
