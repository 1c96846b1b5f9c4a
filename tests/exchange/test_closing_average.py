"""Bars are averaged all at once as they are one by one, whatever they are worth."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kasauti.exchange.closing_average import ClosingAverage

PRICE = st.one_of(st.integers(-(10**4), 10**4), st.integers(1, 10**12))
BARS = st.lists(st.tuples(PRICE, PRICE, PRICE, st.one_of(st.just(0), st.integers(0, 10**10))), min_size=1)


@given(BARS, BARS)
def test_bars_at_once_are_as_bars_one_by_one(
    bars: list[tuple[int, int, int, int]], more: list[tuple[int, int, int, int]]
) -> None:
    at_once, one_by_one = ClosingAverage(), ClosingAverage()
    for several in (bars, more):
        at_once.add_bars(len(several), *np.array(several).T)
        for at, bar in enumerate(several, 1):
            one_by_one.add_bar(at, *bar)

        assert (at_once.price, at_once.at) == (one_by_one.price, one_by_one.at)
