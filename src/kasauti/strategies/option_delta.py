"""
Deltas of the options of a chain, from their own last prices.

Black (1976): with forward F, strike K, years T and volatility v, d1 = ln(F/K) / (v sqrt(T)) + v sqrt(T) / 2;
a call is worth F N(d1) - K N(d1 - v sqrt(T)) and has the delta N(d1), a put N(d1) - 1, without interest.
Volatility is found by halving an interval. The forward is strike plus call less put at the strike nearest to
spot that has both prices, else spot.
"""

from datetime import time
from math import erf, log, sqrt

import numpy as np

from kasauti.domain.ist import NS_PER_DAY, ist_ns
from kasauti.domain.market import Ints
from kasauti.domain.view import Chain

#: When index options settle on their last day.
_SETTLES = time(15, 30)
_LEAST, _MOST = 0.01, 5.0
_HALVINGS = 50


def deltas(chain: Chain, right: str, strikes: Ints, last: Ints) -> list[float | None]:
    """
    Return the delta of each option of one right; None where its price implies no volatility.

    Puts have negative deltas. Prices below what exercise is worth imply none, and neither does a price at the
    moment of expiry.
    """
    years = (ist_ns(chain.expiry, _SETTLES) - chain.at) / (365 * NS_PER_DAY)
    forward = _forward(chain)
    if years <= 0 or forward <= 0:
        return [None] * len(strikes)
    found: list[float | None] = []
    for strike, price in zip(strikes.tolist(), last.tolist(), strict=True):
        deviation = _deviation(forward, strike, price, years, is_call=right == "CE")
        if deviation is None:
            found.append(None)
            continue
        call = _normal(_d1(forward, strike, deviation))
        found.append(call if right == "CE" else call - 1.0)
    return found


def _forward(chain: Chain) -> int:
    """Return the price at which calls and puts agree, at the strike nearest to spot that has both."""
    both = np.flatnonzero((chain.call_last > 0) & (chain.put_last > 0))
    if not len(both):
        return chain.spot
    near = both[np.abs(chain.strikes[both] - chain.spot).argmin()]
    return int(chain.strikes[near] + chain.call_last[near] - chain.put_last[near])


def _deviation(forward: int, strike: int, price: int, years: float, *, is_call: bool) -> float | None:
    """Return volatility times the root of time, None where the price implies none."""
    low, high = _LEAST * sqrt(years), _MOST * sqrt(years)
    if (
        not _worth(forward, strike, low, is_call=is_call)
        < price
        < _worth(forward, strike, high, is_call=is_call)
    ):
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _worth(forward, strike, middle, is_call=is_call) < price:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _worth(forward: int, strike: int, deviation: float, *, is_call: bool) -> float:
    d1 = _d1(forward, strike, deviation)
    call = forward * _normal(d1) - strike * _normal(d1 - deviation)
    return call if is_call else call - forward + strike


def _d1(forward: int, strike: int, deviation: float) -> float:
    return log(forward / strike) / deviation + deviation / 2


def _normal(value: float) -> float:
    return (1 + erf(value / sqrt(2))) / 2
