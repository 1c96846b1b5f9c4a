"""What every measured script shares: the workloads' rules, their answers, the clock, the one JSON line."""

import gc
import json
import os
import platform
import resource
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import numpy as np
from data import LOT, MINUTES, TICK, Columns, Floats, load
from numpy.typing import NDArray

__all__ = ["LOT", "MINUTES", "TICK", "clock", "columns", "middle", "tell"]

T = TypeVar("T")

FOLDER = Path(os.environ["KASAUTI_BENCH_DATA"])

#: W1: long while the fast average is above the slow one by more than a hair, flat when it is below by that.
FAST, SLOW, HAIR = 10, 30, 1e-6
#: W2: sold at the money at 09:20, out at 15:10; rows of the bars that end then.
ENTRY, EXIT, STOP = 4, 354, 1.25
#: W4: a hundred pairs of averages over the first bars of W1.
PAIRS = [(fast, slow) for fast in range(5, 25, 2) for slow in range(30, 130, 10)]
PAIR_BARS = 100_000
#: W5.
ORDERS = 20_000


def columns(name: str) -> Columns:
    """Return the columns of a data set."""
    return load(FOLDER, name)


def stop_price(price: float) -> float:
    """Return the stop of a leg sold at `price`: a quarter above it, on the tick above."""
    return round(int(-(-round(price * STOP / TICK, 6) // 1)) * TICK, 2)


def average(close: Floats, length: int) -> Floats:
    """Return the moving average, summed in whole paise so that no dust gathers."""
    total = np.cumsum(np.rint(close * 100).astype(np.int64))
    sums = np.full(len(close), np.nan)
    sums[length - 1] = total[length - 1]
    sums[length:] = total[length:] - total[:-length]
    return sums / (100.0 * length)


def wants_long(close: Floats, fast: int = FAST, slow: int = SLOW) -> NDArray[np.int64]:
    """Return 1 where the strategy of W1 wants to be long after a bar's close, 0 where it wants to be flat."""
    gap = average(close, fast) - average(close, slow)
    wish = np.where(gap > HAIR, 1, np.where(gap < -HAIR, 0, -1))
    wish[: slow - 1] = 0
    last = np.where(wish >= 0, np.arange(len(wish)), 0)
    return wish[np.maximum.accumulate(last)]


def w1_answer(bars: Columns, *, next_open: bool, fast: int = FAST, slow: int = SLOW) -> tuple[int, float]:
    """Return the fills of W1 and its profit, what is open at the end marked at the last close."""
    wish = wants_long(bars["close"], fast, slow)
    changes = np.diff(np.concatenate(([0], wish)))
    at = np.flatnonzero(changes)
    if next_open:
        at = at[at + 1 < len(wish)]
    prices = bars["open"][at + 1] if next_open else bars["close"][at]
    held = changes[at].sum()
    return len(at), round(float(held * bars["close"][-1] - (changes[at] * prices).sum()), 2)


def w2_answer(chain: Columns, *, next_open: bool) -> tuple[int, float, int]:
    """Return the fills of W2, its profit and how many stops were hit, in plain Python."""
    opens, high, close, strikes = chain["open"], chain["high"], chain["close"], chain["strikes"]
    fills = stops = 0
    profit = 0.0
    for first in range(0, len(close), MINUTES):
        enter, leave = first + ENTRY, first + EXIT
        nearest = int(np.argmin(np.abs(strikes - close[enter, -1])))
        for leg in (nearest, len(strikes) + nearest):
            sold = opens[enter + 1, leg] if next_open else close[enter, leg]
            trigger = stop_price(sold)
            armed = enter + (2 if next_open else 1)
            hit = armed + np.flatnonzero(high[armed : leave + 1, leg] >= trigger - 1e-9)
            if len(hit):
                stops += 1
                bought = max(opens[hit[0], leg], trigger)
            else:
                bought = opens[leave + 1, leg] if next_open else close[leave, leg]
            profit += (sold - bought) * LOT
            fills += 2
    return fills, round(float(profit), 2), stops


def w3_answer(ticks: Columns) -> int:
    """Return how many limits are reached by the opposite quote after their instrument's first tick."""
    instrument = ticks["inst"]
    firsts = np.unique(instrument, return_index=True)[1]
    later = np.ones(len(instrument), np.bool_)
    later[firsts] = False
    lowest_ask = np.full(len(firsts), np.inf)
    np.minimum.at(lowest_ask, instrument[later], ticks["ask"][later])
    highest_bid = np.full(len(firsts), -np.inf)
    np.maximum.at(highest_bid, instrument[later], ticks["bid"][later])
    of, price = ticks["o_inst"], ticks["o_price"]
    bought, sold = lowest_ask[of] <= price + 1e-9, highest_bid[of] >= price - 1e-9
    return int(np.where(ticks["o_side"] > 0, bought, sold).sum())


@contextmanager
def clock(figures: dict[str, float]) -> Iterator[None]:
    """Time a block into `figures['seconds']`; earlier garbage is not billed to it."""
    gc.collect()
    began = perf_counter()
    yield
    figures["seconds"] = perf_counter() - began


def middle(run: Callable[[], T], runs: int = 5) -> tuple[float, T]:
    """
    Return the middle of what `runs` runs take, in seconds, and an answer; the first is not counted.

    It is for what takes some milliseconds: a first run is mostly the memory that the system hands out.
    """
    answer, took = run(), []
    for _ in range(runs):
        figures: dict[str, float] = {}
        with clock(figures):
            answer = run()
        took.append(figures["seconds"])
    return statistics.median(took), answer


def tell(
    workload: str,
    package: str,
    variant: str,
    n: int,
    seconds: float,
    fills: int | None = None,
    profit: float | None = None,
) -> None:
    """Print the one line that the runner reads."""
    row = {
        "workload": workload,
        "engine": package,
        "version": metadata.version(package),
        "variant": variant,
        "n": int(n),
        "seconds": seconds,
        "fills": None if fills is None else int(fills),
        "profit": None if profit is None else round(float(profit), 2),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "python": platform.python_version(),
    }
    sys.stdout.write(json.dumps(row) + "\n")
