"""
The built-in market: a whole NIFTY session from a seed.

One snapshot a second from 09:15:00 to 15:30:00 IST: the index, its near future, the option chain of the next
expiry and three shares, with last price, five-level depth, volume and open interest. No broker, no key, no
network, no clock.

It is a function of seed, day and second: the slow paths are drawn when the market is made, and a minute is
made when it is asked for, from those paths and from draws that belong to it. The same seed gives the same
bytes wherever IEEE 754 holds: see `portable_math` and `draws`.

Its trends begin with short covering, so that strategies find entries: a profit made on it proves nothing.
What it leaves out: the pre-open, the closing auction (shares stop at the end of their continuous session,
while the index goes on to 15:30 instead of standing still), derivatives after 15:30, price bands and halts,
and pauses of the feed. Our own orders do not move it.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np

from kasauti.domain.instrument import Universe
from kasauti.domain.ist import NS_PER_SECOND, ist_iso, ist_ns
from kasauti.domain.market import Ints, TickBatch
from kasauti.errors import InvalidInput
from kasauti.simulator.market.day import draw_day
from kasauti.simulator.market.day_plan import DayPlan
from kasauti.simulator.market.index_path import MINUTES, SECONDS_PER_MINUTE, SESSION_SECONDS
from kasauti.simulator.market.listing import INDEX_ID, OPENS
from kasauti.simulator.market.minute import make_minute, to_batch

#: The monthly NIFTY expiry of November 2026, moved to a Monday by a holiday.
DEMO_DAY = date(2026, 11, 23)


class BuiltInMarket:
    """
    The market of one day.

    The chain is that of the next NIFTY expiry on or after `day`, with `strikes_each_side` strikes, 50 points
    apart, above and below the money; the future is the near one.

    Raises `InvalidInput` where NSE has no whole session on `day` or the chain would be empty, and
    `RuleUnknown` where the exchange's rules are not known for `day`.
    """

    def __init__(self, *, seed: int, day: date = DEMO_DAY, strikes_each_side: int = 25) -> None:
        self.seed = seed
        self.day = day
        self._drawn = draw_day(seed, day, strikes_each_side)
        self.index_id = INDEX_ID
        self.expiry = self._drawn.listing.expiry
        self.opens_at = ist_ns(day, OPENS)
        self.closes_at = self.opens_at + SESSION_SECONDS * NS_PER_SECOND

    @property
    def universe(self) -> Universe:
        """The day's instruments; their slots are the batches' slots."""
        return self._drawn.listing.universe

    @property
    def plan(self) -> DayPlan:
        """What kind of day was drawn: for tests and teachers, not for strategies."""
        return self._drawn.plan

    def batches(self, start: int | None = None) -> Iterator[TickBatch]:
        """
        Yield the day, or what is left of it from the moment `start`, a minute at a time.

        A batch holds whole snapshots, and what it holds of the time from `start` on is byte for byte what
        an iterator from the beginning holds. Raises `InvalidInput` for a `start` that is no second of this
        session.
        """
        begins = self.opens_at if start is None else start
        minute = self._minute_of(begins)
        before = make_minute(self._drawn, minute - 1, None).closing if minute else None
        return self._from(minute, begins, before)

    def _from(self, minute: int, begins: int, before: Ints | None) -> Iterator[TickBatch]:
        for number in range(minute, MINUTES + 1):
            made = make_minute(self._drawn, number, before)
            before = made.closing
            batch = to_batch(made, self._drawn, self.opens_at)
            yield batch[int(np.searchsorted(batch.at, begins)) :] if number == minute else batch

    def _minute_of(self, at: int) -> int:
        second, rest = divmod(at - self.opens_at, NS_PER_SECOND)
        if rest or not 0 <= second <= SESSION_SECONDS:
            raise InvalidInput(
                f"{ist_iso(at)} is not a second of the built-in session of {self.day}, which runs from"
                " 09:15:00 to 15:30:00 IST; start at a whole second inside it"
            )
        return second // SECONDS_PER_MINUTE
