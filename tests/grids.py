"""Random bars as a grid, for properties that hold whatever the market does."""

from datetime import date, time
from typing import Any

import numpy as np
from hypothesis import strategies as st
from tests.trading import DAY

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.ist import NS_PER_SECOND, ist_ns

OPENS = ist_ns(DAY, time(9, 15))
FIELDS = ("open", "high", "low", "close", "volume", "open_interest")


def grid_of(
    seed: int,
    slots: list[int],
    moments: int,
    *,
    seconds: int = 60,
    opens: int = OPENS,
    missing: float = 0.0,
    skipped: float = 0.0,
    start: int = 100_0000,
    tick: int = 500,
    lots: int = 6,
) -> BarGrid:
    """
    Return a walk of `moments` bars: of those `missing` is the share of bars that are not there, and of the
    moments `skipped` the share at which there is none. Volumes are up to `lots` units a bar, 0 among them.
    """
    rng = np.random.default_rng(seed)
    shape = len(slots), moments
    steps = rng.integers(-3, 4, (4, *shape))
    close = start + np.cumsum(steps[0], axis=1) * tick
    opened = np.concatenate((np.full((shape[0], 1), start), close[:, :-1]), axis=1) + steps[1] // 2 * tick
    high = np.maximum(opened, close) + np.abs(steps[2]) // 2 * tick
    low = np.minimum(opened, close) - np.abs(steps[3]) // 2 * tick
    columns: dict[str, Any] = {
        "open": opened,
        "high": high,
        "low": low,
        "close": close,
        "volume": rng.integers(0, lots + 1, shape),
        "open_interest": rng.integers(0, 1_000, shape),
    }
    at = opens + np.arange(1, moments + 1) * seconds * NS_PER_SECOND
    kept = rng.random(moments) >= skipped
    kept[-1] = True
    there = rng.random(shape) >= missing
    there[0, :] |= ~there.any(axis=0)
    present = None if bool(there.all()) else there[:, kept]
    values = {name: np.where(there, column, 0)[:, kept].astype(np.int64) for name, column in columns.items()}
    return BarGrid(seconds, at[kept], np.array(sorted(slots), np.int32), **values, present=present)


def grids(slots: int, moments: int, day: date = DAY, **fixed: Any) -> st.SearchStrategy[BarGrid]:
    """Return grids of up to `slots` instruments and `moments` moments of `day`."""
    return st.builds(
        grid_of,
        seed=st.integers(0, 2**32),
        slots=st.lists(st.integers(0, slots - 1), min_size=1, max_size=slots, unique=True),
        moments=st.integers(1, moments),
        missing=st.sampled_from([0.0, 0.0, 0.3, 0.9]),
        skipped=st.sampled_from([0.0, 0.0, 0.4]),
        opens=st.just(ist_ns(day, time(9, 15))),
        **{name: st.just(value) for name, value in fixed.items()},
    )
