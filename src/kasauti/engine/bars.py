"""How bars go through an engine, moment by moment: time first, then matching, then strategies."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Protocol

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.board import Board
from kasauti.domain.market import BarBatch, Candle
from kasauti.domain.reports import Report
from kasauti.engine.desk import Lanes, StrategyDesk
from kasauti.simulator.venue import SimulatedVenue


class Driven(Protocol):
    """What bars need of the engine."""

    board: Board
    now: int

    @property
    def next_due(self) -> int:
        """When something is to be done without an input."""

    def enter(self, at: int) -> None:
        """Begin the trading day of `at` if it has not begun."""

    def run_until(self, to: int) -> None:
        """Do everything that is due until `to`."""

    def admit(self, reports: Sequence[Report]) -> None:
        """Record what the venue reports."""


class BarPath:
    """The way of bars through one engine."""

    def __init__(self, engine: Driven, venue: SimulatedVenue, desk: StrategyDesk) -> None:
        self._engine = engine
        self._venue = venue
        self._desk = desk

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
        for slot, candle in candles:
            if self._desk.watched[slot]:
                self._desk.bar(slot, candle)

    def grid(self, grid: BarGrid) -> None:
        """Take the bars of a grid in, going from one moment that matters to the next."""
        engine, begins = self._engine, grid.moments[0]
        assert begins >= engine.now, "market data comes in order of time"
        engine.enter(begins)
        engine.board.show(grid)
        _Walk(engine, self._venue, self._desk, grid).run()


class _Walk:
    """
    The way through one grid. What `rows` does at every moment is done only where it does anything.

    A moment matters if something is due until then, or its bars reach what rests at the venue: then time goes
    first, then matching, then strategies. In between there are only candles to be heard, if anybody wants
    any.
    """

    def __init__(self, engine: Driven, venue: SimulatedVenue, desk: StrategyDesk, grid: BarGrid) -> None:
        self._engine = engine
        self._venue = venue
        self._desk = desk
        self._grid = grid
        self._moments = grid.moments
        self._candles: dict[int, list[Candle | None]] = {}
        self._lanes = Lanes()
        self._seen = -1
        #: By slot, the number of the first moment whose bar matters to what rests there.
        self._reached: dict[int, int] = {}
        venue.interest.changed |= venue.interest.held

    def run(self) -> None:
        number, size = 0, len(self._moments)
        while number < size:
            stop = min(bisect_left(self._moments, self._engine.next_due, number), self._next_reached(number))
            if number < stop:
                number = self._hear(number, stop)
            else:
                self._moment(number)
                number += 1

    def _moment(self, number: int) -> None:
        """Take in a moment that matters."""
        engine, at = self._engine, self._moments[number]
        engine.run_until(at - 1)
        engine.now = at
        reached = self._next_reached(number) == number
        engine.board.moment = number
        if reached:
            slots = [slot for slot, first in self._reached.items() if first == number]
            for slot in sorted(slots):
                engine.admit(self._venue.on_candle(slot, self._candle(slot, number)))
        self._hear(number, number + 1)

    def _hear(self, number: int, stop: int) -> int:
        """Let strategies hear candles; return the number of the moment that follows what came of it."""
        engine, desk = self._engine, self._desk
        if self._seen != desk.version:
            self._seen = desk.version
            self._lanes = desk.lanes(self._grid, self._candles_of)
        number = desk.hear(self._lanes, self._moments, number, stop)
        at = engine.now = self._moments[number - 1]
        if engine.next_due <= at:
            engine.run_until(at)
        return number

    def _next_reached(self, number: int) -> int:
        """Return the first moment from `number` on whose bars reach what rests, or how many there are."""
        changed = self._venue.interest.changed
        for slot in changed:
            self._reached[slot] = self._venue.first_bar(slot, self._grid, number)
        changed.clear()
        return min(self._reached.values(), default=len(self._moments))

    def _candles_of(self, slot: int) -> list[Candle | None]:
        found = self._candles.get(slot)
        if found is None:
            instrument = self._engine.board.universe[slot].id
            found = self._candles[slot] = self._grid.candles(self._grid.places[slot], instrument)
        return found

    def _candle(self, slot: int, number: int) -> Candle:
        if slot in self._candles:
            candle = self._candles[slot][number]
            assert candle is not None, "a bar that is reached is there"
            return candle
        return self._grid.candle(self._grid.places[slot], number, self._engine.board.universe[slot].id)
