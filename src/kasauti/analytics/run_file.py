"""
A run as one file, and back, exactly.

The file is a zip: `run.json` has what is said once (label, parameters, instruments, assumptions ...), and
`orders`, `fills`, `trips`, `equity` and `days` are Parquet tables with the columns of `analytics.run`, whole
money units and ns UTC as they stand there; charges have a column for each head. So any tool reads them too.
"""

import io
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import msgspec
import numpy as np

from kasauti.analytics.band import Edge
from kasauti.analytics.run import HEADS, Assumptions, Days, Ending, Equity, Fills, Orders, Run, Trips
from kasauti.domain.instrument import Instrument
from kasauti.errors import LogCorrupt, LogError, LogTooNew

if TYPE_CHECKING:
    import pyarrow as pa

#: The layout of the file. It rises when an older Kasauti could not read a file or would misread it.
FORMAT: Final = 1
_HEAD = "run.json"
#: The columns that runs saved by an early Kasauti have only the sum of.
_NOTED = "noted"
#: A zip's times begin here; a run's file is the same whenever it is written.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class _Head(msgspec.Struct, kw_only=True):
    """What a run says once."""

    format: int
    label: str = ""
    strategies: tuple[str, ...] = ()
    parameters: dict[str, str] = {}
    instruments: tuple[Instrument, ...] = ()
    reasons: tuple[str, ...] = ()
    capital: int = 0
    assumptions: Assumptions
    version: str = ""
    ending: Ending = Ending.COMPLETE
    failure: str = ""
    open_at_end: dict[int, int] = {}
    band: tuple[Edge, ...] = ()


class _Format(msgspec.Struct):
    format: int


def save_run(run: Run, path: Path) -> None:
    """Write `run` to a new file; `LogError` if there is one already or it cannot be written."""
    head = _Head(
        format=FORMAT,
        label=run.label,
        strategies=run.strategies,
        parameters=run.parameters,
        instruments=run.instruments,
        reasons=run.reasons,
        capital=run.capital,
        assumptions=run.assumptions,
        version=run.version,
        ending=run.ending,
        failure=run.failure,
        open_at_end=run.open_at_end,
        band=run.band,
    )
    try:
        with ZipFile(path, "x", ZIP_STORED) as archive:
            archive.writestr(
                ZipInfo(_HEAD, _NO_TIME), msgspec.json.format(msgspec.json.encode(head), indent=2)
            )
            for columns in (run.orders, run.fills, run.trips, run.equity, run.days):
                archive.writestr(ZipInfo(_file_of(type(columns)), _NO_TIME), _parquet(columns))
    except FileExistsError as error:
        raise LogError(f"{path} exists already; a run is never written over, choose another name") from error
    except OSError as error:
        raise LogError(f"{path} cannot be written: {error.strerror}; choose another place") from error


def load_run(path: Path) -> Run:
    """
    Read a run that `save_run` wrote.

    Raises `LogError` for a file that is missing or no run, `LogTooNew` for one of a later layout and
    `LogCorrupt` for one whose parts cannot be read.
    """
    try:
        with ZipFile(path) as archive:
            if _HEAD not in archive.namelist():
                raise LogError(f"{path} is not a saved run; `kasauti backtest --save` writes one")
            head = _head(archive.read(_HEAD), path)
            return Run(
                label=head.label,
                strategies=head.strategies,
                parameters=head.parameters,
                instruments=head.instruments,
                reasons=head.reasons,
                capital=head.capital,
                orders=_columns(archive, Orders, path),
                fills=_columns(archive, Fills, path),
                trips=_columns(archive, Trips, path),
                equity=_columns(archive, Equity, path),
                days=_columns(archive, Days, path),
                assumptions=head.assumptions,
                version=head.version,
                ending=head.ending,
                failure=head.failure,
                open_at_end=head.open_at_end,
                band=head.band,
            )
    except FileNotFoundError as error:
        raise LogError(f"there is no run in {path}; name a file that `--save` wrote") from error
    except (BadZipFile, IsADirectoryError) as error:
        raise LogError(f"{path} is not a saved run; `kasauti backtest --save` writes one") from error


def is_run_file(path: Path) -> bool:
    """Return whether `path` is a saved run, of whatever layout."""
    try:
        with ZipFile(path) as archive:
            return _HEAD in archive.namelist()
    except (OSError, BadZipFile):
        return False


def _head(text: bytes, path: Path) -> _Head:
    try:
        written = msgspec.json.decode(text, type=_Format).format
        if written > FORMAT:
            raise LogTooNew(
                f"{path} has the layout {written} and this Kasauti reads up to {FORMAT}; upgrade Kasauti"
            )
        return msgspec.json.decode(text, type=_Head)
    except msgspec.MsgspecError as error:
        raise LogCorrupt(f"{path} is damaged: its {_HEAD} cannot be read ({error}); run it again") from error


def _file_of(kind: type) -> str:
    return f"{kind.__name__.lower()}.parquet"


def _parquet(columns: Any) -> bytes:  # noqa: ANN401  one of the five groups of columns
    import pyarrow as pa  # noqa: PLC0415  heavy, and only who keeps a run pays for it
    import pyarrow.parquet as pq  # noqa: PLC0415  as above

    arrays = {}
    for each in fields(columns):
        values = getattr(columns, each.name)
        if isinstance(values, list):
            arrays[each.name] = pa.array(values, pa.string())
        elif values.ndim == 1:
            arrays[each.name] = pa.array(values)
        else:
            arrays.update({f"{each.name}.{head}": pa.array(values[:, n]) for n, head in enumerate(HEADS)})
    written = io.BytesIO()
    pq.write_table(pa.table(arrays), written, compression="zstd")
    return written.getvalue()


def _columns(archive: ZipFile, kind: Any, path: Path) -> Any:  # noqa: ANN401  as in `_parquet`
    import pyarrow as pa  # noqa: PLC0415  as in `_parquet`
    import pyarrow.parquet as pq  # noqa: PLC0415  as in `_parquet`

    name = _file_of(kind)
    try:
        table = pq.read_table(io.BytesIO(archive.read(name)))
        values = {each.name: _column(table, each.name) for each in fields(kind)}
    except (KeyError, BadZipFile, pa.ArrowException, OSError) as error:
        raise LogCorrupt(f"{path} is damaged: its {name} cannot be read ({error}); run it again") from error
    return kind(**values)


def _column(table: "pa.Table", name: str) -> Any:  # noqa: ANN401  an array or a list of text
    import pyarrow as pa  # noqa: PLC0415  as in `_parquet`

    if f"{name}.{HEADS[0]}" in table.column_names:
        return np.column_stack([table[f"{name}.{head}"].to_numpy() for head in HEADS])
    if name == _NOTED:
        return np.zeros((len(table), len(HEADS)), np.int64)
    column = table[name]
    if pa.types.is_string(column.type):
        return column.to_pylist()
    return column.to_numpy()
