"""
Parquet and CSV files as Arrow tables: which files, which columns, in pieces of bounded size.

Whatever is wrong with a file is a `MarketDataError` that names it. Rows are counted from 1, without the
header of a CSV file.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from kasauti.errors import MarketDataError
from kasauti.feeds.recorded.layout import Layout, recognise

#: Names of the data files that are looked for in a directory.
_SUFFIXES = (".parquet", ".csv", ".csv.gz")
#: A CSV file that says which instruments its neighbours are about, and is no market data.
INSTRUMENT_MAP = "instrument_map.csv"
#: Where our own Parquet files keep their instruments.
INSTRUMENTS_KEY = b"kasauti.instruments"

_PIECE_ROWS = 1_000_000
_LONGEST_HEADER = 1 << 16
_TAIL = 1 << 20

_TEXT = frozenset({"symbol", "underlying", "option_type", "time", "expiry"})
_FLAGS = frozenset({"in_market"})

#: What pyarrow and the system raise about a file that is not what it should be.
_UNREADABLE = (pa.ArrowException, OSError, ValueError, KeyError, TypeError, OverflowError, MemoryError)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some consecutive row groups of a Parquet file, or a whole CSV file. `first_row` counts from 0."""

    groups: tuple[int, ...]
    first_row: int


@dataclass(frozen=True, slots=True)
class Source:
    """One data file whose layout is known. `columns` maps our names to its names."""

    path: Path
    layout: Layout
    columns: dict[str, str]
    pieces: tuple[Piece, ...]
    instruments: bytes | None = None
    cut: bool = False

    @property
    def name(self) -> str:
        """The file's name, as messages say it."""
        return self.path.name

    def read(self, piece: Piece) -> pa.Table:
        """Return the columns of one piece under our names."""
        wanted = list(self.columns.values())
        table = _read_csv(self) if _is_csv(self.path) else _read_parquet(self.path, piece.groups, wanted)
        if not table.num_rows:
            raise MarketDataError(f"{self.name} has columns but no rows; there is nothing in it to use.")
        return table.select(wanted).rename_columns(list(self.columns))


def find_files(path: Path) -> list[Path]:
    """Return `path`, or the data files in it by name; `MarketDataError` if there is none."""
    if path.is_dir():
        try:
            names = sorted(path.iterdir())
        except OSError as error:
            raise MarketDataError(f"{path} cannot be listed: {error}. Check its permissions.") from error
        files = [p for p in names if p.name.endswith(_SUFFIXES) and p.name != INSTRUMENT_MAP and p.is_file()]
        if not files:
            raise MarketDataError(f"{path} holds no data file; it needs *.parquet, *.csv or *.csv.gz files.")
        return files
    if not path.exists():
        raise MarketDataError(f"{path} does not exist; check the path.")
    if not path.name.endswith(_SUFFIXES):
        raise MarketDataError(
            f"{path.name} is not a data file; its name has to end in .parquet, .csv or .csv.gz."
        )
    return [path]


def open_source(path: Path, layout: str | None = None) -> Source:
    """Recognise a file. Raises `MarketDataError` if it cannot be read or has foreign columns."""
    return _open_csv(path, layout) if _is_csv(path) else _open_parquet(path, layout)


def _is_csv(path: Path) -> bool:
    return not path.name.endswith(".parquet")


# Parquet


def _open_parquet(path: Path, asked: str | None) -> Source:
    try:
        with pq.ParquetFile(path) as file:
            names = list(file.schema_arrow.names)
            sizes = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
            metadata = file.schema_arrow.metadata or {}
    except _UNREADABLE as error:
        raise MarketDataError(
            f"{path.name} is not a whole Parquet file ({_first_line(error)}). It may have been cut off while"
            " it was copied or written; get it again."
        ) from error
    layout, columns = recognise(names, path.name, asked)
    _check_once(path, names, columns)
    return Source(path, layout, columns, tuple(_pieces(sizes)), metadata.get(INSTRUMENTS_KEY))


def _pieces(sizes: list[int]) -> Iterator[Piece]:
    groups: list[int] = []
    first, size = 0, 0
    for group, rows in enumerate(sizes):
        if groups and size + rows > _PIECE_ROWS:
            yield Piece(tuple(groups), first)
            groups, first, size = [], first + size, 0
        groups.append(group)
        size += rows
    yield Piece(tuple(groups), first)


def _read_parquet(path: Path, groups: tuple[int, ...], columns: list[str]) -> pa.Table:
    try:
        with pq.ParquetFile(path) as file:
            table = file.read_row_groups(list(groups), columns=columns)
            table.select(columns)
            return table
    except _UNREADABLE as error:
        raise MarketDataError(
            f"{path.name} is damaged: {_first_line(error)}. Its footer is whole but its data is not; get the"
            " file again."
        ) from error


# CSV


def _open_csv(path: Path, asked: str | None) -> Source:
    names = _header(path)
    layout, columns = recognise(names, path.name, asked)
    _check_once(path, names, columns)
    cut = _is_cut(path, len(names))
    return Source(path, layout, columns, (Piece((), 0),), _sidecar(path), cut=cut)


