"""Recorded or built-in data played against a clock, moment by moment."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator

from kasauti.domain.inputs import Advance, MarketData
from kasauti.feeds.clock import MarketClock

#: The longest wall time to say nothing: the engine learns at least this often how far time has come.
_HEARTBEAT_S = 0.25


def moments(batches: Iterable[MarketData]) -> Iterator[tuple[int, MarketData]]:
    """Cut `batches` into their moments: (when, all rows of that moment)."""
    for batch in batches:
        start, size = 0, len(batch)
        while start < size:
            at = int(batch.at[start])
            stop = start + int(batch.at[start:].searchsorted(at, "right"))
            yield at, batch[start:stop]
            start = stop


async def paced(
    batches: Iterable[MarketData], clock: MarketClock, *, until: Callable[[], int]
) -> AsyncIterator[MarketData | Advance]:
    """
    Yield each moment when `clock` has come to it, and how far time has come in between; then `until()`.

    Time is only told up to just before the next moment, so that no data is ever late. A clock without a
    speed gets whole batches: there is nobody to keep waiting between two moments.
    """
    if not clock.speed:
        for batch in batches:
            clock.tell(int(batch.at[-1]))
            yield batch
            await asyncio.sleep(0)
        yield Advance(until())
        return
    for at, moment in moments(batches):
        clock.expect(at)
        while (wait := clock.seconds_until(at)) > _HEARTBEAT_S:
            await asyncio.sleep(_HEARTBEAT_S)
            yield Advance(clock.now())
        await asyncio.sleep(wait)
        clock.tell(at)
        yield moment
    yield Advance(until())
