"""
Small sweeps for tests: a share that rises in the morning and falls after it, and who trades that.

`Holder` buys a share in one minute of the day and sells it in a later one, so what each combination comes to
is known by hand. Some values of `mode` misbehave, and with a `tally` it writes down every day it begins.
"""

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from pathlib import Path

import numpy as np
from tests.compose.worlds import settings
from tests.trading import SHARE, UNIVERSE

from kasauti.compose.markets import Batch, Market
from kasauti.domain.ist import NS_PER_MINUTE, ist_ns
from kasauti.domain.market import BarBatch, Ints
from kasauti.domain.money import rupees
from kasauti.exchange.calendar import Calendar
from kasauti.sweeps.space import space
from kasauti.sweeps.wanted import Wanted

HOLDER = f"{Path(__file__).with_name('holder.py')}:Holder"
FIRST = date(2025, 1, 1)
#: Bars of a day.
MINUTES = 8


def trading_days(count: int, first: date = FIRST) -> list[date]:
    """Return the first regular trading days from `first` on."""
    calendar, days = Calendar(), list[date]()
    while len(days) < count:
        if calendar.is_regular_day(first):
            days.append(first)
        first += timedelta(days=1)
    return days


def price(day: int, minute: int) -> int:
    """Return the close of a minute in money units: up until the fifth, then down, higher each day."""
    steps = minute if minute <= 5 else 10 - minute
    return rupees(100 + 2 * day + steps + (day * 7 + minute * 3) % 4)


def market(days: int = 6, *, shift: int = 0) -> Market:
    """Return bars of one share over so many days, all prices `shift` rupees higher."""
    dates = trading_days(days)

    def play(start: int | None) -> Iterator[Batch]:
        for number, day in enumerate(dates):
            batch = _day(number, day, rupees(shift))
            if batch.at[-1] >= (start or 0):
                yield batch

    return Market(
        label="a share",
        source="test",
        universe=UNIVERSE,
        days=dates,
        is_bars=True,
        is_dense=False,
        underlying="",
        play=play,
    )


def _day(number: int, day: date, shift: int) -> BarBatch:
    slot = UNIVERSE.slots[SHARE.id]
    at = ist_ns(day, time(9, 16)) + np.arange(MINUTES, dtype=np.int64) * NS_PER_MINUTE
    close: Ints = np.array([price(number, minute) + shift for minute in range(MINUTES)], np.int64)
    opened = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(opened, close), np.minimum(opened, close)
    volume, none = np.full(MINUTES, 1000, np.int64), np.zeros(MINUTES, np.int64)
    return BarBatch(60, at, np.full(MINUTES, slot, np.int32), opened, high, low, close, volume, none)


def wanted(parameters: Sequence[str], *, days: int = 6, shift: int = 0, **more: object) -> Wanted:
    """Return a sweep of `Holder`."""
    where = more.pop("where", ())
    chosen = {"jobs": 1, "strategy": HOLDER, **more}
    return Wanted(
        market=market(days, shift=shift),
        space=space(parameters, where),  # type: ignore[arg-type]
        loaded=settings(),
        **chosen,  # type: ignore[arg-type]
    )