def _header(path: Path) -> list[str]:
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            start: bytes = stream.read(_LONGEST_HEADER)
        line = start.split(b"\n", 1)[0].decode("utf-8-sig").rstrip("\r")
        names = next(csv.reader([line], strict=True), [])
    except (*_UNREADABLE, csv.Error) as error:
        raise MarketDataError(
            f"{path.name} does not begin with a line of column names in UTF-8 ({_first_line(error)});"
            " check that it is a CSV file."
        ) from error
    if not start.strip():
        raise MarketDataError(f"{path.name} is empty; get the file again.")
    return [name.strip() for name in names]


def _sidecar(path: Path) -> bytes | None:
    """Return the instruments that our own CSV files have beside them."""
    beside = instruments_beside(path)
    try:
        return beside.read_bytes() if beside.is_file() else None
    except OSError as error:
        raise MarketDataError(f"{beside.name} cannot be read: {error}. Check its permissions.") from error


def instruments_beside(path: Path) -> Path:
    """Return where the instruments of our own CSV file `path` are."""
    return path.with_name(f"{path.name.removesuffix('.gz').removesuffix('.csv')}.instruments.json")


def _is_cut(path: Path, columns: int) -> bool:
    """Whether an uncompressed file ends without a line end; `MarketDataError` if in the middle of a line."""
    if path.name.endswith(".gz"):
        return False
    tail = _tail(path)
    line = tail[_line_end(tail) :].decode("utf-8", errors="replace")
    if line and line.count(",") + 1 < columns:
        raise MarketDataError(
            f"{path.name} is cut off: its last line, {line[:80]!r}, does not have {columns} columns. Get the"
            " file again, or delete that line."
        )
    return bool(line)


def _read_csv(source: Source) -> pa.Table:
    types = {
        name: pa.string() if ours in _TEXT else pa.bool_() if ours in _FLAGS else pa.float64()
        for ours, name in source.columns.items()
    }
    try:
        return _parse_csv(source, types, threads=True)
    except _UNREADABLE as error:
        raise _csv_error(source, types, error) from error


def _parse_csv(source: Source, types: dict[str, pa.DataType], *, threads: bool) -> pa.Table:
    options = pcsv.ConvertOptions(
        column_types=types, include_columns=list(types), strings_can_be_null=True, null_values=_NULLS
    )
    reading = pcsv.ReadOptions(use_threads=threads, column_names=_header(source.path), skip_rows=1)
    if source.cut:
        with pa.memory_map(str(source.path)) as whole:
            lines = pa.BufferReader(whole.read_buffer(_last_whole_line(source.path)))
            return pcsv.read_csv(lines, read_options=reading, convert_options=options)
    with pa.input_stream(str(source.path), compression="detect") as stream:
        return pcsv.read_csv(stream, read_options=reading, convert_options=options)


#: Cells that say "no value"; the last is how numpy and pandas write one.
_NULLS = ["", "null", "NULL", "None", "NA", "N/A", "NaN", "nan"]


def _last_whole_line(path: Path) -> int:
    """Return the size of `path` without what follows its last line end."""
    tail = _tail(path)
    return path.stat().st_size - len(tail) + _line_end(tail)


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        return file.read()


def _line_end(tail: bytes) -> int:
    return max(tail.rfind(b"\n"), tail.rfind(b"\r")) + 1


def _csv_error(source: Source, types: dict[str, pa.DataType], error: BaseException) -> MarketDataError:
    """Say where a CSV file goes wrong: read it slowly, line by line, then cell by cell as text."""
    try:
        table = _parse_csv(source, {name: pa.string() for name in types}, threads=False)
    except _UNREADABLE as slow:
        row = re.search(r"Row #(\d+): (.*)", str(slow))
        where = f"row {int(row[1]) - 1}: {row[2][:120]}" if row else _first_line(slow)
        return MarketDataError(f"{source.name} is not a whole CSV file: {where}. Correct it or get it again.")
    for name, kind in types.items():
        if not pa.types.is_string(kind):
            number, value = _first_bad(table[name], kind)
            if number:
                wanted = "true or false" if pa.types.is_boolean(kind) else "a number"
                where = f"{source.name}, row {number}, column {name!r}"
                return MarketDataError(f"{where}: {value!r} is not {wanted}; correct that row.")
    return MarketDataError(f"{source.name} cannot be read: {_first_line(error)}.")


def _first_bad(column: pa.ChunkedArray, kind: pa.DataType) -> tuple[int, str]:
    good = r"^\s*(true|false|True|False|TRUE|FALSE|0|1)\s*$"
    if not pa.types.is_boolean(kind):
        good = r"^\s*[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf|Inf|infinity)\s*$"
    bad = pc.fill_null(pc.invert(pc.match_substring_regex(column, good)), False)  # noqa: FBT003
    place = pc.index(bad, value=True).as_py()
    return (place + 1, str(column[place].as_py())) if place >= 0 else (0, "")


# Both


def _check_once(path: Path, names: list[str], columns: dict[str, str]) -> None:
    twice = next((name for name in columns.values() if names.count(name) > 1), None)
    if twice is not None:
        raise MarketDataError(f"{path.name} has the column {twice!r} more than once; keep one.")


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
