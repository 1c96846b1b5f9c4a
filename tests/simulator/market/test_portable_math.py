"""Our functions against the C library's, which is right to the last bit or nearly so."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from kasauti.simulator.market.portable_math import (
    exp,
    exponential_quantiles,
    log_ratio,
    normal_cdf,
    normal_quantiles,
)


def test_exp_is_the_exponential() -> None:
    x = np.linspace(-700.0, 700.0, 20_001)

    assert exp(x) == pytest.approx([math.exp(value) for value in x], rel=4e-16, abs=0)


def test_log_ratio_is_the_logarithm_near_one() -> None:
    ratio = np.linspace(0.8, 1.25, 2_001)

    assert log_ratio(ratio, np.ones(1)) == pytest.approx([math.log(r) for r in ratio], abs=2e-11)


def test_normal_cdf_is_the_normal_distribution_function() -> None:
    x = np.linspace(-9.0, 9.0, 20_001)
    right = [0.5 * math.erfc(-value / math.sqrt(2)) for value in x]

    assert normal_cdf(x) == pytest.approx(right, abs=1e-14)


def test_normal_quantiles_are_those_of_the_middle_of_each_draw() -> None:
    draws = range(0, 65_536, 97)
    right = [NormalDist().inv_cdf((draw + 0.5) / 65_536) for draw in draws]

    assert normal_quantiles()[::97] == pytest.approx(right, abs=1e-5)


def test_exponential_quantiles_are_those_of_the_middle_of_each_draw() -> None:
    right = [-math.log(1 - (draw + 0.5) / 65_536) for draw in range(0, 65_536, 97)]

    assert exponential_quantiles()[::97] == pytest.approx(right, abs=1e-5)
