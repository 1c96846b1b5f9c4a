"""
Elementary functions whose results are the same bits on every machine.

The C library's `exp` and numpy's own differ in the last bit between processors and versions, and a last
bit can turn a price by one tick. Everything here is built from `+ - * /`, comparisons, rounding to whole
numbers and scaling by powers of two, which IEEE 754 fixes to the bit. `numpy.sqrt` is fixed as well, and
`numpy.cumsum` adds from left to right; `numpy.sum`, `dot` and `interp` are not fixed and are not used.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: ln 2 in two parts, the first with zeros at its end so that `n * _LN2_HIGH` is exact (fdlibm, e_exp.c).
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_ONE_BY_LN2 = 1.44269504088896338700
#: Terms of the Taylor series of exp: the next one is below 1e-17 for arguments up to ln(2) / 2.
_EXP_TERMS = 14

#: The normal distribution is tabulated from -_REACH to _REACH, _PER_UNIT points to a unit.
_REACH = 8
_PER_UNIT = 256
#: Abscissas of the three-point Gauss-Legendre rule on [-1, 1], and the weights of its outer and inner points.
_GAUSS = 0.7745966692414834
_OUTER, _INNER = 5 / 18, 8 / 18
_ONE_BY_SQRT_TAU = 0.3989422804014327

#: Quantile tables have one entry for each 16-bit draw.
_DRAWS = 1 << 16


def exp(x: Floats) -> Floats:
    """Return e to the power of each `x`, within two units in the last place, for -700 <= x <= 700."""
    powers = np.rint(x * _ONE_BY_LN2)
    rest = (x - powers * _LN2_HIGH) - powers * _LN2_LOW
    total = np.ones_like(rest)
    for term in range(_EXP_TERMS - 1, 0, -1):
        total = total * rest / term + 1.0
    return np.asarray(np.ldexp(total, powers.astype(np.int32)))


def log_ratio(numerator: Floats, denominator: Floats) -> Floats:
    """
    Return ln(numerator / denominator) for positive arrays that are within 25 % of each other.

    ln(a/b) = 2 artanh((a-b)/(a+b)); the series is cut where its terms are below 1e-11.
    """
    t = (numerator - denominator) / (numerator + denominator)
    square = t * t
    return 2.0 * t * (1.0 + square * (1 / 3 + square * (1 / 5 + square * (1 / 7 + square * (1 / 9)))))


def normal_cdf(x: Floats) -> Floats:
    """Return the standard normal distribution function of each `x`, to 1e-14."""
    cdf, density = _normal_tables()
    place = np.rint((np.clip(x, -_REACH, _REACH) + _REACH) * _PER_UNIT)
    at = place.astype(np.intp)
    nearest = place / _PER_UNIT - _REACH
    step = np.clip(x, -_REACH, _REACH) - nearest
    square = nearest * nearest
    third = (square - 1.0) / 6.0 - step * nearest * (square - 3.0) / 24.0
    return cdf[at] + density[at] * step * (1.0 - step * (nearest / 2.0 - step * third))


@cache
def _normal_tables() -> tuple[Floats, Floats]:
    """Return the distribution function and the density at the table's points."""
    points = np.arange(2 * _REACH * _PER_UNIT + 1) / _PER_UNIT - _REACH
    half = 0.5 / _PER_UNIT
    middles = points[:-1] + half
    outer = _density(middles - half * _GAUSS) + _density(middles + half * _GAUSS)
    cells = (_OUTER * outer + _INNER * _density(middles)) / _PER_UNIT
    cdf = np.concatenate(([0.0], np.cumsum(cells)))
    return cdf, _density(points)


def _density(x: Floats) -> Floats:
    return _ONE_BY_SQRT_TAU * exp(-0.5 * x * x)


@cache
def normal_quantiles() -> Floats:
    """Return the normal quantiles of (i + 1/2) / 65536: the deviate of each 16-bit draw; 4.3 at most."""
    points = np.arange(2 * _REACH * _PER_UNIT + 1) / _PER_UNIT - _REACH
    return _inverted(points, _normal_tables()[0])


@cache
def exponential_quantiles() -> Floats:
    """Return the quantiles of (i + 1/2) / 65536 of the exponential distribution with mean 1; 11.8 at most."""
    points = np.arange(16 * _PER_UNIT + 1) / _PER_UNIT
    return _inverted(points, 1.0 - exp(-points))


def _inverted(points: Floats, cdf: Floats) -> Floats:
    """Return where a distribution function tabulated at `points` reaches each draw's probability."""
    probability = (np.arange(_DRAWS) + 0.5) / _DRAWS
    upper = np.searchsorted(cdf, probability)
    lower = upper - 1
    part = (probability - cdf[lower]) / (cdf[upper] - cdf[lower])
    return points[lower] + part * (points[upper] - points[lower])
