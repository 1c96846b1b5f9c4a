"""Where a day's data is missing: bars that are not there, late snapshots, a feed that fell silent."""

import numpy as np

from kasauti.domain.ist import NS_PER_MINUTE, ist_clock, ist_iso
from kasauti.domain.market import Ints, Slots
from kasauti.feeds.recorded.faults import Context
from kasauti.feeds.recorded.layout import RecordingKind
from kasauti.feeds.recorded.report import Fault, Finding, Place, found
from kasauti.feeds.recorded.rows import Rows
from kasauti.feeds.recorded.sessions import Part
from kasauti.feeds.recorded.values import Bools

#: Snapshots are late after this many times their usual distance.
_LATE = 1.5
#: Ticks of a whole recording are silent after this.
_SILENT_NS = NS_PER_MINUTE


def gaps(rows: Rows, context: Context, kind: RecordingKind) -> list[Finding]:
    """Return the gaps in what is left of a day, counted, the first one named."""
    if not len(rows):
        return []
    if kind is RecordingKind.BARS:
        return _missing_bars(rows, context)
    parts = context.session.parts
    if kind is RecordingKind.TICKS:
        return _found([("", gap) for gap in _silences(_distinct(rows.at), parts, _SILENT_NS)])
    late: list[tuple[str, Part]] = []
    families = context.listing.underlying[rows.slot]
    for family in np.unique(families).tolist():
        moments = _distinct(rows.at[families == family])
        usual = float(np.median(np.diff(moments))) if len(moments) > 1 else 0.0
        name = context.listing.underlyings[family]
        late += [(name, gap) for gap in _silences(moments, parts, max(_SILENT_NS, usual) * _LATE)]
    return _found(sorted(late, key=lambda each: each[1]))


def _silences(moments: Ints, parts: list[Part], longest: float) -> list[Part]:
    """Return the stretches of the session without a moment that are longer than `longest`."""
    silent = []
    for opens, closes in parts:
        inside = moments[(moments >= opens) & (moments <= closes)]
        edges = np.concatenate([[opens], inside, [closes]])
        silent += [(int(edges[n]), int(edges[n + 1])) for n in np.flatnonzero(np.diff(edges) > longest)]
    return silent


def _distinct(at: Ints) -> Ints:
    """Return times that are in order, each once."""
    distinct: Ints = at[np.concatenate([[True], at[1:] != at[:-1]])]
    return distinct


def _found(silent: list[tuple[str, Part]]) -> list[Finding]:
    if not silent:
        return []
    name, (begin, end) = silent[0]
    words = f"{ist_clock(begin)} to {ist_clock(end)}"
    return [found(Fault.GAP, len(silent), Place("", 0, ist_iso(begin), name, words))]


def missing_bars(at: Ints, slots: Slots, present: Bools, context: Context) -> list[Finding]:
    """
    Return the bars that the instruments of a day lack, the earliest one named.

    `present` says whether an instrument of `slots` has the bar that ends at one of `at`.
    """
    starts = at - context.length_ns
    missing, earliest, whose = 0, -1, -1
    for trading, opens, closes in context.session.stretches:
        expected = np.arange(opens, closes - context.length_ns + 1, context.length_ns)
        inside = slice(*np.searchsorted(starts, (opens, closes)).tolist())
        counted = present[:, inside].sum(axis=1)
        lacking = np.flatnonzero(trading[slots] & present.any(axis=1) & (counted < len(expected)))
        missing += len(expected) * len(lacking) - int(counted[lacking].sum())
        there = np.zeros((len(lacking), len(expected)), np.bool_)
        _, numbers, moments = np.intersect1d(expected, starts[inside], return_indices=True)
        there[:, numbers] = present[:, inside][lacking[:, None], moments]
        absent = np.flatnonzero(~there.all(axis=0))
        if len(absent) and (earliest < 0 or expected[absent[0]] < earliest):
            earliest = int(expected[absent[0]])
            whose = int(slots[lacking[np.argmin(there[:, absent[0]])]])
    if not missing:
        return []
    first = Place("", 0, ist_iso(earliest), context.listing.universe[whose].id, "the bar that begins here")
    return [found(Fault.GAP, missing, first)]


def _missing_bars(rows: Rows, context: Context) -> list[Finding]:
    at, moments = np.unique(rows.at, return_inverse=True)
    slots, places = np.unique(rows.slot, return_inverse=True)
    present = np.zeros((len(slots), len(at)), np.bool_)
    present[places, moments] = True
    return missing_bars(at, slots, present, context)
