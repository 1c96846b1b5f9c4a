"""Fair values against other people's figures, and the smile against arbitrage."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.instrument import Kind
from kasauti.simulator.market.black76 import ETA, RHO, call_value, put_value, smile

#: py_vollib 1.0.1 solved these NIFTY quotes of May 2026 for their volatility, undiscounted, forward 23659,
#: 0.015396986301369864 years: (strike, kind, premium, volatility).
PY_VOLLIB = [
    (21_000, Kind.CALL, 2691.3, 0.5790227872456866),
    (23_000, Kind.CALL, 730.0, 0.24965524216419177),
    (23_650, Kind.CALL, 226.2, 0.1893115098016702),
    (24_000, Kind.CALL, 77.15, 0.17283661562701108),
    (25_000, Kind.CALL, 1.9, 0.19032579082009876),
    (21_000, Kind.PUT, 2.15, 0.3847368518204089),
    (23_000, Kind.PUT, 30.3, 0.18881310645774457),
    (23_600, Kind.PUT, 156.1, 0.15738821985395077),
]


@pytest.mark.parametrize(("strike", "kind", "premium", "volatility"), PY_VOLLIB)
def test_values_agree_with_py_vollib(strike: int, kind: Kind, premium: float, volatility: float) -> None:
    k, f = np.array([float(strike)]), np.array([23_659.0])
    variance = np.array([volatility**2 * 0.015396986301369864])
    call = call_value(k, f, variance)

    assert (call if kind is Kind.CALL else put_value(call, k, f))[0] == pytest.approx(premium, abs=1e-6)


def test_a_put_on_crude_oil_is_worth_what_the_textbook_says() -> None:
    """Hull, Options, Futures and Other Derivatives: F = K = 60, four months, 9 % interest, 25 %: 3.35."""
    k = f = np.array([60.0])
    call = call_value(k, f, np.array([0.25**2 * 4 / 12]))

    assert math.exp(-0.09 * 4 / 12) * put_value(call, k, f)[0] == pytest.approx(3.35, abs=0.005)


def test_the_smile_keeps_the_condition_for_no_butterfly_arbitrage() -> None:
    """Gatheral and Jacquier 2014, theorem 4.2, with phi = eta / sqrt(theta)."""
    assert ETA**2 * (1 + abs(RHO)) <= 4


def test_the_smile_has_its_variance_at_the_money() -> None:
    variance = np.array([1e-4])

    assert smile(np.array([26_000.0]), np.array([26_000.0]), variance) == pytest.approx(variance)


@given(
    deviation=st.floats(1e-6, 0.05),
    forward=st.floats(24_000, 28_000),
)
def test_values_on_the_smile_allow_no_arbitrage_between_strikes(deviation: float, forward: float) -> None:
    """Calls fall with the strike, by no more than it rises, and are convex: to a tenth of a paisa."""
    strikes = np.arange(24_500.0, 27_550.0, 50.0)
    f, variance = np.array([forward]), np.array([deviation**2])
    call = call_value(strikes, f, smile(strikes, f, variance))
    slope = np.diff(call)

    assert (slope <= 1e-3).all()
    assert (slope >= -50 - 1e-3).all()
    assert (np.diff(slope) >= -1e-3).all()
