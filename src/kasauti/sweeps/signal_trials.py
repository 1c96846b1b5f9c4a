"""
Many combinations of a signal strategy at once, by the compiled kernel, over bars that are read once.

What comes out is what a backtest of each alone comes to. What the kernel cannot do is left to those.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import numpy as np

from kasauti import plugins
from kasauti.compose.markets import Market
from kasauti.compose.signal_sweep import Figures as Computed
from kasauti.compose.signal_sweep import Ground, figures_of, market_ground
from kasauti.compose.strategies import given_strategy
from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY
from kasauti.errors import KasautiError
from kasauti.simulator.kernel.terms import NotHere
from kasauti.strategies.signals import SignalStrategy
from kasauti.sweeps.columns import Span
from kasauti.sweeps.figures import Figures, curve_figures
from kasauti.sweeps.outcome import Outcome
from kasauti.sweeps.space import Combination
from kasauti.sweeps.trial import Setup

#: Metrics that need each round trip, which the kernel does not keep for so many.
SINGLE_ONLY: Final = frozenset({"sqn"})
#: Spans and instruments whose bars are kept ready.
_KEPT: Final = 8
_EPOCH: Final = date(1970, 1, 1).toordinal()

#: What all runs on one ground have in common, besides the span.
_Common = tuple[str, str, int, int]


def kind_of(strategy: str | type) -> type[Any]:
    """Return the class that a strategy names."""
    return plugins.find("kasauti.strategies", strategy) if isinstance(strategy, str) else strategy


def is_signal_strategy(strategy: str | type) -> bool:
    """Return whether a strategy is one of columns."""
    return issubclass(kind_of(strategy), SignalStrategy)


class SignalTrials:
    """Computes combinations of one signal strategy on `threads` threads, 0 for one a core."""

    def __init__(self, setup: Setup, threads: int) -> None:
        self._setup = setup
        self._kind = kind_of(setup.strategy)
        self._threads = threads
        self._grounds: dict[tuple[Span, _Common], Ground] = {}

    def can(self, combination: Combination, span: Span, market: Market) -> bool:
        """Return whether the kernel can run such a combination at all."""
        try:
            strategy = self._made(combination, market)
            self._ground(_common(strategy), span, market, strategy)
        except (NotHere, KasautiError):
            return False
        return True

    def outcomes(
        self, combinations: Sequence[Combination], span: Span, market: Market
    ) -> list[Outcome | None]:
        """Return what each combination comes to over `market`; None where it has to be run by itself."""
        found: list[Outcome | None] = [None] * len(combinations)
        groups: dict[_Common, list[tuple[int, SignalStrategy]]] = defaultdict(list)
        for place, combination in enumerate(combinations):
            try:
                strategy = self._made(combination, market)
            except KasautiError:
                continue  # by itself it says what is wrong
            groups[_common(strategy)].append((place, strategy))
        for common, members in groups.items():
            self._fill(found, members, common, span, market)
        return found

    def _fill(
        self,
        found: list[Outcome | None],
        members: list[tuple[int, SignalStrategy]],
        common: _Common,
        span: Span,
        market: Market,
    ) -> None:
        try:
            ground = self._ground(common, span, market, members[0][1])
            computed = figures_of(ground, [strategy for _, strategy in members], threads=self._threads)
        except (NotHere, KasautiError):
            return  # one by one they say what is wrong, and with which of them
        days = _days(ground)
        for row, (place, _) in enumerate(members):
            if row not in computed.reasons:
                found[place] = _outcome(computed, row, days)

    def _made(self, combination: Combination, market: Market) -> SignalStrategy:
        """Return the strategy; where its parameters name no instrument, as a run fits it to its market."""
        values = {**self._setup.fixed, **combination}
        made: SignalStrategy = self._kind.from_parameters(values)
        if not made.instruments:
            fitted = given_strategy(self._kind, values).fitted(market.universe)()
            assert isinstance(fitted, SignalStrategy), "it is of the same class"
            return fitted
        return made

    def _ground(self, common: _Common, span: Span, market: Market, strategy: SignalStrategy) -> Ground:
        key = span, common
        if key not in self._grounds:
            while len(self._grounds) >= _KEPT:
                del self._grounds[next(iter(self._grounds))]
            self._grounds[key] = market_ground(self._setup.loaded, market, strategy)
        return self._grounds[key]


def _common(strategy: SignalStrategy) -> _Common:
    chosen = strategy.parameters
    return (
        strategy.instrument_id,
        str(chosen.product),
        chosen.candle_s,
        chosen.stop_limit_basis_points,
    )


def _days(ground: Ground) -> tuple[str, ...]:
    numbers = np.unique((ground.bars.start + IST_OFFSET_NS) // NS_PER_DAY)
    return tuple(date.fromordinal(number + _EPOCH).isoformat() for number in numbers.tolist())


def _outcome(computed: Computed, row: int, days: tuple[str, ...]) -> Outcome:
    equity = computed.equity[row].tolist()
    figures = {**_trip_figures(computed, row), **curve_figures(computed.capital, equity)}
    return Outcome(figures, days, tuple(equity), computed.capital)


def _trip_figures(computed: Computed, row: int) -> Figures:
    """Return the figures of round trips from their sums, as `analytics.trip_figures` defines them."""
    trips, wins = int(computed.trips[row]), int(computed.wins[row])
    profit, loss = float(computed.profit[row]), abs(float(computed.loss[row]))
    losses = trips - wins
    payoff = (profit / wins) / (loss / losses) if wins and losses and loss else None
    win_rate = wins / trips if trips else None
    return {
        "profit_factor": profit / loss if loss else None,
        "expectancy": float(round((profit - loss) / trips)) if trips else None,
        "payoff": payoff,
        "win_rate": win_rate,
        "sqn": None,
        "kelly": win_rate - (1 - win_rate) / payoff if win_rate is not None and payoff else None,
        "trips": float(trips),
        "charges": float(computed.charges[row] + computed.rounding[row]),
    }
