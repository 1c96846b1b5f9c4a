"""
Market data that is in memory: a polars or pandas data frame, or an Arrow table, as a source like a file.

It has the columns of a layout and goes through the same checks. Rows are counted from 1.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from kasauti.errors import MarketDataError
from kasauti.feeds.recorded import reading
from kasauti.feeds.recorded.layout import recognise
from kasauti.feeds.recorded.reading import Piece, Source, check_once
from kasauti.feeds.recorded.values import NS_IN

#: How messages name it: it has no file name.
NAME = "the data frame"


def is_frame(data: object) -> bool:
    """Whether this is a data frame or a table, by where its type is from: nothing is imported for it."""
    home = type(data).__module__.partition(".")[0]
    return isinstance(data, pa.Table) or (
        home in {"polars", "pandas"} and type(data).__name__ in {"DataFrame", "LazyFrame"}
    )


def source_of(data: object, layout: str | None = None) -> Source:
    """Return a data frame as a source. Raises `MarketDataError` if its columns are foreign or it is empty."""
    table = _as_table(data)
    if not table.num_rows:
        raise MarketDataError(f"{NAME} has no rows; there is nothing in it to use.")
    names = list(table.column_names)
    found, columns = recognise(names, NAME, layout)
    check_once(NAME, names, columns)
    table = _readable(table.select(list(columns.values())))
    kind = table.schema.field(columns["time"]).type
    zoned = bool(pa.types.is_timestamp(kind) and kind.tz is not None)
    return Source(
        Path(NAME), found, columns, _pieces(table, table[columns["time"]]), zoned=zoned, table=table
    )


def _as_table(data: object) -> pa.Table:
    if isinstance(data, pa.Table):
        return data
    frame: Any = data
    if type(data).__name__ == "LazyFrame":
        frame = frame.collect()
    try:
        if type(data).__module__.partition(".")[0] == "polars":
            return frame.to_arrow()
        if str(frame.index.dtype).startswith("datetime64"):
            frame = frame.rename_axis(index=frame.index.name or "time").reset_index()
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise MarketDataError(
            f"{NAME} cannot be read: {str(error).splitlines()[0]}. Give every column one type."
        ) from error


def _readable(table: pa.Table) -> pa.Table:
    """Return a table without the kinds of columns that only memory has."""
    for place, field in enumerate(table.schema):
        views = getattr(pa.types, "is_string_view", None)
        if views is not None and views(field.type):
            table = table.set_column(place, field.name, table[field.name].cast(pa.large_string()))
    return table


def _pieces(table: pa.Table, time: pa.ChunkedArray) -> tuple[Piece, ...]:
    timed = pa.types.is_timestamp(time.type) and not time.null_count
    pieces = []
    for first in range(0, table.num_rows, reading.PIECE_ROWS):
        part = time.slice(first, reading.PIECE_ROWS)
        times = None
        if timed:
            least = pc.min_max(part.cast(pa.int64()))
            scale = NS_IN[time.type.unit]
            times = (least["min"].as_py() * scale, least["max"].as_py() * scale)
        pieces.append(Piece((), first, len(part), times))
    return tuple(pieces)
