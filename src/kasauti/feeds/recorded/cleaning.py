"""
From the rows of one day to those that the feed yields: which checks run, in which order.

The check command and the feed both come through here: what is reported is what is done.
"""

from collections.abc import Callable

import numpy as np

from kasauti.domain.ist import ist_iso
from kasauti.domain.money import format_price
from kasauti.feeds.recorded import faults, snapshots
from kasauti.feeds.recorded.faults import Context
from kasauti.feeds.recorded.layout import RecordingKind
from kasauti.feeds.recorded.report import TREATMENT, Action, Fault, Finding, Place, found
from kasauti.feeds.recorded.rows import QUANTITIES, Rows
from kasauti.feeds.recorded.values import MISSING, Bools

Check = Callable[[Rows, Context], Bools]

_ALWAYS: tuple[tuple[Fault, Check], ...] = (
    (Fault.CLOSED_DAY, faults.closed_day),
    (Fault.OUT_OF_SESSION, faults.out_of_session),
    (Fault.EXPIRED, faults.expired),
)
_VALUES: tuple[tuple[Fault, Check], ...] = (
    (Fault.NOT_A_NUMBER, faults.not_a_number),
    (Fault.NEGATIVE, faults.negative),
    (Fault.ZERO, faults.zero),
    (Fault.BAD_QUANTITY, faults.bad_quantity),
)

#: The checks of each kind of recording, in order. A check does not see what an earlier one dropped.
CHECKS: dict[RecordingKind, tuple[tuple[Fault, Check], ...]] = {
    RecordingKind.BARS: (
        (Fault.DISORDER, faults.disorder),
        (Fault.OVERLAPPING_FILES, faults.in_two_files),
        (Fault.DUPLICATE, faults.duplicate),
        (Fault.FROZEN_REPEAT, faults.repeated_bar),
        *_ALWAYS,
        *_VALUES,
        (Fault.IMPOSSIBLE_BAR, faults.impossible_bar),
        (Fault.NO_TRADES, faults.no_trades),
        (Fault.OFF_TICK, faults.off_tick),
    ),
    RecordingKind.CHAIN: (
        (Fault.DISORDER, faults.disorder),
        (Fault.OVERLAPPING_FILES, faults.option_in_two_files),
        (Fault.DUPLICATE, faults.duplicate),
        (Fault.FROZEN_REPEAT, snapshots.frozen_repeat),
        *_ALWAYS,
        (Fault.HALF_EMPTY, snapshots.half_empty),
        (Fault.NO_UNDERLYING_PRICE, faults.no_underlying_price),
        *_VALUES,
        (Fault.CROSSED, faults.crossed),
        (Fault.VOLUME_BACKWARDS, faults.volume_backwards),
        (Fault.OFF_TICK, faults.off_tick),
        (Fault.WRONG_QUANTITY_UNIT, faults.wrong_unit),
    ),
    RecordingKind.TICKS: (
        (Fault.PRINTED_LATER, faults.printed_later),
        (Fault.CLOCK_BEHIND, faults.clock_behind),
        (Fault.DISORDER, faults.disorder),
        (Fault.DUPLICATE, faults.duplicate_tick),
        *_ALWAYS,
        *_VALUES,
        (Fault.CROSSED, faults.crossed),
        (Fault.UNORDERED_DEPTH, faults.unordered_depth),
        (Fault.VOLUME_BACKWARDS, faults.volume_backwards),
        (Fault.REPEATED_TICK, faults.repeated_tick),
        (Fault.OFF_TICK, faults.off_tick),
        (Fault.WRONG_QUANTITY_UNIT, faults.wrong_unit),
    ),
}

#: Columns that a check needs and a file may lack.
_NEEDS = {
    Fault.CROSSED: "bid",
    Fault.UNORDERED_DEPTH: "bid_prices",
    Fault.PRINTED_LATER: "printed",
    Fault.CLOCK_BEHIND: "printed",
}


def clean(rows: Rows, context: Context, kind: RecordingKind, files: list[str]) -> tuple[Rows, list[Finding]]:
    """
    Return what is left of the rows of one day, in order of time, and what was found.

    The time of a bar comes out as its end, quantities in lots come out as units.
    """
    findings = outside_calendar(context)
    for fault, check in CHECKS[kind]:
        if not len(rows):
            break
        if fault in _NEEDS and _NEEDS[fault] not in rows.columns:
            continue
        mask = check(rows, context)
        if mask.any():
            findings.append(finding(fault, rows, mask, context, files))
            rows = _treated(fault, rows, mask)
        if fault is Fault.DISORDER:
            rows = rows.in_order()
    return _known_at(_in_units(rows, context), context), findings


def outside_calendar(context: Context) -> list[Finding]:
    """Return the finding of a day that the calendar does not know, if it is one."""
    if context.session.is_known:
        return []
    place = Place("", at=context.session.day.isoformat(), value=context.session.words)
    return [found(Fault.UNKNOWN_CALENDAR, 1, place)]


def _treated(fault: Fault, rows: Rows, mask: Bools) -> Rows:
    action = TREATMENT[fault].action
    if action is Action.DROPPED:
        return rows.take(~mask)
    if action is Action.SHIFTED:
        return Rows(rows.at + _behind(rows), rows.slot, rows.file, rows.row, rows.columns)
    return rows


def _behind(rows: Rows) -> int:
    """Return the least shift after which no tick was received before its last trade happened, ns."""
    return int(np.max(rows.columns["printed"] - rows.at))


def _known_at(rows: Rows, context: Context) -> Rows:
    return Rows(context.ends(rows), rows.slot, rows.file, rows.row, rows.columns)


def _in_units(rows: Rows, context: Context) -> Rows:
    if not context.in_lots:
        return rows
    lots = context.listing.lots[rows.slot]
    columns = dict(rows.columns)
    for name in ("volume", "open_interest"):
        columns[name] = columns[name] * lots
    return Rows(rows.at, rows.slot, rows.file, rows.row, columns)


def finding(fault: Fault, rows: Rows, mask: Bools, context: Context, files: list[str]) -> Finding:
    """Return what is said of the rows that are marked for a fault."""
    place = rows.first(mask)
    instrument = context.listing.universe[int(rows.slot[place])].id
    first = Place(
        files[int(rows.file[place])],
        int(rows.row[place]),
        ist_iso(int(rows.at[place])),
        instrument,
        _evidence(fault, rows, place, context, files),
    )
    return found(fault, int(np.count_nonzero(mask)), first, len(np.unique(rows.at[mask])))


def _evidence(fault: Fault, rows: Rows, place: int, context: Context, files: list[str]) -> str:
    """Say what is wrong with the row: the values that show it, or what follows from all of them."""
    if fault is Fault.CLOCK_BEHIND:
        return f"up to {_behind(rows) / 1e9:.3f} s behind; all rows move by that"
    if fault is Fault.OVERLAPPING_FILES:
        here = (rows.slot == rows.slot[place]) & (rows.at == rows.at[place])
        return f"in {' and in '.join(files[number] for number in np.unique(rows.file[here]).tolist())}"
    if fault is Fault.WRONG_QUANTITY_UNIT:
        unit = (
            "units: all are multiples of the lot"
            if context.in_lots
            else "lots: most are no multiple of the lot"
        )
        return f"they look like {unit}; ask for the layout that says so"
    shown = [name for name in TREATMENT[fault].show if name in rows.columns]
    return ", ".join(f"{name} {_value(name, int(rows.columns[name][place]))}" for name in shown)


def _value(name: str, value: int) -> str:
    if value == MISSING:
        return "not a number"
    return str(value) if name in QUANTITIES else format_price(value)
