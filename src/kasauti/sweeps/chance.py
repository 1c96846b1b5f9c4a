"""How long a record has to be before its Sharpe ratio means anything."""

from math import ceil, isfinite
from statistics import NormalDist
from typing import Final

from kasauti.analytics.ratios import TRADING_DAYS, Floats, kurtosis, sharpe, skewness

_NORMAL: Final = NormalDist()


def days_needed(returns: Floats, confidence: float = 0.95) -> int | None:
    """
    Return how many days like these it takes to say with `confidence` that the true Sharpe ratio is above 0.

    None where it is not above 0 here, or where it is not defined.
    """
    found, skew, kurt = sharpe(returns), skewness(returns), kurtosis(returns)
    if found is None or skew is None or kurt is None:
        return None
    shortest = shortest_record(found / TRADING_DAYS**0.5, skew, kurt, confidence=confidence)
    return None if shortest is None else ceil(shortest)


def shortest_record(
    daily_sharpe: float, skew: float, kurt: float, against: float = 0.0, *, confidence: float = 0.95
) -> float | None:
    """
    Return the minimum track record length in days; both Sharpe ratios are by day, not by year.

    `MinTRL = 1 + (1 - skew * SR + (kurt - 1) / 4 * SR ** 2) * (z / (SR - SR*)) ** 2`. Source: Bailey and
    Lopez de Prado, "The Sharpe Ratio Efficient Frontier", Journal of Risk 15 (2012). None where SR is not
    above SR*, and where the moments of a short sample make the standard error impossible.
    """
    variance = 1.0 - skew * daily_sharpe + (kurt - 1.0) / 4.0 * daily_sharpe**2
    if daily_sharpe <= against or variance <= 0 or not isfinite(variance):
        return None
    return 1.0 + variance * (_NORMAL.inv_cdf(confidence) / (daily_sharpe - against)) ** 2
