"""A day's contract note as one HTML file: it needs no other file and no network, and prints on A4."""

from collections.abc import Callable, Sequence
from datetime import date

from kasauti.analytics.day_note import DayNote, NoteEnding, NoteTrade, ending_beside
from kasauti.analytics.report import formats as fmt
from kasauti.analytics.report.page import page
from kasauti.analytics.report.tables import HEADS
from kasauti.domain.charges import Charges
from kasauti.domain.ist import ist_clock
from kasauti.domain.order import NO_CHARGES

_SERVICES = {
    "dp": "Depository charge",
    "auto_square_off": "Squared off by the broker",
    "call_and_trade": "Orders by telephone",
}


_FOOT = (
    "<footer>A note of simulated trades, made by Kasauti: no order left this machine. Times are IST, amounts"
    " rupees. Securities or commodities transaction tax and stamp duty are whole rupees, rounded once; taxes"
    " on shares go by what was bought and sold on the day together.</footer>"
)


def html_note(note: DayNote) -> str:
    """Return the note as the text of an HTML file."""
    title = f"Contract note of {date.fromisoformat(note.day):%d %B %Y}"
    whose = fmt.text(f"Account {note.account}, charges as {note.plan}")
    head = f'<h1>{fmt.text(title)}<span class="pill">PAPER</span></h1><p>{whose}</p>'
    sections = [
        f"<header><div>{head}</div></header>",
        *(f'<p class="card">{fmt.text(remark)}</p>' for remark in note.remarks),
        f'<section class="card"><h3>Charges</h3>{_charges(note)}</section>',
        _section("Trades", _trades(note.trades), note.trades),
        _section("Settled without a trade", _endings(note.endings), note.endings),
        _section("Services", _services(note), note.services),
        _FOOT,
    ]
    return page(f"{title}: {note.account}", "".join(sections))


def _section(title: str, table: str, rows: Sequence[object]) -> str:
    return f'<section class="card"><h3>{title}</h3>{table}</section>' if rows else ""


def columns_of(note: DayNote) -> list[tuple[str, Charges]]:
    """Return the charges by where they came from: segments, settlement, services, and all together."""
    columns = [(segment.exchange.value, segment.charges) for segment in note.segments]
    beside = NO_CHARGES
    for ending in note.endings if note.segments or note.services else []:
        beside = beside.plus(ending_beside(ending))
    if beside.total:
        columns.append(("Settlement", beside))
    if note.services:
        amount, gst = (sum(getattr(each, name) for each in note.services) for name in ("amount", "gst"))
        columns.append(("Services", Charges(services=amount, gst=gst)))
    return [*columns, ("Total", note.charges)]


def _charges(note: DayNote) -> str:
    columns = columns_of(note)
    heads = [head for head in Charges.__struct_fields__ if getattr(note.charges, head) or head == "stt"]
    rows = [(HEADS[head], [getattr(charges, head) for _, charges in columns]) for head in heads]
    rows.append(("Total", [charges.total for _, charges in columns]))
    body = "".join(
        f'<tr><th scope="row">{fmt.text(name)}</th>{"".join(map(_amount, amounts))}</tr>'
        for name, amounts in rows
    )
    turnover = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(_amount(getattr(each, field)) for each in note.segments)}'
        f"{'<td></td>' * (len(columns) - len(note.segments) - 1)}"
        f"{_amount(sum(getattr(each, field) for each in note.segments))}</tr>"
        for name, field in (("Bought", "bought"), ("Sold", "sold"))
        if note.segments
    )
    return _table(["₹", *(name for name, _ in columns)], turnover + body)


def _trades(trades: Sequence[NoteTrade]) -> str:
    cells: tuple[tuple[str, Callable[[NoteTrade], str]], ...] = (
        ("Time", lambda each: _text(ist_clock(each.at))),
        ("Order", lambda each: _text(each.order_id)),
        ("Trade", lambda each: _text(each.trade_id)),
        ("Instrument", lambda each: _text(f"{each.instrument} {each.product}")),
        ("Side", lambda each: _text(each.side)),
        ("Units", lambda each: _count(each.quantity)),
        ("Price ₹", lambda each: _amount(each.price)),
        ("Value ₹", lambda each: _amount(each.value)),
        ("Brokerage ₹", lambda each: _amount(each.charges.brokerage)),
        ("All charges ₹", lambda each: _amount(each.charges.total)),
    )
    body = "".join(f"<tr>{''.join(cell(each) for _, cell in cells)}</tr>" for each in trades)
    return _table([name for name, _ in cells], body, left=5)


def _endings(endings: Sequence[NoteEnding]) -> str:
    body = "".join(
        f"<tr>{_text(ist_clock(each.at))}{_text(each.instrument)}{_text(each.what)}"
        f"{_count(each.quantity)}{_amount(each.price)}{_amount(each.charges.total)}</tr>"
        for each in endings
    )
    return _table(["Time", "Instrument", "What", "Units", "Price ₹", "Charges ₹"], body, left=3)


def _services(note: DayNote) -> str:
    body = "".join(
        f"<tr>{_text(_SERVICES.get(each.kind, each.kind))}{_text(each.about)}"
        f"{_count(each.count)}{_amount(each.amount)}{_amount(each.gst)}</tr>"
        for each in note.services
    )
    return _table(["Service", "For", "Times", "₹", "GST ₹"], body, left=2)


def _table(heads: Sequence[str], body: str, left: int = 1) -> str:
    cells = "".join(
        f'<th scope="col"{"" if place < left else " class=n"}>{fmt.text(head)}</th>'
        for place, head in enumerate(heads)
    )
    return f'<div class="scroll"><table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>'


def _text(words: str) -> str:
    return f"<td>{fmt.text(words)}</td>"


def _amount(units: int) -> str:
    return f'<td class="n">{fmt.amount(units) if units else fmt.DASH}</td>'


def _count(number: int) -> str:
    return f'<td class="n">{fmt.count(number)}</td>'
