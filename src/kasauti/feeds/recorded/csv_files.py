"""
CSV files as Arrow tables. Whatever is wrong with a file is a `MarketDataError` that names it.

Rows are counted from 1, without the header.
"""

import csv
import re
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from kasauti.errors import MarketDataError

_LONGEST_HEADER = 1 << 16
_TAIL = 1 << 20

_TEXT = frozenset({"symbol", "underlying", "option_type", "time", "expiry"})
_FLAGS = frozenset({"in_market"})

#: What pyarrow and the system raise about a file that is not what it should be.
UNREADABLE = (pa.ArrowException, OSError, ValueError, KeyError, TypeError, OverflowError, MemoryError)


def csv_header(path: Path) -> list[str]:
    """Return the names of the columns; `MarketDataError` if the file does not begin with them."""
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            start: bytes = stream.read(_LONGEST_HEADER)
        line = start.split(b"\n", 1)[0].decode("utf-8-sig").rstrip("\r")
        names = next(csv.reader([line], strict=True), [])
    except (*UNREADABLE, csv.Error) as error:
        raise MarketDataError(
            f"{path.name} does not begin with a line of column names in UTF-8 ({first_line(error)});"
            " check that it is a CSV file."
        ) from error
    if not start.strip():
        raise MarketDataError(f"{path.name} is empty; get the file again.")
    return [name.strip() for name in names]


def instruments_of_csv(path: Path) -> bytes | None:
    """Return the instruments that our own CSV files have beside them."""
    beside = instruments_beside(path)
    try:
        return beside.read_bytes() if beside.is_file() else None
    except OSError as error:
        raise MarketDataError(f"{beside.name} cannot be read: {error}. Check its permissions.") from error


def instruments_beside(path: Path) -> Path:
    """Return where the instruments of our own CSV file `path` are."""
    return path.with_name(f"{path.name.removesuffix('.gz').removesuffix('.csv')}.instruments.json")


def is_cut(path: Path, columns: int) -> bool:
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


def read_csv(path: Path, columns: Mapping[str, str], *, cut: bool) -> pa.Table:
    """Return the columns of a file, our name -> its name; `cut` leaves out what follows its last line end."""
    types = {
        name: pa.string() if ours in _TEXT else pa.bool_() if ours in _FLAGS else pa.float64()
        for ours, name in columns.items()
    }
    try:
        return _parse_csv(path, types, cut=cut, threads=True)
    except UNREADABLE as error:
        raise _csv_error(path, types, error, cut=cut) from error


def _parse_csv(path: Path, types: dict[str, pa.DataType], *, cut: bool, threads: bool) -> pa.Table:
    options = pcsv.ConvertOptions(
        column_types=types, include_columns=list(types), strings_can_be_null=True, null_values=_NULLS
    )
    reading = pcsv.ReadOptions(use_threads=threads, column_names=csv_header(path), skip_rows=1)
    if cut:
        with pa.memory_map(str(path)) as whole:
            lines = pa.BufferReader(whole.read_buffer(_last_whole_line(path)))
            return pcsv.read_csv(lines, read_options=reading, convert_options=options)
    with pa.input_stream(str(path), compression="detect") as stream:
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


def _csv_error(
    path: Path, types: dict[str, pa.DataType], error: BaseException, *, cut: bool
) -> MarketDataError:
    """Say where a CSV file goes wrong: read it slowly, line by line, then cell by cell as text."""
    try:
        table = _parse_csv(path, {name: pa.string() for name in types}, cut=cut, threads=False)
    except UNREADABLE as slow:
        row = re.search(r"Row #(\d+): (.*)", str(slow))
        where = f"row {int(row[1]) - 1}: {row[2][:120]}" if row else first_line(slow)
        return MarketDataError(f"{path.name} is not a whole CSV file: {where}. Correct it or get it again.")
    for name, kind in types.items():
        if not pa.types.is_string(kind):
            number, value = _first_bad(table[name], kind)
            if number:
                wanted = "true or false" if pa.types.is_boolean(kind) else "a number"
                where = f"{path.name}, row {number}, column {name!r}"
                return MarketDataError(f"{where}: {value!r} is not {wanted}; correct that row.")
    return MarketDataError(f"{path.name} cannot be read: {first_line(error)}.")


def _first_bad(column: pa.ChunkedArray, kind: pa.DataType) -> tuple[int, str]:
    good = r"^\s*(true|false|True|False|TRUE|FALSE|0|1)\s*$"
    if not pa.types.is_boolean(kind):
        good = r"^\s*[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf|Inf|infinity)\s*$"
    bad = pc.fill_null(pc.invert(pc.match_substring_regex(column, good)), False)  # noqa: FBT003
    place = pc.index(bad, value=True).as_py()
    return (place + 1, str(column[place].as_py())) if place >= 0 else (0, "")


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, for a sentence."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
