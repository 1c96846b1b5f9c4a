"""
Data files as Arrow tables: which files, which columns, in pieces of bounded size.

Whatever is wrong with a file is a `MarketDataError` that names it. Rows are counted from 1, without the
header of a CSV file.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from kasauti.errors import InvalidInput, MarketDataError
from kasauti.feeds.recorded.csv_files import (
    UNREADABLE,
    csv_header,
    first_line,
    instruments_of_csv,
    is_cut,
    read_csv,
)
from kasauti.feeds.recorded.layout import Layout, recognise
from kasauti.feeds.recorded.values import NS_IN

#: Names of the data files that are looked for in a directory.
_SUFFIXES = (".parquet", ".csv", ".csv.gz")
_WILDCARD = re.compile(r"[*?\[]")
#: A CSV file that says which instruments its neighbours are about, and is no market data.
INSTRUMENT_MAP = "instrument_map.csv"
#: Where our own Parquet files keep their instruments.
INSTRUMENTS_KEY = b"kasauti.instruments"

#: Rows of a piece, unless one row group alone has more: about a day of an option chain in minutes.
PIECE_ROWS = 1 << 17
#: About the bytes of a cell of a CSV file, and how many times smaller a packed one is.
_CELL_BYTES, _PACKED = 8, 8
#: Columns of words that repeat: read as codes, without making each word again.
_CODED = ("symbol", "underlying", "option_type")


@dataclass(frozen=True, slots=True)
class Piece:
    """
    Some consecutive row groups of a Parquet file, or a whole CSV file. `first_row` counts from 0.

    `size` is how many rows it has, of a CSV file about how many. `times` are its least and greatest time, as
    the file's clock shows them, in ns since 1970; None where the file does not say it or lacks a time.
    """

    groups: tuple[int, ...]
    first_row: int
    size: int = 0
    times: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """
    One data file whose layout is known, or a table in memory.

    `columns` maps our names to its names. `zoned`: its times have a time zone, so that its clock is UTC.
    """

    path: Path
    layout: Layout
    columns: dict[str, str]
    pieces: tuple[Piece, ...]
    instruments: bytes | None = None
    cut: bool = False
    zoned: bool = False
    table: pa.Table | None = None

    @property
    def name(self) -> str:
        """The file's name, as messages say it."""
        return self.path.name

    def read(self, piece: Piece, names: Collection[str] = ()) -> pa.Table:
        """Return the columns of one piece under our names: those in `names`, or all."""
        columns = {ours: name for ours, name in self.columns.items() if not names or ours in names}
        wanted = list(columns.values())
        if self.table is not None:
            table = self.table.slice(piece.first_row, piece.size)
        elif _is_csv(self.path):
            table = read_csv(self.path, columns, cut=self.cut)
        else:
            coded = [columns[ours] for ours in _CODED if ours in columns]
            table = _read_parquet(self.path, piece.groups, wanted, coded)
        if not table.num_rows:
            raise MarketDataError(f"{self.name} has columns but no rows; there is nothing in it to use.")
        return table.select(wanted).rename_columns(list(columns))


def files_of(data: object) -> list[Path]:
    """
    Return the data files of a file, a folder, or several of them in a list; names may have wildcards.

    Raises `MarketDataError` where there is none, `InvalidInput` for anything else.
    """
    files: dict[Path, None] = {}
    for each in data if isinstance(data, list | tuple) else (data,):
        if not isinstance(each, str | Path):
            raise InvalidInput(
                f"{type(each).__name__} is no market data; give a file, a folder, a list of them, or a polars"
                " or pandas data frame."
            )
        for path in _matching(Path(each).expanduser()):
            files |= dict.fromkeys(find_files(path))
    if not files:
        raise InvalidInput("No data was given; name a file or a folder.")
    return list(files)


