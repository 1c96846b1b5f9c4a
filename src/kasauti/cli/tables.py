"""What an account holds and did, as tables that fit the terminal: positions, orders, trades and events."""

from collections.abc import Callable, Iterable, Sequence

from rich.text import Text

from kasauti.analytics.evidence_words import seen
from kasauti.analytics.trades import Trade
from kasauti.cli.event_lines import TONES, Line
from kasauti.cli.sheet import Cell, Column, Sheet
from kasauti.cli.typography import (
    DASH,
    DOWN,
    SOFT,
    STRONG,
    UP,
    amount,
    clock_ms,
    mean_price,
    price,
    quantity,
    result,
    short_id,
    side,
    symbol,
)
from kasauti.domain import events as ev
from kasauti.domain.ist import ist_clock, ist_date
from kasauti.domain.order import Order, Side, Status
from kasauti.domain.position import Position
from kasauti.domain.state import State

#: Returns the last price of an instrument, 0 where none is known: `Board.mark` is one.
Mark = Callable[[str], int]

_STATUS_STYLES: dict[Status, str] = {
    Status.COMPLETE: UP,
    Status.OPEN: STRONG,
    Status.TRIGGER_PENDING: STRONG,
    Status.SUBMITTED: STRONG,
    Status.REJECTED: DOWN,
    Status.DENIED: DOWN,
    Status.CANCELLED: SOFT,
    Status.EXPIRED: SOFT,
}


def unmarked(instrument: str) -> int:
    """Return no price: the mark where no market is at hand."""
    return 0


def positions_table(state: State, mark: Mark = unmarked) -> Sheet:
    """Return what is held and what was traded today, with the day's result of each and of all."""
    shown = [each for each in state.positions.values() if each.quantity or was_traded_today(each)]
    rows = [_position_row(position, mark(position.instrument)) for position in shown]
    return Sheet(
        [
            Column("Instrument"),
            Column("Product", drop=2),
            Column("Qty", right=True),
            Column("Average", right=True, drop=3),
            Column("LTP", right=True, drop=1),
            Column("Unrealised", right=True),
            Column("Realised", right=True, drop=4),
            Column("Charges", right=True, drop=5),
            Column("Net ₹", right=True),
        ],
        rows,
        empty="Nothing is held, and nothing was traded today.",
        footer=_position_sums(shown, mark) if len(rows) > 1 else (),
    )


def was_traded_today(position: Position) -> bool:
    """Return whether the day has changed a position."""
    return bool(position.day_buy_quantity or position.day_sell_quantity or position.day_realised)


def _position_sums(shown: Sequence[Position], mark: Mark) -> list[Cell]:
    known = all(mark(position.instrument) for position in shown if position.quantity)
    unrealised = sum(unrealised_of(position, mark(position.instrument)) for position in shown)
    realised = sum(position.day_realised for position in shown)
    charges = sum(position.day_charges for position in shown)
    return [
        "All",
        "",
        "",
        "",
        "",
        result(unrealised) if known else DASH,
        result(realised),
        amount(charges),
        result(realised + unrealised - charges) if known else DASH,
    ]


def unrealised_of(position: Position, mark: int) -> int:
    """Return what closing at `mark` would realise; 0 where nothing is held or no price is known."""
    return position.unrealised(mark) if position.quantity and mark else 0


def _position_row(position: Position, mark: int) -> list[Cell]:
    unrealised = unrealised_of(position, mark)
    known = bool(mark) or not position.quantity
    net = position.day_realised + unrealised - position.day_charges
    return [
        symbol(position.instrument),
        position.product,
        quantity(position.quantity),
        mean_price(position.average_price),
        price(mark),
        result(unrealised) if known else DASH,
        result(position.day_realised),
        amount(position.day_charges),
        result(net) if known else DASH,
    ]


def orders_table(orders: Iterable[Order]) -> Sheet:
    """Return orders, oldest first, with what became of them and why."""
    return Sheet(
        [
            Column("Time"),
            Column("Id", drop=1),
            Column("Side"),
            Column("Instrument"),
            Column("Filled", right=True),
            Column("Type", drop=3),
            Column("Price", right=True),
            Column("Trigger", right=True, drop=4),
            Column("Average", right=True, drop=2),
            Column("Status"),
            Column("For", drop=5, least=8),
            Column("Reason", drop=6, least=16),
        ],
        [_order_row(order) for order in orders],
        empty="No order today.",
    )


def _order_row(order: Order) -> list[Cell]:
    return [
        ist_clock(order.placed_at),
        short_id(order.order_id),
        side(order.side),
        symbol(order.instrument),
        f"{quantity(order.filled)}/{quantity(order.quantity)}",
        order.order_type.value,
        price(order.price) if order.order_type.has_limit else "market",
        price(order.trigger_price),
        mean_price(order.average_price),
        Text(order.status.value, _STATUS_STYLES[order.status]),
        " ".join(filter(None, (order.strategy, order.tag))),
        order.reason,
    ]


def trades_table(trades: Iterable[Trade]) -> Sheet:
    """Return trades, oldest first, with what they rest on."""
    shown = list(trades)
    several_days = len({trade.day for trade in shown}) > 1
    return Sheet(
        [
            Column("Time"),
            Column("Trade"),
            Column("Order", drop=6),
            Column("Side"),
            Column("Instrument"),
            Column("Qty", right=True),
            Column("Price", right=True),
            Column("Value ₹", right=True, drop=3),
            Column("Charges ₹", right=True, drop=1),
            Column("Slip", right=True, drop=5),
            Column("Evidence", drop=4, least=20),
            Column("Profile", drop=7),
        ],
        [_trade_row(trade, several_days=several_days) for trade in shown],
        empty="No trade yet.",
    )


def _trade_row(trade: Trade, *, several_days: bool) -> list[Cell]:
    fill, order = trade.fill, trade.order
    when = f"{trade.day} {ist_clock(trade.at)}" if several_days else clock_ms(trade.at)
    return [
        when,
        fill.trade_id,
        short_id(fill.order_id),
        side(order.side),
        symbol(order.instrument),
        quantity(fill.quantity),
        price(fill.price),
        amount(fill.price * fill.quantity),
        amount(fill.charges.total),
        price(fill.evidence.slip),
        seen(fill.evidence, buys=order.side is Side.BUY),
        fill.evidence.profile,
    ]


def event_text(recorded: ev.Recorded, line: Line) -> Text:
    """Return an event as one line with its time, for a log or a pipe."""
    return Text.assemble((f"{ist_clock(recorded.at)} ", SOFT), (line.text, TONES[line.tone]))


def events_table(lines: Iterable[tuple[ev.Recorded, Line]]) -> Sheet:
    """Return events, one line each, oldest first."""
    return Sheet(
        [
            Column("No", right=True),
            Column("Date", drop=2),
            Column("Time"),
            Column("Cause", drop=1),
            Column("What happened", least=56),
        ],
        [
            [
                str(recorded.seq),
                ist_date(recorded.at).isoformat(),
                clock_ms(recorded.at),
                Text(recorded.cause, SOFT),
                Text(line.text, TONES[line.tone]),
            ]
            for recorded, line in lines
        ],
        empty="The log is empty.",
    )
