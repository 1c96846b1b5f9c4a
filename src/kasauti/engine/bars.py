"""How bars go through an engine, moment by moment: time first, then matching, then strategies."""

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.candle import BarRow, Candle, LoneBar
from kasauti.domain.market import BarBatch
from kasauti.engine.desk import StrategyDesk
from kasauti.engine.driven import Driven
from kasauti.engine.lanes import Lanes
from kasauti.engine.standing import Keeper
from kasauti.simulator.venue import SimulatedVenue


class BarPath:
    """The way of bars through one engine."""

    def __init__(self, engine: Driven, venue: SimulatedVenue, desk: StrategyDesk, keeper: Keeper) -> None:
        self._engine = engine
        self._venue = venue
        self._desk = desk
        self._keeper = keeper

    def rows(self, batch: BarBatch) -> None:
        """Take bars in as they come, every moment of them."""
        engine = self._engine
        position, size = 0, len(batch)
        while position < size:
            moment = int(batch.at[position])
            end = position + int(batch.at[position:].searchsorted(moment, "right"))
            assert moment >= engine.now, "market data comes in order of time"
            engine.enter(moment)
            engine.run_until(moment - 1)
            for window in engine.windows:
                window.bars(batch, position, end)
            engine.board.apply_bars(batch, position, end)
            engine.now = moment
            self._rows_of_moment(batch, position, end)
            engine.run_until(moment)
            position = end

    def _rows_of_moment(self, batch: BarBatch, position: int, end: int) -> None:
        slots = batch.slot[position:end]
        matters = self._desk.watched[slots] | self._venue.interest.holds(slots)
        universe = self._engine.board.universe
        candles = []
        for row in (matters.nonzero()[0] + position).tolist():
            slot = int(batch.slot[row])
            candles.append((slot, batch.candle(row, universe[slot].id)))
        for slot, candle in candles:
            self._engine.admit(self._venue.on_candle(slot, candle))
        for slot, candle in candles if self._keeper.slots else ():
            self._keeper.on_candle(slot, candle)
        for slot, candle in candles:
            if self._desk.watched[slot]:
                self._desk.bar(slot, candle)

    def grid(self, grid: BarGrid) -> None:
        """Take the bars of a grid in, going from one moment that matters to the next."""
        engine, begins = self._engine, grid.at.item(0)
        assert begins >= engine.now, "market data comes in order of time"
        engine.enter(begins)
        for window in engine.windows:
            window.grid(grid)
        engine.board.show(grid)
        _Walk(engine, self._venue, self._desk, self._keeper, grid).run()


class _Walk:
    """
    The way through one grid. What `rows` does at every moment is done only where it does anything.

    A moment matters if something is due until then, or its bars reach what rests at the venue: then time goes
    first, then matching, then strategies. In between there are only candles to be heard, if anybody wants
    any.
    """

    def __init__(
        self, engine: Driven, venue: SimulatedVenue, desk: StrategyDesk, keeper: Keeper, grid: BarGrid
    ) -> None:
        self._engine = engine
        self._venue = venue
        self._desk = desk
        self._keeper = keeper
        #: The slots in which a standing instruction waits for a price.
        self._awaited = keeper.slots
        self._grid = grid
        #: By slot, the number of the first moment whose bar matters to what rests there; and the least.
        self._reached: dict[int, int] = {}
        self._first_reached = self._size = len(grid)
        venue.interest.changed |= venue.interest.held

    def run(self) -> None:
        engine, venue, desk, agenda = self._engine, self._venue, self._desk, self._engine.agenda
        board, grid, changed = engine.board, self._grid, venue.interest.changed
        ends, lanes, seen, number = grid.ends, Lanes(), -1, 0
        due, due_from = -1, 0  # when something is due next, and the number of the first moment from then on
        while number < self._size:
            at = ends[number]
            if venue.due < at or agenda.due < at:
                engine.run_until(at - 1)
            if changed:
                self._look(number)
            engine.now = at
            if self._first_reached == number:
                board.moment = number
                self._match(number)
                self._look(number + 1)
            if seen != desk.version:
                seen, lanes = desk.version, desk.lanes(grid, self._row)
                ends = grid.ends
            next_due = min(venue.due, agenda.due)
            if next_due != due:
                due, due_from = next_due, grid.first_from(next_due)
            stop = min(max(due_from, number + 1), self._first_reached)
            number = desk.hear(lanes, grid, number, stop)
            at = engine.now = ends[number - 1]
            if venue.due <= at or agenda.due <= at:
                engine.run_until(at)

    def _look(self, number: int) -> None:
        """Find the first moment from `number` on that matters to what may have changed at the venue."""
        changed, reached, kept = self._venue.interest.changed, self._reached, self._awaited
        while changed:
            slot = changed.pop()
            first = self._venue.first_bar(slot, self._grid, number)
            if kept and slot in kept:
                first = min(first, self._keeper.watch.first_bar(slot, self._grid, number))
            if first < self._size:
                reached[slot] = first
            elif slot in reached:
                del reached[slot]
        least = self._size
        for first in reached.values():
            if first < least:  # noqa: PLR1730  as in the engine: no call
                least = first
        self._first_reached = least

    def _match(self, number: int) -> None:
        """Match what rests against the bars of a moment that reach it."""
        reached = [slot for slot, first in self._reached.items() if first == number]
        if len(reached) > 1:
            reached.sort()
        for slot in reached:
            self._engine.admit(self._venue.on_candle(slot, self._candle(slot, number)))
        if self._awaited:
            for slot in reached:
                self._keeper.on_candle(slot, self._candle(slot, number))

    def _candle(self, slot: int, number: int) -> Candle:
        return LoneBar(self._row(slot), number)

    def _row(self, slot: int) -> BarRow:
        """Return the bars in a slot that somebody listens to, or that reach what rests there."""
        return self._engine.board.row(self._grid, slot)
