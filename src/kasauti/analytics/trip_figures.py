"""
Figures of round trips, as arrays in and floats out; None where a figure is not defined.

`net` holds one result a round trip, after charges, in money units. A trip at exactly zero is neither won nor
lost, but it counts as a trip.
"""

from math import sqrt

import numpy as np

from kasauti.analytics.ratios import Floats
from kasauti.domain.market import Ints


def win_rate(net: Ints) -> float | None:
    """Return the part of trips that won; None without trips."""
    return float(np.mean(net > 0)) if len(net) else None


def profit_factor(net: Ints) -> float | None:
    """Return what the winners made by what the losers lost; None without a loser."""
    lost = -int(net[net < 0].sum())
    return int(net[net > 0].sum()) / lost if lost else None


def average_win(net: Ints) -> float | None:
    """Return the mean result of the winners in money units; None without one."""
    won = net[net > 0]
    return float(won.mean()) if len(won) else None


def average_loss(net: Ints) -> float | None:
    """Return the mean result of the losers in money units, negative; None without one."""
    lost = net[net < 0]
    return float(lost.mean()) if len(lost) else None


def payoff(net: Ints) -> float | None:
    """Return the mean winner by the mean loser, without sign; None without one of either."""
    won, lost = average_win(net), average_loss(net)
    return -won / lost if won is not None and lost is not None else None


def expectancy(net: Ints) -> float | None:
    """
    Return what a trip brought on average, in money units; None without trips.

    It equals `win rate * mean win - loss rate * mean loss` as people write it.
    """
    return float(net.mean()) if len(net) else None


def sqn(net: Ints) -> float | None:
    """
    Return the System Quality Number, `sqrt(trips) * mean / std(ddof=1)`.

    Source: Van Tharp, "Definitive Guide to Position Sizing" (2008), on results in R; here on net results, as
    backtesting.py and backtrader do: the same where every trip risks the same. Tharp counts no more than 100
    trips; all are counted here. None for less than two trips or without spread.
    """
    if len(net) < 2:  # noqa: PLR2004  one trip has no spread
        return None
    spread = float(net.std(ddof=1))
    return sqrt(len(net)) * float(net.mean()) / spread if spread > 0 else None


def kelly(net: Ints) -> float | None:
    """
    Return the Kelly fraction, `win rate - (1 - win rate) / payoff`: negative means do not play.

    Source: Kelly, "A New Interpretation of Information Rate" (1956), for bets that pay the mean win or cost
    the mean loss. None without a winner or a loser.
    """
    rate, ratio = win_rate(net), payoff(net)
    return rate - (1 - rate) / ratio if rate is not None and ratio is not None else None


def longest_streak(hits: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    """Return the length of the longest run of true values."""
    ends = np.flatnonzero(np.diff(np.concatenate(([False], hits, [False])).astype(np.int8)))
    return int((ends[1::2] - ends[::2]).max(initial=0))


def average_r(net: Ints, risk: Ints) -> float | None:
    """
    Return the mean of net result by risk, over the trips whose risk is known; None if no trip's is.

    `risk` is what the trip would have lost at its stop, in money units, 0 where no stop defined it.
    Source: Van Tharp, "Trade Your Way to Financial Freedom" (1998).
    """
    known = risk > 0
    return float(np.mean(net[known] / risk[known])) if known.any() else None


def r_multiples(net: Ints, risk: Ints) -> Floats:
    """Return net result by risk of each trip, not a number where the risk is not known."""
    multiples: Floats = np.divide(net, risk, out=np.full(len(net), np.nan), where=risk > 0)
    return multiples
