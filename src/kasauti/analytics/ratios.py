"""
Figures of a series of daily returns, as arrays in and floats out; None where a figure is not defined.

Returns are simple daily returns as fractions, 252 trading days make a year, and `risk_free` is a yearly rate
of which each day takes a 252nd part. Definitions are those of the library empyrical-reloaded wherever it has
them; a function that differs says how.
"""

from collections.abc import Sequence
from math import e, isfinite, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from kasauti.domain.market import Ints

Floats = NDArray[np.float64]

#: Trading days a year by convention. NSE had 245 to 250 in each of the last ten years.
TRADING_DAYS = 252

#: A spread below this part of the mean is rounding, not risk.
_NO_SPREAD = 1e-12
_EULER_MASCHERONI = 0.5772156649015329
_NORMAL = NormalDist()


def daily_returns(equity: Ints, capital: int) -> Floats:
    """
    Return equity by the day before less one; the first day is measured against `capital`.

    Ends with the day on which the account was worth nothing or less: after it a return has no meaning.
    """
    before = np.concatenate(([capital], equity[:-1])).astype(np.float64) if len(equity) else np.empty(0)
    ruined = np.flatnonzero(before <= 0)
    end = int(ruined[0]) if len(ruined) else len(equity)
    returns: Floats = equity[:end] / before[:end] - 1.0
    return returns


def total_return(last: int, capital: int) -> float | None:
    """Return what the capital grew by, as a fraction of it; None without capital."""
    return last / capital - 1.0 if capital > 0 else None


def cagr(last: int, capital: int, days: int) -> float | None:
    """
    Return the compound annual growth rate, `(last / capital) ** (252 / days) - 1`.

    `days` are trading days. None for less than two of them, and for an account that ended with nothing.
    Source: empyrical `cagr`. backtesting.py calls the same figure "Return (Ann.)".
    """
    if days < 2 or capital <= 0 or last <= 0:  # noqa: PLR2004  one day says nothing about a year
        return None
    try:
        rate: float = (last / capital) ** (TRADING_DAYS / days) - 1.0
    except OverflowError:
        return None
    return rate


def volatility(returns: Floats) -> float | None:
    """Return the sample standard deviation by year, `std(ddof=1) * sqrt(252)`. Source: empyrical."""
    if len(returns) < 2:  # noqa: PLR2004  one value has no spread
        return None
    return float(returns.std(ddof=1)) * sqrt(TRADING_DAYS)


def sharpe(returns: Floats, risk_free: float = 0.0) -> float | None:
    """
    Return the Sharpe ratio by year, `mean(excess) / std(excess, ddof=1) * sqrt(252)`.

    None for less than two days or returns without spread. Source: Sharpe, "The Sharpe Ratio", Journal of
    Portfolio Management 21 (1994); empyrical `sharpe_ratio`.
    """
    daily = _daily_sharpe(returns, risk_free)
    return None if daily is None else daily * sqrt(TRADING_DAYS)


def _daily_sharpe(returns: Floats, risk_free: float) -> float | None:
    if len(returns) < 2:  # noqa: PLR2004  one value has no spread
        return None
    mean = float(returns.mean()) - risk_free / TRADING_DAYS
    spread = float(returns.std(ddof=1))
    return mean / spread if spread > _NO_SPREAD * abs(mean) else None


def sortino(returns: Floats, risk_free: float = 0.0) -> float | None:
    """
    Return the Sortino ratio by year: mean excess return by the downside deviation, times `sqrt(252)`.

    The downside deviation is `sqrt(mean(min(excess, 0) ** 2))` over all days. None for less than two days or
    without a losing one. Source: Sortino and Price (1994); empyrical `sortino_ratio`.
    """
    if len(returns) < 2:  # noqa: PLR2004  as the Sharpe ratio
        return None
    excess = returns - risk_free / TRADING_DAYS
    downside = sqrt(float(np.mean(np.minimum(excess, 0.0) ** 2)))
    mean = float(excess.mean())
    return mean / downside * sqrt(TRADING_DAYS) if downside > _NO_SPREAD * abs(mean) else None


