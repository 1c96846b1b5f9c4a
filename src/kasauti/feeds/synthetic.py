"""The built-in market as a feed: prices without a broker, a key or a network."""

from collections.abc import Iterator

from kasauti.domain.instrument import Universe
from kasauti.domain.market import TickBatch
from kasauti.simulator.market.built_in import BuiltInMarket


class SyntheticFeed:
    """
    The batches of a built-in market, from its open or from the moment `start` on.

    Starting later is how a session goes on after a crash: every snapshot from `start` is the one that a
    session without a crash would have seen.
    """

    def __init__(self, market: BuiltInMarket, *, start: int | None = None) -> None:
        self.market = market
        self._start = start

    @property
    def universe(self) -> Universe:
        """The instruments of the market's day."""
        return self.market.universe

    def batches(self) -> Iterator[TickBatch]:
        """Yield the day, a minute of one-second snapshots at a time."""
        return self.market.batches(self._start)
