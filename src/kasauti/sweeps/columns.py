"""
A market as one file of columns that any number of processes read without copying.

The file is Arrow IPC, a row for each of the market's own batches, memory-mapped when it is read: its pages
are in memory once, however many workers there are, and nobody can write to them.
"""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from kasauti.compose.markets import Batch, Market
from kasauti.domain.instrument import Instrument, Universe
from kasauti.domain.ist import ist_date
from kasauti.errors import MarketDataError
from kasauti.sweeps.batch_rows import batch_of, columns_of, fields, row_of

_HEAD: Final = b"kasauti"


class Span(msgspec.Struct, frozen=True, order=True):
    """Trading days from `first` to `last`, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


class _Head(msgspec.Struct, frozen=True):
    """All of a market but its columns."""

    label: str
    source: str
    days: list[date]
    is_bars: bool
    is_dense: bool
    underlying: str
    ends: time | None
    instruments: list[Instrument]


def write_columns(market: Market, path: Path) -> str:
    """Write `market` to a new file; return the fingerprint of its instruments and of every value in it."""
    import pyarrow as pa  # noqa: PLC0415  a slow import, of no use to --help

    head = _head(market)
    nameless = msgspec.structs.replace(head, label="", source="")  # a file may be moved and renamed
    print_ = hashlib.blake2b(msgspec.json.encode(nameless), digest_size=16)
    schema = pa.schema(fields(), metadata={_HEAD: msgspec.json.encode(head)})
    written = 0
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in market.play(None):
            columns = {name: np.ascontiguousarray(column) for name, column in columns_of(batch)}
            for name, column in columns.items():
                print_.update(name.encode())
                print_.update(column.data)
            writer.write_batch(row_of(batch, columns, schema))
            written += 1
    if not written:
        raise MarketDataError(f"the {market.label} has no prices to sweep over; choose other days or symbols")
    return print_.hexdigest()


class Columns:
    """A file of columns, mapped, or its bytes in memory. `market` is all of it, or the days of a span."""

    def __init__(self, source: Path | NDArray[np.uint8]) -> None:
        import pyarrow as pa  # noqa: PLC0415  a slow import, of no use to --help

        # The file stays open, and the bytes stay in memory, as long as arrays show them.
        mapped = pa.memory_map(str(source)) if isinstance(source, Path) else pa.py_buffer(source)
        self._reader = pa.ipc.open_file(mapped)
        self._head = msgspec.json.decode(self._reader.schema.metadata[_HEAD], type=_Head)
        self._universe = Universe(self._head.instruments)
        rows = range(self._reader.num_record_batches)
        self._batches = [batch_of(self._reader.get_batch(row)) for row in rows]
        self._dates = [ist_date(int(batch.at[0])) for batch in self._batches]

    @property
    def days(self) -> list[date]:
        """The trading days that have data."""
        return self._head.days

    def market(self, span: Span | None = None) -> Market:
        """Return the market, with the days of `span` only if it is given."""
        head = self._head
        first, last = (span.first, span.last) if span else (date.min, date.max)
        begin, end = bisect_left(self._dates, first), bisect_right(self._dates, last)

        def play(start: int | None) -> Iterator[Batch]:
            for batch in self._batches[begin:end]:
                if not start:
                    yield batch
                elif batch.at[-1] >= start:
                    yield batch[int(np.searchsorted(batch.at, start)) :]

        return Market(
            label=head.label,
            source=head.source,
            universe=self._universe,
            days=tuple(day for day in head.days if first <= day <= last),
            is_bars=head.is_bars,
            is_dense=head.is_dense,
            underlying=head.underlying,
            play=play,
            ends=head.ends,
        )


def _head(market: Market) -> _Head:
    return _Head(
        label=market.label,
        source=market.source,
        days=list(market.days),
        is_bars=market.is_bars,
        is_dense=market.is_dense,
        underlying=market.underlying,
        ends=market.ends,
        instruments=list(market.universe),
    )
