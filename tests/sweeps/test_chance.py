"""The minimum track record length against its authors' own table."""

import math

import numpy as np
import pytest

from kasauti.sweeps.chance import days_needed, shortest_record

#: Observations a year, skewness, kurtosis, years that it takes to say with 95 % that a Sharpe ratio of 2 is
#: above 1: Bailey and Lopez de Prado (2012), section "Minimum Track Record Length".
PUBLISHED = [(252, 0.0, 3.0, 2.73), (52, 0.0, 3.0, 2.83), (12, 0.0, 3.0, 3.24), (12, -0.72, 5.78, 4.99)]


@pytest.mark.parametrize(("a_year", "skew", "kurt", "years"), PUBLISHED)
def test_track_record_lengths_are_those_of_the_paper(
    a_year: int, skew: float, kurt: float, years: float
) -> None:
    root = math.sqrt(a_year)

    needed = shortest_record(2 / root, skew, kurt, 1 / root)

    assert needed is not None
    assert round(needed / a_year, 2) == years


def test_no_record_is_long_enough_for_a_ratio_that_is_not_above_the_bar() -> None:
    assert shortest_record(0.05, 0, 3, 0.05) is None
    assert days_needed(np.array([-0.01, 0.002, -0.003, 0.001])) is None


def test_returns_that_never_differ_have_no_length() -> None:
    assert days_needed(np.zeros(50)) is None
    assert days_needed(np.array([])) is None


def test_more_skill_needs_fewer_days() -> None:
    noise = np.random.default_rng(5).normal(0, 0.01, 250)
    noise -= noise.mean()
    needed = [days_needed(noise + drift) for drift in (0.0005, 0.001, 0.002)]

    assert needed == sorted(needed, key=lambda days: -(days or 0))
    assert None not in needed
