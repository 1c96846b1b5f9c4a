"""
The first look at a recording: which instruments and days its files have, and how to get the rows of a day.

Every piece of every file is looked at once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
import numpy as np

from kasauti.domain.instrument import Instrument, Universe
from kasauti.domain.market import Ints, Slots
from kasauti.errors import InvalidInput, MarketDataError, RuleUnknown
from kasauti.exchange.calendar import Calendar
from kasauti.feeds.recorded.instrument_map import Entry, read_map
from kasauti.feeds.recorded.layout import Layout, RecordingKind
from kasauti.feeds.recorded.loading import Loaded
from kasauti.feeds.recorded.naming import Naming, Wanted, matches, unknown
from kasauti.feeds.recorded.pieces import Pieces
from kasauti.feeds.recorded.reading import Source
from kasauti.feeds.recorded.report import Fault, Finding, Place, found
from kasauti.feeds.recorded.rows import Rows, joined
from kasauti.feeds.recorded.suspicion import Clocks, bar_seconds
from kasauti.feeds.recorded.values import Bools

_EPOCH = date(1970, 1, 1).toordinal()
_SOME = 20


@dataclass(slots=True)
class Sighting:
    """Where an instrument was seen first, one of its prices (0: none yet), and whether it has volume."""

    file: int
    row: int
    day: int
    level: int = 0
    has_volume: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """
    What a recording holds.

    `seconds` is the length of its bars, 0 for anything else. `slots` maps, for each piece, its own numbers of
    instruments to slots of the universe, -1 for those that were not asked for.
    """

    layout: Layout
    seconds: int
    universe: Universe
    has_volume: Bools
    days: list[date]
    size: int
    findings: list[Finding]
    sources: Sequence[Source]
    pieces: Pieces
    slots: list[Slots]
    days_of_piece: list[frozenset[int]]

    @property
    def file_names(self) -> list[str]:
        """The names of the files, by number."""
        return [source.name for source in self.sources]

    def rows_of(self, day: date) -> Rows:
        """Return the rows of a day of all files, as they are in them, file after file."""
        number = day.toordinal() - _EPOCH
        parts = []
        for piece, days in enumerate(self.days_of_piece):
            if number in days:
                loaded = self.pieces.load(piece)
                rows = loaded.rows.take(loaded.days[number])
                slot = self.slots[piece][rows.slot]
                rows = Rows(rows.at, slot, rows.file, rows.row, rows.columns)
                parts.append(rows if (slot >= 0).all() else rows.take(slot >= 0))
        return joined(_alike(parts))


def survey(pieces: Pieces, asked: Collection[str], calendar: Calendar) -> Survey:
    """Look at every piece. Raises `MarketDataError` for instruments that are unknown or not there."""
    census = _Census(pieces, calendar)
    for number in range(len(pieces)):
        census.add(number, pieces.load(number))
    layout = pieces.sources[0].layout
    naming = _naming(pieces.sources, calendar)
    slot_of, universe, findings = _list(census, naming, asked)
    slots = [np.array([slot_of.get(w, -1) for w in wanted], np.int32) for wanted in census.wanted]
    has_volume = np.zeros(len(universe), np.bool_)
    for wanted, slot in slot_of.items():
        has_volume[slot] |= census.sightings[wanted].has_volume
    return Survey(
        layout=layout,
        seconds=census.seconds,
        universe=universe,
        has_volume=has_volume,
        days=[date.fromordinal(day + _EPOCH) for day in sorted(set().union(*census.days))],
        size=census.size,
        findings=census.findings + census.suspicions() + findings,
        sources=pieces.sources,
        pieces=pieces,
        slots=slots,
        days_of_piece=census.days,
    )


class _Census:
    """What has been seen of the pieces so far."""

    def __init__(self, pieces: Pieces, calendar: Calendar) -> None:
        self._pieces = pieces
        self._calendar = calendar
        self._clocks: dict[int, Clocks] = {}
        self.sightings: dict[Wanted, Sighting] = {}
        self.wanted: list[list[Wanted]] = []
        self.days: list[frozenset[int]] = []
        self.findings: list[Finding] = []
        self.seconds = 0
        self.size = 0

    def add(self, number: int, loaded: Loaded) -> None:
        """Take a piece in."""
        file = self._pieces.file_of(number)
        source = self._pieces.sources[file]
        self.size += loaded.size
        self.findings += loaded.findings
        if source.cut and file not in self._clocks:
            self.findings.append(found(Fault.CUT_LINE, 1, Place(source.name)))
        self.wanted.append(loaded.wanted)
        self.days.append(frozenset(loaded.days))
        clocks = self._clocks.setdefault(file, Clocks(loaded.as_ist))
        if len(loaded.rows):
            if source.layout.kind is RecordingKind.BARS:
                self._take_seconds(file, loaded, source)
            clocks.add(self._on_usual_days(loaded), self.seconds)
            self._sight(file, loaded)

    def _on_usual_days(self, loaded: Loaded) -> Ints:
        """Return the times of the rows on days that may have had the usual hours."""
        first, last = self._calendar.known
        usual = np.ones(len(loaded.rows), np.bool_)
        for number, part in loaded.days.items():
            day = date.fromordinal(number + _EPOCH)
            usual[part] = not first <= day <= last or self._calendar.is_regular_day(day)
        return loaded.rows.at[usual]

    def _take_seconds(self, file: int, loaded: Loaded, source: Source) -> None:
        if self._clocks[file].total:
            return
        seconds = loaded.seconds or bar_seconds(loaded.rows, source.name)
        if self.seconds and seconds != self.seconds:
            raise MarketDataError(
                f"{source.name} has bars of {seconds} s and the files before it of {self.seconds} s; a"
                " recording has bars of one length. Put them into different directories."
            )
        self.seconds = seconds

    def _sight(self, file: int, loaded: Loaded) -> None:
        rows = loaded.rows
        price = rows.columns["last"] if "last" in rows.columns else rows.columns["close"]
        slots, firsts = np.unique(rows.slot, return_index=True)
        priced, levels = np.unique(rows.slot[price > 0], return_index=True)
        level_of = dict(zip(priced.tolist(), price[price > 0][levels].tolist(), strict=True))
        traded = set(np.unique(rows.slot[rows.columns["volume"] > 0]).tolist())
        for slot, first in zip(slots.tolist(), firsts.tolist(), strict=True):
            day = next(day for day, part in loaded.days.items() if part.start <= first < part.stop)
            sighting = self.sightings.setdefault(
                loaded.wanted[slot], Sighting(file, int(rows.row[first]), day)
            )
            sighting.level = sighting.level or level_of.get(slot, 0)
            sighting.has_volume |= slot in traded

    def suspicions(self) -> list[Finding]:
        """Return what the clocks of the files make suspicious."""
        findings: list[Finding] = []
        for file, clocks in self._clocks.items():
            source = self._pieces.sources[file]
            findings += clocks.wrong_zone(source.name)
            if source.layout.kind is RecordingKind.BARS:
                findings += clocks.wrong_mark(source.name, source.layout.bar_mark, source.layout.name)
            else:
                findings += clocks.rounded(source.name)
        return findings

    def where(self, wanted: Wanted) -> str:
        """Say where an instrument was seen first."""
        sighting = self.sightings[wanted]
        return f"{self._pieces.sources[sighting.file].name}, row {sighting.row}"

    def price_step(self, wanted: Wanted) -> int:
        """Return the largest amount that every price of an instrument is a multiple of."""
        step = 0
        for number, listed in enumerate(self.wanted):
            if wanted in listed:
                rows = self._pieces.load(number).rows
                of_it = rows.slot == listed.index(wanted)
                for name in ("last", "open", "high", "low", "close"):
                    prices = rows.columns.get(name, np.zeros(len(rows), np.int64))[of_it]
                    step = int(np.gcd.reduce(prices[prices > 0], initial=step))
        return max(step, 1)


def _naming(sources: Sequence[Source], calendar: Calendar) -> Naming:
    given: dict[str, Instrument] = {}
    entries: dict[str, Entry] = {}
    for source in sources:
        for instrument in _instruments(source):
            given.setdefault(instrument.id, instrument)
    for folder in sorted({source.path.parent for source in sources}):
        entries |= read_map(folder)
    return Naming(calendar, given, entries)


def _instruments(source: Source) -> list[Instrument]:
    if source.instruments is None:
        return []
    try:
        return msgspec.json.decode(source.instruments, type=list[Instrument])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MarketDataError(
            f"{source.name} brings a list of instruments that cannot be read: {error}. Write the file again,"
            " or leave the list out."
        ) from error


def _list(
    census: _Census, naming: Naming, asked: Collection[str]
) -> tuple[dict[Wanted, int], Universe, list[Finding]]:
    """Return the slot of each wanted instrument, the universe, and what was found while listing it."""
    listed: dict[str, Instrument] = {
        i.id: i for i in naming.given.values() if not asked or matches(Wanted(i.id), i, asked)
    }
    slot_of: dict[Wanted, int] = {}
    places = {name: place for place, name in enumerate(listed)}
    for wanted in _in_order(census):
        instrument = _make(wanted, census, naming, asked)
        if instrument is not None:
            listed.setdefault(instrument.id, instrument)
            slot_of[wanted] = places.setdefault(instrument.id, len(places))
    if not slot_of:
        names = sorted({wanted.symbol or wanted.name for wanted in census.sightings})
        raise MarketDataError(
            f"none of {', '.join(asked)} is in the recording; it has {', '.join(names[:_SOME])}"
            f"{' and others' if len(names) > _SOME else ''}."
            if asked
            else "no row of the recording has a time within the days asked for and an instrument; check both."
        )
    stepped = naming.stepped
    findings = (
        [found(Fault.TICK_FROM_DATA, len(stepped), Place("", instrument=stepped[0]))] if stepped else []
    )
    return slot_of, Universe(listed.values()), findings


def _in_order(census: _Census) -> list[Wanted]:
    """Return the instruments of a chain by expiry and strike, all others as they came."""
    return sorted(
        census.sightings, key=lambda w: (w.symbol, w.name, w.expiry, w.strike, w.side) if w.name else ()
    )


def _make(wanted: Wanted, census: _Census, naming: Naming, asked: Collection[str]) -> Instrument | None:
    """Return an instrument, or None for one that was not asked for."""
    sighting = census.sightings[wanted]
    day = date.fromordinal(sighting.day + _EPOCH)
    try:
        made = naming.instrument(wanted, day, max(sighting.level, 1), lambda: census.price_step(wanted))
    except (InvalidInput, RuleUnknown) as error:
        if asked and not matches(wanted, None, asked):
            return None
        raise unknown(census.where(wanted), wanted, error) from error
    return made if not asked or matches(wanted, made, asked) else None


def _alike(parts: list[Rows]) -> list[Rows]:
    """Give every part the columns that any of them has; the recorder's flag is true where it is missing."""
    names = {name: part.columns[name] for part in parts for name in part.columns}
    filled = []
    for part in parts:
        columns = {
            name: part.columns[name]
            if name in part.columns
            else np.full((len(part), *like.shape[1:]), int(name == "in_market"), np.int64)
            for name, like in names.items()
        }
        filled.append(Rows(part.at, part.slot, part.file, part.row, columns))
    return filled
