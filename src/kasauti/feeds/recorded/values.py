"""
Columns of a file as arrays: times, days, prices, quantities and words.

Prices become money units and quantities whole numbers at once, so that nothing after this sees a float.
What cannot be such a value becomes `MISSING` and is found by the checks.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY
from kasauti.domain.market import Ints
from kasauti.domain.money import PAISA, RUPEE
from kasauti.errors import MarketDataError

_Number = TypeVar("_Number", np.int64, np.float64)

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

#: A value that is not there or is no number.
MISSING = int(np.iinfo(np.int64).min)

#: A larger price than this, in money units, is a mistake of the file: ₹10 crore for one unit.
_LARGEST_PRICE = 10**8 * RUPEE
_LARGEST_QUANTITY = 2**53

#: Rows that are looked at before all of a column is.
_SAMPLE = 4096

#: ns of each unit of time that Arrow has.
NS_IN = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_EARLIEST_NS = 0
_LATEST_NS = 2**62

_TIME = (
    r"^(19[789]\d|2[01]\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[ T]([01]\d|2[0-3]):[0-5]\d"
    r"(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$"
)


class TimeZone(StrEnum):
    """What a time without an offset is read as."""

    IST = "IST"
    UTC = "UTC"


def times(column: pa.ChunkedArray, where: str, zone: TimeZone) -> tuple[Ints, bool]:
    """
    Return ns UTC, `MISSING` where there is no time, and whether the clocks were read as IST.

    `zone` is of times that carry no offset of their own.
    """
    column = _plain(column)
    if _is_text(column.type):
        column = _parsed(column, where)
    if not pa.types.is_timestamp(column.type):
        raise _wrong(column, where, "times, like 2026-01-22 09:15:00")
    stamps = _ints(column)
    scale = NS_IN[column.type.unit]
    as_ist = column.type.tz is None and zone is TimeZone.IST
    offset = IST_OFFSET_NS if as_ist else 0
    if len(stamps) and stamps.min() >= _EARLIEST_NS and stamps.max() <= _LATEST_NS // scale:
        return stamps * scale - offset, as_ist
    bad = (stamps < _EARLIEST_NS) | (stamps > _LATEST_NS // scale)
    ns = np.where(bad, 0, stamps) * scale - offset
    return np.where(bad, MISSING, ns), as_ist


def epoch_ms(column: pa.ChunkedArray, where: str) -> Ints:
    """Return milliseconds since 1970 as ns UTC, 0 where there are none."""
    whole = quantities(column, where)
    return np.where((whole < 0) | (whole > _LATEST_NS // 10**6), 0, whole) * 10**6


def days(column: pa.ChunkedArray, where: str) -> Ints:
    """Return calendar dates as days since 1970-01-01, `MISSING` where there is none."""
    column = _plain(column)
    if _is_text(column.type):
        column = _cast_text(
            pc.utf8_slice_codeunits(column, 0, 10), pa.date32(), where, "a date like 2026-01-27"
        )
    if pa.types.is_date32(column.type):
        return _ints(column.cast(pa.int32()))
    if pa.types.is_timestamp(column.type):
        stamps, per_day = _ints(column), NS_PER_DAY // NS_IN[column.type.unit]
        offset = 0 if column.type.tz is None else IST_OFFSET_NS // NS_IN[column.type.unit]
        return np.where(stamps == MISSING, MISSING, (np.maximum(stamps, 0) + offset) // per_day)
    raise _wrong(column, where, "dates, like 2026-01-27")


def prices(column: pa.ChunkedArray, where: str) -> Ints:
    """
    Return money units, `MISSING` for null, NaN, infinity and amounts beyond ₹10 crore.

    A column that was once single precision (24293.900390625 for 24293.90) is rounded to whole paise.
    """
    values = _floats(column, where)
    with np.errstate(over="ignore", invalid="ignore"):
        once_single = _fits_single(values[:_SAMPLE]) and _fits_single(values)
        scaled = values * (RUPEE // PAISA if once_single else RUPEE)
        np.rint(scaled, out=scaled)
        if once_single:
            scaled *= PAISA
        if len(scaled) and scaled.min() >= -_LARGEST_PRICE and scaled.max() <= _LARGEST_PRICE:
            return scaled.astype(np.int64)
        good = np.abs(scaled) <= _LARGEST_PRICE
    return _whole(scaled, good)


def quantities(column: pa.ChunkedArray, where: str) -> Ints:
    """Return whole numbers: 0 for null and NaN, which is "not known"; `MISSING` for what is none."""
    if pa.types.is_signed_integer(column.type) and not column.null_count:
        whole = _ints(column)
        if len(whole) and whole.min() > -_LARGEST_QUANTITY and whole.max() < _LARGEST_QUANTITY:
            return whole
    values = _floats(column, where)
    with np.errstate(invalid="ignore"):
        values = np.where(np.isnan(values), 0.0, values)
        good = (np.abs(values) < _LARGEST_QUANTITY) & (np.rint(values) == values)
    return _whole(values, good)


def flags(column: pa.ChunkedArray, where: str) -> Bools:
    """Return truth values; no value is True."""
    column = _plain(column)
    if not pa.types.is_boolean(column.type):
        raise _wrong(column, where, "true or false")
    return np.asarray(column.fill_null(True).to_numpy(), np.bool_)  # noqa: FBT003


def words(column: pa.ChunkedArray, where: str) -> tuple[NDArray[np.int64], list[str]]:
    """Return (codes, words): the word of a row is `words[code]`, code -1 where there is none."""
    if pa.types.is_null(column.type):
        return np.full(len(column), -1, np.int64), []
    is_encoded = pa.types.is_dictionary(column.type)
    if not _is_text(column.type.value_type if is_encoded else column.type):
        raise _wrong(column, where, "text")
    encoded = (column.unify_dictionaries() if is_encoded else column.dictionary_encode()).combine_chunks()
    try:
        encoded.dictionary.validate(full=True)
        listed = [str(word) for word in encoded.dictionary.to_pylist()]
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise MarketDataError(
            f"{where} holds bytes that are no UTF-8 text; save the file as UTF-8."
        ) from error
    indices = encoded.indices.cast(pa.int64())
    return _values(
        pa.chunked_array([indices.fill_null(-1) if indices.null_count else indices]), np.int64
    ), listed


def _fits_single(values: Floats) -> bool:
    return bool(np.all((values.astype(np.float32) == values) | np.isnan(values)))


def _whole(values: Floats, good: Bools) -> Ints:
    whole = np.where(good, values, 0.0).astype(np.int64)
    whole[~good] = MISSING
    return whole


def _floats(column: pa.ChunkedArray, where: str) -> Floats:
    column = _plain(column)
    kind = column.type
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if not number and not pa.types.is_null(kind):
        raise _wrong(column, where, "numbers")
    as_floats = column.cast(pa.float64(), safe=False)
    filled = as_floats.fill_null(np.nan) if as_floats.null_count else as_floats
    return _values(filled, np.float64)


def _ints(column: pa.ChunkedArray) -> Ints:
    """Return the integers of a column, `MISSING` where null."""
    whole = column.cast(pa.int64())
    return _values(whole.fill_null(MISSING) if whole.null_count else whole, np.int64)


def _values(column: pa.ChunkedArray, kind: type[_Number]) -> NDArray[_Number]:
    """
    Return the values of a column of `kind` without nulls, not to be written to.

    Arrow's own way there imports pandas wherever that is installed, which takes longer than reading a file.
    """
    size = np.dtype(kind).itemsize
    parts = [
        np.frombuffer(chunk.buffers()[1], kind, len(chunk), chunk.offset * size)
        for chunk in column.chunks
        if len(chunk)
    ]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros(0, kind)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a dictionary-encoded column as its values."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _parsed(column: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    """Return text as timestamps, null where it is none; all with an offset, or all without."""
    for kind in (pa.timestamp("ns"), pa.timestamp("ns", "UTC")):
        try:
            return pc.cast(column, kind)
        except pa.ArrowInvalid:
            continue
    good = pc.match_substring_regex(column, _TIME)
    column = pc.if_else(good, column, pa.scalar(None, column.type))
    if column.null_count == len(column):
        raise MarketDataError(f"{where} holds no times like 2026-01-22 09:15:00; rewrite them so.")
    offsets = pc.drop_null(pc.match_substring_regex(column, r"(Z|[+-]\d\d:?\d\d)$"))
    if pc.any(offsets).as_py() and not pc.all(offsets).as_py():
        raise MarketDataError(f"{where} has times with and times without an offset; write all of them alike.")
    kind = pa.timestamp("ns", "UTC") if pc.any(offsets).as_py() else pa.timestamp("ns")
    return _cast_text(column, kind, where, "a time like 2026-01-22 09:15:00")


def _cast_text(column: pa.ChunkedArray, kind: pa.DataType, where: str, what: str) -> pa.ChunkedArray:
    try:
        return pc.cast(column, kind)
    except pa.ArrowInvalid as error:
        row, value = _first_failing(column, lambda piece: pc.cast(piece, kind))
        raise MarketDataError(f"{where}, row {row}: {value!r} is not {what}; correct that row.") from error


def _first_failing(column: pa.ChunkedArray, cast: Callable[[pa.ChunkedArray], object]) -> tuple[int, str]:
    """Return the 1-based row and the value of the first cell that `cast` refuses, by halving."""
    low, high = 0, len(column)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            cast(column.slice(low, middle - low))
        except pa.ArrowInvalid:
            high = middle
        else:
            low = middle
    return low + 1, str(column[low].as_py())


def _wrong(column: pa.ChunkedArray, where: str, wanted: str) -> MarketDataError:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return MarketDataError(
        f"{where} holds {kind}, and it has to hold {wanted}. Convert the column, or rename it if it"
        " means something else."
    )
