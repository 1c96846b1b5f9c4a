"""The pieces of a recording's files, loaded when they are needed and kept while there is room."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from threading import Lock

import numpy as np

from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY, ist_date
from kasauti.domain.market import Ints
from kasauti.feeds.recorded.chain import load_chain
from kasauti.feeds.recorded.layout import RecordingKind
from kasauti.feeds.recorded.loading import Loaded, Table, load
from kasauti.feeds.recorded.reading import Piece, Source
from kasauti.feeds.recorded.values import TimeZone

#: Memory for pieces that may be needed again.
_KEPT_BYTES = 1 << 28
#: Bytes of a value of a column, and columns that a row has besides those of its file.
_VALUE_BYTES, _OWN_COLUMNS = 8, 3


@dataclass(frozen=True, slots=True)
class Span:
    """Days since 1970-01-01, IST, both included: what is wanted of a recording."""

    first: int
    last: int


class Pieces:
    """Every piece of every source, by number: those of one file follow each other."""

    def __init__(self, sources: Sequence[Source], zone: TimeZone, span: Span) -> None:
        self.sources = sources
        self.span = span
        self._zone = zone
        self._pieces: list[tuple[int, Piece]] = [
            (file, piece) for file, source in enumerate(sources) for piece in source.pieces
        ]
        self._kept: dict[int, Loaded] = {}
        self._lock = Lock()
        self._seen: tuple[int, int] | None = None

    def __len__(self) -> int:
        return len(self._pieces)

    @property
    def nbytes(self) -> int:
        """About the memory that all pieces take."""
        return sum(
            piece.size * (len(self.sources[file].columns) + _OWN_COLUMNS) * _VALUE_BYTES
            for file, piece in self._pieces
        )

    def file_of(self, number: int) -> int:
        """Return the number of the file that a piece is of."""
        return self._pieces[number][0]

    def can_be_skimmed(self, number: int) -> bool:
        """Whether some columns of a piece are much quicker to read than all."""
        return bool(self._pieces[number][1].groups) or self.sources[self.file_of(number)].table is not None

    def size_of(self, number: int) -> int:
        """Return how many rows a piece has, for a CSV file about how many."""
        return self._pieces[number][1].size

    def times_of(self, number: int) -> tuple[int, int] | None:
        """Return the first and the last time of a piece, ns UTC, None where its file does not say them."""
        file, piece = self._pieces[number]
        if piece.times is None:
            return None
        offset = IST_OFFSET_NS if self.reads_as_ist(file) else 0
        return piece.times[0] - offset, piece.times[1] - offset

    def reads_as_ist(self, file: int) -> bool:
        """Whether the times of a file carry no offset and are read as IST."""
        return not self.sources[file].zoned and self._zone is TimeZone.IST

    def table(self, number: int, names: Collection[str] = ()) -> Table:
        """Return the columns `names` of a piece, all where there are no names."""
        file, piece = self._pieces[number]
        source = self.sources[file]
        return Table(source.read(piece, names), source, file, piece.first_row)

    def load(self, number: int) -> Loaded:
        """Return a piece; of its rows only those within the span."""
        with self._lock:
            kept = self._kept.pop(number, None)
            loaded = self.load_only(number) if kept is None else kept
            self._kept[number] = loaded
            while len(self._kept) > 1 and sum(each.rows.nbytes for each in self._kept.values()) > _KEPT_BYTES:
                del self._kept[next(iter(self._kept))]
            return loaded

    def load_only(self, number: int, names: Collection[str] = ()) -> Loaded:
        """Return a piece with the columns `names`, all where there are no names, and do not keep it."""
        table = self.table(number, names)
        chain = table.source.layout.kind is RecordingKind.CHAIN
        loaded = load_chain(table, self._zone) if chain else load(table, self._zone)
        if len(loaded.rows):
            self._seen = _joined(self._seen, (int(loaded.rows.at.min()), int(loaded.rows.at.max())))
        return _by_day(loaded, self.span)

    def days_there(self) -> tuple[date, date] | None:
        """Return the first and the last day of all that was seen, within the span or not; None if nothing."""
        seen = self._seen
        for number in range(len(self)):
            seen = _joined(seen, self.times_of(number))
        return None if seen is None else (ist_date(seen[0]), ist_date(seen[1]))

    def forget(self, numbers: Collection[int] | None = None) -> None:
        """Keep these pieces no longer, or none at all."""
        with self._lock:
            for number in list(self._kept if numbers is None else numbers):
                self._kept.pop(number, None)


def _joined(span: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
    if span is None or other is None:
        return span or other
    return min(span[0], other[0]), max(span[1], other[1])


def _by_day(loaded: Loaded, span: Span) -> Loaded:
    """Return a piece with the rows of each day together, otherwise in order, and only those within `span`."""
    rows = loaded.rows
    if len(rows):
        first, last = ((int(at) + IST_OFFSET_NS) // NS_PER_DAY for at in (rows.at.min(), rows.at.max()))
        if first == last and span.first <= first <= span.last:
            return replace(loaded, days={first: slice(0, len(rows))})
    days: Ints = (rows.at + IST_OFFSET_NS) // NS_PER_DAY
    if not bool(np.all(days[1:] >= days[:-1])):
        order = np.argsort(days, kind="stable")
        rows, days = rows.take(order), days[order]
    inside = slice(*np.searchsorted(days, [span.first, span.last + 1]).tolist())
    rows, days = rows.take(inside), days[inside]
    firsts = np.flatnonzero(days[1:] != days[:-1]) + 1
    bounds = [0, *firsts.tolist(), len(days)] if len(days) else []
    parts = {int(days[start]): slice(start, stop) for start, stop in pairwise(bounds)}
    return replace(loaded, rows=rows, days=parts)
