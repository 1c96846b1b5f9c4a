"""
Recordings written in our own layouts: Parquet or CSV, by the name of the file.

What is written reads back as the same columns. The instruments are in the metadata of a Parquet file, and
beside a CSV file as `<name>.instruments.json`. A file appears under its name once it is whole.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from kasauti.domain.inputs import MarketData
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import IST_OFFSET_NS
from kasauti.errors import InvalidInput, MarketDataError
from kasauti.feeds.recorded.csv_files import instruments_beside
from kasauti.feeds.recorded.reading import INSTRUMENTS_KEY
from kasauti.feeds.recorded.tables import tables


def write_recording(
    path: Path,
    universe: Universe,
    batches: Iterable[MarketData],
    *,
    layout: str | None = None,
) -> int:
    """
    Write `batches` to `path` and return the rows written.

    The layout is that of the batches, kasauti-ticks or kasauti-bars; `kasauti-chain` may be asked for where
    every moment is the snapshot of option chains. Raises `InvalidInput` for batches that do not fit it, and
    `MarketDataError` if the file cannot be written.
    """
    if not path.name.endswith((".parquet", ".csv")):
        raise InvalidInput(f"{path.name} has to end in .parquet or .csv: the name decides the format.")
    made = tables(universe, batches, layout)
    first = next(made, None)
    if first is None:
        raise InvalidInput(f"There is nothing to write to {path.name}: no batch has a row.")
    brought = msgspec.json.encode(list(universe))
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        if path.name.endswith(".csv"):
            rows = _write_csv(unfinished, first, made)
            instruments_beside(path).write_bytes(brought)
        else:
            rows = _write_parquet(unfinished, first, made, brought)
        unfinished.replace(path)
    except (OSError, pa.ArrowException) as error:
        unfinished.unlink(missing_ok=True)
        raise MarketDataError(
            f"{path} could not be written: {error}. Make room, or choose another place."
        ) from error
    return rows


def _write_parquet(path: Path, first: pa.Table, rest: Iterator[pa.Table], brought: bytes) -> int:
    schema = first.schema.with_metadata({INSTRUMENTS_KEY: brought})
    with pq.ParquetWriter(path, schema) as writer:
        return _write(lambda table: writer.write_table(table.cast(schema)), first, rest)


def _write_csv(path: Path, first: pa.Table, rest: Iterator[pa.Table]) -> int:
    first = _as_text(first)
    with pcsv.CSVWriter(path, first.schema, write_options=pcsv.WriteOptions(quoting_style="none")) as writer:
        return _write(writer.write_table, first, map(_as_text, rest))


def _write(write: Callable[[pa.Table], None], first: pa.Table, rest: Iterator[pa.Table]) -> int:
    write(first)
    rows: int = first.num_rows
    for table in rest:
        write(table)
        rows += table.num_rows
    return rows


def _as_text(table: pa.Table) -> pa.Table:
    """Return a table with its times as IST text and its instruments as words: what CSV can hold."""
    for place, field in enumerate(table.schema):
        column = table.column(place)
        if pa.types.is_timestamp(field.type):
            local = pc.add(column.cast(pa.int64()), IST_OFFSET_NS).cast(pa.timestamp("ns")).cast(pa.string())
            column = pc.binary_join_element_wise(pc.replace_substring(local, " ", "T"), "+05:30", "")
        elif pa.types.is_dictionary(field.type):
            column = column.cast(pa.string())
        table = table.set_column(place, field.name, column)
    return table
