"""How bars go through an engine, moment by moment: time first, then matching, then strategies."""

from collections.abc import Sequence
from typing import Protocol

from kasauti.domain.board import Board
from kasauti.domain.market import BarBatch
from kasauti.domain.reports import Report
from kasauti.engine.desk import StrategyDesk
from kasauti.simulator.venue import SimulatedVenue


class Driven(Protocol):
    """What bars need of the engine."""

    board: Board
    now: int

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
