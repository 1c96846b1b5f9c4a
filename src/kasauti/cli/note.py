"""`kasauti note`: the contract note of a day, on the screen, as JSON or as a page to print."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from kasauti.analytics.day_note import DayNote, NoteTrade, day_note
from kasauti.analytics.explain import CHARGE_HEADS
from kasauti.analytics.report.note_page import columns_of, html_note
from kasauti.cli.account_choice import Account, Epoch, LogUrl, chosen
from kasauti.cli.console import console
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Data, Json, day_of
from kasauti.cli.sheet import Cell, Column, Sheet
from kasauti.cli.typography import SOFT, STRONG, WARN, amount, clock, counted, price, quantity
from kasauti.compose.instruments import known_instrument
from kasauti.domain.money import format_rupees
from kasauti.exchange.charges import ChargeBook
from kasauti.store.files import write_atomically


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="note")(note_command)


def note_command(
    data: Data = None,
    account: Account = "",
    epoch: Epoch = 0,
    url: LogUrl = "",
    on: Annotated[str | None, typer.Option("--date", help="The day; the last one without it.")] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write the note as a page that prints, to this file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the contract note of a day: its trades, its charges by segment, what the ledger booked."""
    day = day_of(on)
    with chosen(data, account, epoch, url).log() as log:
        note = day_note(log.read(), known_instrument, ChargeBook, day.isoformat() if day else "")
    if html is not None:
        write_atomically(html, html_note(note).encode())
    if as_json:
        typer.echo(to_json(note))
    else:
        _show(note, html)


def _show(note: DayNote, html: Path | None) -> None:
    out = console()
    out.print(Text.assemble(("Contract note", STRONG), f" of {note.day}, {note.account}, as {note.plan}"))
    for remark in note.remarks:
        out.print(Text(remark, WARN))
    out.print()
    columns = columns_of(note)
    rows = [
        (name, *(amount(getattr(charges, head)) for _, charges in columns))
        for head, name in CHARGE_HEADS
        if getattr(note.charges, head)
    ]
    footer: list[Cell] = [Text("total", STRONG)]
    footer += [Text(amount(charges.total), STRONG) for _, charges in columns]
    heads = [Column("₹"), *(Column(name, right=True) for name, _ in columns)]
    out.print(Sheet(heads, rows, footer=footer, empty="No charges."))
    out.print()
    out.print(_trades(note))
    for each in note.endings:
        told = f"{each.instrument} {each.what}: {quantity(each.quantity)} at {price(each.price)}"
        out.print(Text(f"{told}, charges {format_rupees(each.charges.total)}"))
    for service in note.services:
        told = f"{service.kind.replace('_', ' ')} {service.about}, {counted(service.count, 'time')}"
        out.print(Text(f"{told}: {format_rupees(service.amount)} and GST {format_rupees(service.gst)}"))
    if html is not None:
        out.print(Text(f"Written to {html}", SOFT))


def _trades(note: DayNote) -> Sheet:
    columns = [
        Column("Time"),
        Column("Trade", drop=2),
        Column("Order", drop=3),
        Column("Side"),
        Column("Units", right=True),
        Column("Instrument"),
        Column("Product", drop=1),
        Column("Price", right=True),
        Column("Value ₹", right=True),
        Column("Brokerage ₹", right=True, drop=4),
        Column("Charges ₹", right=True),
    ]
    rows = [_trade(each) for each in note.trades]
    return Sheet(columns, rows, empty="No trades.")


def _trade(each: NoteTrade) -> tuple[Cell, ...]:
    return (
        clock(each.at), each.trade_id, each.order_id, each.side, quantity(each.quantity), each.instrument,
        each.product, price(each.price), amount(each.value), amount(each.charges.brokerage),
        amount(each.charges.total),
    )  # fmt: skip
