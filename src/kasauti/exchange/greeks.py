"""
The Greeks of an option by Black's formula on the forward, discounted at a rate.

Floats: statistics, no amounts of money. Source: F. Black, "The pricing of commodity contracts", Journal of
Financial Economics 3 (1976); the derivatives are in any textbook, like Hull, ch. 18 and 19.
"""

from math import erf, exp, log, pi, sqrt

import msgspec

_DAYS = 365


class Greeks(msgspec.Struct, frozen=True):
    """
    By how much a price changes.

    `delta` and `gamma` are for a change of the forward by one, `theta` for a day, `vega` for a per cent of
    volatility, `rho` for a per cent of the rate.
    """

    delta: float
    gamma: float
    theta: float
    vega: float
    rho: float


def greeks(
    *, forward: float, strike: float, years: float, volatility: float, rate: float, is_call: bool
) -> Greeks:
    """Return the Greeks; `volatility` and `rate` are for a year, 0.12 is 12 %, `years` are above 0."""
    root = volatility * sqrt(years)
    d1 = log(forward / strike) / root + root / 2
    d2 = d1 - root
    discount, density = exp(-rate * years), exp(-d1 * d1 / 2) / sqrt(2 * pi)
    sign = 1 if is_call else -1
    price = discount * sign * (forward * _normal(sign * d1) - strike * _normal(sign * d2))
    decay = -forward * discount * density * volatility / (2 * sqrt(years)) + rate * price
    return Greeks(
        sign * discount * _normal(sign * d1),
        discount * density / (forward * root),
        decay / _DAYS,
        forward * discount * density * sqrt(years) / 100,
        -years * price / 100,
    )


def _normal(x: float) -> float:
    return (1 + erf(x / sqrt(2))) / 2
