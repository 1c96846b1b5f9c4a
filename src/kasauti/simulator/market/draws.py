"""
Random numbers that can be looked up.

Draw number `i` of a stream is a function of the stream's key and `i`, so any second of any day can be made
without the seconds before it. The generator is SplitMix64 (Steele, Lea and Flood, "Fast splittable
pseudorandom number generators", OOPSLA 2014), which is integer arithmetic only and therefore the same for
every version of Python and numpy. Deviates come from tables with one entry for each 16-bit draw.
"""

import numpy as np
from numpy.typing import NDArray

from kasauti.simulator.market.portable_math import Floats, exponential_quantiles, normal_quantiles

Words = NDArray[np.uint64]
Lanes = NDArray[np.uint16]

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15
_FIRST_FACTOR = 0xBF58476D1CE4E5B9
_SECOND_FACTOR = 0x94D049BB133111EB
_LANES_PER_WORD = 4


def stream_key(*parts: int) -> int:
    """Return the key of the stream that `parts` name: seed, day, purpose and so on, in that order."""
    key = 0
    for part in parts:
        key = _mix((key + _GAMMA + (part & _MASK)) & _MASK)
    return key


def _mix(z: int) -> int:
    z = (z ^ (z >> 30)) * _FIRST_FACTOR & _MASK
    z = (z ^ (z >> 27)) * _SECOND_FACTOR & _MASK
    return z ^ (z >> 31)


def scramble(z: Words) -> Words:
    """Return SplitMix64's mixing of each word; `z` is used up."""
    z ^= z >> np.uint64(30)
    z *= np.uint64(_FIRST_FACTOR)
    z ^= z >> np.uint64(27)
    z *= np.uint64(_SECOND_FACTOR)
    z ^= z >> np.uint64(31)
    return z


def words(key: int, count: int) -> Words:
    """Return the first `count` outputs of SplitMix64 seeded with `key`."""
    state = np.arange(1, count + 1, dtype=np.uint64)
    state *= np.uint64(_GAMMA)
    state += np.uint64(key)
    return scramble(state)


def lanes(key: int, *shape: int) -> Lanes:
    """Return uniform 16-bit draws in an array of `shape`: four of each word, the lowest bits first."""
    count = 1
    for extent in shape:
        count *= extent
    drawn = words(key, -(-count // _LANES_PER_WORD))
    return drawn.astype("<u8", copy=False).view("<u2")[:count].reshape(shape)


def normals(key: int, *shape: int) -> Floats:
    """Return standard normal deviates in an array of `shape`."""
    return normal_quantiles()[lanes(key, *shape)]


def exponentials(key: int, *shape: int) -> Floats:
    """Return exponential deviates with mean 1 in an array of `shape`."""
    return exponential_quantiles()[lanes(key, *shape)]
