"""A batch of market data as a row of an Arrow file, each column a list; and back, without copying."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kasauti.compose.markets import Batch
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.market import DEPTH_LEVELS, BarBatch, Depth, TickBatch

_BARS: Final = ("open", "high", "low", "close", "volume", "open_interest")
_TICKS: Final = ("last", "bid", "ask", "bid_quantity", "ask_quantity", "volume", "open_interest")
_DEPTH: Final = ("bid_prices", "bid_quantities", "ask_prices", "ask_quantities")
#: Every column that some batch has, and the kind of its numbers; `slot` is `slots` of a grid.
_KINDS: Final = {
    "at": "int64",
    "slot": "int32",
    **dict.fromkeys((*_TICKS, *_BARS, *_DEPTH), "int64"),
    "present": "uint8",
}

_Column = NDArray[Any]


@cache
def fields() -> Any:  # noqa: ANN401  pyarrow ships no types
    """Return the fields of a row."""
    import pyarrow as pa  # noqa: PLC0415  a slow import, of no use to --help

    lists = [pa.field(name, pa.list_(pa.type_for_alias(kind))) for name, kind in _KINDS.items()]
    return [pa.field("what", pa.string()), pa.field("seconds", pa.int64()), *lists]


def columns_of(batch: Batch) -> Iterator[tuple[str, _Column]]:
    """Yield every column that a batch has, by its name in the row."""
    yield "at", batch.at
    if isinstance(batch, BarGrid):
        yield "slot", batch.slots
        if batch.present is not None:
            yield "present", batch.present.view(np.uint8)
    else:
        yield "slot", batch.slot
    for name in _TICKS if isinstance(batch, TickBatch) else _BARS:
        yield name, getattr(batch, name)
    if isinstance(batch, TickBatch) and batch.depth is not None:
        for name in _DEPTH:
            yield name, getattr(batch.depth, name)


def row_of(batch: Batch, columns: dict[str, _Column], schema: Any) -> Any:  # noqa: ANN401  as `fields`
    """Return the record batch, of one row, that holds a batch with these columns."""
    import pyarrow as pa  # noqa: PLC0415  as `fields`

    values = [pa.array([type(batch).__name__]), pa.array([getattr(batch, "seconds", 0)], pa.int64())]
    for name, kind in _KINDS.items():
        if name not in columns:
            values.append(pa.nulls(1, pa.list_(pa.type_for_alias(kind))))
            continue
        flat = np.ascontiguousarray(columns[name]).reshape(-1)
        offsets = pa.array([0, len(flat)], pa.int32())
        values.append(pa.ListArray.from_arrays(offsets, pa.array(flat, pa.type_for_alias(kind))))
    return pa.record_batch(values, schema=schema)


def batch_of(row: Any) -> Batch:  # noqa: ANN401  as `fields`
    """Return the batch in a record batch; its arrays show the file itself and cannot be written to."""
    what, seconds = row.column("what")[0].as_py(), row.column("seconds")[0].as_py()
    at, slot = _flat(row, "at"), _flat(row, "slot")
    if what == TickBatch.__name__:
        depth = None
        if row.column("bid_prices").null_count == 0:
            depth = Depth(*(_flat(row, name).reshape(-1, DEPTH_LEVELS) for name in _DEPTH))
        ticks = {name: _flat(row, name) for name in _TICKS}
        return TickBatch(at=at, slot=slot, **ticks, depth=depth)
    values = {name: _flat(row, name) for name in _BARS}
    if what == BarBatch.__name__:
        return BarBatch(seconds, at, slot, **values)
    present = None
    if row.column("present").null_count == 0:
        present = _flat(row, "present").view(np.bool_).reshape(len(slot), len(at))
    matrices = {name: column.reshape(len(slot), len(at)) for name, column in values.items()}
    return BarGrid(seconds, at, slot, **matrices, present=present)


def _flat(row: Any, name: str) -> _Column:  # noqa: ANN401  as `fields`
    values: _Column = row.column(name).values.to_numpy(zero_copy_only=True)
    return values
