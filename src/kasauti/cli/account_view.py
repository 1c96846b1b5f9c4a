"""Where the money of an account is, and what a start after a crash finds."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from kasauti.analytics.evidence_words import at_price
from kasauti.analytics.explain import CHARGE_HEADS
from kasauti.analytics.margin_words import margin_label
from kasauti.cli.json_rows import status_row
from kasauti.cli.note_view import read_note
from kasauti.cli.sheet import Cell, Figures, Grid
from kasauti.cli.tables import Mark, unmarked, unrealised_of
from kasauti.cli.typography import (
    DASH,
    SOFT,
    STRONG,
    WARN,
    clock_ms,
    counted,
    duration,
    mean_price,
    quantity,
    result,
    short_id,
    symbol,
)
from kasauti.domain.ist import ist_date
from kasauti.domain.money import format_rupees
from kasauti.domain.order import Order
from kasauti.domain.position import Position
from kasauti.domain.state import State


def status_view(state: State, mark: Mark = unmarked, in_use_by: str = "") -> RenderableType:
    """Return where the account stands, in a few lines; it has been opened. `in_use_by` is who has it now."""
    status = status_row(state, in_use_by)
    session = "the last one ended without saying so" if status.in_session else "it was stopped cleanly"
    if in_use_by:
        session = f"{in_use_by} has it"
    today = f"{counted(status.day_orders, 'order')}, {counted(status.day_trades, 'trade')}"
    last = f"no. {status.last_event} at {ist_date(state.at).isoformat()} {clock_ms(state.at)} IST"
    rows: list[tuple[Cell, Cell]] = [
        ("Account", f"{status.account}, {status.mode}, charges as {status.plan}"),
        ("Session", session),
        ("Trading day", f"{status.day or 'none yet'}{', open' if status.day_open else ''}"),
        ("Prices", status.prices or "none yet"),
        ("Last event", last),
        ("Today", f"{today}, {status.day_denied} denied"),
        ("Result today", _result_today(state, mark)),
        ("Free funds", format_rupees(status.free)),
        ("Open", f"{counted(status.positions, 'position')}, {counted(status.open_orders, 'order')}"),
    ]
    rows += [("Halted", Text(status.halted, WARN))] if status.halted else []
    rows += [(f"{name} failed", Text(f"stopped: {stopped}", WARN)) for name, stopped in status.failed.items()]
    return Grid(rows)


def _result_today(state: State, mark: Mark) -> Text:
    known = all(mark(position.instrument) for position in state.held)
    unrealised = sum(unrealised_of(position, mark(position.instrument)) for position in state.held)
    net = state.day_realised - state.day_charges + (unrealised if known else 0)
    text = result(net, sign="₹")
    text.append(" after charges", SOFT)
    return text if known else text.append(", what is held not counted", SOFT)


def funds_table(state: State, mark: Mark = unmarked) -> RenderableType:
    """Return where the account's money is: balances left, the day's result and charges right or below."""
    ledger = state.ledger
    orders = state.blocked_for_orders
    held = state.held
    unrealised = sum(unrealised_of(position, mark(position.instrument)) for position in held)
    balances: list[tuple[Cell, Cell]] = [
        ("Capital", format_rupees(-ledger.capital)),
        ("Realised in all", result(-ledger.realised, sign="₹")),
        ("Charges in all", format_rupees(-ledger.charges)),
        ("Funds", Text(format_rupees(ledger.funds), STRONG)),
        ("  free", format_rupees(ledger.cash)),
        ("  blocked for orders", format_rupees(orders)),
        ("  blocked for positions", format_rupees(ledger.margin - orders)),
        *_margin_rows(state),
        ("Paid up positions, at cost", format_rupees(ledger.securities + ledger.clearing)),
        ("Unrealised", result(unrealised, sign="₹") if held else DASH),
    ]
    heads: list[tuple[Cell, Cell]] = [
        (name, format_rupees(getattr(ledger, head))) for head, name in CHARGE_HEADS if getattr(ledger, head)
    ]
    return Group(Figures("Funds", balances), Text(), Figures("Charges", heads, empty="None so far."))


def _margin_rows(state: State) -> list[tuple[Cell, Cell]]:
    """Return how good the margins are, the day's peak, and what lacks, where there is anything to say."""
    rows: list[tuple[Cell, Cell]] = []
    if state.ledger.margin or state.peak_margin:
        rows.append(("  margins of futures, options", Text(margin_label(state), SOFT)))
    if state.peak_margin:
        rows.append(("  peak margin of the day", format_rupees(state.peak_margin)))
    if state.shortfall:
        rows.append(("  margin that lacks", Text(format_rupees(state.shortfall), WARN)))
    return rows


def recovery_panel(state: State, now: int, missed: Sequence[str] = (), wrote_ns: int = 0) -> Panel:
    """
    Return what a start after a crash finds: when it happened, how long ago, and what is at stake.

    `now` is the moment of the start; `missed` are sentences about what should have happened meanwhile;
    `wrote_ns` is when the last session wrote for the last time by the wall's clock, which need not be the
    market's.
    """
    account = state.account.account if state.account else "?"
    rows: list[tuple[Cell, Cell]] = [
        ("Account", f"{account}, trading day {state.day or 'none yet'}"),
        ("Last event", f"no. {state.seq} at {ist_date(state.at).isoformat()} {clock_ms(state.at)} IST"),
        *([("Last written", f"{ist_date(wrote_ns)} {clock_ms(wrote_ns)[:8]} IST")] if wrote_ns else []),
        ("Away for", duration(max(0, now - state.at))),
        ("Trades today", f"{state.day_trades}, {counted(state.day_orders, 'order')} placed"),
    ]
    rows += [("Held", _held_line(position)) for position in state.held] or [("Held", "nothing")]
    rows += [("Open order", _open_line(order)) for order in state.working_orders()]
    rows += [(f"{name} knows", _remembered(bytes(note))) for name, note in state.notes.items()]
    rows += [("Missed", Text(text, WARN)) for text in missed]
    if state.halted:
        rows.append(("Halted", Text(state.halted, WARN)))
    title = Text(" The last session did not stop cleanly; nothing it recorded is lost ", f"bold {WARN}")
    return Panel(Grid(rows), title=title, title_align="left", border_style=WARN, padding=(0, 1))


def _remembered(note: bytes) -> str:
    return ", ".join(f"{each.label} {each.value}" for each in read_note(note))


def _held_line(position: Position) -> str:
    average = mean_price(position.average_price)
    return f"{quantity(position.quantity)} {symbol(position.instrument)} ({position.product}) at {average}"


def _open_line(order: Order) -> str:
    traded = f", {quantity(order.filled)} of them traded" if order.filled else ""
    terms = f"{order.side.value} {quantity(order.quantity)} {symbol(order.instrument)} {at_price(order)}"
    return f"{terms}{traded} {short_id(order.order_id)}"
