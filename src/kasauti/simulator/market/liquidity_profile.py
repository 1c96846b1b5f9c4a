"""
How wide and how deep quotes are: by kind, premium and moneyness, wider and thinner in a hurry.

Widths and sizes are typical of NIFTY on an expiry day: a call at the money is quoted one to a few ticks
wide for tens of lots; deep in the money rupees wide for a few lots; far out of the money a tick, which is a
great part of its premium, for hundreds of lots.
"""

import numpy as np

from kasauti.simulator.market.draws import Lanes
from kasauti.simulator.market.index_path import Paths
from kasauti.simulator.market.listing import CALLS, FUTURE_SLOT, OPTIONS, PUTS, STOCKS
from kasauti.simulator.market.portable_math import Floats

_LANE = 1.0 / (1 << 16)
_SHARE_SIZE = 400.0
_FUTURE_SIZE = 8.0


def intrinsic(fair: Floats) -> Floats:
    """Return the rupees each option is in the money by: shape (seconds, options); the rest is time value."""
    calls, puts = fair[:, CALLS], fair[:, PUTS]
    time_value = np.minimum(calls, puts)
    return np.stack((calls - time_value, puts - time_value), axis=2).reshape(len(fair), -1)


def spreads(fair: Floats, inside: Floats, paths: Paths, seconds: slice, draw: Lanes) -> Floats:
    """Return the width in rupees that each quote aims at; `inside` is what options are in the money by."""
    width = np.empty_like(fair)
    width[:, : FUTURE_SLOT + 1] = 0.25
    width[:, STOCKS] = 0.00006 * fair[:, STOCKS]
    width[:, OPTIONS] = 0.03 + 0.0004 * fair[:, OPTIONS] + 0.004 * inside
    hurry = paths.curves.spreads[seconds] * (1.0 + 2.0 * paths.stress[seconds])
    return width * hurry[:, None] * (0.6 + 0.8 * _LANE * draw)


def sizes(fair: Floats, inside: Floats, paths: Paths, seconds: slice) -> Floats:
    """Return the mean quantity at a level: lots of derivatives, single shares."""
    size = np.empty_like(fair)
    size[:, : FUTURE_SLOT + 1] = _FUTURE_SIZE
    size[:, STOCKS] = _SHARE_SIZE
    size[:, OPTIONS] = 2.0 + 3_000.0 / (fair[:, OPTIONS] + 6.0) / (1.0 + inside / 60.0)
    hurry = np.sqrt(paths.curves.spreads[seconds]) * (1.0 + paths.stress[seconds])
    return size / hurry[:, None]
