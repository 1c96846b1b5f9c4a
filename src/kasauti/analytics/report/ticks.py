"""Where the lines of an axis stand: round numbers, and the beginnings of days, months and years."""

from collections.abc import Callable
from datetime import datetime
from math import ceil, floor, log10

import numpy as np

from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY, NS_PER_MINUTE, ist_datetime
from kasauti.domain.market import Ints

#: How many lines an axis of time has, at least and at most.
_FEWEST, _MOST = 4, 12
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def round_values(low: float, high: float, wanted: int = 5) -> list[float]:
    """Return round values between `low` and `high`, about `wanted` of them."""
    if high <= low:
        return [low]
    raw = (high - low) / wanted
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in _STEPS if factor * power >= raw * (1 - 1e-9))
    return [number * step for number in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def time_rows(at: Ints) -> list[tuple[int, str]]:
    """
    Return rows of rising moments at which a line and a label stand.

    They are the first rows of years, quarters, months, weeks, days, hours or minutes, whichever of these has
    a readable number of them; the first row has no line. Where clocks of several days would follow each
    other, the first of each day is its date.
    """
    if not len(at):
        return []
    local = at + IST_OFFSET_NS
    days = local // NS_PER_DAY
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    keys: list[tuple[Ints, Callable[[datetime], str]]] = [
        (months // 12, lambda when: f"{when:%Y}"),
        (months // 3, lambda when: f"{when:%b %Y}"),
        (months, lambda when: f"{when:%b %Y}"),
        ((days + 3) // 7, _date),
        (days, _date),
        (local // (60 * NS_PER_MINUTE), _clock),
        (local // (15 * NS_PER_MINUTE), _clock),
        (local // NS_PER_MINUTE, _clock),
    ]
    best: tuple[Ints, Callable[[datetime], str]] | None = None
    for key, label in keys:
        rows = np.flatnonzero(np.diff(key)) + 1
        if len(rows) >= _FEWEST:
            best = rows[:: -(-len(rows) // _MOST)], label
            break
        best = (rows, label) if len(rows) else best
    if best is None:
        return []
    rows, label = best
    dated = np.zeros(len(rows), np.bool_)
    if label is _clock and days[-1] > days[0]:
        dated = np.diff(days[rows], prepend=0) > 0
    return [
        (row, (_date if is_dated else label)(ist_datetime(int(at[row]))))
        for row, is_dated in zip(rows.tolist(), dated.tolist(), strict=True)
    ]


def _date(when: datetime) -> str:
    return f"{when.day} {when:%b}"


def _clock(when: datetime) -> str:
    return f"{when:%H:%M}"
