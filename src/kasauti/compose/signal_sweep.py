"""
Many signal strategies over the same bars: their figures, by the kernel, on all processors.

The bars are shared, and with them every indicator: of a hundred pairs of averages each average is computed
once. Nothing but figures is kept, so that memory does not grow with trades.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from os import cpu_count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kasauti.analytics.ratios import TRADING_DAYS
from kasauti.compose import parts
from kasauti.compose.kernel_limits import TargetLimits, check_moves
from kasauti.compose.markets import Market
from kasauti.compose.signals import columns_of, market_bars, setup_of, signal_rows, trading_days
from kasauti.config import Loaded
from kasauti.domain.instrument import Instrument
from kasauti.domain.market import Ints
from kasauti.domain.order import Product
from kasauti.exchange.charges import ChargeBook
from kasauti.simulator.kernel import layout
from kasauti.simulator.kernel.running import BarColumns, Outcome, run_kernel
from kasauti.simulator.kernel.terms import (
    NotHere,
    Setup,
    joined_days,
    terms_of,
)
from kasauti.strategies.columns import Bars
from kasauti.strategies.signals import SignalStrategy

Floats = NDArray[np.float64]

#: Sums of a run that a sweep keeps, by their names in `Figures`.
_SUMS = {
    "fills": layout.ACC_FILLS,
    "trips": layout.ACC_TRIPS,
    "wins": layout.ACC_WINS,
    "profit": layout.ACC_PROFIT,
    "loss": layout.ACC_LOSS,
    "gross": layout.ACC_GROSS,
    "charges": layout.ACC_CHARGES,
    "rounding": layout.ACC_ROUNDING,
    "max_drawdown": layout.ACC_DRAWDOWN,
    "rows_held": layout.ACC_ROWS_HELD,
    "denied": layout.ACC_DENIED,
}


@dataclass(frozen=True, slots=True)
class Figures:
    """
    The figures of many runs: one row a run, in the order they were asked for.

    Amounts are money units. `equity` has a column a day: what the account was worth at its end; `net` is its
    last less the capital, `gross`, `profit` and `loss` are of closed round trips (the latter two after
    charges), `max_drawdown` is the deepest fall at bars' closes, `sharpe` a year's, NaN where it is not
    defined. `reasons` says where the kernel could not compute a run, by its place: its row is all zeros.
    """

    capital: int
    net: Ints
    sharpe: Floats
    equity: Ints
    fills: Ints
    trips: Ints
    wins: Ints
    profit: Ints
    loss: Ints
    gross: Ints
    charges: Ints
    rounding: Ints
    max_drawdown: Ints
    rows_held: Ints
    denied: Ints
    reasons: dict[int, str]


@dataclass(frozen=True, slots=True)
class Ground:
    """
    What all runs of a sweep have in common: the bars, their days, the charges and the terms.

    `limits` know which targets the exchange may reject, None where nobody rejects any.
    """

    bars: Bars
    columns: BarColumns
    days: Ints
    schedules: Ints
    terms: Ints
    limits: TargetLimits | None = None


def run_many(
    loaded: Loaded,
    market: Market,
    kind: type[SignalStrategy],
    combinations: Sequence[Mapping[str, Any]],
    *,
    threads: int = 0,
) -> Figures:
    """
    Run one strategy with every combination of parameters over `market`; `threads` 0: one a processor.

    Instrument, product and candles have to be the same in all of them. Raises `NotHere` where the kernel
    cannot run any of them, `ConfigError` for parameters that cannot be, `PluginError` where `signals` raises.
    """
    strategies = [kind.from_parameters(values) for values in combinations]
    ground = market_ground(loaded, market, strategies[0])
    return figures_of(ground, strategies, threads=threads)


def market_ground(loaded: Loaded, market: Market, strategy: SignalStrategy) -> Ground:
    """Return what runs of a strategy over `market` have in common."""
    rules = parts.rules(loaded.config, loaded.config.account.plan, loaded.config.account.capital)
    bars, _ = market_bars(loaded, market, strategy, rules)
    setup = setup_of(loaded, market, strategy, rules)
    days, table, schedules = trading_days(setup, rules, bars)
    assumed = loaded.config.simulator.assume_rules_of
    check_moves(market.universe, days, bars.exact, assumed)
    limits = TargetLimits(setup.instrument, days, bars.exact, assumed)
    return Ground(bars, columns_of(bars), table, schedules, terms_of(setup), limits)


def joined_ground(
    bars: Bars,
    instrument: Instrument,
    product: Product,
    *,
    plan: str,
    on: date,
    capital: int,
    at_close: bool = False,
) -> Ground:
    """
    Return ground for research: days without hours, so that a day's last signal acts on the next open.

    No session ends, nothing lapses and no margin is asked for; every day has the charges of `plan` on the day
    `on`. `at_close` fills orders at the close that led to them, as many tools do and no market does.
    """
    schedule = ChargeBook(plan).schedule(instrument, product, on)
    days, schedules = joined_days(bars.exact.start, schedule, None)
    terms = terms_of(Setup(instrument, product, "touch", 0, 0, capital, 0))
    terms[layout.TERM_AT_CLOSE] = at_close
    return Ground(bars, columns_of(bars), days, schedules, terms)


def run_on(ground: Ground, strategy: SignalStrategy, *, keeps: bool = True) -> Outcome:
    """Run one strategy; `NotHere` says why where the kernel cannot."""
    rows = signal_rows(strategy, ground.bars)
    if ground.limits is not None:
        ground.limits.check(rows)
    return run_kernel(ground.columns, rows, ground.days, ground.schedules, ground.terms, keeps=keeps)


def figures_of(ground: Ground, strategies: Sequence[SignalStrategy], *, threads: int = 0) -> Figures:
    """Run many strategies on common ground and return their figures."""
    count = len(strategies)
    sums = np.zeros((count, layout.STATE_WIDTH), np.int64)
    equity = np.zeros((count, len(ground.days)), np.int64)
    reasons: dict[int, str] = {}

    def one(place: int) -> None:
        try:
            outcome = run_on(ground, strategies[place], keeps=False)
        except NotHere as reason:
            reasons[place] = str(reason)
            return
        sums[place] = outcome.state
        equity[place] = outcome.daily[:, layout.DAILY_EQUITY]

    _each(one, count, threads)
    capital = int(ground.terms[layout.TERM_CAPITAL])
    equity[sorted(reasons)] = capital
    columns = {name: sums[:, column] for name, column in _SUMS.items()}
    net = equity[:, -1] - capital
    return Figures(capital, net, _sharpe(equity, capital), equity, reasons=reasons, **columns)


def _each(one: Callable[[int], None], count: int, threads: int) -> None:
    """Do `one` for each place: the first by itself, since it compiles and reads what all share."""
    if count:
        one(0)
    with ThreadPoolExecutor(threads or cpu_count() or 1) as pool:
        for _ in pool.map(one, range(1, count)):
            pass


def _sharpe(equity: Ints, capital: int) -> Floats:
    """Return the yearly Sharpe ratio of each row of daily equity: `analytics.ratios.sharpe` for many."""
    before = np.empty(equity.shape)
    before[:, 0], before[:, 1:] = capital, equity[:, :-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        returns = equity / before - 1.0
        if returns.shape[1] < 2:  # noqa: PLR2004  one value has no spread
            return np.full(len(equity), np.nan)
        spread, mean = returns.std(axis=1, ddof=1), returns.mean(axis=1)
        found: Floats = np.where(spread > 0, mean / spread * np.sqrt(TRADING_DAYS), np.nan)
    return found
