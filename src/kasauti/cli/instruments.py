"""`kasauti instruments`: what an instrument is on a day, and what its exchange allows it."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from kasauti.cli.console import console
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Json, day_of
from kasauti.cli.sheet import Column, Sheet
from kasauti.cli.typography import DASH, price
from kasauti.compose.instruments import ruled_instrument
from kasauti.compose.price_rules import Bound, price_bounds
from kasauti.domain.ist import ist_date
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput
from kasauti.feeds.clock import wall_ns

instruments_app = typer.Typer(
    help="What an instrument is on a day, and what its exchange allows it.", no_args_is_help=True
)

Day = Annotated[str | None, typer.Option("--date", help="The trading day, like 2026-11-23; today without.")]
SymbolArgument = Annotated[str, typer.Argument(metavar="SYMBOL", help="Like NFO:NIFTY26NOV26000CE.")]


def add_to(app: typer.Typer) -> None:
    """Add the command group."""
    app.add_typer(instruments_app, name="instruments")


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
    out.print(_bounds_table(bounds))


def _percent(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise InvalidInput(f"{text!r} is not a per cent; write it like 5") from error


def _bounds_table(bounds: Sequence[Bound]) -> Sheet:
    return Sheet(
        [Column("Rule"), Column("Lowest", right=True), Column("Highest", right=True), Column("", least=30)],
        [[each.rule, _or_dash(each.low), _or_dash(each.high), each.note] for each in bounds],
    )


def _or_dash(units: int | None) -> str:
    return DASH if units is None else price(units)
