"""
How ticks go through an engine: whole columns at once, stopping only where a row or a moment matters.

An engine that shares its board with others does not see the columns: whoever applies them to the board has
each engine come up to a moment, and shows it the rows that matter to it.
"""

from collections.abc import Sequence

from kasauti.domain.board import quote_at
from kasauti.domain.market import Quote, TickBatch
from kasauti.engine.desk import StrategyDesk
from kasauti.engine.driven import Driven
from kasauti.engine.standing import Keeper
from kasauti.simulator.transit import NEVER
from kasauti.simulator.venue import SimulatedVenue

#: Ticks looked at in one scan. Larger wastes work when a hit changes what matters, smaller costs calls.
_SCAN = 4096


class TickPath:
    """The way of ticks through one engine."""

    def __init__(self, engine: Driven, venue: SimulatedVenue, desk: StrategyDesk, keeper: Keeper) -> None:
        self._engine = engine
        self._venue = venue
        self._desk = desk
        self._keeper = keeper
        #: The slots that strategies watched when that was looked at last, and the desk's version then.
        self._watched: set[int] = set()
        self._watched_at = -1
        #: Up to which row of the batch at hand candles have taken ticks in.
        self._gathered = 0

    def take(self, batch: TickBatch) -> None:
        """Take ticks in, stopping only where a row or a moment matters."""
        engine = self._engine
        position, size = 0, len(batch)
        if not size:
            return
        assert int(batch.at[0]) >= engine.now, "market data comes in order of time"
        while position < size:
            engine.enter(int(batch.at[position]))
            tomorrow = int(batch.at.searchsorted(engine.day_ends, "left"))
            stop = min(position + _SCAN, tomorrow)
            while stop < tomorrow and batch.at[stop] == batch.at[stop - 1]:
                stop += 1
            for window in engine.windows:
                window.ticks(batch, position, stop)
            self._scan(batch, position, stop)
            position = stop

    def _scan(self, batch: TickBatch, position: int, stop: int) -> None:
        """Go through rows `position` to `stop`, stopping only where a row or a moment matters."""
        engine, at = self._engine, batch.at
        last_at = int(at[stop - 1])
        interest, desk = self._venue.interest, self._desk
        seen = -1
        rows: list[int] = []
        self._gathered = position
        while position < stop:
            arrival, job = self._venue.due, engine.agenda.due
            moment = NEVER
            # Candles of many instruments close at one moment: until all have, no tick comes.
            version = interest.version + desk.version
            if seen != version and job >= at[position]:
                seen = version
                rows = interest.rows(batch, position, stop, desk.candles.stops)[::-1].tolist()
            if seen == version:
                while rows and not interest.matters(batch, rows[-1], desk.candles.stops):
                    rows.pop()
                if rows:
                    moment = int(at[rows[-1]])
            if min(arrival, job, moment) > last_at:
                engine.board.apply(batch, position, stop)
                break
            if arrival <= job and arrival <= moment:
                cut = position + int(at[position:stop].searchsorted(arrival, "left"))
                engine.board.apply(batch, position, cut)
                position = cut
                engine.now = max(engine.now, arrival)
                engine.admit(self._venue.advance(arrival))
            elif job < moment:
                cut = position + int(at[position:stop].searchsorted(job, "right"))
                engine.board.apply(batch, position, cut)
                self._gather(batch, cut)
                position = cut
                engine.now = max(engine.now, job)
                engine.agenda.run_next(engine.now)
            else:
                position = self._moment(batch, position, stop, moment, rows)
        self._gather(batch, stop)
        engine.now = max(engine.now, last_at)
        engine.run_until(last_at)

    def _gather(self, batch: TickBatch, stop: int) -> None:
        """Have candles take in what has come until row `stop`."""
        if self._gathered < stop and self._desk.candles:
            self._desk.candles.gather(batch, self._gathered, stop)
        self._gathered = stop

    def _moment(self, batch: TickBatch, position: int, stop: int, moment: int, rows: list[int]) -> int:
        """Take all ticks of one moment in: board, then matching, then strategies; return where to go on."""
        engine = self._engine
        end = position + int(batch.at[position:stop].searchsorted(moment, "right"))
        base = engine.board.ticks + 1 - position
        engine.now = moment
        looked_at = []
        while rows and rows[-1] < end:
            row = rows.pop()
            traded = engine.board.traded(batch, position, row)
            looked_at.append((int(batch.slot[row]), quote_at(batch, row, base + row, traded)))
        engine.board.apply(batch, position, end)
        self._gather(batch, end)
        self._look(moment, looked_at)
        return end

    def come_to(self, moment: int) -> None:
        """Do what is due before the ticks of `moment` are on a shared board: also what arrives just then."""
        engine, venue = self._engine, self._venue
        engine.enter(moment)
        engine.run_until(moment - 1)
        while venue.due <= moment:
            engine.now = max(engine.now, venue.due)
            engine.admit(venue.advance(venue.due))

    def changed(self) -> list[int]:
        """Return the slots whose `thresholds` may have changed since this was asked last."""
        changed, desk = self._venue.interest.changed, self._desk
        if self._watched_at != desk.version:
            self._watched_at = desk.version
            now = set(desk.watched.nonzero()[0].tolist())
            changed |= now ^ self._watched
            self._watched = now
        slots = list(changed)
        changed.clear()
        return slots

    def thresholds(self, slot: int) -> tuple[int, int, bool, int, int]:
        """Return the thresholds of a slot as `Interest` has them; what a strategy watches matters always."""
        low, high, always, sight_low, sight_high = self._venue.interest.thresholds(slot)
        return low, high, always or slot in self._watched, sight_low, sight_high

    def matters(self, batch: TickBatch, row: int) -> bool:
        """Whether a row matters to this account."""
        return self._venue.interest.matters(batch, row, self._desk.watched)

    def look(self, moment: int, quotes: Sequence[tuple[int, Quote]]) -> None:
        """Match and decide on ticks of one moment that are on a shared board, by slot; do what is due."""
        for slot, quote in quotes:
            self._desk.candles.take(slot, quote)
        self._look(moment, quotes)

    def _look(self, moment: int, quotes: Sequence[tuple[int, Quote]]) -> None:
        engine = self._engine
        engine.now = moment
        for slot, quote in quotes:
            engine.admit(self._venue.on_quote(slot, quote))
        if self._keeper.slots:
            for slot, quote in quotes:
                if slot in self._keeper.slots:
                    self._keeper.on_quote(slot, quote)
        for slot, quote in quotes:
            if self._desk.watched[slot]:
                self._desk.ticked(slot, quote)
        if engine.next_due <= moment:
            engine.run_until(moment)