def _matching(path: Path) -> list[Path]:
    """Return what a name with wildcards matches, or the name itself."""
    if not _WILDCARD.search(str(path)) or path.exists():
        return [path]
    fixed = next(place for place, part in enumerate(path.parts) if _WILDCARD.search(part))
    matching = sorted(Path(*path.parts[:fixed]).glob("/".join(path.parts[fixed:])))
    if not matching:
        raise MarketDataError(f"{path} matches no file; check the pattern.")
    return matching


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
            schema, metadata = file.schema_arrow, file.metadata
    except UNREADABLE as error:
        raise MarketDataError(
            f"{path.name} is not a whole Parquet file ({first_line(error)}). It may have been cut off while"
            " it was copied or written; get it again."
        ) from error
    names = list(schema.names)
    layout, columns = recognise(names, path.name, asked)
    check_once(path.name, names, columns)
    time = schema.field(columns["time"]).type
    zoned = pa.types.is_timestamp(time) and time.tz is not None
    pieces = tuple(_pieces(metadata, columns["time"] if pa.types.is_timestamp(time) else ""))
    return Source(
        path, layout, columns, pieces, (schema.metadata or {}).get(INSTRUMENTS_KEY), zoned=bool(zoned)
    )


def _pieces(metadata: pq.FileMetaData, time: str) -> Iterator[Piece]:
    """Yield the pieces of a file; `time` is its column of timestamps, empty if it has none."""
    column = next((n for n in range(metadata.num_columns) if metadata.schema.column(n).path == time), -1)
    waiting = Piece((), 0)
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if waiting.groups and waiting.size + group.num_rows > PIECE_ROWS:
            yield waiting
            waiting = Piece((), waiting.first_row + waiting.size)
        times = _times(group.column(column)) if column >= 0 else None
        if waiting.groups:
            both = None if times is None or waiting.times is None else (*times, *waiting.times)
            times = None if both is None else (min(both), max(both))
        waiting = Piece((*waiting.groups, number), waiting.first_row, waiting.size + group.num_rows, times)
    yield waiting


def _times(column: pq.ColumnChunkMetaData) -> tuple[int, int] | None:
    """Return the least and the greatest time of a row group, if its statistics have them for all its rows."""
    found = column.statistics
    if found is None or not found.has_min_max or found.null_count != 0 or found.physical_type != "INT64":
        return None
    kind = msgspec.json.decode(found.logical_type.to_json(), type=_LogicalType)
    scale = NS_IN.get(
        {"milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns"}.get(kind.timeUnit, "")
    )
    return None if scale is None else (int(found.min_raw) * scale, int(found.max_raw) * scale)


class _LogicalType(msgspec.Struct):
    timeUnit: str = ""  # noqa: N815  Parquet's own word


def _read_parquet(path: Path, groups: tuple[int, ...], columns: list[str], coded: list[str]) -> pa.Table:
    try:
        with pq.ParquetFile(path, read_dictionary=coded) as file:
            table = file.read_row_groups(list(groups), columns=columns)
            table.select(columns)
            return table
    except UNREADABLE as error:
        raise MarketDataError(
            f"{path.name} is damaged: {first_line(error)}. Its footer is whole but its data is not; get the"
            " file again."
        ) from error


# CSV


def _open_csv(path: Path, asked: str | None) -> Source:
    names = csv_header(path)
    layout, columns = recognise(names, path.name, asked)
    check_once(path.name, names, columns)
    cut = is_cut(path, len(names))
    size = path.stat().st_size // (_CELL_BYTES * len(names)) * (_PACKED if path.name.endswith(".gz") else 1)
    return Source(path, layout, columns, (Piece((), 0, size),), instruments_of_csv(path), cut=cut)


def check_once(name: str, names: list[str], columns: dict[str, str]) -> None:
    """Refuse a file in which a column that is used comes twice."""
    twice = next((each for each in columns.values() if names.count(each) > 1), None)
    if twice is not None:
        raise MarketDataError(f"{name} has the column {twice!r} more than once; keep one.")
