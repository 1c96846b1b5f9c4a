"""
What a file's times say about the file: the wrong time zone, bars named by their other end, their length.

All of it is judged over whole files, before a session is looked up: the plain hours 09:15 to 15:30 will do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY, NS_PER_MINUTE, NS_PER_SECOND
from kasauti.domain.market import Ints, Slots
from kasauti.errors import MarketDataError
from kasauti.feeds.recorded.layout import OTHER_MEANING, BarMark
from kasauti.feeds.recorded.naming import Wanted
from kasauti.feeds.recorded.report import Fault, Finding, Place, found
from kasauti.feeds.recorded.rows import Rows

#: The usual hours, ns after midnight IST.
OPEN = (9 * 60 + 15) * NS_PER_MINUTE
CLOSE = (15 * 60 + 30) * NS_PER_MINUTE

#: Fewer than this share of the times inside the session is suspicious, if a shift puts this share inside.
_FEW, _MOST = 0.5, 0.9
#: Fewer moments than this may all be whole minutes by chance.
_MOMENTS = 20
#: So many distances in a row are not all multiples of something by chance.
_STEPS = 20


@dataclass(slots=True)
class Clocks:
    """
    How many times of a file are inside a normal session: as read, and 5:30 hours later or earlier.

    `as_ist`: they carry no offset and were read as IST.
    """

    as_ist: bool = True
    total: int = 0
    inside: int = 0
    later: int = 0
    earlier: int = 0
    opening: int = 0
    opening_later: int = 0
    closing: int = 0
    moments: int = 0
    whole_minutes: int = 0

    def add(self, at: Ints, seconds: int) -> None:
        """Count the times of a piece; `seconds` is the length of its bars, 0 if it has none."""
        if not len(at):
            return
        clock = (at + IST_OFFSET_NS) % NS_PER_DAY
        self.total += len(at)
        self.inside += _inside(clock)
        self.later += _inside((clock + IST_OFFSET_NS) % NS_PER_DAY)
        self.earlier += _inside((clock - IST_OFFSET_NS) % NS_PER_DAY)
        self.opening += int(np.count_nonzero(clock == OPEN))
        self.opening_later += int(np.count_nonzero(clock == OPEN + seconds * NS_PER_SECOND))
        self.closing += int(np.count_nonzero(clock == CLOSE))

        if not seconds:
            self._count_moments(np.unique(at))

    def add_within(self, first: int, last: int, rows: int) -> None:
        """Count rows of one day that are all within the usual hours, from `first` to `last`."""
        self.total += rows
        self.inside += rows
        self.opening += clock_of(first) == OPEN
        self.closing += clock_of(last) == CLOSE

    def _count_moments(self, moments: Ints) -> None:
        self.moments += len(moments)
        self.whole_minutes += int(np.count_nonzero(moments % NS_PER_MINUTE == 0))

    def rounded(self, file: str) -> list[Finding]:
        """Return the finding that snapshots were stamped to the minute, if they were."""
        if self.moments < _MOMENTS or self.whole_minutes < self.moments:
            return []
        return [found(Fault.WHOLE_MINUTES, self.total, Place(file), self.moments)]

    def wrong_zone(self, file: str) -> list[Finding]:
        """Return the finding that the times look shifted by 5:30 hours, if they do."""
        if not self.total or self.inside >= _FEW * self.total:
            return []
        share = f"{100 * self.inside / self.total:.0f} % of the times are within 09:15-15:30 IST"
        if self.as_ist and self.later >= _MOST * self.total:
            words = (
                f"{share}, {100 * self.later / self.total:.0f} % if they are UTC: give the time zone UTC"
                " (feed.time_zone=UTC)"
            )
        elif not self.as_ist and self.earlier >= _MOST * self.total:
            words = (
                f"{share}, {100 * self.earlier / self.total:.0f} % if they are IST times taken for UTC:"
                " leave the time zone at IST, or write them without an offset or with +05:30"
            )
        else:
            return []
        return [found(Fault.WRONG_TIME_ZONE, self.total, Place(file, value=words))]

    def wrong_mark(self, file: str, mark: BarMark, layout: str) -> list[Finding]:
        """Return the finding that bars look named by their other end, if they do."""
        by_end = self.opening == 0 and self.closing > 0 and self.opening_later > 0
        by_start = self.closing == 0 and self.opening > 0
        if not (by_end if mark is BarMark.START else by_start):
            return []
        other = OTHER_MEANING.get(layout)
        advice = f"; if so, give the layout {other}" if other else ""
        where = (
            "the end: the first is one bar after 09:15, the last at 15:30"
            if by_end
            else "the start: at 09:15"
        )
        return [
            found(Fault.WRONG_BAR_MARK, self.total, Place(file, value=f"they look named by {where}{advice}"))
        ]


def clock_of(at: int) -> int:
    """Return the time of day, ns after midnight IST."""
    return (at + IST_OFFSET_NS) % NS_PER_DAY


def _inside(clock: Ints) -> int:
    return int(np.count_nonzero((clock >= OPEN) & (clock <= CLOSE)))


def bar_seconds(rows: Rows, wanted: Sequence[Wanted], file: str) -> int:
    """
    Return the length of the bars: the smallest distance of neighbours that is no exception, seconds.

    Neighbours are two bars of one instrument; a distance is no exception if one in twenty has it. Raises
    `MarketDataError` where there are none, or where instruments have bars of different lengths.
    """
    steps, slot = _steps(rows)
    if not len(steps):
        raise MarketDataError(
            f"{file} does not show how long its bars are: no instrument has two. Give it more bars, or use"
            " the layout kasauti-bars, which has a column for it."
        )
    lengths, counts = np.unique(steps, return_counts=True)
    frequent = lengths[20 * counts >= len(steps)]
    usual = int(frequent[0] if len(frequent) else lengths[np.argmax(counts)])
    if usual % NS_PER_SECOND or usual >= NS_PER_DAY:
        raise MarketDataError(
            f"{file} has bars of {usual / NS_PER_SECOND:g} s; bars of whole seconds within a day are known."
            " Use shorter bars."
        )
    _check_one_length(steps, slot, usual, wanted, file)
    return usual // NS_PER_SECOND


def _steps(rows: Rows) -> tuple[Ints, Slots]:
    """Return the distances in time of neighbouring bars, ns, by instrument, and whose each is."""
    in_order = bool(np.all(rows.at[1:] >= rows.at[:-1]))
    order = rows.by_slot if in_order else np.lexsort((rows.at, rows.slot))
    at, slot = rows.at[order], rows.slot[order]
    steps = np.diff(at)
    are_steps = (slot[1:] == slot[:-1]) & (steps > 0)
    return steps[are_steps], slot[1:][are_steps]


def _check_one_length(steps: Ints, slot: Slots, usual: int, wanted: Sequence[Wanted], file: str) -> None:
    """Refuse bars of two lengths: an instrument whose bars are all a multiple of the others' apart."""
    firsts = np.flatnonzero(np.concatenate([[True], slot[1:] != slot[:-1]]))
    counts = np.diff(np.concatenate([firsts, [len(slot)]]))
    least = np.minimum.reduceat(steps, firsts)
    for place in np.flatnonzero((counts >= _STEPS) & (least > usual)).tolist():
        of_it = steps[firsts[place] : firsts[place] + counts[place]]
        length = int(np.gcd.reduce(of_it))
        if length > usual:
            name = wanted[int(slot[firsts[place]])].words
            raise MarketDataError(
                f"{file} has bars of {usual / NS_PER_SECOND:g} s, and those of {name} are"
                f" {length / NS_PER_SECOND:g} s apart; a recording has bars of one length. Put them into"
                " different directories."
            )
