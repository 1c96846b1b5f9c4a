"""The figures by hand, against empyrical, and what must hold whatever the numbers."""

from itertools import pairwise
from math import isclose, sqrt

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.analytics.runs import clock, days_of, equity_of, fills_of, orders_of, run_of, trips_of

from kasauti.analytics import metrics as m
from kasauti.analytics.ratios import Floats
from kasauti.domain.money import rupees

#: Four days by hand: +10 %, -10 %, +20 %, -5 %.
BY_HAND = np.array([0.10, -0.10, 0.20, -0.05])


def ints(*values: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array(values, np.int64)


# By hand


def test_returns_begin_at_the_capital() -> None:
    assert_allclose(m.daily_returns(ints(110, 99, 198), 100), [0.1, -0.1, 1.0])


def test_returns_end_with_the_day_that_lost_everything() -> None:
    assert_allclose(m.daily_returns(ints(50, -10, 20), 100), [-0.5, -1.2])


def test_growth_of_21_per_cent_in_half_a_year_is_46_41_per_cent_a_year() -> None:
    """1.21 squared is 1.4641."""
    growth = m.cagr(121, 100, 126)
    assert growth is not None
    assert isclose(growth, 0.4641)


def test_volatility_and_sharpe_by_hand() -> None:
    """
    Mean 0.0375; squared distances 0.00390625 + 0.01890625 + 0.02640625 + 0.00765625 = 0.056875, by 3.

    The deviation is sqrt(0.01895833) = 0.13768926, the daily ratio 0.27235240, the yearly one 4.3234607.
    """
    assert m.volatility(BY_HAND) == pytest.approx(0.13768926 * sqrt(252), rel=1e-6)
    assert m.sharpe(BY_HAND) == pytest.approx(4.3234607, rel=1e-6)


def test_sortino_counts_only_what_fell() -> None:
    """Downside sqrt((0.01 + 0.0025) / 4) = 0.0559017; 0.0375 by that is 0.67082, by year 10.648944."""
    assert m.sortino(BY_HAND) == pytest.approx(10.648944, rel=1e-6)


def test_a_risk_free_rate_is_taken_off_day_by_day() -> None:
    """25.2 % a year is 0.1 % a day."""
    assert m.sharpe(BY_HAND, 0.252) == pytest.approx(m.sharpe(BY_HAND - 0.001), rel=1e-12)
    assert m.sortino(BY_HAND, 0.252) == pytest.approx(m.sortino(BY_HAND - 0.001), rel=1e-12)


def test_the_deepest_fall_is_by_part_and_its_amount_the_largest_one() -> None:
    """From 100 to 80 is 20 %, from 200 to 170 only 15 %, but 30 in money; 100 is reached again in row 3."""
    fall = m.deepest_fall(ints(100, 90, 80, 120, 200, 170, 190))
    assert fall is not None
    assert (fall.part, fall.amount) == (0.2, 30)
    assert (fall.peak, fall.trough, fall.recovery) == (0, 2, 3)


def test_a_fall_begins_at_the_last_row_of_its_high_and_may_not_have_recovered() -> None:
    fall = m.deepest_fall(ints(100, 100, 95, 99))
    assert fall is not None
    assert (fall.peak, fall.trough, fall.recovery) == (1, 2, None)


def test_a_curve_that_never_falls_has_no_fall() -> None:
    assert m.deepest_fall(ints(1, 1, 2)) is None
    assert m.longest_fall(ints(1, 1, 2), ints(0, 1, 2)) == (0, 0)


@pytest.mark.parametrize(
    ("curve", "longest"),
    [
        ((10, 9, 10, 10, 9, 8, 10), (3, 6)),
        ((10, 9, 9, 9), (0, 3)),
        ((10, 11, 10), (1, 2)),
        ((10, 9, 10), (0, 2)),
    ],
)
def test_the_longest_fall_ends_where_the_high_is_back_or_with_the_data(
    curve: tuple[int, ...], longest: tuple[int, int]
) -> None:
    assert m.longest_fall(ints(*curve), np.arange(len(curve))) == longest


def test_the_ulcer_index_is_the_root_of_mean_squared_depths() -> None:
    """Depths 0, 10 %, 20 %, 0: sqrt(0.05 / 4) = 0.1118034."""
    assert m.ulcer_index(ints(100, 90, 80, 110)) == pytest.approx(0.1118034, rel=1e-6)


#: Won 300 and 100, lost 200 and 50 and 50, one at zero: 100 made in six trips.
NET = ints(300, -200, 100, -50, 0, -50)


def test_trip_figures_by_hand() -> None:
    """The squares add up to 145,000; less 100 squared by 6 they are the squared distances from the mean."""
    assert m.win_rate(NET) == pytest.approx(2 / 6)
    assert m.profit_factor(NET) == pytest.approx(400 / 300)
    assert m.payoff(NET) == pytest.approx(200 / 100)
    assert m.expectancy(NET) == pytest.approx(100 / 6)
    assert m.kelly(NET) == pytest.approx(1 / 3 - (2 / 3) / 2)
    assert m.sqn(NET) == pytest.approx(sqrt(6) * (100 / 6) / sqrt((145_000 - 10_000 / 6) / 5))


@pytest.mark.parametrize(
    ("hits", "longest"), [([], 0), ([True], 1), ([False], 0), ([True, True, False, True], 2)]
)
def test_streaks(hits: list[bool], longest: int) -> None:
    assert m.longest_streak(np.array(hits, np.bool_)) == longest


def test_the_deflated_sharpe_of_its_own_paper() -> None:
    """
    Bailey and Lopez de Prado (2014), the numerical example: SR 2.5 a year of 250 days over 1,250 days,
    skewness -3, kurtosis 10, best of 100 trials whose ratios vary by 1/2: SR0 = 0.1132 a day, DSR = 0.9004.
    """
    against = m.expected_best_sharpe(100, 0.5 / 250)
    assert against == pytest.approx(0.1132, abs=5e-5)
    assert m.probabilistic_sharpe(2.5 / sqrt(250), 1250, -3, 10, against) == pytest.approx(0.9004, abs=5e-5)


def test_more_trials_deflate_more() -> None:
    few, many = m.deflated_sharpe(BY_HAND, [0.5, 4.3]), m.deflated_sharpe(BY_HAND, [0.5, 4.3] * 50)
    alone = m.deflated_sharpe(BY_HAND)
    assert few is not None
    assert many is not None
    assert alone is not None
    assert many < few < alone


# Undefined is None, never zero and never infinite

_EMPTY = np.empty(0)


@pytest.mark.parametrize("returns", [_EMPTY, np.array([0.01]), np.zeros(5), np.full(5, 0.01)])
def test_ratios_of_no_days_one_day_or_no_spread_are_not_defined(returns: Floats) -> None:
    figures = (m.sharpe(returns), m.sortino(returns), m.deflated_sharpe(returns), m.skewness(returns))
    assert figures == (None, None, None, None)


def test_trip_figures_of_no_trips_or_no_losers_are_not_defined() -> None:
    none = ints()
    assert [f(none) for f in (m.win_rate, m.profit_factor, m.payoff, m.expectancy, m.sqn, m.kelly)] == [
        None
    ] * 6
    winners = ints(5, 10)
    assert [f(winners) for f in (m.profit_factor, m.payoff, m.kelly, m.average_loss)] == [None] * 4


def test_growth_of_one_day_or_of_nothing_is_not_defined() -> None:
    assert m.cagr(110, 100, 1) is None
    assert m.cagr(0, 100, 20) is None
    assert m.cagr(10**15, 1, 2) is None


def test_a_run_without_a_day_has_figures_and_none_of_them_is_made_up() -> None:
    figures = m.metrics_of(run_of())
    assert (figures.net, figures.trips, figures.max_drawdown_amount) == (0, 0, 0)
    assert figures.total_return == 0
    assert {figures.sharpe, figures.cagr, figures.win_rate, figures.exposure, figures.average_r} == {None}
    assert b"NaN" not in msgspec.json.encode(figures)


# A run


def test_the_drawdown_of_a_run_sees_what_happened_within_the_day() -> None:
    """Closes only rise, but at 09:17 the account was 2,000 below its 1,01,000."""
    run = run_of(days=days_of("100500"), equity=equity_of("101000", "99000", "100500"))
    figures = m.metrics_of(run)
    assert figures.max_drawdown_amount == rupees(2000)
    assert figures.max_drawdown == pytest.approx(2000 / 101_000)
    assert (figures.drawdown_from, figures.drawdown_trough) == (clock(9, 16), clock(9, 17))
    assert figures.drawdown_recovered == 0


def test_a_first_loss_is_a_fall_from_the_capital() -> None:
    figures = m.metrics_of(run_of(days=days_of("99000"), equity=equity_of("99000")))
    assert figures.max_drawdown == pytest.approx(0.01)


def test_exposure_and_turnover() -> None:
    run = run_of(
        days=days_of("100000"),
        equity=equity_of("100000", "100000", "100000", "100000", exposure=["0", "500", "500", "0"]),
        fills=fills_of((clock(9, 17), 0, 1, 5, "100"), (clock(9, 19), 0, -1, 5, "100")),
    )
    figures = m.metrics_of(run)
    assert figures.exposure == 0.5
    assert figures.traded == rupees(1000)
    assert figures.turnover == pytest.approx(0.01)


def test_average_r_is_of_the_trips_whose_stop_order_defined_the_risk() -> None:
    """Entries at 100 in 10:00, :01 and :02; stops at 98 and 105: R is 4 / 2; 105 risks nothing; none."""
    stops = orders_of((clock(10), 0, -1, "SL-M", "98"), (clock(10, 1), 0, -1, "SL", "105"))
    run = run_of(trips=trips_of("4", "3", "-7"), orders=stops, days=days_of("100000"))
    figures = m.metrics_of(run)
    assert figures.trips_with_stop == 1
    assert figures.average_r == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("at", "side", "kind"),
    [
        (clock(9, 59), -1, "SL"),
        (clock(10) + 30_000_000_000, -1, "SL"),
        (clock(10), 1, "SL"),
        (clock(10), -1, "LIMIT"),
    ],
    ids=["before the entry", "at the exit", "same side", "no stop"],
)
def test_what_is_not_a_stop_of_the_trip_defines_no_risk(at: int, side: int, kind: str) -> None:
    run = run_of(trips=trips_of("4"), orders=orders_of((at, 0, side, kind, "98")), days=days_of("100000"))
    assert m.metrics_of(run).average_r is None


