"""`kasauti status`, `positions`, `orders`, `trades`, `funds` and `report`: what a log says of its account."""

from collections.abc import Callable
from typing import Annotated

import typer

from kasauti.analytics.explain import explain_fill, story_of_trade
from kasauti.analytics.reporting import day_report
from kasauti.analytics.standing_why import why_standing
from kasauti.analytics.trades import trades_of
from kasauti.analytics.waiting import why_not_filled
from kasauti.cli import json_rows
from kasauti.cli.account_choice import Account, Chosen, Epoch, LogUrl, chosen
from kasauti.cli.account_view import funds_table, status_view
from kasauti.cli.console import console
from kasauti.cli.day_positions import day_rows, day_table
from kasauti.cli.explanation_view import explanation
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Data, Json, day_of
from kasauti.cli.report_view import ReportView
from kasauti.cli.standing_view import standing_rows, standing_table
from kasauti.cli.tables import orders_table, positions_table, trades_table
from kasauti.compose.standing import Standing, standing_of
from kasauti.domain.events import OrderDenied
from kasauti.domain.ist import NS_PER_SECOND, ist_date, ist_iso
from kasauti.domain.standing import Instruction
from kasauti.domain.state import State
from kasauti.errors import InvalidInput, KasautiError
from kasauti.exchange.calendar import Calendar, segment


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (status, positions, orders, trades, funds, report):
        app.command()(command)


def _state(looked: Chosen) -> State:
    with looked.log() as log:
        return State.replay(log.read())


def _marks(state: State) -> Callable[[str], int]:
    """Return the last prices that the log knows: the marks of the last close, else no price."""
    marks = state.marks
    return lambda instrument: marks.get(instrument, 0)


def status(
    data: Data = None, account: Account = "", epoch: Epoch = 0, url: LogUrl = "", as_json: Json = False
) -> None:
    """Show what the account is, how far it has come, and whether anybody runs it."""
    looked = chosen(data, account, epoch, url)
    with looked.log() as log:
        state, writer = State.replay(log.read()), log.other_writer
    if as_json:
        typer.echo(to_json(json_rows.status_row(state, writer)))
        return
    out = console()
    out.print(f"[bold]{looked.where}[/]")
    out.print(status_view(state, _marks(state), writer))


