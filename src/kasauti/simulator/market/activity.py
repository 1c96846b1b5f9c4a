"""
How much trades: each minute's volume of each instrument, and its spread over the minute's seconds.

A day's volumes are laid down minute by minute when the market is made, so the volume at any second is
known without the seconds before it. Every instrument trades at least once in every minute: a minute and the
one before it are enough to know each last price.
"""

import numpy as np

from kasauti.domain.market import Ints
from kasauti.simulator.market.draws import lanes, normals
from kasauti.simulator.market.index_path import MINUTES, SECONDS_PER_MINUTE, SESSION_SECONDS, Paths
from kasauti.simulator.market.listing import FUTURE_SLOT, OPTIONS, SHARES, STOCKS, Listing
from kasauti.simulator.market.portable_math import Floats, exp

#: Lots a quiet minute trades in the option at the money, a third of NIFTY's on 2026-01-27, and in the future.
_OPTION_LOTS = 15_000
_FUTURE_LOTS = 900

#: The first second of each minute, and of the closing snapshot.
MINUTE_MARKS = np.arange(MINUTES + 1) * SECONDS_PER_MINUTE


def out_of_the_money(paths: Paths, listing: Listing) -> Floats:
    """Return how many points each option is out of the money at each minute: shape (376, options)."""
    above = listing.strikes - paths.forward[MINUTE_MARKS, None]
    return np.stack((above, -above), axis=2).reshape(len(MINUTE_MARKS), -1)


def round_strikes(listing: Listing, fifties: float, hundreds: float, five_hundreds: float) -> Floats:
    """Return a factor for each option: people like round strikes."""
    factor = np.where(listing.strikes % 100 == 0, hundreds, fifties)
    return np.repeat(np.where(listing.strikes % 500 == 0, five_hundreds, factor), 2)


def minute_volumes(paths: Paths, listing: Listing, key: int) -> Ints:
    """
    Return what trades in each minute: lots of derivatives, single shares; shape (376, instruments).

    Volume is greatest at the money, falls slowly out of it and fast in it, and follows the day's shape and
    the jumps. The last row is the closing second.
    """
    quiet = np.zeros((len(MINUTE_MARKS), len(listing.universe)))
    quiet[:, FUTURE_SLOT] = _FUTURE_LOTS
    quiet[:, STOCKS] = [share.volume / MINUTES for share in SHARES]
    quiet[:, OPTIONS] = _OPTION_LOTS * round_strikes(listing, 0.8, 1.2, 1.5) * _pull(paths, listing)
    stress = paths.stress[:SESSION_SECONDS].reshape(MINUTES, SECONDS_PER_MINUTE).max(axis=1)
    busy = paths.curves.trading[MINUTE_MARKS] * (1.0 + 1.5 * np.append(stress, 0.0))
    noise = exp(0.35 * normals(key, *quiet.shape))
    volumes = 1 + (quiet * busy[:, None] * noise).astype(np.int64)
    volumes[-1] = 1 + volumes[-1] // SECONDS_PER_MINUTE
    return volumes


def _pull(paths: Paths, listing: Listing) -> Floats:
    """Return each option's volume as a part of that at the money."""
    distance = out_of_the_money(paths, listing)
    width = np.maximum(60.0, paths.forward * np.sqrt(paths.variance))[MINUTE_MARKS, None]
    out = distance / (1.5 * width)
    inside = distance / (0.6 * width)
    return np.where(distance > 0, 1.0 / (1.0 + out * out), 1.0 / (1.0 + inside * inside) ** 2)


def volumes_by_second(before: Ints, during: Ints, seconds: int, key: int) -> Ints:
    """
    Return the day's volume at each of a minute's `seconds`: shape (seconds, instruments).

    It starts from `before`, never falls, and reaches `before + during` at the last.
    """
    weights = np.cumsum(lanes(key, seconds, len(during)), axis=0, dtype=np.int64) + 1
    return np.asarray(before + during * weights // weights[-1])
