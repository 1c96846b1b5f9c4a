"""`kasauti charges`: what orders would cost, part by part, and what it takes to break even."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from kasauti.analytics.explain import CHARGE_HEADS
from kasauti.cli.console import console
from kasauti.cli.options import Config, Json, Set, day_of, load
from kasauti.cli.sheet import Cell, Column, Sheet
from kasauti.cli.typography import DASH, SOFT, STRONG, quantity
from kasauti.compose.quotation import Quotation, QuotedOrder, charges
from kasauti.domain.ist import IST
from kasauti.domain.money import group_indian
from kasauti.exchange.estimate import Rounding


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="charges")(charges_command)


def charges_command(
    orders: Annotated[
        list[str],
        typer.Argument(metavar="ORDERS...", help="Like BUY 65 NIFTY26D0126000CE @120; several too."),
    ],
    on: Annotated[
        str | None, typer.Option("--date", help="The trading day; today if it is not given.")
    ] = None,
    plan: Annotated[
        str | None, typer.Option(help="Whose price list; that of the configuration without it.")
    ] = None,
    product: Annotated[
        str | None, typer.Option(help="CNC, MIS, MTF or NRML; shares delivered, contracts carried forward.")
    ] = None,
    rounding: Annotated[
        str, typer.Option(help="paise, contract_note, or api_exact as Kite's estimates show it.")
    ] = Rounding.PAISE.value,
    series: Annotated[str, typer.Option(help="The share's series (NSE) or group (BSE), like XT.")] = "",
    fund: Annotated[
        str | None, typer.Option(help="It is an exchange-traded fund: of equity, or of other things.")
    ] = None,
    config: Config = None,
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """
    Say what orders would cost on both sides, part by part, and what it takes to break even.

    Units are counted, not lots; where no exchange stands before a symbol, it is the one that lists it.
    """
    day = day_of(on) or datetime.now(UTC).astimezone(IST).date()
    whose = load(config, set_, account__plan=plan).config.account.plan
    found = charges(*orders, on=day, plan=whose, product=product, rounding=rounding, series=series, fund=fund)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        _show(found)


def _show(found: Quotation) -> None:
    out = console()
    several = len(found.orders) > 1
    columns = [Column("₹"), *(Column(_head(each), right=True) for each in (*found.orders, *found.closing))]
    columns.append(Column("Round trip", right=True))
    exact = found.rounding is Rounding.API_EXACT
    orders = [*found.orders, *found.closing]
    rows: list[Sequence[Cell]] = [
        (
            "turnover",
            *(rupees(each.turnover, exact=exact) for each in orders),
            rupees(_sum(orders), exact=exact),
        )
    ]
    for head, name in CHARGE_HEADS:
        if any(each.charges[head] for each in orders) or found.round_trip[head]:
            cells = [rupees(each.charges[head], exact=exact) for each in orders]
            rows.append((name, *cells, rupees(found.round_trip[head], exact=exact)))
    footer: list[Cell] = [Text("total", STRONG)]
    footer += [
        Text(rupees(amount, exact=exact), STRONG) for amount in (*(o.total for o in orders), found.total)
    ]
    out.print(Text(f"{found.on:%d %b %Y}, {found.plan}, {found.rounding.replace('_', ' ')}", SOFT))
    out.print(Sheet(columns, rows, footer=footer))
    out.print()
    what = "of the prices together" if several else "of price"
    points = DASH if found.break_even is None else rupees(found.break_even, exact=True)
    out.print(Text.assemble("Break-even in points: ", (points, STRONG), f" {what}"))
    for remark in found.remarks:
        out.print(Text(remark, SOFT))


def _head(order: QuotedOrder) -> str:
    symbol = order.instrument.partition(":")[2]
    return f"{order.side} {quantity(order.quantity)} {symbol} {order.product} @{rupees(order.price)}"


def _sum(orders: Sequence[QuotedOrder]) -> Decimal:
    return sum((order.turnover for order in orders), Decimal(0))


def rupees(amount: Decimal, *, exact: bool = False) -> str:
    """Return an amount grouped as in India, with two decimals, or with all where they are asked for."""
    if not amount and exact:
        return DASH
    digits = max(2, -int(amount.as_tuple().exponent)) if exact else 2
    whole, _, decimals = f"{abs(amount):.{digits}f}".partition(".")
    return f"{'-' if amount < 0 else ''}{group_indian(int(whole))}.{decimals}"
