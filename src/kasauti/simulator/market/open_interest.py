"""
Open interest: written in the morning at round strikes, covered on the side that is attacked.

Writers like strikes a little out of the money. As the index comes near a strike, and the faster it comes, its
writers buy back: open interest falls while the premium rises. Behind the move, the other side writes. Into
the close everything is cut. On 2026-01-27, a NIFTY expiry, the 25050 call had 10.4 million units at 11:31,
4.5 million at 12:50 and 14 million at 14:11, while the index moved 36 points.
"""

import numpy as np

from kasauti.domain.market import Ints
from kasauti.simulator.market.activity import MINUTE_MARKS, out_of_the_money, round_strikes
from kasauti.simulator.market.draws import normals, stream_key
from kasauti.simulator.market.index_path import MINUTES, Paths
from kasauti.simulator.market.listing import FUTURE_SLOT, OPTIONS, Listing
from kasauti.simulator.market.portable_math import Floats, exp

#: Lots at a strike that writers like best, and of the future at the open.
_STRIKE_LOTS = 220_000
_FUTURE_LOTS = 160_000
#: The exchange publishes open interest every three minutes (recorded ticks of 2025-12-15).
PUBLISHED_EVERY = 3
#: Part of the distance to what writers want that is covered, or written, in a minute.
_COVERING, _WRITING = 0.09, 0.03
#: No more is opened or closed in a minute than this part of what trades.
_MOST_OF_VOLUME = 0.6

_BASE, _NOISE, _FUTURE = range(3)


def open_interest(paths: Paths, listing: Listing, volumes: Ints, key: int) -> Ints:
    """Return the lots published in each minute, given those traded in each: shape (376, instruments)."""
    published = np.zeros_like(volumes)
    published[:, OPTIONS] = _option_lots(paths, listing, volumes[:, OPTIONS], key)
    published[:, FUTURE_SLOT] = _future_lots(volumes[:, FUTURE_SLOT], key)
    minutes = np.arange(len(published))
    shown: Ints = published[minutes - minutes % PUBLISHED_EVERY]
    return shown


def _option_lots(paths: Paths, listing: Listing, volumes: Ints, key: int) -> Ints:
    """Let each option's open interest follow what its writers want, as fast as its volume allows."""
    wanted = _wanted(paths, listing, stream_key(key, _BASE))
    noise = 0.004 * normals(stream_key(key, _NOISE), *wanted.shape)
    most = _MOST_OF_VOLUME * volumes
    held = np.empty_like(wanted)
    held[0] = 0.9 * wanted[0]
    for minute in range(MINUTES):
        now = held[minute]
        gap = wanted[minute] - now
        change = np.where(gap < 0, _COVERING, _WRITING) * gap + noise[minute] * now
        held[minute + 1] = np.maximum(now + np.clip(change, -most[minute], most[minute]), 0.0)
    lots: Ints = held.astype(np.int64)
    return lots


def _wanted(paths: Paths, listing: Listing, key: int) -> Floats:
    """Return the lots writers would like to be short of in each minute: shape (376, options)."""
    distance = out_of_the_money(paths, listing)
    best = (distance[0] - 120.0) / 220.0
    base = _STRIKE_LOTS * round_strikes(listing, 0.6, 1.2, 1.5) / (1.0 + best * best)
    base = base * exp(0.2 * normals(key, distance.shape[1]))
    minute = np.arange(len(MINUTE_MARKS), dtype=np.float64)[:, None]
    build_up = 1.0 - 0.5 * exp(-minute / 50)
    cut = 1.0 - 0.5 * exp(-(MINUTES - minute) / 25)
    x = (distance + 10.0) / 60.0
    safety = 0.5 + 0.5 * x / np.sqrt(1.0 + x * x)
    calm = 1.0 - 0.5 * pressure(paths, distance)
    wanted: Floats = base * build_up * cut * (0.12 + 0.88 * safety) * calm
    return wanted


def pressure(paths: Paths, distance: Floats) -> Floats:
    """Return 0 to 1: how much the index's run frightens writers at each strike near it."""
    level = paths.forward[MINUTE_MARKS].tolist()
    slow = [level[0]]
    for now in level[1:]:
        slow.append(slow[-1] + 0.05 * (now - slow[-1]))
    run = np.array(level) - np.array(slow)
    against = np.stack((run, -run), axis=1)
    fear = np.clip((against - 12.0) / 40.0, 0.0, 1.0)
    near = distance / 120.0
    return np.tile(fear, distance.shape[1] // 2) / (1.0 + near * near)


def _future_lots(volumes: Ints, key: int) -> Ints:
    """Let the future's open interest wander and run off to two thirds: positions are rolled."""
    steps = normals(stream_key(key, _FUTURE), len(volumes)).tolist()
    held = [float(_FUTURE_LOTS)]
    for volume, step in zip(volumes.tolist()[:-1], steps[:-1], strict=True):
        most = _MOST_OF_VOLUME * volume
        change = -0.001 * held[-1] + 120.0 * step
        held.append(held[-1] + min(max(change, -most), most))
    return np.array(held).astype(np.int64)
