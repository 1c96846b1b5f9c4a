"""
What nobody can lock in: every bound is on prices one can trade at, buying at asks and selling at bids.

The bounds have no tolerance. An absent bid is a price of 0: one can let an option lapse, not sell it.
"""

from collections.abc import Iterator
from functools import cache
from itertools import islice

import numpy as np
import pytest

from kasauti.domain.ist import NS_PER_MINUTE, NS_PER_SECOND
from kasauti.domain.market import Ints
from kasauti.simulator.market import BuiltInMarket

#: A trend up, a trend down, a range and a false break, and whatever else.
SEEDS = (0, 1, 5, 9, 77, 1234)

#: Slots: 0 index, 1 future, 2 to 4 shares, then call and put of each strike.
FIRST_OPTION = 5
STEP = 50 * 10_000


class Chain:
    """A minute of quotes: the future's (seconds, 1), and calls and puts (seconds, strikes)."""

    def __init__(self, market: BuiltInMarket, minute: int) -> None:
        (batch,) = islice(market.batches(market.opens_at + minute * NS_PER_MINUTE), 1)
        derivative = (batch.slot == 1) | (batch.slot >= FIRST_OPTION)

        def grid(column: Ints) -> Ints:
            rows: Ints = column[derivative].reshape(len(np.unique(batch.at)), -1)
            return rows

        bid, ask = grid(batch.bid), grid(batch.ask)
        self.index = batch.last[batch.slot == 0]
        self.future_bid, self.future_ask = bid[:, :1], ask[:, :1]
        self.call_bid, self.put_bid = bid[:, 1::2], bid[:, 2::2]
        self.call_ask, self.put_ask = ask[:, 1::2], ask[:, 2::2]
        self.strikes = np.array([i.strike for i in market.universe if i.is_option][::2])


def minutes_of(market: BuiltInMarket) -> list[int]:
    """The open, the last minutes, every 25th minute, and those with jumps."""
    jumps = [jump.second // 60 for jump in market.plan.jumps]
    return sorted({0, 1, 373, 374, 375, *range(10, 373, 25), *jumps})


@cache
def chains_of(seed: int) -> tuple[Chain, ...]:
    market = BuiltInMarket(seed=seed)
    return tuple(Chain(market, minute) for minute in minutes_of(market))


@pytest.fixture(params=SEEDS)
def chains(request: pytest.FixtureRequest) -> Iterator[Chain]:
    return iter(chains_of(request.param))


def test_call_minus_put_is_future_minus_strike_within_the_spreads(chains: Iterator[Chain]) -> None:
    for chain in chains:
        dearest, cheapest = chain.call_ask - chain.put_bid, chain.call_bid - chain.put_ask
        assert (dearest >= chain.future_bid - chain.strikes).all()
        assert (cheapest <= chain.future_ask - chain.strikes).all()


def test_mids_keep_parity_to_within_half_the_three_spreads(chains: Iterator[Chain]) -> None:
    """Where both options have a bid; doubled to stay with whole numbers."""
    for chain in chains:
        both = (chain.call_bid > 0) & (chain.put_bid > 0)
        call, put = chain.call_bid + chain.call_ask, chain.put_bid + chain.put_ask
        future = chain.future_bid + chain.future_ask
        spreads = (
            (chain.call_ask - chain.call_bid)
            + (chain.put_ask - chain.put_bid)
            + (chain.future_ask - chain.future_bid)
        )
        off = np.abs(call - put - (future - 2 * chain.strikes))
        assert (off <= spreads)[both].all()
        assert both.any() or len(chain.index) == 1


def test_no_vertical_spread_costs_nothing_or_more_than_it_can_pay(chains: Iterator[Chain]) -> None:
    for chain in chains:
        assert (chain.call_ask[:, :-1] >= chain.call_bid[:, 1:]).all()
        assert (chain.put_ask[:, 1:] >= chain.put_bid[:, :-1]).all()
        assert (chain.call_bid[:, :-1] - chain.call_ask[:, 1:] <= STEP).all()
        assert (chain.put_bid[:, 1:] - chain.put_ask[:, :-1] <= STEP).all()


def test_no_butterfly_pays_to_be_taken(chains: Iterator[Chain]) -> None:
    for chain in chains:
        for bid, ask in ((chain.call_bid, chain.call_ask), (chain.put_bid, chain.put_ask)):
            assert (ask[:, :-2] + ask[:, 2:] >= 2 * bid[:, 1:-1]).all()


def test_the_future_stays_near_the_index(chains: Iterator[Chain]) -> None:
    """Within 15 points, and at its expiry within its spread and the index's rounding."""
    for chain in chains:
        middle = (chain.future_bid + chain.future_ask)[:, 0] // 2
        assert (np.abs(middle - chain.index) <= 15 * 10_000).all()
    assert chain.future_bid[-1, 0] - 500 <= chain.index[-1] <= chain.future_ask[-1, 0] + 500


def test_at_the_close_options_are_worth_what_they_pay(chains: Iterator[Chain]) -> None:
    """A rupee of time value may be left at the money; nothing, to within two ticks, 50 points from it."""
    *_, closing = chains
    assert len(closing.index) == 1
    distance = closing.strikes - closing.index[0]
    for bid, ask, pays in (
        (closing.call_bid[0], closing.call_ask[0], np.maximum(-distance, 0)),
        (closing.put_bid[0], closing.put_ask[0], np.maximum(distance, 0)),
    ):
        assert (bid <= pays + 10_000).all()
        assert (ask >= pays - 500).all()
        away = np.abs(distance) >= STEP
        assert (bid <= pays + 1_000)[away].all()


def test_premiums_never_leave_their_bounds_on_a_whole_day() -> None:
    """Every second of one day: parity at every strike of a chain of 13 strikes."""
    market = BuiltInMarket(seed=2, strikes_each_side=6)
    seconds = 0
    strikes = np.array([i.strike for i in market.universe if i.is_option][::2])
    for batch in market.batches():
        derivative = (batch.slot == 1) | (batch.slot >= FIRST_OPTION)
        bid = batch.bid[derivative].reshape(-1, 27)
        ask = batch.ask[derivative].reshape(-1, 27)
        seconds += len(bid)
        assert (ask[:, 1::2] - bid[:, 2::2] >= bid[:, :1] - strikes).all()
        assert (bid[:, 1::2] - ask[:, 2::2] <= ask[:, :1] - strikes).all()
    assert seconds == (market.closes_at - market.opens_at) // NS_PER_SECOND + 1
