"""The last known value of every instrument of a session, as columns."""

import numpy as np

from kasauti.domain.instrument import Universe
from kasauti.domain.market import DEPTH_LEVELS, BarBatch, Depth, Ints, Level, Quote, TickBatch

_COLUMNS = ("last", "bid", "ask", "bid_quantity", "ask_quantity", "volume", "open_interest")


class Board:
    """
    The market as it stands, one row a slot.

    Ticks are applied as whole column slices; a `Quote` is made only for who asks. `fresh` numbers ticks in
    the order they came, so that what came after a moment can be told from what stood there before.
    """

    def __init__(self, universe: Universe) -> None:
        size = len(universe)
        self.universe = universe
        self.at: Ints = np.zeros(size, np.int64)
        self.fresh: Ints = np.zeros(size, np.int64)
        self.last: Ints = np.zeros(size, np.int64)
        self.bid: Ints = np.zeros(size, np.int64)
        self.ask: Ints = np.zeros(size, np.int64)
        self.bid_quantity: Ints = np.zeros(size, np.int64)
        self.ask_quantity: Ints = np.zeros(size, np.int64)
        self.volume: Ints = np.zeros(size, np.int64)
        self.open_interest: Ints = np.zeros(size, np.int64)
        self.depth = _empty_depth(size)
        self.has_depth = np.zeros(size, np.bool_)
        self._deep = False
        self.ticks = 0
        #: Columns that have ever had a value, and those to copy from the batch at hand.
        self._used: set[str] = set()
        self._batch: TickBatch | None = None
        self._columns: tuple[tuple[Ints, Ints], ...] = ()
        self._quotes: dict[int, Quote] = {}

    def apply(self, batch: TickBatch, start: int, stop: int) -> None:
        """Take rows `start` to `stop` of `batch` in; of several rows of one slot the last one stands."""
        if stop <= start:
            return
        self._quotes.clear()
        slots = batch.slot[start:stop]
        self.at[slots] = batch.at[start:stop]
        self.fresh[slots] = np.arange(self.ticks + 1, self.ticks + 1 + stop - start)
        self.ticks += stop - start
        if batch is not self._batch:
            self._begin(batch)
        for mine, theirs in self._columns:
            mine[slots] = theirs[start:stop]
        if batch.depth is not None:
            depth = batch.depth
            self.depth.bid_prices[slots] = depth.bid_prices[start:stop]
            self.depth.bid_quantities[slots] = depth.bid_quantities[start:stop]
            self.depth.ask_prices[slots] = depth.ask_prices[start:stop]
            self.depth.ask_quantities[slots] = depth.ask_quantities[start:stop]
            self.has_depth[slots] = self._deep = True
        elif self._deep:
            self.has_depth[slots] = False

    def clear(self) -> None:
        """Begin a trading day: what stood yesterday says nothing about today."""
        self._quotes.clear()
        for name in ("at", *_COLUMNS):
            getattr(self, name)[:] = 0
        self.has_depth[:] = False

    def _begin(self, batch: TickBatch) -> None:
        """Choose what to copy: a column that no source has ever filled stays zero by itself."""
        self._batch = batch
        self._used.update(name for name in _COLUMNS if getattr(batch, name).any())
        self._columns = tuple(
            (getattr(self, name), getattr(batch, name)) for name in _COLUMNS if name in self._used
        )

    def traded(self, batch: TickBatch, start: int, row: int) -> int:
        """
        Return the units that traded between the tick in `row` and the one before it of its instrument.

        What `batch` has before `start` has been applied, nothing later. Not known, so 0, for the first tick.
        """
        slot = batch.slot[row]
        earlier = (batch.slot[start:row] == slot).nonzero()[0]
        if len(earlier):
            before = int(batch.volume[start + earlier[-1]])
        elif self.fresh[slot]:
            before = int(self.volume[slot])
        else:
            return 0
        return max(0, int(batch.volume[row]) - before)

    def apply_bars(self, bars: BarBatch, start: int, stop: int) -> None:
        """Take the closes of bars in: a bar shows no bid, no ask and no depth."""
        if stop <= start:
            return
        self._quotes.clear()
        slots = bars.slot[start:stop]
        self.at[slots] = bars.at[start:stop]
        self.fresh[slots] = np.arange(self.ticks + 1, self.ticks + 1 + stop - start)
        self.ticks += stop - start
        self._used.update(_COLUMNS)
        self._batch = None
        self.last[slots] = bars.close[start:stop]
        self.open_interest[slots] = bars.open_interest[start:stop]
        np.add.at(self.volume, slots, bars.volume[start:stop])
        self.bid[slots] = 0
        self.ask[slots] = 0
        self.has_depth[slots] = False

    def quote(self, slot: int) -> Quote:
        """Return what stands in `slot`; all zeros before its first tick."""
        quote = self._quotes.get(slot)
        if quote is None:
            quote = self._quotes[slot] = self._read(slot)
        return quote

    def _read(self, slot: int) -> Quote:
        deep = bool(self.has_depth[slot])
        return Quote(
            int(self.at[slot]),
            int(self.last[slot]),
            int(self.bid[slot]),
            int(self.ask[slot]),
            int(self.bid_quantity[slot]),
            int(self.ask_quantity[slot]),
            int(self.volume[slot]),
            int(self.open_interest[slot]),
            levels(self.depth.bid_prices[slot], self.depth.bid_quantities[slot]) if deep else (),
            levels(self.depth.ask_prices[slot], self.depth.ask_quantities[slot]) if deep else (),
            int(self.fresh[slot]),
        )

    def mark(self, instrument_id: str) -> int:
        """Return the last price of an instrument of this session, 0 if it has none or is unknown."""
        return int(self.last[self.universe.slot(instrument_id)]) if instrument_id in self.universe else 0


def quote_at(batch: TickBatch, row: int, fresh: int = 0, traded: int = 0) -> Quote:
    """Return one row of `batch` as a `Quote`; `fresh` is its number, `traded` what it traded."""
    depth = batch.depth
    return Quote(
        int(batch.at[row]),
        int(batch.last[row]),
        int(batch.bid[row]),
        int(batch.ask[row]),
        int(batch.bid_quantity[row]),
        int(batch.ask_quantity[row]),
        int(batch.volume[row]),
        int(batch.open_interest[row]),
        () if depth is None else levels(depth.bid_prices[row], depth.bid_quantities[row]),
        () if depth is None else levels(depth.ask_prices[row], depth.ask_quantities[row]),
        fresh,
        traded,
    )


def levels(prices: Ints, quantities: Ints) -> tuple[Level, ...]:
    """Return one side of a book, best first, without its empty levels."""
    return tuple(
        Level(price, quantity)
        for price, quantity in zip(prices.tolist(), quantities.tolist(), strict=True)
        if price > 0 and quantity > 0
    )


def _empty_depth(size: int) -> Depth:
    return Depth(*(np.zeros((size, DEPTH_LEVELS), np.int64) for _ in range(4)))
