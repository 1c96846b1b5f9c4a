"""Slippage, latency and interest: never in our favour, the same for the same order, nothing passed over."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trading import FUTURE, SHARE

from kasauti.domain.board import quote_at
from kasauti.domain.market import Quote, TickBatch
from kasauti.simulator.book import Book, Resting
from kasauti.simulator.fills import PROFILES
from kasauti.simulator.interest import NEVER_HIGH, NEVER_LOW, Interest
from kasauti.simulator.latency import FixedLatency, UniformLatency
from kasauti.simulator.liquidity import Liquidity
from kasauti.simulator.slippage import NoSlippage, TickSlippage
from kasauti.simulator.transit import NEVER, Cancellation, Transit

MS = 1_000_000


@pytest.mark.parametrize(
    ("model", "price", "slip"),
    [
        (NoSlippage(), 100_0000, 0),
        (TickSlippage(), 100_0000, 500),
        (TickSlippage(3), 100_0000, 1500),
        (TickSlippage(1, basis_points=5), 100_0000, 500),  # 0.05 % of 100 is 0.05: one tick
        (TickSlippage(1, basis_points=5), 101_0000, 1000),  # 0.0505: rounded up to two ticks
        (TickSlippage(2, basis_points=5), 1_0000, 1000),  # never less than the ticks
        (TickSlippage(0), 100_0000, 0),
    ],
)
def test_slippage_is_whole_ticks_rounded_up(model: TickSlippage | NoSlippage, price: int, slip: int) -> None:
    assert model.slip(SHARE, price, 10) == slip


@given(st.integers(0, 10), st.integers(0, 100), st.integers(500, 10**9))
def test_slippage_is_never_negative_nor_off_tick(ticks: int, basis_points: int, price: int) -> None:
    for instrument in (SHARE, FUTURE):
        slip = TickSlippage(ticks, basis_points).slip(instrument, price, 1)
        assert slip >= ticks * instrument.tick_size
        assert slip % instrument.tick_size == 0
        assert slip * 10_000 >= price * basis_points


def test_a_fixed_latency_is_fixed() -> None:
    assert {FixedLatency(7).entry_ns(order_id) for order_id in "abc"} == {7 * MS}


@given(st.text(), st.integers(), st.integers(0, 100), st.integers(0, 100))
def test_a_drawn_latency_is_within_its_bounds_and_the_order_s_own(
    order_id: str, seed: int, low: int, more: int
) -> None:
    latency = UniformLatency(low, low + more, seed)
    first = latency.entry_ns(order_id)
    UniformLatency(0, 5, seed).entry_ns("another")

    assert low * MS <= first <= (low + more) * MS
    assert UniformLatency(low, low + more, seed).entry_ns(order_id) == first


@pytest.mark.parametrize(("fresh", "fills"), [(4, 0), (5, 0), (6, 1)])
def test_by_last_prices_only_one_that_came_after_the_order_fills_it(fresh: int, fills: int) -> None:
    """The order came after the fifth tick."""
    order = Resting("x", 0, buys=True, limit=100, trigger=0, quantity=1, leaves=1, ioc=False)
    order.fresh = 5
    model, quote = PROFILES["ltp"](), Quote(0, 100, fresh=fresh)

    assert len(model.rest(order, quote, Liquidity())) == fills
    assert len(model.take(order, quote, Liquidity())) == fills


def test_orders_differ_and_so_do_seeds() -> None:
    latencies = {
        UniformLatency(0, 1000, seed).entry_ns(order_id) for seed in range(5) for order_id in "abcde"
    }

    assert len(latencies) > 20


def test_what_is_sent_first_arrives_first_where_both_arrive_at_once() -> None:
    transit = Transit()
    for order_id, arrives in (("late", 9), ("a", 5), ("b", 5), ("gone", 4)):
        transit.send(Cancellation(order_id, "x"), arrives)
    transit.drop("gone")
    transit.drop("never there")
    assert transit.due == 5

    arrived = [transit.arrive(), transit.arrive()]
    assert [(at, request.order_id) for at, request in arrived] == [(5, "a"), (5, "b")]
    assert transit.due == 9
    transit.drop("late")
    assert transit.due == NEVER


def test_interest_grows_its_version_only_when_more_may_matter() -> None:
    interest = Interest(2)
    interest.set(0, 50, 100, always=False)
    first = interest.version
    interest.set(0, 40, 110, always=False)
    assert interest.version == first
    interest.set(0, 45, 110, always=False)
    assert interest.version == first + 1
    interest.watch(0)
    interest.watch(0)
    assert interest.version == first + 2


_PRICE = st.integers(0, 12)


@given(
    profile=st.sampled_from(sorted(PROFILES)),
    limits=st.lists(st.tuples(st.booleans(), st.integers(1, 12), st.booleans()), max_size=3),
    rows=st.lists(st.tuples(_PRICE, _PRICE, _PRICE), min_size=1, max_size=8),
)
def test_no_tick_that_could_trade_is_passed_over(
    profile: str, limits: list[tuple[bool, int, bool]], rows: list[tuple[int, int, int]]
) -> None:
    """Every tick on which an order trades or wakes is one that the scan stops at, in every profile."""
    model = PROFILES[profile]()
    book = Book()
    for number, (buys, price, is_stop) in enumerate(limits):
        trigger = price if is_stop else 0
        book.add(Resting(str(number), 0, buys, price, trigger, 1, 1, ioc=False, priority=number))
    has_stops = bool(book.buy_stops or book.sell_stops)
    interest = Interest(1, book_decides=model.book_decides)
    low, high = book.low_wake(NEVER_LOW), book.high_wake(NEVER_HIGH)
    watched = bool(book) and model.watches_every_tick
    interest.set(0, low, high, always=watched, last_counts=has_stops)
    batch = TickBatch.of(
        at=range(1, len(rows) + 1),
        slot=[0] * len(rows),
        last=[last for last, _, _ in rows],
        bid=[bid for _, bid, _ in rows],
        ask=[ask for _, _, ask in rows],
    )
    nobody = np.zeros(1, np.bool_)
    found = set(interest.rows(batch, 0, len(rows), nobody).tolist())

    for row in range(len(rows)):
        quote = quote_at(batch, row, fresh=row + 1)
        trades = any(model.rest(order, quote, Liquidity()) for order in [*book.buys, *book.sells])
        if trades or book.reached(quote.last):
            assert row in found
            assert interest.matters(batch, row, nobody)