def calmar(growth: float | None, drawdown: float | None) -> float | None:
    """
    Return the compound annual growth rate by the deepest drawdown, both as fractions.

    Source: Young, "Calmar Ratio: A Smoother Tool", Futures (1991); empyrical `calmar_ratio`, there always of
    daily closes.
    """
    return growth / drawdown if growth is not None and drawdown else None


def tail_ratio(returns: Floats) -> float | None:
    """
    Return the 95th percentile of returns by the 5th, both without sign; above 1 the good tail is longer.

    None if either is zero. Source: empyrical `tail_ratio`.
    """
    if len(returns) < 2:  # noqa: PLR2004  as the Sharpe ratio
        return None
    low, high = np.abs(np.percentile(returns, [5, 95]))
    return float(high / low) if low and high else None


def skewness(values: Floats) -> float | None:
    """Return the third standardised moment of the population; None without spread."""
    return _moment(values, 3)


def kurtosis(values: Floats) -> float | None:
    """Return the fourth standardised moment of the population, 3 for a normal one; None without spread."""
    return _moment(values, 4)


def _moment(values: Floats, order: int) -> float | None:
    if len(values) < 2:  # noqa: PLR2004  one value has no spread
        return None
    from_mean = values - values.mean()
    spread = sqrt(float(np.mean(from_mean**2)))
    if spread <= _NO_SPREAD * float(np.abs(values).max()):
        return None
    return float(np.mean((from_mean / spread) ** order))


def probabilistic_sharpe(
    daily_sharpe: float, days: int, skew: float, kurt: float, against: float = 0.0
) -> float | None:
    """
    Return the probability that the true Sharpe ratio is above `against`; both are by day, not by year.

    `PSR = Phi((SR - SR*) * sqrt(T - 1) / sqrt(1 - skew * SR + (kurt - 1) / 4 * SR ** 2))`. Source: Bailey and
    Lopez de Prado, "The Sharpe Ratio Efficient Frontier", Journal of Risk 15 (2012). None for less than two
    days, and where the moments of a short sample make the standard error impossible.
    """
    variance = 1.0 - skew * daily_sharpe + (kurt - 1.0) / 4.0 * daily_sharpe**2
    if days < 2 or variance <= 0 or not isfinite(variance):  # noqa: PLR2004  as the Sharpe ratio
        return None
    return _NORMAL.cdf((daily_sharpe - against) * sqrt(days - 1) / sqrt(variance))


def expected_best_sharpe(trials: int, variance: float) -> float:
    """
    Return the best Sharpe ratio that `trials` strategies without any skill are expected to show.

    `variance` is that of the trials' Sharpe ratios, in the square of the unit of the result. 0 for one trial.
    Source: Bailey and Lopez de Prado, "The Deflated Sharpe Ratio", Journal of Portfolio Management 40 (2014).
    """
    if trials <= 1:
        return 0.0
    first, second = _NORMAL.inv_cdf(1 - 1 / trials), _NORMAL.inv_cdf(1 - 1 / (trials * e))
    return sqrt(variance) * ((1 - _EULER_MASCHERONI) * first + _EULER_MASCHERONI * second)


def deflated_sharpe(
    returns: Floats, trial_sharpes: Sequence[float] | Floats = (), risk_free: float = 0.0
) -> float | None:
    """
    Return the probability that the Sharpe ratio is real, given how many others were tried.

    `trial_sharpes` are the yearly Sharpe ratios of all trials, this one included, as `sharpe` returns them;
    the benchmark is the best of so many without skill. Without any it is the probabilistic Sharpe ratio
    against zero. None where the Sharpe ratio is. Source: as `expected_best_sharpe`.
    """
    daily = _daily_sharpe(returns, risk_free)
    skew, kurt = skewness(returns), kurtosis(returns)
    if daily is None or skew is None or kurt is None:
        return None
    against, trials = 0.0, len(trial_sharpes)
    if trials > 1:
        variance = float(np.var(np.asarray(trial_sharpes, np.float64), ddof=1)) / TRADING_DAYS
        against = expected_best_sharpe(trials, variance)
    return probabilistic_sharpe(daily, len(returns), skew, kurt, against)
