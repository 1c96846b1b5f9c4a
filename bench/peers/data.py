"""
The data of the comparison with other engines: seeded, made with numpy alone, the same everywhere.

Times are ns UTC of a bar's open, sessions 09:15 to 15:29 IST on weekdays, prices rupees on a grid of 0.05.

- W1: 1,000,000 minute bars of one instrument
- W2: an index and 120 strikes of calls and puts, 20 days of 375 minutes
- W3: 1,000,000 ticks of 500 instruments in time order, and 10,000 limit orders, placed after the first tick

`python bench/peers/data.py FOLDER` writes them; the digests say whether what was made is what was meant.
"""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Columns = dict[str, NDArray[np.generic]]

TICK = 0.05
LOT = 75
MINUTES = 375
STRIKES = 120
INSTRUMENTS = 500
_MINUTE_NS = 60 * 10**9
_OPEN_NS = (3 * 60 + 45) * _MINUTE_NS  # 09:15 IST in UTC

#: The beginning of the SHA-256 over all columns.
DIGESTS = {"w1": "dfd4278742f4bce6", "w2": "bd29fbeda9ccd9a1", "w3": "7d05229dcaca1844"}


def _to_tick(prices: Floats) -> Floats:
    return np.round(np.rint(prices / TICK) * TICK, 2)


def _midnights(days: int, start: str) -> NDArray[np.int64]:
    """Return the first `days` weekdays from `start` on, as ns UTC."""
    first = np.datetime64(start)
    dates = np.arange(first, first + 2 * days + 10)
    return dates[np.is_busday(dates)][:days].astype("datetime64[ns]").astype(np.int64)


def _bar_times(days: int, start: str) -> NDArray[np.int64]:
    in_day = _OPEN_NS + np.arange(MINUTES) * _MINUTE_NS
    return (_midnights(days, start)[:, None] + in_day).ravel()


def _random_walk(rng: np.random.Generator, size: int, start: float, sigma: float) -> tuple[Floats, ...]:
    """Return open, high, low and close of a geometric walk with small gaps between bars."""
    close = start * np.exp(np.cumsum(rng.normal(0, sigma, size)))
    before = np.concatenate(([start], close[:-1]))
    opens = before * (1 + rng.normal(0, sigma / 5, size))
    high = np.maximum(opens, close) * (1 + np.abs(rng.normal(0, sigma / 3, size)))
    low = np.minimum(opens, close) * (1 - np.abs(rng.normal(0, sigma / 3, size)))
    return _bars(*(_to_tick(prices) for prices in (opens, high, low, close)))


def _bars(opens: Floats, high: Floats, low: Floats, close: Floats) -> tuple[Floats, ...]:
    """Return the four with the extremes at least as far as open and close."""
    inner = np.maximum(opens, close), np.minimum(opens, close)
    return opens, np.maximum(high, inner[0]), np.minimum(low, inner[1]), close


def minute_bars() -> Columns:
    """W1."""
    rng, size = np.random.default_rng(20260801), 1_000_000
    opens, high, low, close = _random_walk(rng, size, 20_000.0, 0.0004)
    volume = rng.integers(100, 20_000, size).astype(np.float64)
    at = _bar_times(2_667, "2015-01-01")[:size]
    return {"ts": at, "open": opens, "high": high, "low": low, "close": close, "volume": volume}


def _normal_cdf(x: Floats) -> Floats:
    """Abramowitz and Stegun 26.2.17, error below 7.5e-8."""
    t = 1 / (1 + 0.2316419 * np.abs(x))
    tail = 0.319381530, -0.356563782, 1.781477937, -1.821255978, 1.330274429
    sum_ = t * (tail[0] + t * (tail[1] + t * (tail[2] + t * (tail[3] + t * tail[4]))))
    upper = 1 - np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * sum_
    return np.where(x >= 0, upper, 1 - upper)


def _option(spot: Floats, strike: Floats, years: Floats, volatility: Floats, *, call: bool) -> Floats:
    """Black and Scholes without interest."""
    deviation = volatility * np.sqrt(years)
    d1 = np.log(spot / strike) / deviation + deviation / 2
    worth = spot * _normal_cdf(d1) - strike * _normal_cdf(d1 - deviation)
    return worth if call else worth - spot + strike


