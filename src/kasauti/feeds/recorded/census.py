"""
What a first look at the pieces of a recording sees: instruments, days, the length of bars, clocks.

Of bars in large Parquet files this takes the files' statistics and two or three columns; anything else is
read whole.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY, NS_PER_SECOND
from kasauti.domain.market import Ints, Slots
from kasauti.errors import MarketDataError
from kasauti.exchange.calendar import Calendar
from kasauti.feeds.recorded.ahead import ahead
from kasauti.feeds.recorded.layout import BarMark, RecordingKind
from kasauti.feeds.recorded.loading import Loaded, Table, named, seconds_of
from kasauti.feeds.recorded.naming import Wanted
from kasauti.feeds.recorded.pieces import Pieces
from kasauti.feeds.recorded.reading import Source
from kasauti.feeds.recorded.report import Fault, Finding, Place, found
from kasauti.feeds.recorded.rows import Rows
from kasauti.feeds.recorded.suspicion import CLOSE, OPEN, Clocks, bar_seconds, clock_of

_EPOCH = date(1970, 1, 1).toordinal()
#: What a first look at bars needs of rows that it has to see.
_LOOK = ("symbol", "time", "seconds", "volume")
#: More than this share of the bars that fit into a piece shows that none of twice the length would do.
_DENSE = 0.5


@dataclass(slots=True)
class Sighting:
    """Where an instrument was seen first, and whether it has volume."""

    file: int
    row: int
    day: int
    has_volume: bool = False


@dataclass(frozen=True, slots=True)
class _Glance:
    """A piece of one day within the usual hours, `first` to `last`: the codes of its rows into `words`."""

    table: Table
    codes: Ints
    words: list[str]
    first: int
    last: int


class Census:
    """What has been seen of `pieces`. `wanted` and `days` are by piece, `sightings` by instrument."""

    def __init__(self, pieces: Pieces, calendar: Calendar, *, in_full: bool) -> None:
        self.pieces = pieces
        self._calendar = calendar
        self._clocks: dict[int, Clocks] = {}
        self._steps: dict[Wanted, int] | None = None
        self._last: tuple[int, tuple[str, ...], Rows] | None = None
        self.in_full = in_full
        self.sightings: dict[Wanted, Sighting] = {}
        self.wanted: list[list[Wanted]] = []
        self.days: list[frozenset[int]] = []
        self.findings: list[Finding] = []
        self.seconds = 0
        self.size = 0
        look = pieces.load if in_full else self._look
        for number, seen in enumerate(ahead(look, range(len(pieces)))):
            self._take(number, seen)

    def _look(self, number: int) -> Loaded | _Glance | None:
        """Look at a piece of bars: None if all of it is outside the days asked for."""
        times, span = self.pieces.times_of(number), self.pieces.span
        if not self.pieces.can_be_skimmed(number):
            return self.pieces.load(number)
        if times is None:
            return self.pieces.load_only(number, _LOOK)
        first, last = times
        days = _day(first), _day(last)
        if days[1] < span.first or days[0] > span.last:
            return None
        mark = self.pieces.sources[self.pieces.file_of(number)].layout.bar_mark
        within = clock_of(first) >= OPEN and clock_of(last) <= CLOSE
        if mark is BarMark.START and clock_of(first) > OPEN and clock_of(last) == CLOSE:
            within = False
        if days[0] != days[1] or not within:
            return self.pieces.load_only(number, _LOOK)
        table = self.pieces.table(number, ("symbol", "seconds", "volume"))
        codes, words = table.words("symbol")
        if not len(codes) or codes.min() < 0:
            return self.pieces.load_only(number, _LOOK)
        return _Glance(table, codes, words, first, last)

    def _take(self, number: int, seen: Loaded | _Glance | None) -> None:
        file = self.pieces.file_of(number)
        source = self.pieces.sources[file]
        if source.cut and file not in self._clocks:
            self.findings.append(found(Fault.CUT_LINE, 1, Place(source.name)))
        self._clocks.setdefault(file, Clocks(self.pieces.reads_as_ist(file)))
        if isinstance(seen, _Glance) and not self._fits(file, seen):
            seen = self.pieces.load_only(number, _LOOK)
        if seen is None:
            self.size += self.pieces.size_of(number)
            self.wanted.append([])
            self.days.append(frozenset())
        elif isinstance(seen, _Glance):
            self._take_glance(file, seen)
        else:
            self._take_loaded(file, seen, source)

    def _fits(self, file: int, seen: _Glance) -> bool:
        """Whether the number of rows alone shows that the bars have the length of those before."""
        if seen.table.has("seconds"):
            self._agree(file, seconds_of(seen.table))
            return True
        if self._clocks[file].total or not self.seconds:
            return bool(self.seconds)
        most = np.count_nonzero(np.bincount(seen.codes)) * (
            1 + (seen.last - seen.first) // (self.seconds * NS_PER_SECOND)
        )
        return bool(_DENSE * most < seen.table.size <= most)

    def _take_glance(self, file: int, seen: _Glance) -> None:
        size, day = seen.table.size, _day(seen.first)
        self.size += size
        self.days.append(frozenset((day,)))
        if self._is_usual(day):
            self._clocks[file].add_within(seen.first, seen.last, size)
        counts = np.bincount(seen.codes, minlength=len(seen.words))
        idle = seen.codes[seen.table.quantities("volume") <= 0]
        used, traded = counts > 0, counts > np.bincount(idle, minlength=len(seen.words))
        codes = np.flatnonzero(used).tolist()
        self.wanted.append([named(seen.words[code]) for code in codes])
        firsts: Ints | None = None
        for code, wanted in zip(codes, self.wanted[-1], strict=True):
            sighting = self.sightings.get(wanted)
            if sighting is None:
                firsts = _firsts(seen.codes, len(seen.words)) if firsts is None else firsts
                row = int(seen.table.row[firsts[code]])
                sighting = self.sightings[wanted] = Sighting(file, row, day)
            sighting.has_volume |= bool(traded[code])

    def _take_loaded(self, file: int, loaded: Loaded, source: Source) -> None:
        self.size += loaded.size
        self.findings += loaded.findings
        self.wanted.append(loaded.wanted)
        self.days.append(frozenset(loaded.days))
        if len(loaded.rows):
            if source.layout.kind is RecordingKind.BARS and not self._clocks[file].total:
                self._agree(file, loaded.seconds or bar_seconds(loaded.rows, loaded.wanted, source.name))
            self._clocks[file].add(self._on_usual_days(loaded), self.seconds)
            self._sight(file, loaded)

    def _agree(self, file: int, seconds: int) -> None:
        if self.seconds and seconds != self.seconds:
            raise MarketDataError(
                f"{self.pieces.sources[file].name} has bars of {seconds} s and the files before it of"
                f" {self.seconds} s; a recording has bars of one length. Put them into different directories."
            )
        self.seconds = seconds

    def _is_usual(self, number: int) -> bool:
        """Whether a day may have had the usual hours."""
        first, last = self._calendar.known
        day = date.fromordinal(number + _EPOCH)
        return not first <= day <= last or self._calendar.is_regular_day(day)

    def _on_usual_days(self, loaded: Loaded) -> Ints:
        usual = [part for number, part in loaded.days.items() if self._is_usual(number)]
        if len(usual) == len(loaded.days):
            return loaded.rows.at
        return np.concatenate([loaded.rows.at[part] for part in usual]) if usual else loaded.rows.at[:0]

    def _sight(self, file: int, loaded: Loaded) -> None:
        rows = loaded.rows
        count = len(loaded.wanted)
        seen = np.bincount(rows.slot, minlength=count) > 0
        traded = np.bincount(rows.slot[rows.columns["volume"] > 0], minlength=count) > 0
        firsts: Ints | None = None
        for slot in np.flatnonzero(seen).tolist():
            sighting = self.sightings.get(loaded.wanted[slot])
            if sighting is None:
                firsts = _firsts(rows.slot, count) if firsts is None else firsts
                first = int(firsts[slot])
                sighting = Sighting(file, int(rows.row[first]), _day(int(rows.at[first])))
                self.sightings[loaded.wanted[slot]] = sighting
            sighting.has_volume |= bool(traded[slot])

    def suspicions(self) -> list[Finding]:
        """Return what the clocks of the files make suspicious."""
        findings: list[Finding] = []
        for file, clocks in self._clocks.items():
            source = self.pieces.sources[file]
            findings += clocks.wrong_zone(source.name)
            if source.layout.kind is RecordingKind.BARS:
                findings += clocks.wrong_mark(source.name, source.layout.bar_mark, source.layout.name)
            else:
                findings += clocks.rounded(source.name)
        return findings

    def where(self, wanted: Wanted) -> str:
        """Say where an instrument was seen first."""
        sighting = self.sightings[wanted]
        return f"{self.pieces.sources[sighting.file].name}, row {sighting.row}"

    def level(self, wanted: Wanted) -> int:
        """Return the first price above 0 of an instrument, 1 if it has none."""
        for number, listed in enumerate(self.wanted):
            if wanted in listed:
                rows = self._again(number, ("symbol", "time", "close"))
                price = rows.columns["last" if "last" in rows.columns else "close"]
                found_at = np.flatnonzero((rows.slot == listed.index(wanted)) & (price > 0))
                if len(found_at):
                    return int(price[found_at[0]])
        return 1

    def price_step(self, wanted: Wanted) -> int:
        """Return the largest amount that every price of an instrument is a multiple of."""
        if self._steps is None:
            self._steps = {}
            for number, listed in enumerate(self.wanted):
                rows = self._again(number, ("symbol", "time", "open", "high", "low", "close"))
                for name in ("last", "open", "high", "low", "close"):
                    if name in rows.columns:
                        steps = _price_steps(rows.columns[name], rows, len(listed))
                        for place, each in enumerate(listed):
                            self._steps[each] = int(np.gcd(self._steps.get(each, 0), steps[place]))
        return max(self._steps[wanted], 1)

    def _again(self, number: int, names: tuple[str, ...]) -> Rows:
        """Return the rows of a piece with these columns, which a first look may have left out."""
        if self.in_full:
            return self.pieces.load(number).rows
        if self._last is None or self._last[0] != number or self._last[1] != names:
            self._last = (number, names, self.pieces.load_only(number, names).rows)
        return self._last[2]


def _day(at: int) -> int:
    return (at + IST_OFFSET_NS) // NS_PER_DAY


def _firsts(codes: Ints | Slots, count: int) -> Ints:
    """Return the first row of each code, where it has one."""
    firsts = np.zeros(count, np.int64)
    firsts[codes[::-1]] = np.arange(len(codes))[::-1]  # of several values for one place, the last one stands
    return firsts


def _price_steps(prices: Ints, rows: Rows, count: int) -> Ints:
    """Return the greatest common divisor of the prices above 0 of each instrument, 0 where there is none."""
    order = rows.by_slot[prices[rows.by_slot] > 0]
    slots, starts = np.unique(rows.slot[order], return_index=True)
    steps = np.zeros(count, np.int64)
    if len(slots):
        steps[slots] = np.gcd.reduceat(prices[order], starts)
    return steps
