"""What holds in every snapshot of every seed, and that any second can be made again."""

from datetime import date, time
from functools import cache
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kasauti.domain.instrument import Kind
from kasauti.domain.ist import NS_PER_MINUTE, NS_PER_SECOND, ist_clock, ist_ns
from kasauti.domain.market import Depth, Ints, TickBatch
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.calendar import Calendar
from kasauti.simulator.market import DEMO_DAY, BuiltInMarket

SECONDS = 22_500

seeds = st.integers(0, 10**9)
minutes = st.integers(0, 374)


def joined(batches: list[TickBatch]) -> dict[str, Ints]:
    """Every column of `batches` one after the other, the depth's too."""
    columns = {
        name: [np.asarray(getattr(batch, name)) for batch in batches]
        for name in TickBatch.__slots__
        if name != "depth"
    }
    for name in Depth.__slots__:
        columns[name] = [np.asarray(getattr(batch.depth, name)) for batch in batches]
    return {name: np.concatenate(parts) for name, parts in columns.items()}


def two_minutes(seed: int, minute: int) -> tuple[BuiltInMarket, dict[str, Ints]]:
    market = BuiltInMarket(seed=seed)
    return market, joined(list(islice(market.batches(market.opens_at + minute * NS_PER_MINUTE), 2)))


@given(seed=seeds, minute=minutes)
@settings(max_examples=8, deadline=None)
def test_each_second_is_a_snapshot_of_every_instrument(seed: int, minute: int) -> None:
    market, rows = two_minutes(seed, minute)
    at, counts = np.unique(rows["at"], return_counts=True)

    assert (np.diff(rows["at"]) >= 0).all()
    assert (np.diff(at) == NS_PER_SECOND).all()
    assert at[0] == market.opens_at + minute * NS_PER_MINUTE
    shares_trade = market.opens_at + 6 * 60 * NS_PER_MINUTE
    expected = np.where(at <= shares_trade, len(market.universe), len(market.universe) - 3)
    assert counts.tolist() == expected.tolist()
    assert all((np.diff(slots) > 0).all() for slots in np.split(rows["slot"], np.cumsum(counts)[:-1]))


@given(seed=seeds, minute=minutes)
@settings(max_examples=8, deadline=None)
def test_prices_stand_on_their_ticks_and_books_are_not_crossed(seed: int, minute: int) -> None:
    market, rows = two_minutes(seed, minute)
    tick = np.array([instrument.tick_size for instrument in market.universe])[rows["slot"]]
    has_book = rows["slot"] != market.universe.slot(market.index_id)

    for name in ("last", "bid", "ask"):
        assert not (rows[name] % tick).any()
    assert (rows["last"] >= tick).all()
    assert (rows["ask"][has_book] >= tick[has_book]).all()
    assert (rows["bid"][has_book] < rows["ask"][has_book]).all()
    assert not rows["bid"][~has_book].any()
    assert not rows["ask_prices"][~has_book].any()


@given(seed=seeds, minute=minutes)
@settings(max_examples=8, deadline=None)
def test_depth_is_a_ladder_of_whole_lots_that_begins_at_the_touch(seed: int, minute: int) -> None:
    market, rows = two_minutes(seed, minute)
    lot = np.array([instrument.lot_size for instrument in market.universe])[rows["slot"]]
    tick = np.array([instrument.tick_size for instrument in market.universe])[rows["slot"]]
    has_book = rows["slot"] != market.universe.slot(market.index_id)

    for side, best in (("bid", "bid"), ("ask", "ask")):
        prices, quantities = rows[f"{side}_prices"], rows[f"{side}_quantities"]
        assert np.array_equal(prices[:, 0], rows[best])
        assert np.array_equal(quantities[:, 0], rows[f"{best}_quantity"])
        assert np.array_equal(prices > 0, quantities > 0)
        assert not (quantities % lot[:, None]).any()
        assert not (prices % tick[:, None]).any()
    assert (rows["ask_prices"][has_book] > 0).all()
    assert (np.diff(rows["ask_prices"][has_book], axis=1) > 0).all()
    bids = rows["bid_prices"]
    assert ((bids[:, 1:] < bids[:, :-1]) | (bids[:, 1:] == 0)).all()


@given(seed=seeds, minute=minutes)
@settings(max_examples=8, deadline=None)
def test_a_last_price_is_that_of_a_trade_inside_the_spread_or_stands(seed: int, minute: int) -> None:
    market, rows = two_minutes(seed, minute)
    for slot in range(1, len(market.universe)):
        mine = rows["slot"] == slot
        last, bid, ask, volume = (rows[name][mine] for name in ("last", "bid", "ask", "volume"))
        traded = np.diff(volume) > 0
        assert (np.diff(volume) >= 0).all()
        assert not (volume % market.universe[slot].lot_size).any()
        assert (last[1:] == last[:-1])[~traded].all()
        assert ((bid[1:] <= last[1:]) & (last[1:] <= ask[1:]))[traded].all()
        assert len(volume) < 120 or volume[119] > volume[59], "everything trades in every minute"


@given(seed=seeds, minute=minutes)
@settings(max_examples=8, deadline=None)
def test_open_interest_is_whole_lots_of_derivatives_only(seed: int, minute: int) -> None:
    market, rows = two_minutes(seed, minute)
    derivative = np.array([instrument.is_derivative for instrument in market.universe])[rows["slot"]]

    assert (rows["open_interest"] >= 0).all()
    assert not (rows["open_interest"] % 65)[derivative].any()
    assert not rows["open_interest"][~derivative].any()


