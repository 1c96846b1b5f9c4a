"""The last known value of every instrument of a session, as columns."""

import numpy as np
from numpy.typing import NDArray

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.candle import BarRow
from kasauti.domain.instrument import Universe
from kasauti.domain.market import DEPTH_LEVELS, BarBatch, Depth, Ints, Level, Quote, Slots, TickBatch

_COLUMNS = ("last", "bid", "ask", "bid_quantity", "ask_quantity", "volume", "open_interest")


class Board:
    """
    The market as it stands, one row a slot.

    Ticks are applied as whole column slices; a `Quote` is made only for who asks. `fresh` numbers ticks in
    the order they came, so that what came after a moment can be told from what stood there before.

    Bars of a grid are not applied: `show` says which grid stands, `moment` until which of its moments, and
    what is asked for is read from there. Reading a whole column brings all columns up to date.
    """

    def __init__(self, universe: Universe) -> None:
        size = len(universe)
        self.universe = universe
        self._fresh: Ints = np.zeros(size, np.int64)
        #: All that says something about today, so that a day's beginning clears it at once.
        self._today: Ints = np.zeros((8, size), np.int64)
        self._at: Ints = self._today[0]
        self._last: Ints = self._today[1]
        self._bid: Ints = self._today[2]
        self._ask: Ints = self._today[3]
        self._bid_quantity: Ints = self._today[4]
        self._ask_quantity: Ints = self._today[5]
        self._volume: Ints = self._today[6]
        self._open_interest: Ints = self._today[7]
        #: The same memory, in the order of a quote's values: of a view a single value is read at once.
        self._values = tuple(
            column.data
            for column in (
                self._at, self._last, self._bid, self._ask, self._bid_quantity, self._ask_quantity,
                self._volume, self._open_interest, self._fresh,
            )
        )  # fmt: skip
        self.depth = _empty_depth(size)
        self.has_depth = np.zeros(size, np.bool_)
        self._deep = False
        self._ticks = 0
        self._grid: BarGrid | None = None
        #: The number of the grid's latest moment that has come, and of the latest that is in the columns.
        self.moment = -1
        self._settled = -1
        self._quoted = -1
        #: Columns that have ever had a value, and those to copy from the batch at hand.
        self._used: set[str] = set()
        self._batch: TickBatch | None = None
        self._columns: tuple[tuple[Ints, Ints], ...] = ()
        self._quotes: dict[int, Quote] = {}
        #: By slot, the bars of the grid that single ones were asked of.
        self._rows: dict[int, BarRow] = {}

    def apply(self, batch: TickBatch, start: int, stop: int) -> None:
        """Take rows `start` to `stop` of `batch` in; of several rows of one slot the last one stands."""
        if stop <= start:
            return
        self._leave()
        slots = batch.slot[start:stop]
        self._at[slots] = batch.at[start:stop]
        self._fresh[slots] = np.arange(self._ticks + 1, self._ticks + 1 + stop - start)
        self._ticks += stop - start
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
        if self._grid is not None and self._settled < self.moment:
            self._number(self._grid, self._settled + 1)
            self._settled = self.moment
        self._leave()
        self._today.fill(0)
        if self._deep:
            self.has_depth[:] = False

    def _begin(self, batch: TickBatch) -> None:
        """Choose what to copy: a column that no source has ever filled stays zero by itself."""
        self._batch = batch
        self._used.update(name for name in _COLUMNS if getattr(batch, name).any())
        self._columns = tuple(
            (getattr(self, f"_{name}"), getattr(batch, name)) for name in _COLUMNS if name in self._used
        )

    def traded(self, batch: TickBatch, start: int, row: int) -> int:
        """
        Return the units that traded between the tick in `row` and the one before it of its instrument.

        What `batch` has before `start` has been applied, nothing later. Not known, so 0, for the first tick.
        """
        self.settle()
        slot = batch.slot[row]
        earlier = (batch.slot[start:row] == slot).nonzero()[0]
        if len(earlier):
            before = int(batch.volume[start + earlier[-1]])
        elif self._fresh[slot]:
            before = int(self._volume[slot])
        else:
            return 0
        return max(0, int(batch.volume[row]) - before)

    def apply_bars(self, bars: BarBatch, start: int, stop: int) -> None:
        """Take the closes of bars in: a bar shows no bid, no ask and no depth."""
        if stop <= start:
            return
        self._leave()
        slots = bars.slot[start:stop]
        self._at[slots] = bars.at[start:stop]
        self._fresh[slots] = np.arange(self._ticks + 1, self._ticks + 1 + stop - start)
        self._ticks += stop - start
        self._used.update(_COLUMNS)
        self._batch = None
        self._last[slots] = bars.close[start:stop]
        self._open_interest[slots] = bars.open_interest[start:stop]
        np.add.at(self._volume, slots, bars.volume[start:stop])
        self._show_no_book(slots)

    def _show_no_book(self, slots: Slots) -> None:
        for column in (self._bid, self._ask, self._bid_quantity, self._ask_quantity):
            column[slots] = 0
        self.has_depth[slots] = False

    def take(self, data: TickBatch | BarBatch | BarGrid) -> None:
        """Take in all of it."""
        if isinstance(data, TickBatch):
            self.apply(data, 0, len(data))
        elif isinstance(data, BarGrid):
            self.show(data)
            self.moment = len(data) - 1
        else:
            self.apply_bars(data, 0, len(data))

    # Whole columns, brought up to date.

    @property
    def at(self) -> Ints:
        """When the last tick of each slot came."""
        self.settle()
        return self._at

    @property
    def fresh(self) -> Ints:
        """Its number."""
        self.settle()
        return self._fresh

    @property
    def last(self) -> Ints:
        """The last prices."""
        self.settle()
        return self._last

    @property
    def bid(self) -> Ints:
        """The best bids."""
        self.settle()
        return self._bid

    @property
    def ask(self) -> Ints:
        """The best asks."""
        self.settle()
        return self._ask

    @property
    def bid_quantity(self) -> Ints:
        """The units bid there."""
        self.settle()
        return self._bid_quantity

    @property
    def ask_quantity(self) -> Ints:
        """The units asked there."""
        self.settle()
        return self._ask_quantity

    @property
    def volume(self) -> Ints:
        """The day's volumes."""
        self.settle()
        return self._volume

    @property
    def open_interest(self) -> Ints:
        """The open interest."""
        self.settle()
        return self._open_interest

    # Bars of a grid.

    def show(self, grid: BarGrid) -> None:
        """Have `grid` stand from now on, so far none of its moments: `moment` says which one has come."""
        self._leave()
        self._grid, self.moment, self._settled = grid, -1, -1

    def _leave(self) -> None:
        """Take in what has been shown of a grid: something else follows."""
        self._quotes.clear()
        if self._grid is not None:
            self.settle()
            self._ticks = self.ticks
            self._grid = None
            self._rows.clear()

    def row(self, grid: BarGrid, slot: int) -> BarRow:
        """Return the bars in a slot of the grid that stands, one row for all who ask."""
        assert grid is self._grid, "only the grid that stands has rows here"
        row = self._rows.get(slot)
        if row is None:
            row = self._rows[slot] = grid.row(grid.places[slot], self.universe[slot].id)
        return row

    @property
    def ticks(self) -> int:
        """How many ticks and bars have come."""
        return self._ticks if self._grid is None else self._ticks + self._grid.before(self.moment + 1)

    @ticks.setter
    def ticks(self, count: int) -> None:
        self._leave()
        self._ticks = count

    def settle(self) -> None:
        """Bring the columns up to date."""
        grid, first, moment = self._grid, self._settled + 1, self.moment
        if grid is None or first > moment:
            return
        places, latest = self._number(grid, first)
        self._settled = moment
        slots = grid.slots[places]
        self._at[slots] = grid.at[latest]
        self._last[slots] = grid.close[places, latest]
        self._open_interest[slots] = grid.open_interest[places, latest]
        self._volume[slots] += grid.volume[places, first : moment + 1].sum(axis=1)
        self._used.update(_COLUMNS)
        self._batch = None
        self._show_no_book(slots)

    def _number(self, grid: BarGrid, first: int) -> tuple[NDArray[np.intp], NDArray[np.intp] | int]:
        """Number the latest bars since the moment `first`; return their rows and their moments."""
        if grid.present is None:
            places, before = np.arange(len(grid.slots)), self._ticks + grid.before(self.moment)
            # Where it has every slot they are in order: copied as a whole, that takes a fraction of the time.
            which = slice(None) if len(places) == len(self._fresh) else grid.slots
            self._fresh[which] = places + (before + 1)
            return places, self.moment
        came: NDArray[np.bool_] = grid.present[:, first : self.moment + 1]
        places = np.flatnonzero(came.any(axis=1))
        latest: NDArray[np.intp] = self.moment - came[places, ::-1].argmax(axis=1)
        ranks = grid.present[:, latest].cumsum(axis=0)[places, np.arange(len(places))]
        self._fresh[grid.slots[places]] = self._ticks + grid.counts[latest] + ranks
        return places, latest

    # What single instruments show.

    def quote(self, slot: int) -> Quote:
        """Return what stands in `slot`; all zeros before its first tick."""
        if self._quoted != self.moment:
            self._quoted = self.moment
            self._quotes.clear()
        quote = self._quotes.get(slot)
        if quote is None:
            grid = self._grid
            if grid is not None:
                quote = self._bar(grid, slot)
            if quote is None:
                quote = self._read(slot)
            self._quotes[slot] = quote
        return quote

    def last_price(self, slot: int) -> int:
        """Return the last price in `slot`, 0 before its first tick: as its quote, without making it."""
        grid = self._grid
        if grid is not None:
            place = grid.places.get(slot, -1)
            moment = self._shown(grid, place)
            if moment >= 0:
                return grid.close.item(place, moment)
        last: int = self._values[1][slot]
        return last

    def _shown(self, grid: BarGrid, place: int) -> int:
        """Return the moment of the bar that `grid` shows in a row, -1 where the columns have all there is."""
        if place < 0:
            return -1
        moment = self.moment if grid.present is None else grid.last(place, self.moment)
        return moment if moment > self._settled else -1

    def _bar(self, grid: BarGrid, slot: int) -> Quote | None:
        """Return what `grid` shows of `slot`, None if it shows nothing that the columns do not have."""
        place = grid.places.get(slot, -1)
        moment = self._shown(grid, place)
        if moment < 0:
            return None
        row, volume = self.row(grid, slot), self._values[6]
        before: int = volume[slot]
        return Quote(
            row.ends[moment],
            row.close_at(moment),
            0,
            0,
            0,
            0,
            before + row.traded(self._settled + 1, moment + 1),
            row.open_interest_at(moment),
            (),
            (),
            self._ticks + grid.number(place, moment),
        )

    def _read(self, slot: int) -> Quote:
        at, last, bid, ask, bid_quantity, ask_quantity, volume, open_interest, fresh = self._values
        bids: tuple[Level, ...] = ()
        asks: tuple[Level, ...] = ()
        if self._deep and self.has_depth[slot]:
            bids = levels(self.depth.bid_prices[slot], self.depth.bid_quantities[slot])
            asks = levels(self.depth.ask_prices[slot], self.depth.ask_quantities[slot])
        return Quote(
            at[slot], last[slot], bid[slot], ask[slot], bid_quantity[slot], ask_quantity[slot],
            volume[slot], open_interest[slot], bids, asks, fresh[slot],
        )  # fmt: skip

    def mark(self, instrument_id: str) -> int:
        """Return the last price of an instrument of this session, 0 if it has none or is unknown."""
        slot = self.universe.slots.get(instrument_id)
        return 0 if slot is None else self.last_price(slot)


def quote_at(batch: TickBatch, row: int, fresh: int = 0, traded: int = 0) -> Quote:
    """Return one row of `batch` as a `Quote`; `fresh` is its number, `traded` what it traded."""
    depth = batch.depth
    return Quote(
        batch.at.item(row),
        batch.last.item(row),
        batch.bid.item(row),
        batch.ask.item(row),
        batch.bid_quantity.item(row),
        batch.ask_quantity.item(row),
        batch.volume.item(row),
        batch.open_interest.item(row),
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
