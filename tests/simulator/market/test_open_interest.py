"""Open interest that builds, is covered when it is attacked, and gives momentum strategies their entries."""

from datetime import date
from functools import cache

import numpy as np
import pytest

from kasauti.simulator.market import DEMO_DAY, BuiltInMarket
from kasauti.simulator.market.activity import out_of_the_money
from kasauti.simulator.market.day import Day, draw_day
from kasauti.simulator.market.day_plan import DayKind
from kasauti.simulator.market.listing import CALLS, FUTURE_SLOT, OPTIONS, PUTS
from kasauti.simulator.market.open_interest import pressure

SEEDS = range(24)


@cache
def days() -> tuple[Day, ...]:
    return tuple(draw_day(seed, DEMO_DAY, 25) for seed in SEEDS)


def trending() -> list[Day]:
    return [day for day in days() if day.plan.kind in (DayKind.TREND_UP, DayKind.TREND_DOWN)]


def test_it_changes_by_no_more_than_was_traded() -> None:
    for day in days():
        opened = np.abs(np.diff(day.open_interest[::3], axis=0))
        traded = day.volumes[:375].reshape(125, 3, -1).sum(axis=1)
        assert (opened <= traded).all()


def test_it_is_published_every_three_minutes() -> None:
    for day in days():
        change = np.asarray(np.diff(day.open_interest, axis=0)[:, OPTIONS].any(axis=1))
        assert not change[np.arange(375) % 3 != 2].any()
        assert change[np.arange(375) % 3 == 2].all()


def test_batches_carry_it_in_units() -> None:
    market, day = BuiltInMarket(seed=4), days()[4]
    batch = next(market.batches(market.opens_at + 3_600_000_000_000))

    assert (
        batch.open_interest[: len(market.universe)].tolist()
        == (day.open_interest[60] * day.listing.lots).tolist()
    )


def test_writers_build_positions_out_of_the_money_all_morning() -> None:
    for day in days():
        opened = day.paths.index[0]
        above, below = day.listing.strikes > opened, day.listing.strikes < opened
        held = day.open_interest[:, CALLS][:, above].sum(axis=1) + day.open_interest[:, PUTS][:, below].sum(
            axis=1
        )
        assert held[60] > 1.15 * held[0]
        assert held[105] > 1.25 * held[0]


def test_round_strikes_hold_more() -> None:
    for day in days():
        near = np.abs(day.listing.strikes - day.paths.index[0]) < 400
        hundreds = day.listing.strikes % 100 == 0
        at_eleven = day.open_interest[105, OPTIONS].reshape(-1, 2).sum(axis=1)
        assert at_eleven[near & hundreds].mean() > 1.4 * at_eleven[near & ~hundreds].mean()


def test_the_largest_call_position_stands_above_the_index_and_the_largest_put_below() -> None:
    for day in days():
        level = day.paths.index[30 * 60]
        calls, puts = day.open_interest[30, CALLS], day.open_interest[30, PUTS]
        assert 0 < day.listing.strikes[calls.argmax()] - level < 400
        assert 0 < level - day.listing.strikes[puts.argmax()] < 400


def test_a_trend_makes_writers_in_its_way_cover_while_the_premium_rises() -> None:
    """The first strike in the way of the breakout loses a third of its open interest; behind, writers add."""
    assert len(trending()) >= 8
    for day in trending():
        leg = day.plan.legs[0]
        begins, ends = leg.begins // 60, min(leg.ends // 60, 360)
        ahead = (day.listing.strikes - day.paths.index[leg.begins]) * np.sign(leg.size)
        strike = int(np.where(ahead > 0, ahead, np.inf).argmin())
        attacked, other = (CALLS, PUTS) if leg.size > 0 else (PUTS, CALLS)
        held = day.open_interest[[begins, ends]]
        premium = day.fair(slice(begins * 60, ends * 60 + 1, (ends - begins) * 60))
        assert held[1, attacked][strike] < 0.67 * held[0, attacked][strike]
        assert held[1, other][strike] > held[0, other][strike]
        assert premium[1, attacked][strike] > premium[0, attacked][strike]


def test_a_run_frightens_the_writers_ahead_of_it_and_not_those_behind() -> None:
    for day in trending():
        leg = day.plan.legs[0]
        during = slice(leg.begins // 60, leg.ends // 60)
        fear = pressure(day.paths, out_of_the_money(day.paths, day.listing))[during]
        calls, puts = fear.reshape(len(fear), -1, 2).max(axis=1).mean(axis=0)
        ahead, behind = (calls, puts) if leg.size > 0 else (puts, calls)
        assert ahead > 0.1 > 2 * behind


def has_momentum_entry(day: Day, side: slice) -> bool:
    """Whether on some five-minute close after 09:30 the largest near position is covered above its VWAP."""
    minutes = slice(0, 22_501, 60)
    premium, traded = day.fair(minutes)[:, side], day.volumes[:, side]
    vwap = np.cumsum(premium * traded, axis=0) / np.cumsum(traded, axis=0)
    held = day.open_interest[:, side]
    for minute in range(20, 300, 5):
        near = np.abs(day.listing.strikes - day.paths.index[minute * 60]) <= 250
        strike = int(np.where(near, held[minute], 0).argmax())
        if held[minute, strike] < held[minute - 5, strike] and premium[minute, strike] > vwap[minute, strike]:
            return True
    return False


def test_trend_days_offer_a_momentum_entry_on_their_side() -> None:
    entries = [has_momentum_entry(day, CALLS if day.plan.legs[0].size > 0 else PUTS) for day in trending()]

    assert np.mean(entries) >= 0.8


def test_the_future_runs_off_but_does_not_vanish() -> None:
    for day in days():
        held = day.open_interest[:, FUTURE_SLOT]
        assert 0.5 < held[-1] / held[0] < 0.95


@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2026, 12, 1)])
def test_days_before_expiry_and_weekly_expiries_have_it_too(day: date) -> None:
    drawn = draw_day(1, day, 25)

    assert (drawn.open_interest[:, OPTIONS].max(axis=1) > 50_000).all()
