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


class Falls(msgspec.Struct, frozen=True):
    """
    All that is asked of a curve's falls, from one look at it.

    `longest` is from when to when it was below a high for the longest time, (0, 0) if it never was;
    `ulcer_index` as the function of that name.
    """

    deepest: Fall | None
    longest: tuple[int, int]
    ulcer_index: float | None


def falls_of(equity: Ints, at: Ints) -> Falls:
    """Return the falls of a curve that begins with the capital; `at` are the moments of its rows."""
    if not len(equity) or equity[0] <= 0:
        return Falls(None, (0, 0), None)
    highs = np.maximum.accumulate(equity)
    below = highs - equity
    parts = below / highs
    return Falls(_deepest(equity, below, parts), _longest(below, at), _ulcer(parts))


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
    below = highs - equity
    return _deepest(equity, below, below / highs)


def _deepest(equity: Ints, below: Ints, parts: Floats) -> Fall | None:
    amount = int(below.max())
    if not amount:
        return None
    trough = int(parts.argmax())
    high = int(equity[trough]) + int(below[trough])
    on_high = np.flatnonzero(equity[:trough] == high)
    again = equity[trough:] >= high
    recovery = trough + int(again.argmax()) if again.any() else None
    return Fall(float(parts[trough]), amount, int(on_high[-1]), trough, recovery)


def longest_fall(equity: Ints, at: Ints) -> tuple[int, int]:
    """
    Return from when to when the curve was below a high of it for the longest time; (0, 0) if it never was.

    It begins at the high and ends with the row that reaches it again, or with the last row.
    """
    return _longest(np.maximum.accumulate(equity) - equity, at) if len(equity) else (0, 0)


def _longest(below: Ints, at: Ints) -> tuple[int, int]:
    begins = np.flatnonzero(below == 0)
    ends = np.append(begins[1:], len(below) - 1)
    falls = ends > begins + 1
    falls[-1] = ends[-1] > begins[-1]
    if not falls.any():
        return 0, 0
    begins, ends = begins[falls], ends[falls]
    longest = int(np.argmax(at[ends] - at[begins]))
    return int(at[begins[longest]]), int(at[ends[longest]])


def ulcer_index(equity: Ints) -> float | None:
    """
    Return the root of the mean squared depth below the highest value so far, as a fraction.

    None without rows. Source: Martin and McCann, "The Investor's Guide to Fidelity Funds" (1989), who divide
    by the number of rows; quantstats divides by one less.
    """
    return _ulcer(depths(equity)) if len(equity) and equity[0] > 0 else None


def _ulcer(parts: Floats) -> float:
    return sqrt(float(parts @ parts) / len(parts))
