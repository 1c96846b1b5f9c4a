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
        return _by_day(loaded, self._span)


def _by_day(loaded: Loaded, span: Span) -> Loaded:
    """Return a piece with the rows of each day together, otherwise in order, and only those within `span`."""
    rows = loaded.rows
    days: Ints = (rows.at + IST_OFFSET_NS) // NS_PER_DAY
    if not bool(np.all(days[1:] >= days[:-1])):
        order = np.argsort(days, kind="stable")
        rows, days = rows.take(order), days[order]
    inside = slice(*np.searchsorted(days, [span.first, span.last + 1]).tolist())
    rows, days = rows.take(inside), days[inside]
    numbers, firsts = np.unique(days, return_index=True)
    bounds = [*firsts.tolist(), len(days)]
    parts = {day: slice(*bounds[place : place + 2]) for place, day in enumerate(numbers.tolist())}
    return replace(loaded, rows=rows, days=parts)
