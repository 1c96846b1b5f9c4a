"""
Option prices and implied volatility by Black's formula on the forward.

The forward comes from put-call parity at the strike where call and put are nearest to each other, so no
interest rate is needed. Floats, because this is a statistic and no amount of money.
Source: F. Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976), undiscounted.
"""

from collections.abc import Iterable
from math import erfc, log, sqrt

_SECONDS_PER_YEAR = 365 * 86_400

#: Volatilities that are looked at: 0.1 % to 1000 % a year.
_LOWEST, _HIGHEST = 1e-3, 10.0
_HALVINGS = 50


def forward_of(pairs: Iterable[tuple[int, int, int]]) -> int | None:
    """Return the forward from (strike, call, put) in money units, or None without a pair that has both."""
    priced = [(abs(call - put), strike + call - put) for strike, call, put in pairs if call > 0 and put > 0]
    return min(priced)[1] if priced else None


def implied_volatility(*, price: int, forward: int, strike: int, seconds: int, is_call: bool) -> float | None:
    """
    Return the volatility for a year at which an option is worth `price`.

    Prices are money units, `seconds` the time to expiry. None where there is nothing to imply: no time is
    left, or the price has no time value, or one that no volatility from 0.1 % to 1000 % gives.
    """
    if seconds <= 0 or min(price, forward, strike) <= 0:
        return None
    value = price - max(0, forward - strike if is_call else strike - forward)
    root = sqrt(seconds / _SECONDS_PER_YEAR)
    low, high = _LOWEST * root, _HIGHEST * root
    if value <= 0 or not _time_value(forward, strike, low) <= value <= _time_value(forward, strike, high):
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _time_value(forward, strike, middle) < value:
            low = middle
        else:
            high = middle
    return (low + high) / 2 / root


def option_price(*, forward: float, strike: float, spread: float, is_call: bool) -> float:
    """
    Return what an option is worth, in the unit of `forward` and `strike`.

    `spread` is the volatility for a year times the root of the years that are left.
    """
    intrinsic = forward - strike if is_call else strike - forward
    if spread <= 0 or forward <= 0:
        return max(0.0, intrinsic)
    return max(0.0, intrinsic) + _time_value(forward, strike, spread)


def _time_value(forward: float, strike: float, spread: float) -> float:
    """Return what a strike's call and put have in common: the price of the one that is out of the money."""
    d1 = log(forward / strike) / spread + spread / 2
    d2 = d1 - spread
    if strike >= forward:
        return forward * _normal(d1) - strike * _normal(d2)
    return strike * _normal(-d2) - forward * _normal(-d1)


def _normal(x: float) -> float:
    """Return the share of a standard normal distribution below `x`."""
    return erfc(-x / sqrt(2)) / 2
