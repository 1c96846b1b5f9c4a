"""
A year of a NIFTY option chain in minute bars, as Parquet files: 241 instruments a day, 22.5 million bars.

Each trading day of 2025 has the index, and calls and puts at 60 strikes around it for the nearest two
expiries. The same seed gives the same year. `--by` says how it is stored, a file a day, a month or a year;
days are in order of time, or of symbol with `--symbol-first`. `--rough` leaves out bars and adds what
recorders add: bars without volume, a bar after the close, a repeated row.

    python bench/year.py FOLDER [--by day|month|file] [--symbol-first] [--rough] [--days 250]
"""

import argparse
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from kasauti.domain.instrument import Kind
from kasauti.domain.money import RUPEE
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.symbols import option_symbol

Floats = NDArray[np.float64]

YEAR = 2025
MINUTES = 375
STRIKES = 60
STEP = 50
_TICK = 0.05
_OPEN_MINUTE = 9 * 60 + 15


def trading_days() -> list[date]:
    """Return the days of the year with a session of usual hours."""
    calendar = Calendar()
    days = (date(YEAR, 1, 1) + timedelta(n) for n in range(365))
    return [day for day in days if calendar.is_regular_day(day)]


def year(days: list[date], *, symbol_first: bool, rough: bool) -> Iterator[tuple[date, pa.Table]]:
    """Yield each day as a table of bars named by their start, in rupees."""
    rng = np.random.default_rng(YEAR)
    expiries = Expiries(Calendar())
    spot = 23_600.0
    for day in days:
        walk = spot * np.exp(np.cumsum(rng.normal(0, 0.00025, MINUTES)))
        spot = float(walk[-1])
        names, prices = ["NIFTY"], [walk]
        for expiry in expiries.expiries("NIFTY", day, day + timedelta(21))[:2]:
            left = ((expiry.day - day).days * MINUTES + np.arange(MINUTES, 0, -1)) / MINUTES
            first = round(walk[0] / STEP) * STEP - STEP * (STRIKES // 2)
            for strike in range(first, first + STEP * STRIKES, STEP):
                value = 0.4 * walk * 0.008 * np.sqrt(left) * np.exp(-np.abs(walk - strike) / 400)
                for kind, sign in ((Kind.CALL, 1), (Kind.PUT, -1)):
                    names.append(
                        option_symbol("NIFTY", expiry.day, strike * RUPEE, kind, monthly=expiry.monthly)
                    )
                    prices.append(np.maximum(sign * (walk - strike), 0) + value + 0.05)
        table = _table(rng, day, names, np.array(prices), symbol_first=symbol_first)
        yield day, _roughened(rng, table) if rough else table


def _table(
    rng: np.random.Generator, day: date, names: list[str], prices: Floats, *, symbol_first: bool
) -> pa.Table:
    shape = prices.shape
    close = _to_tick(prices * (1 + rng.normal(0, 0.002, shape)))
    opened = _to_tick(prices * (1 + rng.normal(0, 0.002, shape)))
    high = _to_tick(np.maximum(opened, close) * (1 + np.abs(rng.normal(0, 0.001, shape))))
    low = _to_tick(np.minimum(opened, close) * (1 - np.abs(rng.normal(0, 0.001, shape))))
    volume = 75 * np.maximum(1, rng.lognormal(4, 1.5, shape).astype(np.int64))
    changes = np.repeat(75 * rng.integers(-200, 300, (shape[0], MINUTES // 3)), 3, axis=1)
    changes[:, np.arange(MINUTES) % 3 > 0] = 0  # the exchange tells open interest every three minutes
    interest = 75 * rng.integers(100_000, 200_000, (shape[0], 1)) + np.cumsum(changes, axis=1)
    volume[0], interest[0] = 0, 0
    minutes = np.broadcast_to(np.arange(MINUTES) + _OPEN_MINUTE, shape)
    stamps = np.datetime64(day, "us") + minutes * np.timedelta64(60_000_000, "us")
    codes = np.broadcast_to(np.arange(len(names), dtype=np.int32)[:, None], shape)
    order: Literal["C", "F"] = "C" if symbol_first else "F"
    return pa.table(
        {
            "symbol": pa.DictionaryArray.from_arrays(codes.ravel(order), names).cast(pa.string()),
            "timestamp": stamps.ravel(order),
            "open": opened.ravel(order),
            "high": np.maximum(high, np.maximum(opened, close)).ravel(order),
            "low": np.minimum(low, np.minimum(opened, close)).ravel(order),
            "close": close.ravel(order),
            "volume": volume.ravel(order),
            "oi": interest.ravel(order),
        }
    )


def _to_tick(prices: Floats) -> Floats:
    rounded: Floats = np.round(np.maximum(np.rint(prices / _TICK), 1) * _TICK, 2)
    return rounded


def _roughened(rng: np.random.Generator, table: pa.Table) -> pa.Table:
    """Return the day as a recorder would have it: holes, bars in which nothing traded, rows too many."""
    chance = rng.random(table.num_rows)
    volume = np.where(chance < 0.03, 0, table["volume"].to_numpy())
    table = table.set_column(table.schema.get_field_index("volume"), "volume", pa.array(volume))
    late = table.slice(table.num_rows - 1).to_pylist()[0]
    late["timestamp"] = late["timestamp"].replace(hour=15, minute=30)
    kept = table.filter(pa.array(chance < 0.97))
    return pa.concat_tables([kept, kept.slice(kept.num_rows - 2), pa.Table.from_pylist([late], kept.schema)])


def main() -> None:
    """Write the year."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--by", choices=("day", "month", "file"), default="day")
    parser.add_argument("--symbol-first", action="store_true")
    parser.add_argument("--rough", action="store_true")
    parser.add_argument("--days", type=int, default=250)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    days = trading_days()[: asked.days]
    names = {"day": "%Y-%m-%d", "month": "%Y-%m", "file": "%Y"}
    writers: dict[str, pq.ParquetWriter] = {}
    for day, table in year(days, symbol_first=asked.symbol_first, rough=asked.rough):
        name = day.strftime(names[asked.by])
        if name not in writers:
            for writer in writers.values():
                writer.close()
            writers = {name: pq.ParquetWriter(asked.folder / f"NIFTY_{name}.parquet", table.schema)}
        writers[name].write_table(table)
    for writer in writers.values():
        writer.close()


if __name__ == "__main__":
    main()
