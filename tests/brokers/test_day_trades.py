"""What traded in a day: worked by hand from the growth of volumes."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.trading import UNIVERSE

from kasauti.brokers.tape import SeenMarket
from kasauti.domain.ist import NS_PER_DAY, NS_PER_SECOND
from kasauti.domain.market import TickBatch

#: 2026-11-23 09:15 IST.
OPENS = 1_795_405_500 * NS_PER_SECOND
#: second, slot, price in rupees, the day's volume, open interest
Row = tuple[int, int, int, int, int]


def ticks(rows: Sequence[Row], day: int = 0) -> TickBatch:
    second, slot, price, volume, interest = (np.array(each, np.int64) for each in zip(*rows, strict=True))
    none = np.zeros(len(rows), np.int64)
    return TickBatch(
        OPENS + day * NS_PER_DAY + second * NS_PER_SECOND, slot.astype(np.int32), price * 10_000, none, none,
        none, none, volume, interest,
    )  # fmt: skip


DAY: list[Row] = [
    (0, 0, 100, 500, 70),  # nobody knows at what prices the 500 traded
    (1, 0, 101, 510, 90),  # 10 at 101
    (1, 1, 50, 5, 0),
    (2, 0, 104, 510, 60),  # a quote alone
    (3, 0, 105, 540, 65),  # 30 at 105
    (4, 1, 51, 8, 0),  # 3 at 51
]


def test_the_last_quantity_the_average_and_the_range_of_open_interest() -> None:
    seen = SeenMarket(UNIVERSE)
    seen.take(ticks(DAY))
    trades = seen.trades
    assert trades.last_quantity[:2].tolist() == [30, 3]
    # (10 x 101 + 30 x 105) / 40 = 104; 51
    assert trades.average(np.array([0, 1])).tolist() == [1_040_000, 510_000]
    assert (trades.interest_high[:2].tolist(), trades.interest_low[:2].tolist()) == ([90, 0], [60, 0])


def test_an_average_is_rounded_to_the_nearest_paisa() -> None:
    seen = SeenMarket(UNIVERSE)
    seen.take(ticks([(0, 0, 1, 1, 0), (1, 0, 10, 2, 0), (2, 0, 11, 4, 0)]))
    # (10 + 2 x 11) / 3 = 10.666...
    assert seen.trades.average(np.array([0, 1])).tolist() == [106_700, 0]


def test_a_day_begins_without_the_one_before() -> None:
    seen = SeenMarket(UNIVERSE)
    seen.take(ticks(DAY))
    seen.take(ticks([(0, 0, 100, 500, 80)], day=1))
    trades = seen.trades
    assert (trades.last_quantity[0], trades.average(np.array([0]))[0]) == (0, 0)
    assert (trades.interest_high[0], trades.interest_low[0]) == (80, 80)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_it_does_not_matter_how_the_ticks_are_cut(sizes: list[int]) -> None:
    whole, cut = SeenMarket(UNIVERSE), SeenMarket(UNIVERSE)
    whole.take(ticks(DAY))
    start = 0
    for size in (*sizes, len(DAY)):
        if start < len(DAY):
            cut.take(ticks(DAY)[start : start + size])
        start += size
    slots = np.arange(2)
    for trades in (whole.trades, cut.trades):
        assert trades.last_quantity[:2].tolist() == [30, 3]
        assert trades.average(slots).tolist() == [1_040_000, 510_000]
        assert trades.interest_low[:2].tolist() == [60, 0]
