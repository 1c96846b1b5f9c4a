"""The pieces of a recording's files, loaded when they are needed and kept while there is room."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY
from kasauti.domain.market import Ints
from kasauti.feeds.recorded.chain import load_chain
from kasauti.feeds.recorded.layout import RecordingKind
from kasauti.feeds.recorded.loading import Loaded, Table, load
from kasauti.feeds.recorded.reading import Piece, Source
from kasauti.feeds.recorded.rows import Rows
from kasauti.feeds.recorded.values import TimeZone

#: Memory for pieces that may be needed again.
_KEPT_BYTES = 3 << 28


@dataclass(frozen=True, slots=True)
class Span:
    """Days since 1970-01-01, IST, both included: what is wanted of a recording."""

    first: int
    last: int


class Pieces:
    """Every piece of every source, by number: those of one file follow each other."""

    def __init__(self, sources: Sequence[Source], zone: TimeZone, span: Span) -> None:
        self.sources = sources
        self._zone = zone
        self._span = span
        self._pieces: list[tuple[int, Piece]] = [
            (file, piece) for file, source in enumerate(sources) for piece in source.pieces
        ]
        self._kept: dict[int, Loaded] = {}

    def __len__(self) -> int:
        return len(self._pieces)

    def file_of(self, number: int) -> int:
        """Return the number of the file that a piece is of."""
        return self._pieces[number][0]

    def load(self, number: int) -> Loaded:
        """Return a piece; of its rows only those within the span."""
        kept = self._kept.pop(number, None)
        loaded = self._load(number) if kept is None else kept
        self._kept[number] = loaded
        while len(self._kept) > 1 and sum(each.rows.nbytes for each in self._kept.values()) > _KEPT_BYTES:
            del self._kept[next(iter(self._kept))]
        return loaded

    def forget(self) -> None:
        """Keep nothing in memory."""
        self._kept.clear()

    def _load(self, number: int) -> Loaded:
        file, piece = self._pieces[number]
        source = self.sources[file]
        table = Table(source.read(piece), source, file, piece.first_row)
        chain = source.layout.kind is RecordingKind.CHAIN
        loaded = load_chain(table, self._zone) if chain else load(table, self._zone)
        days = day_numbers(loaded.rows)
        inside = (days >= self._span.first) & (days <= self._span.last)
        if inside.all():
            return loaded
        return replace(loaded, rows=loaded.rows.take(inside))


def day_numbers(rows: Rows) -> Ints:
    """Return the IST day of each row, days since 1970-01-01."""
    return (rows.at + IST_OFFSET_NS) // NS_PER_DAY


def of_day(rows: Rows, day: int) -> Rows:
    """Return the rows of a day, in order; without a copy where they follow each other."""
    places = np.flatnonzero(day_numbers(rows) == day)
    if len(places) and places[-1] - places[0] == len(places) - 1:
        return rows.take(slice(int(places[0]), int(places[-1]) + 1))
    return rows.take(places)
