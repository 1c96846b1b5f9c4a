"""One minute of the built-in market, made from the day's paths and the minute's own draws."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import DEPTH_LEVELS, Depth, Ints, TickBatch
from kasauti.domain.money import RUPEE
from kasauti.simulator.market.activity import volumes_by_second
from kasauti.simulator.market.book import ladder, last_trades, queues, touch
from kasauti.simulator.market.day import Day
from kasauti.simulator.market.draws import lanes, stream_key
from kasauti.simulator.market.index_path import SECONDS_PER_MINUTE, SNAPSHOTS
from kasauti.simulator.market.liquidity_profile import intrinsic, sizes, spreads
from kasauti.simulator.market.listing import INDEX_SLOT

_QUOTES, _TRADES, _QUEUES = range(3)
#: Draws for a second and instrument: split and width of the quote, what a trade pays, gaps in the ladder.
_SPLIT, _WIDTH, _PAID, _GAPS = range(4)
_DRAWS = _GAPS + 2 * (DEPTH_LEVELS - 1)


@dataclass(frozen=True, slots=True)
class Minute:
    """
    The snapshots of one minute, in ticks and lots.

    `last` and `volume` are (seconds, instruments), `prices` and `lots` (2 sides, seconds, instruments, 5).
    `closing` is the last prices at its end, which the next minute begins with.
    """

    number: int
    last: Ints
    volume: Ints
    prices: Ints
    lots: Ints

    @property
    def closing(self) -> Ints:
        """The last prices at the end."""
        last: Ints = self.last[-1]
        return last


def make_minute(day: Day, number: int, before: Ints | None) -> Minute:
    """
    Make minute `number` of the session; the 376th is the closing second alone.

    `before` are the closing prices of the minute before; the first minute has none and begins at the prices
    of its first second. Without them the first prices of a later minute are not right, but its closing ones
    are: everything trades at least once in a minute.
    """
    seconds = seconds_of(number)
    key = day.minute_key(number)
    fair = day.fair(seconds)
    count, width = fair.shape
    draw = lanes(stream_key(key, _QUOTES), _DRAWS, count, width)
    ticks = day.listing.ticks / RUPEE
    inside = intrinsic(fair)
    spread = spreads(fair, inside, day.paths, seconds, draw[_WIDTH]) / ticks
    bid, ask = touch(fair / ticks, spread, draw[_SPLIT])
    gaps = draw[_GAPS:].reshape(2, DEPTH_LEVELS - 1, count, width).transpose(0, 2, 3, 1)
    prices = ladder(bid, ask, spread, gaps)
    size = sizes(fair, inside, day.paths, seconds)
    so_far = day.volume_before[number]
    volume = volumes_by_second(so_far, day.volumes[number], count, stream_key(key, _TRADES))
    traded = np.diff(volume, axis=0, prepend=so_far[None]) > 0
    paid = last_trades(bid, ask, draw[_PAID])
    paid[:, INDEX_SLOT] = np.rint(fair[:, INDEX_SLOT] / ticks[INDEX_SLOT])
    traded[:, INDEX_SLOT] = True
    return Minute(
        number=number,
        last=_held(paid, traded, before),
        volume=volume,
        prices=prices,
        lots=queues(prices, size, seconds.start, stream_key(day.key, _QUEUES)),
    )


def seconds_of(number: int) -> slice:
    """Return the seconds of minute `number`, counted from the open."""
    first = number * SECONDS_PER_MINUTE
    return slice(first, min(first + SECONDS_PER_MINUTE, SNAPSHOTS))


def _held(paid: Ints, traded: NDArray[np.bool_], before: Ints | None) -> Ints:
    """Return the last price at each second: that of its own trade, or the one that stood."""
    second = np.where(traded, np.arange(len(paid))[:, None], -1)
    latest = np.maximum.accumulate(second, axis=0)
    last: Ints = np.take_along_axis(paid, np.maximum(latest, 0), axis=0)
    return last if before is None else np.where(latest < 0, before, last)


def to_batch(minute: Minute, day: Day, opens_at: int) -> TickBatch:
    """Return a minute as columns in money units and units; the index has neither book nor volume."""
    ticks, units = day.listing.ticks, day.listing.lots.copy()
    units[INDEX_SLOT] = 0
    book_ticks = np.where(units > 0, ticks, 0)[:, None]
    count, width = minute.last.shape
    seconds = np.arange(count, dtype=np.int64) + seconds_of(minute.number).start
    trades = (seconds[:, None] <= day.listing.last_seconds).ravel()
    rows = slice(None) if trades.all() else np.flatnonzero(trades)
    prices = (minute.prices * book_ticks).reshape(2, -1, DEPTH_LEVELS)[:, rows]
    quantities = (minute.lots * units[:, None]).reshape(2, -1, DEPTH_LEVELS)[:, rows]
    return TickBatch(
        at=np.repeat(opens_at + seconds * NS_PER_SECOND, width)[rows],
        slot=np.tile(np.arange(width, dtype=np.int32), count)[rows],
        last=(minute.last * ticks).ravel()[rows],
        bid=prices[0, :, 0].copy(),
        ask=prices[1, :, 0].copy(),
        bid_quantity=quantities[0, :, 0].copy(),
        ask_quantity=quantities[1, :, 0].copy(),
        volume=(minute.volume * units).ravel()[rows],
        open_interest=np.tile(day.open_interest[minute.number] * units, count)[rows],
        depth=Depth(prices[0], quantities[0], prices[1], quantities[1]),
    )
