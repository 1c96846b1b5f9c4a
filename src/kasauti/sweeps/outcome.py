"""What one combination came to over one span of days, small enough to keep for every one of thousands."""

import math

import msgspec
import numpy as np

from kasauti.analytics.ratios import Floats, daily_returns
from kasauti.domain.money import RUPEE, group_indian
from kasauti.sweeps.figures import METRICS, Figures


class Outcome(msgspec.Struct, frozen=True):
    """
    A backtest in figures.

    `figures` are its metrics by name, None where one is not defined. `days` are the trading days, ISO dates,
    and `equity` what the account was worth at the end of each, in money units, after charges. An `error` says
    why there is no result; `refused` that the strategy itself refuses the parameters.
    """

    figures: Figures = {}
    days: tuple[str, ...] = ()
    equity: tuple[int, ...] = ()
    capital: int = 0
    error: str = ""
    refused: bool = False

    def __repr__(self) -> str:
        if self.error:
            return f"Outcome(error={self.error!r})"
        net, sharpe, trips = (self.figure(name) for name in ("net", "sharpe", "trips"))
        said = [] if net is None else [f"net=₹{group_indian(round(net / RUPEE))}"]
        said += [] if sharpe is None else [f"sharpe={sharpe:.2f}"]
        said += [] if trips is None else [f"trips={trips:.0f}"]
        return f"Outcome({', '.join([*said, f'days={len(self.days)}'])})"

    @property
    def ok(self) -> bool:
        """Whether there is a result."""
        return not self.error

    def figure(self, metric: str) -> float | None:
        """Return a metric, None where it has no finite value."""
        value = self.figures.get(metric)
        return value if value is not None and math.isfinite(value) else None

    def returns(self) -> Floats:
        """Return one return a day; 0 from the day on which nothing is left."""
        returns = np.zeros(len(self.equity))
        known = daily_returns(np.array(self.equity, np.int64), self.capital)
        returns[: len(known)] = known
        return returns


def better(metric: str) -> int:
    """Return 1 where more of a metric is better, -1 where less is."""
    return 1 if METRICS[metric].more else -1


def ordering(metric: str, outcome: Outcome) -> float:
    """Return what to sort by, best first: what has no value comes last."""
    value = outcome.figure(metric) if outcome.ok else None
    return math.inf if value is None else -better(metric) * value
