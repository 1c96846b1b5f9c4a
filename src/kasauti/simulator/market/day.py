"""Everything about a day that is drawn when its market is made: some 50 ms and 4 MB."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from kasauti.domain.market import Ints
from kasauti.simulator.market.activity import minute_volumes
from kasauti.simulator.market.black76 import call_value, put_value, smile
from kasauti.simulator.market.day_plan import DayPlan
from kasauti.simulator.market.draws import stream_key
from kasauti.simulator.market.index_path import Paths, draw_paths, forward, share_path
from kasauti.simulator.market.listing import (
    CALLS,
    FUTURE_SLOT,
    INDEX_SLOT,
    PUTS,
    SHARES,
    STOCKS,
    Listing,
    list_day,
)
from kasauti.simulator.market.open_interest import open_interest
from kasauti.simulator.market.portable_math import Floats

_VOLUMES, _OPEN_INTEREST, _MINUTES = range(20, 23)


@dataclass(frozen=True, slots=True)
class Day:
    """
    A drawn day. `future` and `shares` are rupees by second.

    `volumes` is what trades in each minute, `volume_before` the day's volume when it begins, `open_interest`
    what is published in it: lots of derivatives and single shares, shape (376, instruments).
    """

    key: int
    plan: DayPlan
    listing: Listing
    paths: Paths
    future: Floats
    shares: Floats
    volumes: Ints
    volume_before: Ints
    open_interest: Ints

    def fair(self, seconds: slice) -> Floats:
        """Return every instrument's fair value in rupees: shape (seconds, instruments)."""
        delivered = self.paths.forward[seconds, None]
        strikes = self.listing.strikes[None]
        fair = np.empty((len(delivered), len(self.listing.universe)))
        fair[:, INDEX_SLOT] = self.paths.index[seconds]
        fair[:, FUTURE_SLOT] = self.future[seconds]
        fair[:, STOCKS] = self.shares[seconds]
        variance = smile(strikes, delivered, self.paths.variance[seconds, None])
        calls = call_value(strikes, delivered, variance)
        fair[:, CALLS] = calls
        fair[:, PUTS] = put_value(calls, strikes, delivered)
        return fair

    def minute_key(self, minute: int) -> int:
        """Return the key of the streams that belong to one minute."""
        return stream_key(self.key, _MINUTES, minute)


def draw_day(seed: int, day: date, strikes_each_side: int) -> Day:
    """Draw the day of `seed`; what can be wrong with `day` is said by `list_day`."""
    key = stream_key(seed, day.toordinal())
    plan = DayPlan.draw(key)
    listing = list_day(day, plan.open_level, strikes_each_side)
    paths = draw_paths(
        plan, key, sessions_after=listing.sessions_after, expiry_seconds=listing.option_seconds
    )
    shares = [share_path(paths, key, n, price=share.price, beta=share.beta) for n, share in enumerate(SHARES)]
    volumes = minute_volumes(paths, listing, stream_key(key, _VOLUMES))
    return Day(
        key=key,
        plan=plan,
        listing=listing,
        paths=paths,
        future=forward(paths.index, paths.basis, listing.future_seconds),
        shares=np.stack(shares, axis=1),
        volumes=volumes,
        # One lot of everything trades in the opening auction.
        volume_before=1 + np.cumsum(volumes, axis=0) - volumes,
        open_interest=open_interest(paths, listing, volumes, stream_key(key, _OPEN_INTEREST)),
    )
