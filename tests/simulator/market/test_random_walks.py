from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kasauti.domain.ist import ist_clock, ist_date
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.simulator.market import RandomWalks
from kasauti.simulator.market.random_walks import TICK


def test_a_batch_of_bars_is_a_trading_day_of_every_share() -> None:
    """2026-01-15 was a holiday, 17 and 18 a weekend."""
    walks = RandomWalks(days=3, instruments=4, seed=1, first_day=date(2026, 1, 14))
    batches = list(walks.bars())

    assert [ist_date(int(b.at[0])) for b in batches] == [date(2026, 1, day) for day in (14, 16, 19)]
    for batch in batches:
        assert len(batch) == 375 * 4
        assert (ist_clock(int(batch.at[0])), ist_clock(int(batch.at[-1]))) == ("09:16:00", "15:30:00")
        assert batch.slot.tolist() == [0, 1, 2, 3] * 375


@given(seed=st.integers(0, 10**9))
@settings(max_examples=20, deadline=None)
def test_bars_hold_their_open_and_close_and_join_up(seed: int) -> None:
    first, second = RandomWalks(days=2, instruments=3, seed=seed).bars()
    opened = np.concatenate((first.open, second.open)).reshape(-1, 3)
    closed = np.concatenate((first.close, second.close)).reshape(-1, 3)

    assert np.array_equal(opened[1:], closed[:-1])
    for batch in (first, second):
        assert (batch.high >= np.maximum(batch.open, batch.close)).all()
        assert (batch.low <= np.minimum(batch.open, batch.close)).all()
        assert (batch.low >= TICK).all()
        assert (batch.volume >= 0).all()
        for column in (batch.open, batch.high, batch.low, batch.close):
            assert not (column % TICK).any()


def test_ticks_come_by_the_second_with_a_quote_around_the_last_price() -> None:
    walks = RandomWalks(days=2, instruments=5, seed=9)
    batches = list(walks.ticks(seconds_per_day=90))

    assert [len(b) for b in batches] == [300, 150, 300, 150]
    for batch in batches:
        assert (batch.bid < batch.ask).all()
        assert ((batch.bid <= batch.last) & (batch.last <= batch.ask)).all()
        assert (batch.bid_quantity > 0).all()
        assert (np.diff(batch.volume.reshape(-1, 5), axis=0) >= 0).all()
    assert (batches[1].volume[:5] >= batches[0].volume[-5:]).all()


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, same, other = (
        b"".join(batch.close.tobytes() for batch in RandomWalks(days=2, instruments=3, seed=seed).bars())
        for seed in (5, 5, 6)
    )

    assert one == same
    assert one != other


@pytest.mark.parametrize(("days", "instruments"), [(0, 1), (1, 0), (-1, 5)])
def test_no_data_is_refused(days: int, instruments: int) -> None:
    with pytest.raises(InvalidInput, match="at least one"):
        RandomWalks(days=days, instruments=instruments, seed=1)


def test_days_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(RuleUnknown, match="calendar covers"):
        RandomWalks(days=10, instruments=1, seed=1, first_day=date(2026, 12, 28))
