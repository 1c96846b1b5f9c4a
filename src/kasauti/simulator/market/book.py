"""
Quotes: a touch that always holds the fair value, and five levels on each side.

Bids are at or below the fair value and asks at or above it, so every relation between fair values (put-call
parity, the order of strikes) holds between quotes to within their spreads. Where the value is below a tick,
nobody bids. The quantity at a price stays while the price stays, and is drawn anew every 16 seconds: a queue
can be waited in.

Prices here are counted in ticks; arrays are (seconds, instruments), with two sides and five levels around it:
(2, seconds, instruments, 5).
"""

import numpy as np

from kasauti.domain.market import DEPTH_LEVELS, Ints
from kasauti.simulator.market.draws import Lanes, Words, scramble
from kasauti.simulator.market.portable_math import Floats, exponential_quantiles

_LANE = 1.0 / (1 << 16)
_GAMMA = np.uint64(0x9E3779B97F4A7C15)
#: A queue is drawn anew after 2**4 seconds.
_QUEUE_LIFE = np.uint64(4)
_PHASES = np.uint64(15)
_TO_LANE = np.uint64(48)


def touch(fair: Floats, spread: Floats, draw: Lanes) -> tuple[Ints, Ints]:
    """Return the best bid and ask: unevenly around `fair`, and `spread`, which is above 0, or more apart."""
    below = spread * (0.25 + 0.5 * _LANE * draw)
    bid = np.maximum(np.floor(fair - below), 0.0)
    ask = np.ceil(fair - below + spread)
    return bid.astype(np.int64), ask.astype(np.int64)


def ladder(bid: Ints, ask: Ints, spread: Floats, draws: Lanes) -> Ints:
    """
    Return the prices of five levels on each side: shape (2, seconds, instruments, 5).

    Levels stand a tick apart, or more where the spread is wide. Bids below one tick are 0: empty.
    """
    gaps = 1 + (0.3 * spread[..., None] * exponential_quantiles()[draws]).astype(np.int64)
    prices = np.empty((2, *bid.shape, DEPTH_LEVELS), np.int64)
    prices[0, ..., 0] = bid
    prices[1, ..., 0] = ask
    for level in range(1, DEPTH_LEVELS):
        prices[0, ..., level] = prices[0, ..., level - 1] - gaps[0, ..., level - 1]
        prices[1, ..., level] = prices[1, ..., level - 1] + gaps[1, ..., level - 1]
    return np.maximum(prices, 0, out=prices)


def queues(prices: Ints, size: Floats, first_second: int, key: int) -> Ints:
    """
    Return the lots at each price, at least one where there is a price; `size` is the mean for a touch.

    A quantity belongs to its instrument, side, price and 16 seconds, wherever in the ladder the price is.
    """
    sides, seconds, instruments, _ = prices.shape
    place: Words = np.arange(sides * instruments, dtype=np.uint64).reshape(sides, 1, instruments, 1)
    queue = prices.astype(np.uint64)
    queue += place << np.uint64(32)
    queue *= _GAMMA
    queue += np.uint64(key)
    scramble(queue)
    now = np.arange(first_second, first_second + seconds, dtype=np.uint64).reshape(1, seconds, 1, 1)
    queue += (((queue & _PHASES) + now) >> _QUEUE_LIFE) * _GAMMA
    drawn = exponential_quantiles()[scramble(queue) >> _TO_LANE]
    lots: Ints = 1 + (drawn * size[..., None]).astype(np.int64)
    lots *= prices > 0
    return lots


def last_trades(bid: Ints, ask: Ints, draw: Lanes) -> Ints:
    """Return what a trade of each second paid: mostly the bid or the ask, sometimes between them."""
    inside = np.clip(1.5 * _LANE * draw - 0.25, 0.0, 1.0)
    paid = bid + np.rint(inside * (ask - bid)).astype(np.int64)
    return np.where(bid > 0, paid, ask)
