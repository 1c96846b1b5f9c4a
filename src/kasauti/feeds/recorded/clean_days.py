"""A day of a recording, cleaned, as what the engine takes, and what was found in it."""

from dataclasses import dataclass

import numpy as np

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.ist import ist_clock
from kasauti.domain.market import BarBatch, Depth, Ints, TickBatch
from kasauti.feeds.recorded.bar_days import batch_of, grid_of, sound_day
from kasauti.feeds.recorded.cleaning import clean, finding, outside_calendar
from kasauti.feeds.recorded.faults import Context
from kasauti.feeds.recorded.gaps import gaps, missing_bars
from kasauti.feeds.recorded.layout import RecordingKind
from kasauti.feeds.recorded.report import DayReport, Finding
from kasauti.feeds.recorded.rows import Rows

#: What is left of a day, None if nothing is.
DayData = BarGrid | BarBatch | TickBatch | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found in one day."""

    report: DayReport
    findings: list[Finding]


def clean_day(rows: Rows, context: Context, kind: RecordingKind, files: list[str]) -> tuple[Outcome, DayData]:
    """Return what was found in the rows of one day, and what is left of them."""
    size = len(rows)
    if kind is RecordingKind.BARS:
        sound = sound_day(rows, context)
        if sound is not None:
            grid, dropped = sound
            findings = outside_calendar(context)
            findings += [finding(fault, rows, mask, context, files) for fault, mask in dropped]
            findings += _missing_of(grid, context)
            return Outcome(_day_report(context, size, _count(grid), grid.at), findings), grid
    clean_rows, findings = clean(rows, context, kind, files)
    findings += gaps(clean_rows, context, kind)
    data: DayData = None
    if len(clean_rows):
        data = _bars(clean_rows, context) if kind is RecordingKind.BARS else _ticks(clean_rows)
    return Outcome(_day_report(context, size, len(clean_rows), clean_rows.at), findings), data


def _bars(rows: Rows, context: Context) -> BarGrid | BarBatch:
    return grid_of(rows, context) or batch_of(rows, context.seconds)


def _ticks(rows: Rows) -> TickBatch:
    columns = rows.columns
    depth = None
    if "bid_prices" in columns:
        sides = ("bid_prices", "bid_quantities", "ask_prices", "ask_quantities")
        depth = Depth(*(columns[side] for side in sides))
    names = ("last", "bid", "ask", "bid_quantity", "ask_quantity", "volume", "open_interest")
    given = {name: columns[name] for name in names if name in columns}
    return TickBatch.of(at=rows.at, slot=rows.slot, depth=depth, **given)


def _missing_of(grid: BarGrid, context: Context) -> list[Finding]:
    """Return the bars that a grid lacks."""
    if grid.present is None:
        expected = [(closes - opens) // context.length_ns for _, opens, closes in context.session.stretches]
        if len(expected) == 1 and len(grid.at) >= expected[0]:
            return []
        present = np.ones(grid.open.shape, np.bool_)
    else:
        present = grid.present
    return missing_bars(grid.at, grid.slots, present, context)


def _count(grid: BarGrid) -> int:
    """Return how many bars a grid has."""
    return grid.open.size if grid.present is None else int(np.count_nonzero(grid.present))


def _day_report(context: Context, size: int, used: int, at: Ints) -> DayReport:
    day, session = context.session.day, context.session.words
    if not used:
        return DayReport(day.isoformat(), size, 0, 0, "", "", session)
    moments = 1 + int(np.count_nonzero(np.diff(at)))
    return DayReport(
        day.isoformat(), size, used, moments, ist_clock(int(at[0])), ist_clock(int(at[-1])), session
    )
