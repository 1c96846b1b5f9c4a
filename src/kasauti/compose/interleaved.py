"""Market data and what is asked, as one stream in order of time."""

from collections.abc import Iterator, Sequence

from kasauti.compose.markets import Batch
from kasauti.domain.inputs import Ask
from kasauti.domain.market import TickBatch


def interleaved(batches: Iterator[Batch], asks: Sequence[Ask]) -> Iterator[Batch | Ask]:
    """Yield ticks and orders in order of time; an order of a tick's own moment comes after it."""
    waiting = list(reversed(asks))
    for batch in batches:
        rest = batch
        while waiting and isinstance(rest, TickBatch) and waiting[-1].at < int(rest.at[-1]):
            cut = int(rest.at.searchsorted(waiting[-1].at, "right"))
            if cut:
                yield rest[:cut]
            yield waiting.pop()
            rest = rest[cut:]
        yield rest
    yield from reversed(waiting)
