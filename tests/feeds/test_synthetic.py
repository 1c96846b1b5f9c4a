from itertools import islice

import numpy as np

from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.feeds.synthetic import SyntheticFeed
from kasauti.ports import Feed
from kasauti.simulator.market import BuiltInMarket


def test_it_yields_the_market_from_the_open() -> None:
    market = BuiltInMarket(seed=1, strikes_each_side=2)
    feed: Feed = SyntheticFeed(market)
    first = next(feed.batches())

    assert feed.universe is market.universe
    assert first.at[0] == market.opens_at


def test_it_goes_on_after_a_crash_where_it_is_told_to() -> None:
    market = BuiltInMarket(seed=1, strikes_each_side=2)
    resumed = next(SyntheticFeed(market, start=market.opens_at + 2 * NS_PER_MINUTE).batches())
    *_, third = islice(market.batches(), 3)

    assert np.array_equal(resumed.at, third.at)
    assert np.array_equal(resumed.last, third.last)
