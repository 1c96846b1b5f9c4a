"""Implied volatility against Hull's worked example and the normal distribution of the standard library."""

from math import exp, log, sqrt
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kasauti.domain.money import RUPEE
from kasauti.exchange.black76 import forward_of, implied_volatility

YEAR = 365 * 86_400
below = NormalDist().cdf


def black(forward: float, strike: float, years: float, volatility: float, *, is_call: bool) -> float:
    """Black (1976) without discounting, written out from the textbook."""
    d1 = (log(forward / strike) + volatility**2 * years / 2) / (volatility * sqrt(years))
    d2 = d1 - volatility * sqrt(years)
    if is_call:
        return forward * below(d1) - strike * below(d2)
    return strike * below(-d2) - forward * below(-d1)


def test_hulls_put_on_crude_oil_futures() -> None:
    """
    Hull, "Options, Futures, and Other Derivatives", Black's model.

    F = K = 20, r = 9 %, sigma = 25 %, four months: 1.12, or undiscounted 1.12 * exp(0.09 * 4 / 12) = 1.154.
    """
    found = implied_volatility(
        price=round(1.154 * RUPEE), forward=20 * RUPEE, strike=20 * RUPEE, seconds=YEAR // 3, is_call=False
    )

    assert found == pytest.approx(0.25, abs=0.002)


@settings(deadline=None)
@given(
    volatility=st.floats(0.05, 2.0),
    moneyness=st.floats(-1.5, 1.5),
    days=st.integers(1, 400),
    is_call=st.booleans(),
)
def test_the_volatility_that_made_a_price_is_found_again(
    volatility: float,
    moneyness: float,
    days: int,
    is_call: bool,  # noqa: FBT001
) -> None:
    """Up to one and a half standard deviations from the money: beyond, a price says little."""
    forward, years = 25_000 * RUPEE, days / 365
    strike = round(forward * exp(moneyness * volatility * sqrt(years)))
    price = round(black(forward, strike, years, volatility, is_call=is_call))

    found = implied_volatility(
        price=price, forward=forward, strike=strike, seconds=days * 86_400, is_call=is_call
    )

    assert found == pytest.approx(volatility, rel=1e-3)


@pytest.mark.parametrize(
    ("price", "seconds"),
    [
        (0, YEAR),  # no price
        (10 * RUPEE, 0),  # no time left
        (10 * RUPEE, -5),
        (2_000 * RUPEE, YEAR),  # exactly what exercise brings
        (1_999 * RUPEE, YEAR),  # less
        (30_000 * RUPEE, YEAR),  # more than the forward
    ],
)
def test_where_nothing_is_implied_there_is_no_number(price: int, seconds: int) -> None:
    found = implied_volatility(
        price=price, forward=25_000 * RUPEE, strike=23_000 * RUPEE, seconds=seconds, is_call=True
    )

    assert found is None


def test_the_forward_comes_from_the_strike_where_call_and_put_are_nearest() -> None:
    assert forward_of([(24_900, 180, 70), (25_000, 120, 115), (25_100, 0, 160)]) == 25_005
    assert forward_of([(24_900, 180, 0)]) is None
    assert forward_of([]) is None
