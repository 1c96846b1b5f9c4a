"""
Option prices and implied volatility by Black's formula on the forward.

The forward comes from put-call parity at the strike where call and put are nearest to each other, so no
interest rate is needed. Floats, because this is a statistic and no amount of money.
Source: F. Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976), undiscounted.
"""

from collections.abc import Iterable
from math import erfc, exp, log, pi, sqrt
from typing import Final

_SECONDS_PER_YEAR: Final = 365 * 86_400

#: Volatilities that are looked at: 0.1 % to 1000 % a year.
_LOWEST: Final = 1e-3
_HIGHEST: Final = 10.0
#: A root is bettered by Halley's steps until one is smaller than this part of it: the next would be nothing.
_SETTLED: Final = 1e-5
_MOST_STEPS: Final = 20
#: Where those steps lead nowhere.
_HALVINGS: Final = 50
_ROOT_TWO: Final = sqrt(2)
_ROOT_TWO_PI: Final = sqrt(2 * pi)

# Looked up once: a name of another module costs compiled code a look into a dictionary.
_erfc: Final = erfc


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
    if value <= 0:
        return None
    root = sqrt(seconds / _SECONDS_PER_YEAR)
    spread = _spread_of(value, forward, strike) or _halved(value, forward, strike, root)
    return spread / root if _LOWEST * root <= spread <= _HIGHEST * root else None


def _spread_of(value: int, forward: int, strike: int) -> float:
    """
    Return the spread at which `value` is an option's time value; 0 where Halley's steps do not find it.

    They begin at the closed form of Corrado and Miller (Journal of Banking & Finance 20, 1996), close near
    the money, and elsewhere at the turning point of Manaster and Koehler (Journal of Finance 37, 1982).
    """
    apart, away = log(forward / strike), forward - strike
    half = value + abs(away) / 2
    inside = half * half - away * away / pi
    spread = sqrt(2 * abs(apart))
    if inside > 0:
        spread = _ROOT_TWO_PI * (half + sqrt(inside)) / (forward + strike)
    for _ in range(_MOST_STEPS):
        d1 = apart / spread + spread / 2
        d2 = d1 - spread
        slope = forward * exp(-d1 * d1 / 2) / _ROOT_TWO_PI
        if not slope:
            return 0.0
        step = (value - _time_value(forward, strike, apart, spread)) / slope
        # The second derivative takes a step at most twice as far as Newton's, and none comes near zero.
        step /= max(0.5, 1 + step * d1 * d2 / (2 * spread))
        spread = max(spread + step, spread / 4)
        if -_SETTLED < step / spread < _SETTLED:
            return spread
    return 0.0


def _halved(value: int, forward: int, strike: int, root: float) -> float:
    """Return the spread at which `value` is an option's time value by halving; 0 where none has it."""
    low, high, apart = _LOWEST * root, _HIGHEST * root, log(forward / strike)
    if not _time_value(forward, strike, apart, low) <= value <= _time_value(forward, strike, apart, high):
        return 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _time_value(forward, strike, apart, middle) < value:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def option_prices(
    forward: float, one: float, other: float, *, strike: float, is_call: bool
) -> tuple[float, float]:
    """
    Return what an option is worth with one spread and with another.

    The forward is in the unit of `strike`; one below 1 counts as 1. A spread, above 0, is the volatility for
    a year times the root of the years that are left.
    """
    # As `_time_value`, for two: a call of it for each takes twice as long.
    forward = max(forward, 1.0)
    apart, inside = log(forward / strike), forward - strike if is_call else strike - forward
    d1, e1 = apart / one + one / 2, apart / other + other / 2
    if strike >= forward:
        value = forward * (_erfc(-d1 / _ROOT_TWO) / 2) - strike * (_erfc((one - d1) / _ROOT_TWO) / 2)
        worth = forward * (_erfc(-e1 / _ROOT_TWO) / 2) - strike * (_erfc((other - e1) / _ROOT_TWO) / 2)
    else:
        value = strike * (_erfc((d1 - one) / _ROOT_TWO) / 2) - forward * (_erfc(d1 / _ROOT_TWO) / 2)
        worth = strike * (_erfc((e1 - other) / _ROOT_TWO) / 2) - forward * (_erfc(e1 / _ROOT_TWO) / 2)
    return (value + inside, worth + inside) if inside > 0 else (value, worth)


def option_price(forward: float, spread: float, *, strike: float, is_call: bool) -> float:
    """Return what an option is worth; as `option_prices`."""
    forward = max(forward, 1.0)
    value = _time_value(forward, strike, log(forward / strike), spread)
    inside = forward - strike if is_call else strike - forward
    return value + inside if inside > 0 else value


def _time_value(forward: float, strike: float, apart: float, spread: float) -> float:
    """
    Return what a strike's call and put have in common: the price of the one that is out of the money.

    `apart` is the logarithm of forward by strike.
    """
    d1 = apart / spread + spread / 2
    d2 = d1 - spread
    if strike >= forward:
        return forward * (_erfc(-d1 / _ROOT_TWO) / 2) - strike * (_erfc(-d2 / _ROOT_TWO) / 2)
    return strike * (_erfc(d2 / _ROOT_TWO) / 2) - forward * (_erfc(d1 / _ROOT_TWO) / 2)
