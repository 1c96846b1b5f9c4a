"""
Market data as people write it: an aligned table with a header, and remarks behind a #.

    time          of        last    bid     ask     volume   # remark
    09:15:00      ACME      100     99.95   100.05  1000
    09:15:01.250  ACME      .       .       .       1200     # a dot: as in the row before of this instrument

Prices are rupees, quantities units. `bids` and `asks` are books, best first, like 99.95x50,99.90x100. A
column that is left out, and a dash, is zero. `of` may be left out where the caller names one instrument.
"""

from collections.abc import Callable
from datetime import date

import numpy as np

from kasauti.domain.ist import NS_PER_SECOND, ist_ns
from kasauti.domain.market import DEPTH_LEVELS, BarBatch, Depth, TickBatch
from kasauti.domain.money import rupees

_PRICES = ("last", "bid", "ask", "open", "high", "low", "close")
_SIZES = ("bid_quantity", "ask_quantity", "volume", "open_interest")
_TICK_COLUMNS = ("last", "bid", "ask", *_SIZES)
_BAR_COLUMNS = ("open", "high", "low", "close", "volume", "open_interest")


def at_clock(clock: str, day: date) -> int:
    """Return the moment of an IST clock like 09:15, 09:15:00 or 09:15:00.250."""
    hours, minutes, seconds = [*clock.split(":"), "0"][:3]
    whole, _, part = seconds.partition(".")
    total = int(hours) * 3600 + int(minutes) * 60 + int(whole)
    return ist_ns(day) + total * NS_PER_SECOND + int(part.ljust(9, "0") or 0)


def rows_of(table: str, **defaults: str) -> list[dict[str, str]]:
    """Return the rows of a table by column; dots are filled in."""
    lines = [line.split("#")[0].split() for line in table.strip().splitlines()]
    header, *body = [line for line in lines if line]
    before: dict[str, dict[str, str]] = {}
    rows = []
    for cells in body:
        assert len(cells) == len(header), f"{cells} does not fit {header}"
        row = {**defaults, **dict(zip(header, cells, strict=True))}
        last = before.get(row["of"], {})
        row = {
            name: last[name] if cell == "." else "0" if cell == "-" else cell for name, cell in row.items()
        }
        before[row["of"]] = row
        rows.append(row)
    return rows


def ticks_of(table: str, slot: Callable[[str], int], day: date, **defaults: str) -> TickBatch:
    """Return the ticks of a table."""
    rows = rows_of(table, **{"of": "ACME", **defaults})
    columns = {name: [_number(name, row.get(name, "0")) for row in rows] for name in _TICK_COLUMNS}
    depth = None
    if any("bids" in row or "asks" in row for row in rows):
        bids = [_levels(row.get("bids", "0")) for row in rows]
        asks = [_levels(row.get("asks", "0")) for row in rows]
        depth = Depth(
            *(
                np.array([[level[i] for level in each] for each in side], np.int64)
                for side in (bids, asks)
                for i in (0, 1)
            )
        )
        for side, price, size in ((bids, "bid", "bid_quantity"), (asks, "ask", "ask_quantity")):
            columns[price] = [each[0][0] for each in side]
            columns[size] = [each[0][1] for each in side]
    return TickBatch.of(
        at=[at_clock(row["time"], day) for row in rows],
        slot=[slot(row["of"]) for row in rows],
        depth=depth,
        **columns,
    )


def bars_of(table: str, slot: Callable[[str], int], day: date, seconds: int, **defaults: str) -> BarBatch:
    """Return the bars of a table; a bar is known at its end."""
    rows = rows_of(table, **{"of": "ACME", **defaults})
    columns = [
        np.array([_number(name, row.get(name, "0")) for row in rows], np.int64) for name in _BAR_COLUMNS
    ]
    ends = [at_clock(row["time"], day) + seconds * NS_PER_SECOND for row in rows]
    slots = np.array([slot(row["of"]) for row in rows], np.int32)
    return BarBatch(seconds, np.array(ends, np.int64), slots, *columns)


def _number(name: str, cell: str) -> int:
    return rupees(cell) if name in _PRICES else int(cell)


def _levels(cell: str) -> list[tuple[int, int]]:
    levels = [] if cell == "0" else [level.split("x") for level in cell.split(",")]
    found = [(rupees(price), int(quantity)) for price, quantity in levels]
    return found + [(0, 0)] * (DEPTH_LEVELS - len(found))
