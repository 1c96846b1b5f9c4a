"""
`logs/trades_YYYYMMDD_HHMMSS.csv`: one row for each trade of a session; the stamp is when it started, in IST.

A contract that was settled at expiry has a row too: a trade at its settlement price, without an order. Money
is in rupees. No text becomes a formula in a spreadsheet: what begins like one gets an apostrophe before it.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.charges import Charges
from kasauti.domain.ist import ist_datetime, ist_iso
from kasauti.domain.order import Order, Product, Side
from kasauti.store.amounts import exact_rupees
from kasauti.store.files import write_atomically

#: The heads that a trade has; services are the day's.
_HEADS: Final = tuple(head for head in Charges.__struct_fields__ if head != "services")

#: `event` is the trade's number in the log, `charges` the sum of the seven heads before it.
COLUMNS: Final = (
    "event",
    "time",
    "trade_id",
    "order_id",
    "symbol",
    "side",
    "quantity",
    "price",
    "value",
    *_HEADS,
    "charges",
    "strategy",
    "tag",
    "product",
    "profile",
    "rule",
)
_HEADER: Final = (",".join(COLUMNS) + "\n").encode()

#: How a spreadsheet recognises a formula; the last four are the wide forms of the first.
_FORMULA_SIGNS: Final = "=+-@\uff1d\uff0b\uff0d\uff20"
_CONTROL: Final = dict.fromkeys((*range(32), 127, 133, 8232, 8233), " ")

#: More than any row is long.
_TAIL: Final = 65_536


class Row(msgspec.Struct, frozen=True):
    """A line of the file, and the number of the event it is made of."""

    seq: int
    line: bytes


def trades_path(folder: Path, started_at: int) -> Path:
    """Return where the trades of the session that started at `started_at` are."""
    return folder / "logs" / f"trades_{ist_datetime(started_at):%Y%m%d_%H%M%S}.csv"


def fill_row(recorded: ev.Recorded, fill: ev.OrderFilled, order: Order) -> Row:
    """Return the row of a trade of `order`."""
    return _row(
        recorded, fill, fill.trade_id, order, order.side, fill.quantity, order.instrument, order.product
    )


def settlement_row(recorded: ev.Recorded, settled: ev.PositionSettled) -> Row:
    """Return the row of a settlement: the trade that would have closed the position."""
    side = Side.SELL if settled.quantity > 0 else Side.BUY
    return _row(recorded, settled, "", None, side, abs(settled.quantity), settled.instrument, settled.product)


def delivery_row(recorded: ev.Recorded, traded: stl.SharesAssigned | stl.SharesAuctioned) -> Row:
    """Return the row of shares that came or went without an order."""
    side, size = (Side.BUY if traded.quantity > 0 else Side.SELL), abs(traded.quantity)
    return _row(recorded, traded, "", None, side, size, traded.instrument, Product.CNC)


def _row(
    recorded: ev.Recorded,
    trade: ev.OrderFilled | ev.PositionSettled | stl.SharesAssigned | stl.SharesAuctioned,
    trade_id: str,
    order: Order | None,
    side: Side,
    quantity: int,
    instrument: str,
    product: str,
) -> Row:
    charges = trade.charges
    cells = [
        str(recorded.seq),
        ist_iso(recorded.at),
        _text(trade_id),
        _text(order.order_id if order else ""),
        _text(instrument),
        side.value,
        str(quantity),
        str(exact_rupees(trade.price)),
        str(exact_rupees(trade.price * quantity)),
        *(str(exact_rupees(getattr(charges, head))) for head in _HEADS),
        str(exact_rupees(charges.total)),
        _text(order.strategy if order else ""),
        _text(order.tag if order else ""),
        product,
        _text(trade.evidence.profile),
        trade.evidence.rule.value,
    ]
    return Row(recorded.seq, (",".join(cells) + "\n").encode())


def _text(value: str) -> str:
    """Return a cell that is one line, one cell, and no formula."""
    value = value.translate(_CONTROL)
    if value.lstrip()[:1] in _FORMULA_SIGNS and value.strip():
        value = f"'{value}"
    return '"' + value.replace('"', '""') + '"' if "," in value or '"' in value else value


def append_rows(path: Path, rows: Sequence[Row]) -> None:
    """
    Add the rows that the file does not have yet, durably; makes file and folder if they are missing.

    A last line that a crash has torn is taken away first. Raises `OSError`, or `ValueError` if another
    program has written into the file.
    """
    if not path.exists():
        write_atomically(path, whole_file(rows))
        return
    with path.open("r+b") as file:
        end, last = _end(file)
        file.seek(end)
        file.truncate()
        file.write(b"".join(row.line for row in rows if row.seq > last))
        file.flush()
        os.fsync(file.fileno())


def whole_file(rows: Sequence[Row]) -> bytes:
    """Return the content of a file with these rows."""
    return b"".join([_HEADER, *(row.line for row in rows)])


def last_event(path: Path) -> int:
    """
    Return the number of the event of the last whole row, 0 if there is none.

    Raises `ValueError` if that is no row of ours, `OSError` if the file cannot be read.
    """
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return _end(file)[1]


def _end(file: BinaryIO) -> tuple[int, int]:
    """Return where the last whole line ends, and its event."""
    size = file.seek(0, os.SEEK_END)
    begin = max(0, size - _TAIL)
    file.seek(begin)
    whole, newline, torn = file.read().rpartition(b"\n")
    line = whole.rpartition(b"\n")[2]
    end = size - len(torn)
    if begin + len(whole) + 1 == len(_HEADER) and line + newline == _HEADER:
        return end, 0
    event = line.partition(b",")[0]
    if not event.isdigit():
        raise ValueError(f"{file.name} has a last line that no trade wrote")
    return end, int(event)
