"""How long an order takes from our record to the venue's book."""

import random

from kasauti.domain.ist import NS_PER_SECOND

_NS_PER_MS = NS_PER_SECOND // 1_000


class FixedLatency:
    """The same time for every order."""

    def __init__(self, milliseconds: int) -> None:
        self._ns = milliseconds * _NS_PER_MS

    def entry_ns(self, order_id: str) -> int:
        """Return nanoseconds."""
        return self._ns


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
