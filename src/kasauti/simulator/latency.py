"""How long an order takes from our record to the venue's book."""

import random
from collections.abc import Sequence
from itertools import pairwise

from kasauti.domain.ist import NS_PER_SECOND

_NS_PER_MS = NS_PER_SECOND // 1_000
_PERCENT = 100
#: Draws are this fine: a profile may say what happens to one order in a million.
_DRAWS = 100_000_000


class FixedLatency:
    """The same time for every order."""

    def __init__(self, milliseconds: int) -> None:
        self._ns = milliseconds * _NS_PER_MS

    def entry_ns(self, order_id: str) -> int:
        """Return nanoseconds."""
        return self._ns


class QuantileLatency:
    """
    A time by a profile: at most so many milliseconds for so many per cent of orders, straight in between.

    `profile` has (per cent, ms) rising in both, from 0 to 100 per cent. Drawn as `UniformLatency` draws.
    """

    def __init__(self, profile: Sequence[tuple[int, int]], seed: int) -> None:
        self._profile = [(percent * _DRAWS // _PERCENT, ms * _NS_PER_MS) for percent, ms in profile]
        self._seed = seed

    def entry_ns(self, order_id: str) -> int:
        """Return nanoseconds."""
        draw = random.Random(f"{self._seed}/{order_id}").randint(0, _DRAWS)
        for (low, shorter), (high, longer) in pairwise(self._profile):
            if draw <= high:
                return shorter + (longer - shorter) * (draw - low) // (high - low)
        raise AssertionError("a profile ends at 100 per cent")


class UniformLatency:
    """
    A time between two bounds, drawn for each order from a seed and the order's own id.

    The draw depends on nothing else, so an order that is sent again after a restart takes as long as before.
    """

    def __init__(self, low_ms: int, high_ms: int, seed: int) -> None:
        self._low, self._high, self._seed = low_ms * _NS_PER_MS, high_ms * _NS_PER_MS, seed

    def entry_ns(self, order_id: str) -> int:
        """Return nanoseconds."""
        return random.Random(f"{self._seed}/{order_id}").randint(self._low, self._high)
