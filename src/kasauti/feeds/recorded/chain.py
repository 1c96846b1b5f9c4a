"""
Option chain snapshots as rows: one for each option, and one for the underlying of each snapshot.

The underlying comes first in its snapshot, with the spot as its last price. In a wide file a row becomes two
options. A long file without a column for the underlying names it in the name of the file or of its folder.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kasauti.domain.market import Ints
from kasauti.errors import MarketDataError
from kasauti.exchange.indices import INDICES
from kasauti.feeds.recorded.loading import Loaded, Table
from kasauti.feeds.recorded.naming import Wanted, index_in
from kasauti.feeds.recorded.report import Fault
from kasauti.feeds.recorded.rows import Columns, Rows
from kasauti.feeds.recorded.values import MISSING, TimeZone, days, flags

#: An option fits into one integer: side 1 bit, strike 34 (up to ₹17 lakh), expiry 17, underlying 11.
_DAY_BITS, _STRIKE_BITS, _NAME_BITS = 17, 34, 11
_CALL, _PUT = 0, 1
_SIDES = {"CE": _CALL, "PE": _PUT, "CALL": _CALL, "PUT": _PUT, "C": _CALL, "P": _PUT}


def load_chain(table: Table, zone: TimeZone) -> Loaded:
    """Return a piece of option chain snapshots as rows."""
    at, as_ist = table.times(zone)
    codes, names = _underlyings(table)
    expiry, strike = days(*table.column("expiry")), table.prices("strike")
    known = (codes >= 0) & (codes < 1 << _NAME_BITS) & (expiry > 0) & (expiry < 1 << _DAY_BITS)
    known &= (strike > 0) & (strike < 1 << _STRIKE_BITS)
    if table.has("option_type"):
        side = _sides(table)
        known &= side >= 0
        sides = [(side, known & (at != MISSING), _long_columns(table))]
    else:
        usable = known & (at != MISSING)
        sides = [(np.full(table.size, each), usable, _wide_columns(table, each)) for each in (_CALL, _PUT)]
    findings = table.finding(Fault.NO_TIME, at == MISSING, at)
    findings += table.finding(Fault.NO_CONTRACT, ~known & (at != MISSING), at)
    usable = sides[0][1]
    head = np.flatnonzero(usable)[_first_of_snapshots(at[usable], codes[usable])]
    keys = [codes[head]] + [
        _key(codes[mask], expiry[mask], strike[mask], side[mask]) for side, mask, _ in sides
    ]
    picked = [head] + [np.flatnonzero(mask) for _, mask, _ in sides]
    columns = [_spot_columns(table, head, list(sides[0][2]))]
    columns += [{name: values[mask] for name, values in found.items()} for _, mask, found in sides]
    return Loaded(*_rows(table, at, picked, keys, columns, names), table.size, as_ist, findings)


def _rows(
    table: Table,
    at: Ints,
    picked: list[NDArray[np.intp]],
    keys: list[Ints],
    columns: list[Columns],
    names: list[str],
) -> tuple[Rows, list[Wanted]]:
    where = np.concatenate(picked)
    encoded = pa.array(np.concatenate(keys)).dictionary_encode()
    wanted = [_wanted(key, names) for key in encoded.dictionary.to_pylist()]
    joined = {name: np.concatenate([part[name] for part in columns]) for name in columns[0]}
    slots = np.asarray(encoded.indices.to_numpy(), np.int32)
    return Rows(at[where], slots, table.file[where], table.row[where], joined), wanted


def _underlyings(table: Table) -> tuple[Ints, list[str]]:
    if table.has("underlying"):
        return table.words("underlying")
    index = index_in(table.source.path)
    if index is None:
        raise MarketDataError(
            f"{table.source.name} has no column that names the underlying, and neither its name nor its"
            f" folder's names exactly one index ({', '.join(each.name for each in INDICES)}). Add a column"
            " 'symbol', or rename the file."
        )
    return np.zeros(table.size, np.int64), [index.name]


def _sides(table: Table) -> Ints:
    """Return 0 for calls, 1 for puts, -1 for anything else."""
    codes, listed = table.words("option_type")
    of_word = np.array([_SIDES.get(word.strip().upper(), -1) for word in listed] + [-1], np.int64)
    return of_word[codes]


def _wide_columns(table: Table, side: int) -> Columns:
    name = "call" if side == _CALL else "put"
    return {
        "last": table.prices(f"{name}_last"),
        "volume": table.quantities(f"{name}_volume"),
        "open_interest": table.quantities(f"{name}_open_interest"),
        **_open_flag(table),
    }


def _long_columns(table: Table) -> Columns:
    columns = {
        "last": table.prices("last"),
        "volume": table.quantities("volume"),
        "open_interest": table.quantities("open_interest"),
        **_open_flag(table),
    }
    for side in ("bid", "ask"):
        if table.has(side):
            columns[side] = table.offered(side)
            columns[f"{side}_quantity"] = table.quantities(f"{side}_quantity")
    return columns


def _open_flag(table: Table) -> Columns:
    """Return whether the recorder itself took the market for open, where it said so."""
    if not table.has("in_market"):
        return {}
    return {"in_market": flags(*table.column("in_market")).astype(np.int64)}


def _spot_columns(table: Table, head: NDArray[np.intp], names: list[str]) -> Columns:
    columns: Columns = {name: np.zeros(len(head), np.int64) for name in names}
    columns["last"] = table.prices("spot")[head]
    if "in_market" in columns:
        columns["in_market"] = flags(*table.column("in_market"))[head].astype(np.int64)
    return columns


def _first_of_snapshots(at: Ints, codes: Ints) -> NDArray[np.intp]:
    """Return the first row of each underlying at each moment, in the order of the rows."""
    moments = np.asarray(pa.array(at).dictionary_encode().indices.to_numpy(), np.int64)
    pairs = moments * (int(codes.max(initial=0)) + 1) + codes
    return np.sort(np.unique(pairs, return_index=True)[1])


def _key(codes: Ints, expiry: Ints, strike: Ints, side: Ints) -> Ints:
    """Pack an option into one number above every code; the code alone is the underlying."""
    packed = (codes << _DAY_BITS) | expiry
    return (((packed << _STRIKE_BITS) | strike) << 1) | side


def _wanted(key: int, names: list[str]) -> Wanted:
    if key < len(names):
        return Wanted(name=names[key].strip())
    side, rest = key & 1, key >> 1
    strike, rest = rest & ((1 << _STRIKE_BITS) - 1), rest >> _STRIKE_BITS
    return Wanted("", names[rest >> _DAY_BITS].strip(), rest & ((1 << _DAY_BITS) - 1), strike, side)
