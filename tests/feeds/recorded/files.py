"""Small data files for the tests, written as tables that a person can read."""

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from kasauti.domain.market import BarBatch, TickBatch
from kasauti.feeds.recorded.recording import Recording

#: A regular Thursday, five days before the monthly NIFTY expiry of 2026-01-27.
DAY = "2026-01-22"

_TIMES = ("ts", "at", "end", "expiry", "insertion_time")
_WORDS = ("symbol", "instrument", "underlying", "option_type", "instrument_key")


def columns(text: str) -> dict[str, list[Any]]:
    """
    Read a table of words: a header line, then rows.

    `-` is an empty cell. A clock like 09:15 in a time column is on `DAY`.
    """
    header, *lines = [line.split() for line in text.splitlines() if line.strip()]
    return {name: [_cell(name, line[place]) for line in lines] for place, name in enumerate(header)}


def _cell(name: str, word: str) -> Any:
    if word == "-":
        return None
    if name in _TIMES:
        return datetime.fromisoformat(word if "-" in word else f"{DAY}T{word}")
    return word if name in _WORDS else float(word)


def save(path: Path, table: str | dict[str, list[Any]]) -> Path:
    """Write a table as Parquet or CSV, by the name of `path`."""
    values = columns(table) if isinstance(table, str) else table
    if path.name.endswith(".parquet"):
        pq.write_table(pa.table(values), path)
        return path
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(values)
        for row in zip(*values.values(), strict=True):
            writer.writerow(["" if cell is None else cell for cell in row])
    return path


def chain(
    *snapshots: tuple[str, float, Sequence[float | None]], symbol: str = "NIFTY", expiry: str = "2026-01-27"
) -> dict[str, list[Any]]:
    """
    Return wide snapshots of a chain with strikes from 25000 on, 50 apart.

    Each is (clock, spot, last prices): of calls and puts in turn. Volume grows with the snapshots.
    """
    table: dict[str, list[Any]] = {name: [] for name in CHAIN_COLUMNS}
    for number, (clock, spot, lasts) in enumerate(snapshots, 1):
        for place in range(0, len(lasts), 2):
            call, put = lasts[place], lasts[place + 1]
            volume = 65.0 * number
            row = (
                datetime.fromisoformat(clock if "-" in clock else f"{DAY}T{clock}"),
                symbol,
                datetime.fromisoformat(expiry),
                25_000.0 + 25 * place,
                call,
                650.0 if call else 0.0,
                volume if call else 0.0,
                put,
                1300.0 if put else 0.0,
                volume if put else 0.0,
                spot,
            )
            for name, value in zip(CHAIN_COLUMNS, row, strict=True):
                table[name].append(value)
    return table


CHAIN_COLUMNS = (
    "ts symbol expiry strike ce_ltp ce_oi ce_vol pe_ltp pe_oi pe_vol spot".split()  # noqa: SIM905 - a row
)


def rows(recording: Recording, *names: str) -> list[tuple[Any, ...]]:
    """Return what a feed yields as (clock, tradingsymbol, ...) with the columns asked for."""
    found = []
    for batch in recording.batches():
        for row in range(len(batch)):
            symbol = recording.universe[int(batch.slot[row])].tradingsymbol
            found.append((clock(batch, row), symbol, *(int(getattr(batch, name)[row]) for name in names)))
    return found


def clock(batch: TickBatch | BarBatch, row: int) -> str:
    """Return the IST time of day of a row, to the second."""
    seconds = int(batch.at[row]) // 10**9 + 19_800
    return str(np.datetime64(seconds, "s")).rpartition("T")[2]


def counts(recording_or_report: Any) -> dict[str, int]:
    """Return kind -> count of what a report found, gaps left out: small files are full of them."""
    report = getattr(recording_or_report, "report", recording_or_report)
    return {str(finding.kind): finding.count for finding in report.findings if finding.kind != "gap"}