# Against empyrical

_RETURNS = st.lists(st.floats(-0.2, 0.2), min_size=3, max_size=60).map(
    lambda values: np.round(np.array(values), 6)
)


@given(_RETURNS, st.sampled_from([0.0, 0.065, 0.2]))
def test_ratios_equal_empyrical(returns: Floats, risk_free: float) -> None:
    empyrical = pytest.importorskip("empyrical")
    by_day = risk_free / 252
    if returns.std() < 1e-5:
        return
    assert m.volatility(returns) == pytest.approx(empyrical.annual_volatility(returns))
    assert m.sharpe(returns, risk_free) == pytest.approx(empyrical.sharpe_ratio(returns, by_day), rel=1e-9)
    ours = m.sortino(returns, risk_free)
    if ours is not None:
        assert ours == pytest.approx(empyrical.sortino_ratio(returns, by_day), rel=1e-9)
    tail = m.tail_ratio(returns)
    if tail is not None:
        assert tail == pytest.approx(empyrical.tail_ratio(returns))


_CURVES = st.lists(st.integers(1_000_000, 9_000_000), min_size=2, max_size=40)


@given(_CURVES)
def test_growth_and_falls_equal_empyrical(curve: list[int]) -> None:
    empyrical = pytest.importorskip("empyrical")
    equity = ints(*curve)
    returns = m.daily_returns(equity, 5_000_000)
    growth = m.cagr(curve[-1], 5_000_000, len(curve))
    with_capital = np.append(np.int64(5_000_000), equity)
    fall = m.deepest_fall(with_capital)
    part = None if fall is None else fall.part
    assert growth == pytest.approx(empyrical.cagr(returns), rel=1e-9)
    assert (part or 0.0) == pytest.approx(-empyrical.max_drawdown(returns), rel=1e-9)
    if part is not None:
        assert m.calmar(growth, part) == pytest.approx(empyrical.calmar_ratio(returns), rel=1e-9)