def positions(
    data: Data = None,
    account: Account = "",
    epoch: Epoch = 0,
    url: LogUrl = "",
    day: Annotated[
        bool, typer.Option("--day", help="The day's trades alone, without what was held before.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what is held, and what today's positions made; --day shows the day's trades alone."""
    state = _state(chosen(data, account, epoch, url))
    if day and as_json:
        typer.echo(to_json(day_rows(state)))
    elif day:
        console().print(day_table(state))
    elif as_json:
        typer.echo(to_json(json_rows.position_rows(state, _marks(state))))
    else:
        console().print(positions_table(state, _marks(state)))


def orders(
    data: Data = None,
    account: Account = "",
    epoch: Epoch = 0,
    url: LogUrl = "",
    why: Annotated[
        str | None, typer.Option(help="Why an order waits or was refused: the end of its id.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Only orders that can still trade.")] = False,
    standing: Annotated[
        bool, typer.Option("--standing", help="GTTs, brackets, covers, icebergs and AMOs instead.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the orders of the day and what stands besides; --why says why one has not filled or acted."""
    looked = chosen(data, account, epoch, url)
    state = _state(looked)
    instructions = [one for one in state.standing.values() if not (open_ and one.is_over)]
    if why is not None:
        _explain_waiting(looked, state, why, as_json=as_json)
        return
    shown = state.working_orders() if open_ else list(state.orders.values())
    if as_json:
        typer.echo(to_json(standing_rows(instructions) if standing else json_rows.order_rows(shown)))
        return
    if not standing:
        console().print(orders_table(shown))
    if standing or instructions:
        console().print(standing_table(instructions, _marks(state)))


def _explain_waiting(looked: Chosen, state: State, end: str, *, as_json: bool) -> None:
    if end in state.standing:
        _explain_standing(state, state.standing[end], as_json=as_json)
        return
    found = [order for order in state.orders.values() if order.order_id.endswith(end)]
    refused = [] if found else refusals_of(looked, state.day, end)
    if len(refused) == 1:
        _explain_refusal(*refused[0], as_json=as_json)
        return
    if len(found) != 1:
        count = "no order" if not found else f"{len(found)} orders"
        raise InvalidInput(f"{count} of the day ends in {end}; `kasauti orders` lists them")
    order = found[0]
    standing: Standing = standing_of(state, order.instrument)
    session = Calendar().session(ist_date(state.at), segment(standing.instrument))
    is_open = session is not None and any(begin <= state.at < end for begin, end in session.parts)
    sentences = why_not_filled(
        order,
        standing.quote,
        state.at,
        instrument=standing.instrument,
        market_open=is_open,
        profile=standing.profile,
        stale_after_ns=standing.stale_after_s * NS_PER_SECOND,
    )
    if as_json:
        typer.echo(to_json({"order_id": order.order_id, "at": ist_iso(state.at), "why": sentences}))
        return
    out = console()
    out.print(f"[bold]{order.order_id}[/] at {ist_iso(state.at)}, the account's last event:")
    for sentence in sentences:
        out.print(f"- {sentence}")


def refusals_of(looked: Chosen, day: str, end: str) -> list[tuple[int, OrderDenied]]:
    """Return the orders of the day that were refused and whose id ends so, with their moments."""
    with looked.log() as log:
        return [
            (recorded.at, recorded.event)
            for recorded in log.read()
            if isinstance(recorded.event, OrderDenied)
            and recorded.event.order_id.endswith(end)
            and ist_date(recorded.at).isoformat() == day
        ]


def _explain_refusal(at: int, denied: OrderDenied, *, as_json: bool) -> None:
    if as_json:
        row = {
            "order_id": denied.order_id,
            "at": ist_iso(at),
            "rule": denied.rule,
            "message": denied.message,
            "limit": denied.limit,
            "actual": denied.actual,
            "nearest": denied.nearest,
            "advice": denied.advice,
        }
        typer.echo(to_json(row))
        return
    out = console()
    out.print(f"[bold]{denied.order_id}[/] at {ist_iso(at)} was refused by {denied.rule}:")
    out.print(f"- {denied.message}")
    if denied.limit or denied.actual:
        out.print(f"- It allows {denied.limit or 'nothing'}; asked for was {denied.actual or 'nothing'}.")
    if denied.advice:
        out.print(f"- {denied.advice}")


def _explain_standing(state: State, one: Instruction, *, as_json: bool) -> None:
    try:
        last = standing_of(state, one.instrument).quote.last
    except KasautiError:  # the prices of an account may be gone; what it waits for is in its log
        last = 0
    sentences = why_standing(one, last or _marks(state)(one.instrument), state.orders)
    if as_json:
        typer.echo(to_json({"standing_id": one.standing_id, "at": ist_iso(state.at), "why": sentences}))
        return
    out = console()
    out.print(f"[bold]{one.standing_id}[/] at {ist_iso(state.at)}, the account's last event:")
    for sentence in sentences:
        out.print(f"- {sentence}")


def trades(
    data: Data = None,
    account: Account = "",
    epoch: Epoch = 0,
    url: LogUrl = "",
    explain: Annotated[str | None, typer.Option(help="Why this trade happened at its price: its id.")] = None,
    day: Annotated[str, typer.Option(help="Only this day, like 2026-11-23.")] = "",
    as_json: Json = False,
) -> None:
    """Show the trades; --explain derives a price again from its evidence."""
    with chosen(data, account, epoch, url).log() as log:
        if explain is not None:
            told = explain_fill(story_of_trade(log.read(), explain), explain)
            if as_json:
                typer.echo(to_json(told))
            else:
                console().print(explanation(told))
            return
        wanted = day_of(day)
        shown = list(trades_of(log.read(), wanted.isoformat() if wanted else ""))
    if as_json:
        typer.echo(to_json(json_rows.trade_rows(shown)))
    else:
        console().print(trades_table(shown))


def funds(
    data: Data = None, account: Account = "", epoch: Epoch = 0, url: LogUrl = "", as_json: Json = False
) -> None:
    """Show where the money is: free, blocked, in positions, and what charges took."""
    state = _state(chosen(data, account, epoch, url))
    if as_json:
        typer.echo(to_json(json_rows.funds_row(state, _marks(state))))
    else:
        console().print(funds_table(state, _marks(state)))


def report(
    data: Data = None,
    account: Account = "",
    epoch: Epoch = 0,
    url: LogUrl = "",
    first: Annotated[str, typer.Option("--from", help="The first day.")] = "",
    last: Annotated[str, typer.Option("--to", help="The last day.")] = "",
    as_json: Json = False,
) -> None:
    """Show the report of a day or of several: assumptions, result, round trips, charges, remarks."""
    begin, end = ("" if (day := day_of(text)) is None else day.isoformat() for text in (first, last))
    with chosen(data, account, epoch, url).log() as log:
        made = day_report(log.read(), begin, end)
    if as_json:
        typer.echo(to_json(made))
    else:
        console().print(ReportView(made))
