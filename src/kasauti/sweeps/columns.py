"""
A market as one file of columns that any number of processes read without copying.

The file is Arrow IPC, a record batch for each of the market's own batches, memory-mapped when it is read: the
pages are in memory once, however many workers there are, and nobody can write to them.
"""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from kasauti.compose.markets import Batch, Market
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.instrument import Instrument, Universe
from kasauti.domain.ist import ist_date
from kasauti.domain.market import DEPTH_LEVELS, BarBatch, Depth, TickBatch
from kasauti.errors import MarketDataError

_BARS: Final = ("at", "slot", "open", "high", "low", "close", "volume", "open_interest")
_TICKS: Final = (
    "at", "slot", "last", "bid", "ask", "bid_quantity", "ask_quantity", "volume", "open_interest",
)  # fmt: skip
_DEPTH: Final = ("bid_prices", "bid_quantities", "ask_prices", "ask_quantities")
_HEAD: Final = b"kasauti"


class Span(msgspec.Struct, frozen=True, order=True):
    """Trading days from `first` to `last`, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


class _Head(msgspec.Struct, frozen=True):
    """All of a market but its columns. `seconds` is the length of bars, 0 for ticks."""

    label: str
    source: str
    days: list[date]
    is_bars: bool
    is_dense: bool
    underlying: str
    seconds: int
    has_depth: bool
    instruments: list[Instrument]


def write_columns(market: Market, path: Path) -> str:
    """Write `market` to a new file; return the fingerprint of its instruments and of every value in it."""
    import pyarrow as pa  # noqa: PLC0415  a slow import, of no use to --help

    batches = (each.rows() if isinstance(each, BarGrid) else each for each in market.play(None))
    first = next(batches, None)
    if first is None:
        raise MarketDataError(f"the {market.label} has no prices to sweep over; choose other days or symbols")
    head = _head(market, first)
    nameless = msgspec.structs.replace(head, label="", source="")  # a file may be moved and renamed
    print_ = hashlib.blake2b(msgspec.json.encode(nameless), digest_size=16)
    names = [*(_BARS if isinstance(first, BarBatch) else _TICKS)]
    fields = [pa.field(name, pa.int32() if name == "slot" else pa.int64()) for name in names]
    if isinstance(first, TickBatch) and first.depth is not None:
        fields += [pa.field(name, pa.list_(pa.int64(), DEPTH_LEVELS)) for name in _DEPTH]
    schema = pa.schema(fields, metadata={_HEAD: msgspec.json.encode(head)})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        batch: Batch | None = first
        while batch is not None:
            columns = [np.ascontiguousarray(column) for column in _columns(batch, schema.names)]
            for column in columns:
                print_.update(column.data)
            arrays = [_array(column, field) for column, field in zip(columns, schema, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            batch = next(batches, None)
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
        self._batches = [self._batch(number) for number in range(self._reader.num_record_batches)]
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
        )

    def _batch(self, number: int) -> Batch:
        record = self._reader.get_batch(number)
        names = _BARS if self._head.is_bars else _TICKS
        columns: list[Any] = [record.column(name).to_numpy(zero_copy_only=True) for name in names]
        if self._head.is_bars:
            return BarBatch(self._head.seconds, *columns)
        depth = None
        if self._head.has_depth:
            depth = Depth(*(_levels(record.column(name)) for name in _DEPTH))
        return TickBatch(**dict(zip(names, columns, strict=True)), depth=depth)


def _head(market: Market, first: Batch) -> _Head:
    return _Head(
        label=market.label,
        source=market.source,
        days=list(market.days),
        is_bars=isinstance(first, BarBatch),
        is_dense=market.is_dense,
        underlying=market.underlying,
        seconds=first.seconds if isinstance(first, BarBatch) else 0,
        has_depth=isinstance(first, TickBatch) and first.depth is not None,
        instruments=list(market.universe),
    )


def _columns(batch: Batch, names: list[str]) -> Iterator[NDArray[Any]]:
    depth = getattr(batch, "depth", None)
    for name in names:
        yield getattr(depth if name in _DEPTH else batch, name)


def _array(column: NDArray[Any], field: Any) -> Any:  # noqa: ANN401  pyarrow ships no types
    import pyarrow as pa  # noqa: PLC0415  a slow import, of no use to --help

    if column.ndim == 1:
        return pa.array(column, type=field.type)
    return pa.FixedSizeListArray.from_arrays(pa.array(column.reshape(-1)), DEPTH_LEVELS)


def _levels(column: Any) -> NDArray[np.int64]:  # noqa: ANN401  pyarrow ships no types
    flat: NDArray[np.int64] = column.flatten().to_numpy(zero_copy_only=True)
    return flat.reshape(-1, DEPTH_LEVELS)
