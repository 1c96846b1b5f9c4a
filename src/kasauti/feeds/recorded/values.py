"""
Columns of a file as arrays: times, days, prices, quantities and words.

Prices become money units and quantities whole numbers at once, so that nothing after this sees a float.
What cannot be such a value becomes `MISSING` and is found by the checks.
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY
from kasauti.domain.market import Ints
from kasauti.domain.money import PAISA, RUPEE
from kasauti.errors import MarketDataError

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

#: A value that is not there or is no number.
MISSING = int(np.iinfo(np.int64).min)

#: A larger price than this, in money units, is a mistake of the file: ₹10 crore for one unit.
_LARGEST_PRICE = 10**8 * RUPEE
_LARGEST_QUANTITY = 2**53

#: Rows that are looked at before all of a column is.
_SAMPLE = 4096

_NS_IN = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
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
    scale = _NS_IN[column.type.unit]
    bad = (stamps < _EARLIEST_NS) | (stamps > _LATEST_NS // scale)
    ns = np.where(bad, 0, stamps) * scale
    as_ist = column.type.tz is None and zone is TimeZone.IST
    if as_ist:
        ns -= IST_OFFSET_NS
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
        stamps, per_day = _ints(column), NS_PER_DAY // _NS_IN[column.type.unit]
        offset = 0 if column.type.tz is None else IST_OFFSET_NS // _NS_IN[column.type.unit]
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
        scaled = np.rint(values * 100) * PAISA if once_single else np.rint(values * RUPEE)
        good = np.abs(scaled) <= _LARGEST_PRICE
    return _whole(scaled, good)


def quantities(column: pa.ChunkedArray, where: str) -> Ints:
    """Return whole numbers: 0 for null and NaN, which is "not known"; `MISSING` for what is none."""
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
    codes = np.asarray(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)
    return codes, listed


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
    return np.asarray(as_floats.to_numpy(), np.float64)


def _ints(column: pa.ChunkedArray) -> Ints:
    """Return the integers of a column, `MISSING` where null."""
    whole = column.cast(pa.int64())
    return np.asarray(whole.fill_null(MISSING).to_numpy(), np.int64)


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
    return MarketDataError(
        f"{where} holds {column.type}, and it has to hold {wanted}. Convert the column, or rename it if it"
        " means something else."
    )
