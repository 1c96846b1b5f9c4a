"""The account on the screen: money, positions and open orders with what they wait for."""

from collections.abc import Sequence
from textwrap import wrap

import msgspec
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from kasauti.analytics.waiting import why_not_filled
from kasauti.cli.screen_memory import DayMemory, day_result
from kasauti.cli.sheet import Cell, Column, Lines, Sheet, joined
from kasauti.cli.tables import unrealised_of
from kasauti.cli.typography import (
    BUY,
    DASH,
    SELL,
    SOFT,
    STRONG,
    contract,
    counted,
    mean_price,
    percent,
    price,
    quantity,
    result,
    short_id,
    sparkline,
    symbol,
    whole_rupees,
)
from kasauti.domain.board import Board
from kasauti.domain.money import format_rupees
from kasauti.domain.order import Order, Side
from kasauti.domain.position import Position
from kasauti.domain.state import State

_SPARK = 24
_INDENT = "   "


def money_lines(state: State, board: Board, memory: DayMemory, width: int) -> list[Text]:
    """Return the day's result, what it is made of, and the money that is left: four lines."""
    day = day_result(state, board)
    net = Text("Net     ", STRONG).append_text(_strong(result(day.net, sign="₹")))
    trail = Text(sparkline(memory.net_trail, min(_SPARK, width - net.cell_len - 2)), "cyan")
    open_part = Text.assemble(("open ", SOFT), result(day.unrealised))
    closed_part = Text.assemble(("closed ", SOFT), result(day.realised))
    gross = Text("Gross   ").append_text(result(day.gross))
    return [
        joined([net, trail]),
        _fitting([gross, closed_part, open_part], width),
        _fitting([f"Charges {format_rupees(day.charges)}", Text(_counts(state), SOFT)], width),
        _fitting([f"Free    {whole_rupees(state.ledger.cash)}", _blocked(state)], width),
    ]


def money_strip(state: State, board: Board, width: int) -> Text:
    """Return the day's result in one line."""
    day = day_result(state, board)
    parts = [
        Text("Net ", STRONG).append_text(_strong(result(day.net, sign="₹"))),
        Text.assemble(("gross ", SOFT), result(day.gross)),
        Text(f"charges {format_rupees(day.charges)}", SOFT),
        Text(f"free {whole_rupees(state.ledger.cash)}", SOFT),
        Text(_counts(state), SOFT),
    ]
    return _fitting(parts, width)


def _strong(text: Text) -> Text:
    text.stylize(STRONG)
    return text


def _fitting(parts: Sequence[Cell], width: int) -> Text:
    """Return as many of the parts as fit in one line."""
    kept = list(parts)
    while len(kept) > 1 and joined(kept).cell_len > width:
        kept.pop()
    return joined(kept)


def _blocked(state: State) -> Text:
    return Text(f"blocked {whole_rupees(state.ledger.margin)}", SOFT)


def _counts(state: State) -> str:
    text = f"{counted(state.day_trades, 'trade')}, {counted(state.day_orders, 'order')}"
    return f"{text}, {state.day_denied} denied" if state.day_denied else text


def positions_sheet(state: State, board: Board) -> Sheet:
    """Return what is held, at the last prices."""
    return Sheet(
        [
            Column("Instrument", least=14),
            Column("Qty", right=True),
            Column("Avg", right=True, drop=2),
            Column("LTP", right=True, drop=1),
            Column("P&L", right=True),
            Column("Change", right=True, drop=3),
        ],
        [_position_row(position, board) for position in state.held],
        empty="Nothing is held.",
        ruled=False,
    )


def _position_row(position: Position, board: Board) -> list[Cell]:
    mark = board.mark(position.instrument)
    unrealised = unrealised_of(position, mark)
    part = unrealised / abs(position.cost) if position.cost and mark else None
    return [
        name_of(position.instrument, board),
        quantity(position.quantity),
        mean_price(position.average_price),
        price(mark),
        result(unrealised) if mark else DASH,
        percent(part, signed=True),
    ]


def name_of(instrument_id: str, board: Board) -> str:
    """Return an instrument's name as people say it, its symbol where the session does not know it."""
    instrument = board.universe.find(instrument_id)
    return symbol(instrument_id) if instrument is None else contract(instrument, short=True)


class Waiting(msgspec.Struct, frozen=True):
    """An open order in a line, and why it has not traded."""

    line: Text
    reason: str


def waiting(
    state: State, board: Board, at: int, *, market_open: bool, profile: str, stale_after_ns: int
) -> list[Waiting]:
    """Return the open orders, oldest first, with what they wait for."""
    waits = []
    for order in state.working_orders():
        instrument = board.universe.find(order.instrument)
        reasons = ["It is not in this session's instruments."]
        if instrument is not None:
            reasons = why_not_filled(
                order,
                board.quote(board.universe.slot(order.instrument)),
                at,
                instrument=instrument,
                market_open=market_open,
                profile=profile,
                stale_after_ns=stale_after_ns,
            )
        waits.append(Waiting(_order_line(order, board), " ".join(reasons)))
    return waits


class WaitingView:
    """Open orders with their reasons below them, wrapped, or one line each where there is no room."""

    def __init__(self, orders: Sequence[Waiting]) -> None:
        self._orders = orders

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        whole: list[Text] = []
        brief: list[Text] = []
        for order in self._orders:
            reasons = wrap(order.reason, max(10, options.max_width - len(_INDENT)))
            whole += [order.line, *(Text(_INDENT + text, SOFT) for text in reasons)]
            brief += [order.line, Text(_INDENT + order.reason, SOFT)]
        room = options.height or len(whole)
        shown = whole if len(whole) <= room else brief[:room]
        yield Lines(shown, empty="No order is open.")


def _order_line(order: Order, board: Board) -> Text:
    way = Text(order.side.value, BUY if order.side is Side.BUY else SELL)
    traded = f"{quantity(order.filled)} of " if order.filled else ""
    terms = order.order_type.value
    if order.order_type.has_limit:
        terms += f" {price(order.price)}"
    if order.order_type.has_trigger:
        terms += f" trigger {price(order.trigger_price)}"
    named = Text(name_of(order.instrument, board), STRONG)
    parts: list[Cell] = [way, f"{traded}{quantity(order.quantity)}", named, terms]
    return joined([*parts, Text(short_id(order.order_id), SOFT), Text(order.tag, SOFT)], " ")
