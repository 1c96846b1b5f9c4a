"""
The metrics of a sweep: the figures of `analytics.metrics` that combinations can be ranked by.

Parts are fractions, money is in money units, ratios are a year; each figure's formula and source stand with
its function there.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec
import numpy as np

from kasauti.analytics import metrics
from kasauti.analytics.run import Run
from kasauti.config.words import did_you_mean
from kasauti.errors import InvalidInput


class Unit(StrEnum):
    """What a metric is measured in."""

    RATIO = "ratio"
    PART = "part"
    MONEY = "money"
    COUNT = "count"


class Metric(msgspec.Struct, frozen=True):
    """One metric: what it is, in which unit, and whether more of it is better."""

    words: str
    unit: Unit = Unit.RATIO
    more: bool = True


#: Every metric that can be asked for.
METRICS: Final[dict[str, Metric]] = {
    "sharpe": Metric("Sharpe ratio a year"),
    "sortino": Metric("Sortino ratio a year"),
    "calmar": Metric("CAGR by deepest drawdown"),
    "net": Metric("net profit after charges", Unit.MONEY),
    "total_return": Metric("net profit by capital", Unit.PART),
    "cagr": Metric("growth a year", Unit.PART),
    "volatility": Metric("deviation of returns a year", Unit.PART, more=False),
    "max_drawdown": Metric("deepest drawdown", Unit.PART, more=False),
    "ulcer_index": Metric("ulcer index", Unit.RATIO, more=False),
    "tail_ratio": Metric("good tail by bad tail"),
    "profit_factor": Metric("what winners made by what losers lost"),
    "expectancy": Metric("net profit a round trip", Unit.MONEY),
    "payoff": Metric("mean winner by mean loser"),
    "win_rate": Metric("part of round trips that won", Unit.PART),
    "sqn": Metric("system quality number"),
    "kelly": Metric("Kelly fraction", Unit.PART),
    "trips": Metric("round trips", Unit.COUNT),
    "charges": Metric("all charges", Unit.MONEY, more=False),
}

Figures = dict[str, float | None]


def check_metric(name: str) -> None:
    """Raise `InvalidInput` for a metric that does not exist, with a suggestion."""
    if name not in METRICS:
        raise InvalidInput(
            f"There is no metric {name!r}.{did_you_mean(name, METRICS)} Metrics: {', '.join(METRICS)}."
        )


def figures_of(run: Run) -> Figures:
    """
    Return the figures of a run that combinations can be ranked by.

    Those of the curve are of the ends of days, whoever computed the run and however finely.
    """
    found = metrics.metrics_of(run)
    values = {name: getattr(found, name) for name in METRICS}
    plain = {name: None if value is None else float(value) for name, value in values.items()}
    return {**plain, **curve_figures(run.capital, run.days.equity.tolist())}


def curve_figures(capital: int, equity: Sequence[int]) -> Figures:
    """Return the metrics that follow from daily `equity` alone."""
    values = np.array(equity, np.int64)
    last = equity[-1] if equity else capital
    curve = np.append(np.int64(capital), values)
    returns = metrics.daily_returns(values, capital)
    growth, fall = metrics.cagr(last, capital, len(equity)), metrics.deepest_fall(curve)
    deepest = 0.0 if fall is None else fall.part
    return {
        "sharpe": metrics.sharpe(returns),
        "sortino": metrics.sortino(returns),
        "calmar": metrics.calmar(growth, deepest),
        "net": float(last - capital),
        "total_return": metrics.total_return(last, capital),
        "cagr": growth,
        "volatility": metrics.volatility(returns),
        "max_drawdown": deepest,
        "ulcer_index": metrics.ulcer_index(curve),
        "tail_ratio": metrics.tail_ratio(returns),
    }
