"""`kasauti holdings`: the shares of an account, settled, on their way, and sold today."""

from collections.abc import Callable

import msgspec
import typer
from rich.console import RenderableType
from rich.text import Text

from kasauti.analytics.amounts import Money
from kasauti.cli.account_choice import Account, Chosen, Epoch, LogUrl, chosen
from kasauti.cli.console import console
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Data, Json
from kasauti.cli.sheet import Cell, Column, Sheet
from kasauti.cli.typography import DASH, mean_price, price, quantity, result, symbol
from kasauti.domain.holding import HoldingView
from kasauti.domain.holding import holdings as holdings_of
from kasauti.domain.state import State


class HoldingRow(msgspec.Struct, frozen=True):
    """
    One share held in delivery from before today.

    `quantity` has settled, `t1_quantity` was bought and has not, `used_quantity` was sold today,
    `authorised_quantity` may be sold without a word to the depository. `pnl` is at the last price, if one is
    known, of what is left.
    """

    instrument: str
    isin: str
    quantity: int
    t1_quantity: int
    used_quantity: int
    authorised_quantity: int
    average_price: Money
    last: Money | None
    pnl: Money | None


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(holdings)


def holdings(
    data: Data = None, account: Account = "", epoch: Epoch = 0, url: LogUrl = "", as_json: Json = False
) -> None:
    """Show the shares held in delivery: settled, bought yesterday, and sold today."""
    state = _state(chosen(data, account, epoch, url))
    marks = state.marks
    if as_json:
        typer.echo(to_json(holding_rows(state, lambda each: marks.get(each, 0))))
    else:
        console().print(holdings_table(state, lambda each: marks.get(each, 0)))


def _state(looked: Chosen) -> State:
    with looked.log() as log:
        return State.replay(log.read())


def holding_rows(state: State, mark: Callable[[str], int]) -> list[HoldingRow]:
    """Return the holdings for machines."""
    return [
        HoldingRow(
            each.instrument,
            each.isin,
            each.quantity,
            each.t1,
            each.used,
            each.authorised,
            each.average_price,
            mark(each.instrument) or None,
            _pnl(each, mark(each.instrument)),
        )
        for each in holdings_of(state)
    ]


def _pnl(view: HoldingView, mark: int) -> int | None:
    return view.left * mark - view.cost if mark else None


def holdings_table(state: State, mark: Callable[[str], int]) -> RenderableType:
    """Return the holdings for people."""
    return Sheet(
        [
            Column("Instrument"),
            Column("ISIN", drop=1),
            Column("Qty", right=True),
            Column("T1", right=True),
            Column("Sold today", right=True),
            Column("Average", right=True, drop=3),
            Column("LTP", right=True, drop=2),
            Column("P&L ₹", right=True),
        ],
        [_row(each, mark(each.instrument)) for each in holdings_of(state)],
        empty="No shares are held in delivery.",
    )


def _row(view: HoldingView, mark: int) -> list[Cell]:
    pnl = _pnl(view, mark)
    shown: Text | str = DASH if pnl is None else result(pnl)
    return [
        symbol(view.instrument),
        view.isin or DASH,
        quantity(view.quantity),
        quantity(view.t1),
        quantity(view.used),
        mean_price(view.average_price),
        price(mark),
        shown,
    ]
