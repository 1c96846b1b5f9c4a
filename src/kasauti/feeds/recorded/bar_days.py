"""
A day of bars as a grid, straight from its rows where little is wrong with them.

Most days have no fault, or bars that stand still, in which nothing traded or which lie outside the session. A
few comparisons of whole columns find those, in the order of `cleaning.CHECKS` and with what its checks find.
Whatever else may be wrong, `sound_day` leaves to them.
"""

import numpy as np

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.market import BarBatch, Ints
from kasauti.feeds.recorded import faults
from kasauti.feeds.recorded.bar_cells import Cells
from kasauti.feeds.recorded.faults import Context
from kasauti.feeds.recorded.report import Fault
from kasauti.feeds.recorded.rows import Columns, Rows
from kasauti.feeds.recorded.values import Bools

_PRICES = ("open", "high", "low", "close")
_VALUES = (*_PRICES, "volume", "open_interest")

#: The rows that are dropped for each fault.
Dropped = list[tuple[Fault, Bools]]


def sound_day(rows: Rows, context: Context) -> tuple[BarGrid, Dropped] | None:
    """Return the day as a grid and which rows are not in it; None where other faults may be in it."""
    if not len(rows) or not context.session.stretches or not _has_sound_values(rows):
        return None
    cells = Cells.of(rows, context.length_ns)
    if cells is None or not cells.in_order(rows):
        return None
    expiry = context.listing.expiry[cells.slots]
    if bool(np.any((expiry > 0) & (expiry < context.day_number))):
        return None
    columns = {name: cells.spread(rows.columns[name]) for name in _VALUES}
    if not _is_on_tick(columns, cells, context):
        return None
    dropped: Dropped = []
    kept = np.ones(len(rows), np.bool_)
    for fault, mask in (
        (Fault.FROZEN_REPEAT, _repeats(columns, cells, context)),
        (Fault.OUT_OF_SESSION, _out_of_session(rows, cells, context)),
        (Fault.NO_TRADES, _no_trades(rows, context)),
    ):
        found = None if mask is None else mask & kept
        if found is not None and found.any():
            dropped.append((fault, found))
            kept &= ~found
    if not kept.any():
        return None
    return cells.grid(columns, None if not dropped else kept, context), dropped


def grid_of(rows: Rows, context: Context) -> BarGrid | None:
    """Return clean rows, each known at its time, as a grid; None where most of its cells would be empty."""
    cells = Cells.of_any(rows)
    if cells is None:
        return None
    return cells.grid(
        {name: cells.spread(rows.columns[name]) for name in _VALUES}, None, context, at=cells.at
    )


def batch_of(rows: Rows, seconds: int) -> BarBatch:
    """Return clean rows as a batch, by moment, then by slot."""
    if not bool(np.all((rows.at[1:] > rows.at[:-1]) | (rows.slot[1:] > rows.slot[:-1]))):
        rows = rows.take(np.lexsort((rows.slot, rows.at)))
    return BarBatch(seconds, rows.at, rows.slot, *(rows.columns[name] for name in _VALUES))


def _has_sound_values(rows: Rows) -> bool:
    """Whether every price is above 0, no quantity below it, and each bar contains its open and close."""
    columns = rows.columns
    if "in_market" in columns or any(int(columns[name].min()) <= 0 for name in _PRICES):
        return False
    if int(columns["volume"].min()) < 0 or int(columns["open_interest"].min()) < 0:
        return False
    opened, high, low, close = (columns[name] for name in _PRICES)
    return bool(np.all(high >= np.maximum(opened, close)) and np.all(low <= np.minimum(opened, close)))


def _is_on_tick(columns: Columns, cells: Cells, context: Context) -> bool:
    """Whether each price of what can be traded is a multiple of its tick."""
    listing, slots = context.listing, cells.slots
    tradable = ~listing.is_index[slots]
    for tick in np.unique(listing.ticks[slots[tradable]]).tolist():
        of_tick = tradable & (listing.ticks[slots] == tick)
        for name in _PRICES:
            # A whole matrix divided by one number is several times faster than some of its rows.
            off = columns[name] // tick * tick != columns[name]
            if bool(np.any(off.any(axis=1) & of_tick)):
                return False
    return True


def _repeats(columns: Columns, cells: Cells, context: Context) -> Bools | None:
    """Mark the rows that repeat the bar before, None if none does; as `faults.repeated_bar`."""
    later, earlier = cells.neighbours(columns["close"], columns["volume"])
    for name in ("open", "high", "low"):
        values = columns[name].reshape(-1)
        same = values[later] == values[earlier]
        later, earlier = later[same], earlier[same]
    if not len(later):
        return None
    volume, high, low = (columns[name].reshape(-1)[later] for name in ("volume", "high", "low"))
    slots = cells.slots[later // len(cells.at)]
    marked = np.zeros(columns["close"].size, np.bool_)
    marked[later[((volume > 0) & (high != low)) | ~context.has_volume[slots]]] = True
    return marked[cells.number]


def _out_of_session(rows: Rows, cells: Cells, context: Context) -> Bools | None:
    """Mark the rows outside continuous trading, None if the day's times show that none is."""
    session, length = context.session, context.length_ns
    if len(session.stretches) == 1:
        trading, opens, closes = session.stretches[0]
        ends = cells.ends(context)
        last = min(closes, int(session.closes[cells.slots].min()))
        if bool(trading[cells.slots].all()) and int(ends[0]) - length >= opens and int(ends[-1]) <= last:
            return None
    return faults.out_of_session(rows, context)


def _no_trades(rows: Rows, context: Context) -> Bools | None:
    """Mark bars without volume of instruments that have volume, None if there is none."""
    volume: Ints = rows.columns["volume"]
    return None if int(volume.min()) > 0 else faults.no_trades(rows, context)