def option_chain() -> Columns:
    """W2: columns are 120 calls, 120 puts of the same strikes, the index."""
    rng, days = np.random.default_rng(20260802), 20
    size = days * MINUTES
    strikes = 21_000.0 + 50.0 * np.arange(STRIKES)
    index = _random_walk(rng, size, 24_000.0, 0.12 / np.sqrt(252 * MINUTES))
    shape = (size, 2 * STRIKES + 1)
    prices = [np.empty(shape) for _ in range(4)]
    volume = rng.integers(100, 500, shape).astype(np.float64) * LOT
    years = (days + 1 - np.arange(size) / MINUTES)[:, None] / 252.0
    moneyness = np.log(strikes[None, :] / 24_000.0)
    drift = np.cumsum(rng.normal(0, 0.0002, size))[:, None].clip(-0.03, 0.03)
    volatility = 0.12 + 0.6 * moneyness * moneyness - 0.05 * moneyness + drift
    for call in (True, False):
        fair = [_option(spot[:, None], strikes[None, :], years, volatility, call=call) for spot in index]
        noisy = [fair[at] * (1 + rng.normal(0, 0.002, (size, STRIKES))) for at in (0, 3)]
        opens, close = (_to_tick(np.maximum(each, TICK)) for each in noisy)
        high, low = (_to_tick(np.maximum(fair[at], TICK)) for at in ((1, 2) if call else (2, 1)))
        place = slice(0, STRIKES) if call else slice(STRIKES, 2 * STRIKES)
        for column, values in zip(prices, _bars(opens, high, low, close), strict=True):
            column[:, place] = values
    for column, values in zip(prices, index, strict=True):
        column[:, -1] = values
    volume[:, -1] = 0
    interest = np.cumsum(rng.integers(-40, 41, shape), axis=0)
    interest = np.maximum(0, 50_000 + interest).astype(np.float64) * LOT
    interest[:, -1] = 0
    names = ("open", "high", "low", "close")
    bars: Columns = dict(zip(names, prices, strict=True))
    return {
        "ts": _bar_times(days, "2026-06-01"),
        "strikes": strikes,
        **bars,
        "volume": volume,
        "oi": interest,
    }


def ticks_and_orders() -> Columns:
    """W3: of each instrument's twenty orders four lie within the day's range."""
    rng, size, each = np.random.default_rng(20260803), 1_000_000, 20
    instrument = np.concatenate((np.arange(INSTRUMENTS), rng.integers(0, INSTRUMENTS, size - INSTRUMENTS)))
    instrument = instrument.astype(np.int32)
    opens = int(_midnights(1, "2026-07-01")[0]) + _OPEN_NS
    at = opens + np.sort(rng.integers(0, MINUTES * 60 * 1000, size)) * 1_000_000 + np.arange(size) % 1000
    at[:INSTRUMENTS] = opens + np.arange(INSTRUMENTS)
    at = np.maximum.accumulate(at)
    starts = np.exp(rng.uniform(np.log(100), np.log(5000), INSTRUMENTS))
    last, half = np.empty(size), np.empty(size)
    orders: list[tuple[int, int, float]] = []
    for number, rows in enumerate(_rows_of(instrument)):
        path = _to_tick(starts[number] * np.exp(np.cumsum(rng.normal(0, 0.0002, len(rows)))))
        last[rows] = path
        half[rows] = TICK * rng.integers(1, 4, len(rows))
        orders += [(number, *_limit(rng, path, place)) for place in range(each)]
    volume = rng.integers(1, 500, size).astype(np.float64)
    return {
        "ts": at,
        "inst": instrument,
        "ltp": last,
        "bid": _to_tick(last - half),
        "ask": _to_tick(last + half),
        "volume": volume,
        "o_inst": np.array([order[0] for order in orders], np.int32),
        "o_side": np.array([order[1] for order in orders], np.int8),
        "o_price": _to_tick(np.array([order[2] for order in orders])),
        "o_qty": np.full(len(orders), 10.0),
    }


def _rows_of(instrument: NDArray[np.int32]) -> list[NDArray[np.intp]]:
    order = np.argsort(instrument, kind="stable")
    return np.split(order, np.searchsorted(instrument[order], np.arange(1, INSTRUMENTS)))


def _limit(rng: np.random.Generator, path: Floats, place: int) -> tuple[int, float]:
    """Return side (+1 buys) and price of an order: the first four are reached, the others are not."""
    buys, reached = place % 2 == 1, place < 4
    first, low, high, room = path[0], path.min(), path.max(), 6 * TICK
    if reached:
        share = rng.uniform(0.3, 0.9)
        if buys:
            return 1, first - room - share * max(first - low - room, 0)
        return -1, first + room + share * max(high - first - room, 0)
    share = rng.uniform(0.002, 0.04)
    if buys:
        return 1, low * (1 - share) - 8 * TICK
    return -1, high * (1 + share) + 8 * TICK


MAKERS: dict[str, Callable[[], Columns]] = {
    "w1": minute_bars,
    "w2": option_chain,
    "w3": ticks_and_orders,
}


def digest(columns: Columns) -> str:
    """Return what `DIGESTS` has of a data set."""
    total = hashlib.sha256()
    for name in sorted(columns):
        total.update(name.encode())
        total.update(np.ascontiguousarray(columns[name]).tobytes())
    return total.hexdigest()[:16]


def make(folder: Path) -> None:
    """Write what `folder` does not have yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, maker in MAKERS.items():
        path = folder / f"{name}.npz"
        if path.exists():
            continue
        columns = maker()
        if digest(columns) != DIGESTS[name]:
            sys.stderr.write(f"{name}: digest {digest(columns)}, meant was {DIGESTS[name]}\n")
        np.savez(path, **columns)


def load(folder: Path, name: str) -> Columns:
    """Return the columns of a data set."""
    with np.load(folder / f"{name}.npz") as archive:
        return {key: archive[key] for key in archive.files}


if __name__ == "__main__":
    make(Path(sys.argv[1]))
