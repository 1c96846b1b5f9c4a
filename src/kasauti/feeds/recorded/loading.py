"""A piece of a file as rows: bars and ticks. Option chains are in `chain`."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pyarrow as pa

from kasauti.domain.ist import ist_iso
from kasauti.domain.market import DEPTH_LEVELS, Ints
from kasauti.errors import MarketDataError
from kasauti.feeds.recorded.layout import RecordingKind
from kasauti.feeds.recorded.naming import Wanted
from kasauti.feeds.recorded.reading import Source
from kasauti.feeds.recorded.report import Fault, Finding, Place, found
from kasauti.feeds.recorded.rows import Columns, Rows
from kasauti.feeds.recorded.values import (
    MISSING,
    Bools,
    TimeZone,
    epoch_ms,
    prices,
    quantities,
    times,
    words,
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """
    One piece of a file. `slot` of its rows is a place in `wanted`, the instruments it names.

    `days` is where the rows of each IST day are, days since 1970-01-01; `pieces` fills it. `size` counts the
    rows of the file. `as_ist`: its times carry no offset and were read as IST. `seconds` is the length of its
    bars where the file says it, else 0.
    """

    rows: Rows
    wanted: list[Wanted]
    size: int
    as_ist: bool
    findings: list[Finding] = field(default_factory=list)
    seconds: int = 0
    days: dict[int, slice] = field(default_factory=dict)


class Table:
    """The columns of a piece under our names, as arrays; messages name the file's own column."""

    def __init__(self, table: pa.Table, source: Source, file: int, first_row: int) -> None:
        self._table = table
        self._names = frozenset(table.column_names)
        self.source = source
        self.size: int = table.num_rows
        self.file = np.full(self.size, file, np.int32)
        self.row = np.arange(first_row + 1, first_row + 1 + self.size, dtype=np.int64)

    def has(self, name: str) -> bool:
        """Whether the file has this column, and it was read."""
        return name in self._names

    def column(self, name: str) -> tuple[pa.ChunkedArray, str]:
        """Return a column and where it is, in words."""
        return self._table[name], f"{self.source.name}, column {self.source.columns[name]!r}"

    def prices(self, name: str) -> Ints:
        """Return money units, `MISSING` where there is none."""
        return prices(*self.column(name))

    def offered(self, name: str) -> Ints:
        """Return money units of a price that need not be there, 0 where it is not."""
        if not self.has(name):
            return np.zeros(self.size, np.int64)
        values = self.prices(name)
        values[values == MISSING] = 0
        return values

    def quantities(self, name: str) -> Ints:
        """Return whole numbers, zeros where the file has no such column."""
        return quantities(*self.column(name)) if self.has(name) else np.zeros(self.size, np.int64)

    def words(self, name: str) -> tuple[Ints, list[str]]:
        """Return codes and the words they stand for."""
        return words(*self.column(name))

    def times(self, zone: TimeZone) -> tuple[Ints, bool]:
        """Return the times of the rows, ns UTC, and whether their clocks were read as IST."""
        return times(*self.column("time"), zone)

    def finding(self, kind: Fault, bad: Bools, at: Ints) -> list[Finding]:
        """Return the finding of the rows marked `bad`, if any are."""
        if not bad.any():
            return []
        place = int(np.argmax(bad))
        when = "" if at[place] == MISSING else ist_iso(int(at[place]))
        first = Place(self.source.name, int(self.row[place]), when)
        return [found(kind, int(np.count_nonzero(bad)), first)]


def load(table: Table, zone: TimeZone) -> Loaded:
    """Return a piece of bars or ticks as rows."""
    at, as_ist = table.times(zone)
    codes, symbols = table.words("symbol")
    is_bars = table.source.layout.kind is RecordingKind.BARS
    columns = _bar_columns(table) if is_bars else _tick_columns(table)
    rows = Rows(at, codes.astype(np.int32), table.file, table.row, columns)
    if table.size and (at.min() == MISSING or codes.min() < 0):
        findings = table.finding(Fault.NO_TIME, at == MISSING, at)
        findings += table.finding(Fault.NO_CONTRACT, (codes < 0) & (at != MISSING), at)
        rows = rows.take((at != MISSING) & (codes >= 0))
    else:
        findings = []
    used = np.zeros(len(symbols), np.bool_)
    used[rows.slot] = True
    if not used.all():
        slot = (np.cumsum(used, dtype=np.int32) - 1).astype(np.int32)[rows.slot]
        rows = Rows(rows.at, slot, rows.file, rows.row, rows.columns)
    wanted = [named(symbols[code]) for code in np.flatnonzero(used).tolist()]
    return Loaded(rows, wanted, table.size, as_ist, findings, seconds_of(table) if is_bars else 0)


@lru_cache(maxsize=1 << 16)
def named(symbol: str) -> Wanted:
    """Return what a symbol in a file names; files name the same ones again and again."""
    return Wanted(symbol=symbol.strip())


def _bar_columns(table: Table) -> Columns:
    columns = {name: table.prices(name) for name in ("open", "high", "low", "close") if table.has(name)}
    columns["volume"] = table.quantities("volume")
    columns["open_interest"] = table.quantities("open_interest")
    return columns


def seconds_of(table: Table) -> int:
    """Return the length of the bars if the file has it, else 0."""
    if not table.has("seconds"):
        return 0
    lengths = np.unique(table.quantities("seconds"))
    if len(lengths) != 1 or lengths[0] <= 0:
        raise MarketDataError(
            f"{table.source.name}, column 'seconds': the bars have lengths of {lengths[:5].tolist()} seconds;"
            " a file holds bars of one length. Split it."
        )
    return int(lengths[0])


def _tick_columns(table: Table) -> Columns:
    deep = all(
        table.has(f"{side}_{what}_{level}")
        for side in ("bid", "ask")
        for what in ("price", "quantity")
        for level in range(1, DEPTH_LEVELS + 1)
    )
    columns: Columns = {"last": table.prices("last")}
    if deep:
        for side in ("bid", "ask"):
            columns[f"{side}_prices"] = _levels(table, f"{side}_price")
            columns[f"{side}_quantities"] = _levels(table, f"{side}_quantity")
    for side in ("bid", "ask"):
        best = deep and not table.has(side)
        columns[side] = columns[f"{side}_prices"][:, 0] if best else table.offered(side)
        amounts = f"{side}_quantity"
        columns[amounts] = columns[f"{side}_quantities"][:, 0] if best else table.quantities(amounts)
    columns["volume"] = table.quantities("volume")
    columns["open_interest"] = table.quantities("open_interest")
    if table.has("printed_ms"):
        columns["printed"] = epoch_ms(*table.column("printed_ms"))
    return columns


def _levels(table: Table, name: str) -> Ints:
    """Return one side of the depth as (rows, 5), best first."""
    levels = np.empty((table.size, DEPTH_LEVELS), np.int64)
    for level in range(DEPTH_LEVELS):
        of_level = f"{name}_{level + 1}"
        levels[:, level] = table.offered(of_level) if "price" in name else table.quantities(of_level)
    return levels
