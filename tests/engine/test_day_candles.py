"""Ticks that go into candles as columns make the candles that they make one by one."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.trading import CALL, SHARE, moment

from kasauti.domain.board import quote_at
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import Candle, TickBatch
from kasauti.engine.day_candles import DayCandles

OPEN = moment("09:15")
WANTED = ((0, SHARE.id, 10), (0, SHARE.id, 30), (1, CALL.id, 10))

#: Seconds since a minute before the open, slot, price (0: none), units traded since (less than 0: restated).
TICKS = st.lists(
    st.tuples(st.integers(0, 130), st.integers(0, 2), st.sampled_from([0, 99, 100, 101]), st.integers(-2, 9)),
    max_size=60,
)


def _batch(ticks: list[tuple[int, int, int, int]]) -> TickBatch:
    ticks = sorted(ticks, key=lambda tick: tick[0])
    traded = np.cumsum([tick[3] for tick in ticks], dtype=np.int64) + 1000
    return TickBatch.of(
        at=np.array([OPEN + (tick[0] - 60) * NS_PER_SECOND for tick in ticks], np.int64),
        slot=np.array([tick[1] for tick in ticks], np.int32),
        last=np.array([tick[2] for tick in ticks], np.int64),
        volume=traded,
        open_interest=traded // 2,
    )


class _Made:
    """Candles with a clock: what is due is closed before a later tick comes."""

    def __init__(self) -> None:
        self.candles = DayCandles(3)
        self.due: set[tuple[int, int, int]] = set()
        self.closed: list[Candle] = []
        for slot, instrument, seconds in WANTED:
            self.candles.want(slot, instrument, seconds, OPEN, self._note(slot, seconds))
        self.candles.hear(())

    def _note(self, slot: int, seconds: int) -> Any:
        return lambda at: self.due.add((at, slot, seconds))

    def come_to(self, moment: int) -> None:
        for at, slot, seconds in sorted(self.due):
            if at <= moment:
                self.due.discard((at, slot, seconds))
                candle = self.candles.close(slot, seconds, at)
                if candle is not None:
                    self.closed.append(candle)


def _one_by_one(batch: TickBatch) -> list[Candle]:
    made = _Made()
    for row in range(len(batch)):
        made.come_to(int(batch.at[row]) - 1)
        made.candles.take(int(batch.slot[row]), quote_at(batch, row))
    made.come_to(OPEN + 10**12)
    return made.closed


def _gathered(batch: TickBatch) -> tuple[list[Candle], int]:
    """Stop only where a tick has to be looked at, or something is due; return how often a tick was."""
    made, position, looks = _Made(), 0, 0
    while position < len(batch):
        stops = np.flatnonzero(made.candles.stops[batch.slot[position:]])
        row = position + int(stops[0]) if len(stops) else len(batch)
        due = min((at for at, _, _ in made.due), default=2**62)
        if row < len(batch) and batch.at[row] <= due:
            end, looks = row + 1, looks + 1
        else:
            end = position + int(batch.at[position:].searchsorted(due, "right"))
        made.candles.gather(batch, position, end)
        position = end
        if position == len(batch) or batch.at[position] > due:
            made.come_to(due)
    made.come_to(OPEN + 10**12)
    return made.closed, looks


@given(TICKS)
def test_gathered_ticks_make_the_candles_of_single_ones(ticks: list[tuple[int, int, int, int]]) -> None:
    batch = _batch(ticks)

    assert _gathered(batch)[0] == _one_by_one(batch)


def test_only_the_tick_that_begins_a_candle_is_looked_at() -> None:
    batch = _batch([(60 + second, 1, 100 + second % 3, 1) for second in range(1, 40, 2)])

    closed, looks = _gathered(batch)

    assert [candle.volume for candle in closed] == [4, 5, 5, 5]
    assert looks == len(closed)


def test_every_tick_of_what_is_heard_is_looked_at() -> None:
    made = _Made()
    made.candles.hear([1, 2])
    batch = _batch([(60, 0, 100, 1), (60, 1, 100, 1), (60, 2, 100, 1)])

    made.candles.gather(batch, 0, 3)

    assert made.candles.stops.tolist() == [False, True, True]
    made.candles.hear([])
    assert made.candles.stops.tolist() == [False, False, False]
