"""The first look at a recording: which instruments and days it has, and where the rows of a day are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import msgspec
import numpy as np

from kasauti.domain.instrument import Instrument, Universe
from kasauti.domain.market import Slots
from kasauti.errors import InvalidInput, MarketDataError, RuleUnknown
from kasauti.exchange.calendar import Calendar
from kasauti.feeds.recorded.census import Census
from kasauti.feeds.recorded.instrument_map import Entry, read_map
from kasauti.feeds.recorded.layout import Layout, RecordingKind
from kasauti.feeds.recorded.naming import Naming, Wanted, matches, unknown
from kasauti.feeds.recorded.pieces import Pieces
from kasauti.feeds.recorded.reading import Source
from kasauti.feeds.recorded.report import Fault, Finding, Place, found
from kasauti.feeds.recorded.rows import Rows, joined
from kasauti.feeds.recorded.values import Bools

_EPOCH = date(1970, 1, 1).toordinal()
_SOME = 20
#: Further from 1970 than any day that somebody asks for.
_ANY_DAY = 200_000


@dataclass(frozen=True)
class Survey:
    """
    What a recording holds.

    `seconds` is the length of its bars, 0 for anything else. `slots` maps, for each piece, its own numbers of
    instruments to slots of the universe, -1 for those that were not asked for. `in_full`: all of it fits in
    memory.
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
    in_full: bool

    @cached_property
    def file_names(self) -> list[str]:
        """The names of the files, by number."""
        return [source.name for source in self.sources]

    @cached_property
    def _pieces_of(self) -> dict[int, list[int]]:
        """The pieces that have rows of each day."""
        pieces: dict[int, list[int]] = {}
        for piece, days in enumerate(self.days_of_piece):
            for day in days:
                pieces.setdefault(day, []).append(piece)
        return pieces

    def rows_of(self, day: date) -> Rows:
        """Return the rows of a day of all files, as they are in them, file after file."""
        number = day.toordinal() - _EPOCH
        parts = []
        for piece in self._pieces_of[number]:
            loaded = self.pieces.load(piece)
            slots = self.slots[piece]
            rows = loaded.rows.take(loaded.days[number])
            slot = slots[rows.slot]
            rows = Rows(rows.at, slot, rows.file, rows.row, rows.columns)
            parts.append(rows if (slots >= 0).all() else rows.take(slot >= 0))
        return joined(_alike(parts))

    def release(self, day: date) -> None:
        """Forget the pieces that have no row after `day`: they are not needed again soon."""
        number = day.toordinal() - _EPOCH
        self.pieces.forget(
            [piece for piece in self._pieces_of[number] if max(self.days_of_piece[piece]) <= number]
        )

    def shared_day(self) -> date | None:
        """Return the first day of which two files have rows of one instrument, None if there is none."""
        for number in sorted(self._pieces_of):
            files: dict[int, list[Slots]] = {}
            for piece in self._pieces_of[number]:
                files.setdefault(self.pieces.file_of(piece), []).append(self.slots[piece])
            if len(files) > 1:
                slots = np.concatenate([np.unique(np.concatenate(each)) for each in files.values()])
                if bool(np.any(np.bincount(slots[slots >= 0]) > 1)):
                    return date.fromordinal(number + _EPOCH)
        return None


def survey(pieces: Pieces, asked: Collection[str], calendar: Calendar, most_bytes: int) -> Survey:
    """
    Look at every piece, at all of it if there is not more than `most_bytes`.

    Raises `MarketDataError` for instruments that are unknown or not there.
    """
    layout = pieces.sources[0].layout
    in_full = pieces.nbytes <= most_bytes
    census = Census(pieces, calendar, in_full=in_full or layout.kind is not RecordingKind.BARS)
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
        in_full=in_full,
    )


def _naming(sources: Sequence[Source], calendar: Calendar) -> Naming:
    given: dict[str, Instrument] = {}
    entries: dict[str, Entry] = {}
    for source in sources:
        for instrument in _instruments(source):
            given.setdefault(instrument.id, instrument)
    for folder in sorted({source.path.parent for source in sources if source.table is None}):
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
    census: Census, naming: Naming, asked: Collection[str]
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
            else f"no row of the recording has a time within the days asked for{_days_there(census.pieces)}."
        )
    stepped = naming.stepped
    findings = (
        [found(Fault.TICK_FROM_DATA, len(stepped), Place("", instrument=stepped[0]))] if stepped else []
    )
    return slot_of, Universe(listed.values()), findings


def _days_there(pieces: Pieces) -> str:
    """Say which days were asked for and which there are."""
    there = pieces.days_there()
    has = "it has no time at all" if there is None else f"it has {there[0]} to {there[1]}"
    first, last = (
        f"{date.fromordinal(day + _EPOCH)}" if abs(day) < _ANY_DAY else words
        for day, words in ((pieces.span.first, "the first"), (pieces.span.last, "the last"))
    )
    return f", {first} to {last}, and an instrument; {has}"


def _in_order(census: Census) -> list[Wanted]:
    """Return the instruments of a chain by expiry and strike, all others as they came."""
    return sorted(
        census.sightings, key=lambda w: (w.symbol, w.name, w.expiry, w.strike, w.side) if w.name else ()
    )


def _make(wanted: Wanted, census: Census, naming: Naming, asked: Collection[str]) -> Instrument | None:
    """Return an instrument, or None for one that was not asked for."""
    sighting = census.sightings[wanted]
    day = date.fromordinal(sighting.day + _EPOCH)
    try:
        made = naming.instrument(wanted, day, lambda: census.level(wanted), lambda: census.price_step(wanted))
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
