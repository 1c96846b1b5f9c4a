"""Falls of an equity curve from its highs, computed on whole arrays."""

from math import sqrt

import msgspec
import numpy as np

from kasauti.analytics.ratios import Floats
from kasauti.domain.market import Ints


class Fall(msgspec.Struct, frozen=True):
    """
    The deepest fall of a curve; places are rows of it.

    `part` is how far it fell from the high at `peak` to `trough`, as a fraction of that high; `recovery` is
    the first row that reached the high again, None if none has. `amount` is the deepest fall in money units,
    which another high may have had.
    """

    part: float
    amount: int
    peak: int
    trough: int
    recovery: int | None


def depths(equity: Ints) -> Floats:
    """Return for each row by which fraction the curve is below its highest value so far."""
    highs = np.maximum.accumulate(equity)
    parts: Floats = (highs - equity) / highs
    return parts


def deepest_fall(equity: Ints) -> Fall | None:
    """
    Return the deepest fall of a curve that begins with the capital; None if it never fell.

    The fraction equals empyrical's `max_drawdown` but for the sign.
    """
    if not len(equity) or equity[0] <= 0:
        return None
    highs = np.maximum.accumulate(equity)
    falls = highs - equity
    amount = int(falls.max())
    if not amount:
        return None
    parts = falls / highs
    trough = int(parts.argmax())
    high = highs[trough]
    peak = trough - int(np.argmax(equity[trough::-1] == high))
    again = equity[trough:] >= high
    recovery = trough + int(again.argmax()) if again.any() else None
    return Fall(float(parts[trough]), amount, peak, trough, recovery)


def longest_fall(equity: Ints, at: Ints) -> tuple[int, int]:
    """
    Return from when to when the curve was below a high of it for the longest time; (0, 0) if it never was.

    It begins at the high and ends with the row that reaches it again, or with the last row.
    """
    if not len(equity):
        return 0, 0
    on_high = np.flatnonzero(np.maximum.accumulate(equity) == equity)
    begins, ends = on_high, np.append(on_high[1:], len(equity) - 1)
    below = ends > begins + 1
    below[-1] = ends[-1] > begins[-1]
    if not below.any():
        return 0, 0
    begins, ends = begins[below], ends[below]
    longest = int(np.argmax(at[ends] - at[begins]))
    return int(at[begins[longest]]), int(at[ends[longest]])


def ulcer_index(equity: Ints) -> float | None:
    """
    Return the root of the mean squared depth below the highest value so far, as a fraction.

    None without rows. Source: Martin and McCann, "The Investor's Guide to Fidelity Funds" (1989), who divide
    by the number of rows; quantstats divides by one less.
    """
    if not len(equity) or equity[0] <= 0:
        return None
    return sqrt(float(np.mean(depths(equity) ** 2)))
