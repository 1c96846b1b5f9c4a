"""Implied volatility against Hull's worked example and the normal distribution of the standard library."""

from math import exp, log, sqrt
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kasauti.domain.money import RUPEE
from kasauti.exchange.black76 import forward_of, implied_volatility, option_price, option_prices

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


def halved(price: int, forward: int, strike: int, seconds: int, *, is_call: bool) -> float:
    """The volatility by nothing but halving the textbook's formula, as far as floats go."""
    low, high = 1e-3, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        if black(forward, strike, seconds / YEAR, middle, is_call=is_call) < price:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@pytest.mark.parametrize("seconds", [900, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400, 300 * 86_400])
@pytest.mark.parametrize("is_call", [True, False])
def test_the_root_is_the_one_that_halving_finds(seconds: int, *, is_call: bool) -> None:
    """On a grid from deep in the money to far out of it, prices on the tick, as far as they say anything."""
    forward, compared = 25_017 * RUPEE, 0
    for volatility in (0.06, 0.15, 0.6, 1.5):
        deviation = volatility * sqrt(seconds / YEAR)
        for away in (-3.0, -1.5, -0.5, -0.1, 0.0, 0.1, 0.5, 1.5, 3.0):
            strike = round(forward * exp(away * deviation) / 500) * 500
            price = round(black(forward, strike, seconds / YEAR, volatility, is_call=is_call) / 500) * 500
            found = implied_volatility(
                price=price, forward=forward, strike=strike, seconds=seconds, is_call=is_call
            )
            if found is None:
                continue
            expected = halved(price, forward, strike, seconds, is_call=is_call)
            slope = forward * sqrt(seconds / YEAR) * exp(-away * away / 2) / 2.5
            # A float holds the forward, and so a price, to a part in 10 ** 16.
            assert abs(found - expected) <= 1e-10 * expected + 4e-16 * forward / slope
            compared += 1
    assert compared > 20


@settings(deadline=None)
@given(
    forward=st.floats(1, 5e8),
    strike=st.integers(100, 500_000_000),
    spreads=st.tuples(st.floats(1e-3, 2), st.floats(1e-3, 2)),
    is_call=st.booleans(),
)
def test_prices_are_the_textbooks_for_one_spread_and_for_two(
    forward: float,
    strike: int,
    spreads: tuple[float, float],
    is_call: bool,  # noqa: FBT001
) -> None:
    for spread, price in zip(
        spreads, option_prices(forward, *spreads, strike=strike, is_call=is_call), strict=True
    ):
        assert price == option_price(forward, spread, strike=strike, is_call=is_call)
        expected = black(forward, strike, 1.0, spread, is_call=is_call)
        assert price == pytest.approx(expected, abs=1e-7 + 1e-12 * max(forward, strike))


def test_a_forward_below_the_smallest_price_counts_as_that() -> None:
    assert option_price(-5.0, 0.2, strike=100, is_call=False) == pytest.approx(99)
    assert option_prices(-5.0, 0.2, 0.3, strike=100, is_call=False) == pytest.approx((99, 99))


def test_the_forward_comes_from_the_strike_where_call_and_put_are_nearest() -> None:
    assert forward_of([(24_900, 180, 70), (25_000, 120, 115), (25_100, 0, 160)]) == 25_005
    assert forward_of([(24_900, 180, 0)]) is None
    assert forward_of([]) is None
