"""The candles of a day in the making: most ticks go into them as columns, only those that begin one alone."""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import numpy as np

from kasauti.domain.market import Candle, Quote, TickBatch
from kasauti.engine.candles import CandleBuilder


class DayCandles:
    """
    Candles of several lengths, in a market of `slots` instruments.

    `slots` marks those of which candles are made. `stops` marks those whose next tick has to be looked at by
    itself: a candle begins with it, or somebody hears it (`hear`). All others may be `gather`ed up to the
    moment at which the next candle is due.
    """

    def __init__(self, slots: int) -> None:
        self.slots = np.zeros(slots, np.bool_)
        self.stops = np.zeros(slots, np.bool_)
        self._heard = np.zeros(slots, np.bool_)
        self._of: dict[int, list[CandleBuilder]] = {}

    def __bool__(self) -> bool:
        return bool(self._of)

    def __iter__(self) -> Iterator[int]:
        return iter(self._of)

    def clear(self) -> None:
        """Make none: those in the making end without having been."""
        self._of = {}
        self.slots[:] = False

    def want(self, slot: int, instrument: str, seconds: int, opens: int, due: Callable[[int], None]) -> None:
        """Make candles of a length from the session's open on; `due` is told when one has to be closed."""
        self._of.setdefault(slot, []).append(CandleBuilder(instrument, seconds, opens, due))
        self.slots[slot] = True

    def hear(self, slots: Iterable[int]) -> None:
        """Have every tick of these slots, and of no others, looked at by itself."""
        self._heard[:] = False
        self._heard[list(slots)] = True
        self.stops[:] = self._heard
        for slot in self._of:
            self._settle(slot)

    def of(self, slot: int) -> list[CandleBuilder]:
        """Return what makes candles of a slot."""
        return self._of.get(slot, [])

    def close(self, slot: int, seconds: int, moment: int) -> Candle | None:
        """Return the candle that ended at or before `moment`, once."""
        builder = next(each for each in self._of[slot] if each.seconds == seconds)
        candle = builder.close(moment)
        self._settle(slot)
        return candle

    def take(self, slot: int, quote: Quote) -> None:
        """Take a tick in that is not gathered."""
        for builder in self._of.get(slot, ()):
            builder.tick(quote)

    def gather(self, batch: TickBatch, start: int, stop: int) -> None:
        """Take the ticks in rows `start` to `stop` of `batch` in; no candle is due among them."""
        rows = start + self.slots[batch.slot[start:stop]].nonzero()[0]
        slots = batch.slot[rows]
        if len(rows) > 1 and len(self._of) > 1:
            order = slots.argsort(kind="stable")
            rows, slots = rows[order], slots[order]
        bounds = [0, *(np.flatnonzero(slots[1:] != slots[:-1]) + 1).tolist(), len(rows)]
        for first, last in pairwise(bounds) if len(rows) else ():
            slot = int(slots[first])
            for builder in self._of[slot]:
                builder.ticks(batch, rows[first:last])
            self._settle(slot)

    def _settle(self, slot: int) -> None:
        self.stops[slot] = self._heard[slot] or any(builder.is_idle for builder in self._of[slot])
