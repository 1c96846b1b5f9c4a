"""Windows of a walk forward, and the account that its tests make together."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sweeps.worlds import trading_days

from kasauti.errors import InvalidInput
from kasauti.sweeps.columns import Span
from kasauti.sweeps.exploring import Trial
from kasauti.sweeps.outcome import Outcome
from kasauti.sweeps.walking import Step, Window, best_of, stability, walked, windows

YEAR = [day for day in trading_days(260) if day.year == 2025]


def outcome(equity: list[int], sharpe: float = 0.0) -> Outcome:
    """Return a result with a capital of 100, a day for each value."""
    days = tuple(f"2025-01-{number:02d}" for number in range(1, len(equity) + 1))
    return Outcome({"sharpe": sharpe}, days, tuple(equity), 100)


def test_months_are_counted_from_the_first_day() -> None:
    found = windows("6:2", YEAR)

    assert [(str(each.inside.first), str(each.outside.first)) for each in found] == [
        ("2025-01-01", "2025-07-01"),
        ("2025-03-03", "2025-09-01"),
        ("2025-05-02", "2025-11-03"),
    ]
    assert found[-1].outside.last == YEAR[-1]


def test_days_are_trading_days() -> None:
    days = trading_days(10)

    assert windows("4d:3d", days) == [
        Window(Span(days[0], days[3]), Span(days[4], days[6])),
        Window(Span(days[3], days[6]), Span(days[7], days[9])),
    ]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(2, 120), st.sampled_from(["", "d"]))
def test_tests_follow_one_another_and_never_see_their_choice(
    inside: int, outside: int, count: int, unit: str
) -> None:
    days = YEAR[:count]
    try:
        found = windows(f"{inside}{unit}:{outside}{unit}", days)
    except InvalidInput:
        return
    tested: list[date] = []
    for each in found:
        assert each.inside.first <= each.inside.last < each.outside.first <= each.outside.last
        gap = [day for day in days if each.inside.last < day < each.outside.first]
        assert gap == []
        tested += [day for day in days if each.outside.first <= day <= each.outside.last]
    assert tested == days[days.index(tested[0]) :]


@pytest.mark.parametrize("plan", ["6", "0:2", "6:0", "6d:2", "a:b", "6:2:1", "-6:2", "6.5:2", ""])
def test_what_is_no_plan_is_refused(plan: str) -> None:
    with pytest.raises(InvalidInput, match="is no plan; write months like 6:2"):
        windows(plan, YEAR)


def test_too_few_days_are_told() -> None:
    with pytest.raises(InvalidInput, match="needs more than the 20 trading days"):
        windows("6:2", YEAR[:20])


def test_the_best_is_the_first_of_equals_and_never_one_without_a_value() -> None:
    span = Span(YEAR[0], YEAR[1])
    trials = [
        Trial({"a": 1}, span, Outcome(error="it raised"), reused=False),
        Trial({"a": 2}, span, Outcome({"sharpe": None}), reused=False),
        Trial({"a": 3}, span, Outcome({"sharpe": 1.0, "max_drawdown": 0.2}), reused=False),
        Trial({"a": 4}, span, Outcome({"sharpe": 1.0, "max_drawdown": 0.1}), reused=False),
        Trial({"a": 5}, span, Outcome({"sharpe": float("inf")}), reused=False),
    ]

    assert best_of(trials, "sharpe") is trials[2]
    assert best_of(trials, "max_drawdown") is trials[3]
    assert best_of(trials[:2], "sharpe") is None


def test_tests_are_stitched_into_one_account() -> None:
    """Inside 40 in 4 days, 10 a day; outside +5 and -2 and +3 in 3 days: 6 in 3 days, 2 a day, a fifth."""
    window = windows("4d:3d", YEAR[:7])[0]
    steps = [
        Step(window, {"a": 1}, outcome([110, 120, 130, 140]), outcome([105, 103])),
        Step(window, {"a": 2}, None, None),
        Step(window, {"a": 1}, outcome([]), outcome([103])),
    ]
    walk = walked(steps, 100)

    assert walk.equity == (105, 103, 106)
    assert len(walk.days) == 3
    assert walk.efficiency == pytest.approx(0.2)
    assert stability(walk, "a") == [(1, 2), (2, 1)]


def test_a_loss_inside_has_no_efficiency() -> None:
    window = windows("4d:3d", YEAR[:7])[0]

    assert walked([Step(window, {"a": 1}, outcome([90]), outcome([105]))], 100).efficiency is None
