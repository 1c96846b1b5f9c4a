"""`kasauti margin`: what orders would block together, explained."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from kasauti.cli.console import console
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Json, day_of
from kasauti.cli.sheet import Column, Sheet
from kasauti.cli.typography import DASH, SOFT, STRONG, WARN, amount, price, quantity
from kasauti.compose.margins import MarginAnswer, UnderlyingMargin, margin
from kasauti.domain.ist import IST
from kasauti.domain.money import format_rupees
from kasauti.domain.order import Side
from kasauti.errors import InvalidInput


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="margin")(margin_command)


def margin_command(
    legs: Annotated[
        list[str], typer.Argument(metavar="LEGS...", help="Like SELL 65 NIFTY26D0126000CE @120; several too.")
    ],
    on: Annotated[
        str | None, typer.Option("--date", help="The trading day; today, or that of --file.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="A clearing house's SPAN file (.spn, or a zip with one).")
    ] = None,
    spot: Annotated[
        list[str] | None, typer.Option("--spot", metavar="NAME=PRICE", help="The price of an underlying.")
    ] = None,
    as_json: Json = False,
) -> None:
    """
    Say what orders would block together: by leg, by scenario, and what each hedge saves.

    With a SPAN file the answer is exact for the moment it was made for; without one it is approximate, and
    the answer says how far off it may be.
    """
    day = day_of(on) if on else None
    if day is None and file is None:
        day = datetime.now(UTC).astimezone(IST).date()
    answer = margin(_apart(legs), on=day, file=file, spot=_prices(spot))
    if as_json:
        typer.echo(to_json(answer))
        return
    _show(answer)


def _apart(words: list[str]) -> list[str]:
    """Return legs that were typed in a row, in quotes or without, one by one."""
    split = " ".join(words).split()
    starts = [place for place, word in enumerate(split) if word.upper() in Side.__members__]
    if not starts or starts[0]:
        return words
    return [" ".join(split[a:b]) for a, b in zip(starts, [*starts[1:], len(split)], strict=True)]


def _prices(given: list[str] | None) -> dict[str, str]:
    prices = {}
    for text in given or []:
        name, equals, written = text.partition("=")
        if not equals:
            raise InvalidInput(f"--spot {text} is not a price; write it like --spot NIFTY=25980.5.")
        prices[name.upper()] = written
    return prices


def _show(answer: MarginAnswer) -> None:
    out = console()
    out.print(Text.assemble((format_rupees(answer.total), STRONG), f" blocked on {answer.on:%d %b %Y}"))
    out.print(Text(answer.label, SOFT if answer.label.startswith("exact") else WARN))
    out.print()
    out.print(_legs(answer))
    for each in answer.underlyings:
        out.print()
        out.print(_underlying(each))
    out.print()
    out.print(_sums(answer))
    for note in answer.notes:
        out.print(Text(note, WARN))


def _legs(answer: MarginAnswer) -> Sheet:
    columns = [
        Column("Leg"),
        Column("Price", right=True),
        Column("Premium", right=True),
        Column("Alone", right=True),
        Column("Saves", right=True),
    ]
    rows = [
        (
            f"{leg.side} {quantity(leg.quantity)} {leg.instrument}",
            price(leg.price),
            amount(leg.premium) if leg.premium else DASH,
            amount(leg.alone),
            amount(leg.saves) if leg.saves else DASH,
        )
        for leg in answer.legs
    ]
    return Sheet(columns, rows)


def _underlying(part: UnderlyingMargin) -> Text:
    lines: list[str | tuple[str, str]] = [
        (part.name, STRONG),
        f"  worst of 16 scenarios: no. {part.worst}, {part.scenario}\n",
        f"  scan risk {amount(part.scan_risk)}",
    ]
    if part.calendar_charge:
        lines.append(f" + calendar spreads {amount(part.calendar_charge)}")
    if part.inter_credit:
        lines.append(f" - inter-commodity credit {amount(part.inter_credit)}")
    if part.option_minimum:
        lines.append(f", raised to {amount(part.option_minimum)} (the least for sold options)")
    if part.net_option_value:
        lines.append(f" - value of the options {amount(part.net_option_value)}")
    lines.append(f" = SPAN {amount(part.span)}\n")
    lines.append(f"  exposure {amount(part.exposure)}")
    if part.expiry_day:
        lines.append(f", more on the last day {amount(part.expiry_day)}")
    return Text.assemble(*lines)


def _sums(answer: MarginAnswer) -> Text:
    text = f"SPAN {amount(answer.span)} + exposure {amount(answer.exposure)}"
    if answer.expiry_day:
        text += f" + last day {amount(answer.expiry_day)}"
    if answer.delivery:
        text += f" + deliveries {amount(answer.delivery)}"
    if answer.shares:
        text += f" + shares {amount(answer.shares)}"
    text += f" = {amount(answer.total)}\n"
    if answer.premium:
        way = "paid" if answer.premium > 0 else "received"
        what = (
            "Premiums and deliveries" if any(" CNC" in leg.instrument for leg in answer.legs) else "Premium"
        )
        text += f"{what} {way}: {amount(abs(answer.premium))}; cash needed in all: {amount(answer.cash)}\n"
    text += (
        f"Placed one after the other in this order, it takes {amount(answer.order_by_order)} to begin with."
    )
    return Text(text)