def test_everything_has_traded_by_the_first_second() -> None:
    first = joined([next(BuiltInMarket(seed=3).batches())[:107]])

    assert (first["volume"][1:] > 0).all()
    assert ((first["bid"] <= first["last"]) & (first["last"] <= first["ask"]))[1:].all()


def test_a_queue_stays_while_its_price_stays() -> None:
    """A queue is drawn anew every 16 seconds; between draws only the general size moves, by a lot or so."""
    market, rows = two_minutes(5, 200)
    mine = rows["slot"] == market.universe.slot("NSE:RELIANCE")
    price, quantity = rows["bid"][mine], rows["bid_quantity"][mine]
    stays = price[1:] == price[:-1]

    same = np.abs(np.diff(quantity))[stays] <= np.maximum(1, 0.05 * quantity[:-1][stays])
    assert stays.sum() > 20
    assert same.mean() > 0.8


# The same bytes


@cache
def whole_day() -> tuple[BuiltInMarket, dict[str, Ints]]:
    market = BuiltInMarket(seed=11, strikes_each_side=3)
    return market, joined(list(market.batches()))


def test_a_day_is_22501_snapshots_from_0915_to_1530() -> None:
    _, rows = whole_day()
    at = np.unique(rows["at"])

    assert (len(at), ist_clock(int(at[0])), ist_clock(int(at[-1]))) == (SECONDS + 1, "09:15:00", "15:30:00")


def test_batches_are_whole_snapshots_of_at_most_a_minute() -> None:
    market = BuiltInMarket(seed=11, strikes_each_side=3)
    for batch in islice(market.batches(market.opens_at + 90 * NS_PER_SECOND), 3):
        assert len(np.unique(batch.at)) <= 60
        assert len(batch) == len(np.unique(batch.at)) * len(market.universe)


def test_two_markets_of_one_seed_are_equal_byte_for_byte() -> None:
    one, other = (joined(list(islice(BuiltInMarket(seed=42).batches(), 5))) for _ in range(2))

    assert {name: one[name].tobytes() for name in one} == {name: other[name].tobytes() for name in other}


def test_seed_and_day_make_the_difference() -> None:
    markets = [
        BuiltInMarket(seed=42),
        BuiltInMarket(seed=43),
        BuiltInMarket(seed=42, day=date(2026, 10, 27)),
    ]
    paths = {next(market.batches()).last[:: len(market.universe)].tobytes() for market in markets}

    assert len(paths) == 3


@given(second=st.one_of(st.integers(0, SECONDS), st.sampled_from([0, 59, 60, 61, 21_599, 21_600, SECONDS])))
@settings(max_examples=25, deadline=None)
def test_starting_at_any_second_gives_the_bytes_of_a_run_from_the_beginning(second: int) -> None:
    _, full = whole_day()
    market = BuiltInMarket(seed=11, strikes_each_side=3)
    resumed = joined(list(islice(market.batches(market.opens_at + second * NS_PER_SECOND), 2)))
    begins = int(np.searchsorted(full["at"], market.opens_at + second * NS_PER_SECOND))

    for name, column in resumed.items():
        assert column.tobytes() == full[name][begins : begins + len(column)].tobytes(), name


# What trades


def test_the_demo_day_lists_the_monthly_chain_as_zerodha_writes_it() -> None:
    universe = BuiltInMarket(seed=1).universe
    chain = universe.chain("NSE:NIFTY 50", DEMO_DAY)

    assert len(universe) == 5 + 102
    assert len(chain) == 102
    assert {i.tradingsymbol for i in universe if not i.is_option} == {
        "NIFTY 50",
        "NIFTY26NOVFUT",
        "RELIANCE",
        "SBIN",
        "INFY",
    }
    call = chain[50]
    assert call.tradingsymbol == f"NIFTY26NOV{call.strike // 10_000}CE"
    assert (call.lot_size, call.tick_size, call.freeze_quantity) == (65, 500, 1800)
    assert {i.tick_size for i in universe if i.kind is Kind.FUTURE} == {1000}


def test_a_weekly_chain_is_that_of_the_next_expiry() -> None:
    market = BuiltInMarket(seed=1, day=date(2026, 11, 25))

    assert market.expiry == date(2026, 12, 1)
    assert market.universe[5].tradingsymbol.startswith("NIFTY26D01")


def test_shares_stop_at_the_end_of_their_continuous_session() -> None:
    market, rows = whole_day()
    share = market.universe.slot("NSE:SBIN")
    close = Calendar().close_of(market.universe[share], market.day)

    assert rows["at"][rows["slot"] == share].max() == close == ist_ns(DEMO_DAY, time(15, 15))


@pytest.mark.parametrize(
    ("day", "why"),
    [(date(2026, 11, 24), "Holiday"), (date(2026, 11, 22), "Sunday"), (date(2026, 11, 8), "Muhurat")],
)
def test_a_day_without_a_whole_session_is_refused(day: date, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        BuiltInMarket(seed=1, day=day)


def test_a_day_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(RuleUnknown, match="2027-01-04"):
        BuiltInMarket(seed=1, day=date(2027, 1, 4))


def test_an_empty_chain_is_refused() -> None:
    with pytest.raises(InvalidInput, match="0 strikes"):
        BuiltInMarket(seed=1, strikes_each_side=0)


@pytest.mark.parametrize("offset", [-NS_PER_SECOND, (SECONDS + 1) * NS_PER_SECOND, 1, NS_PER_SECOND // 2])
def test_a_start_that_is_no_second_of_the_session_is_refused(offset: int) -> None:
    market = BuiltInMarket(seed=1)

    with pytest.raises(InvalidInput, match="09:15:00 to 15:30:00"):
        market.batches(market.opens_at + offset)