# Whatever the numbers


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=50))
def test_trip_figures_agree_with_each_other(values: list[int]) -> None:
    net = ints(*values)
    rate, factor, ratio, mean = m.win_rate(net), m.profit_factor(net), m.payoff(net), m.expectancy(net)
    assert rate is not None
    assert mean is not None
    wins, losses = int((net > 0).sum()), int((net < 0).sum())
    if factor is not None and ratio is not None:
        assert factor == pytest.approx(ratio * wins / losses)
        assert (factor > 1) == (mean > 0) or factor == pytest.approx(1)
    assert m.longest_streak(net > 0) <= wins


@given(_CURVES)
def test_a_fall_is_where_it_says_it_is(curve: list[int]) -> None:
    fall = m.deepest_fall(ints(*curve))
    if fall is None:
        assert all(a <= b for a, b in pairwise(curve))
        return
    high, low = curve[fall.peak], curve[fall.trough]
    assert fall.part == pytest.approx((high - low) / high)
    assert high == max(curve[: fall.trough + 1])
    assert fall.peak < fall.trough
    if fall.recovery is not None:
        assert curve[fall.recovery] >= high > max(curve[fall.peak + 1 : fall.recovery])


@given(_CURVES, st.integers(2, 7))
def test_a_curve_in_other_money_has_the_same_ratios(curve: list[int], factor: int) -> None:
    equity = ints(*curve)
    one, other = m.daily_returns(equity, 10**6), m.daily_returns(equity * factor, 10**6 * factor)
    assert_allclose(one, other)
    assert m.ulcer_index(equity) == pytest.approx(m.ulcer_index(equity * factor))


@given(_CURVES)
def test_one_look_at_a_curve_says_what_each_function_says(curve: list[int]) -> None:
    equity, at = ints(*curve), np.arange(len(curve), dtype=np.int64) ** 2
    falls = m.falls_of(equity, at)
    assert falls.deepest == m.deepest_fall(equity)
    assert falls.longest == m.longest_fall(equity, at)
    assert falls.ulcer_index == m.ulcer_index(equity)
