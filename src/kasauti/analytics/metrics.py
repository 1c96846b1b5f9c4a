"""
The figures of a run, each from the function that defines it.

The functions themselves take arrays and are offered here too, so that a sweep or a kernel can compute one
figure of many runs without building them.
"""

from typing import Any

import msgspec
import numpy as np

from kasauti.analytics.amounts import Moment, Money
from kasauti.analytics.drawdowns import Falls, deepest_fall, depths, falls_of, longest_fall, ulcer_index
from kasauti.analytics.ratios import (
    TRADING_DAYS,
    cagr,
    calmar,
    daily_returns,
    deflated_sharpe,
    expected_best_sharpe,
    kurtosis,
    probabilistic_sharpe,
    sharpe,
    skewness,
    sortino,
    tail_ratio,
    total_return,
    volatility,
)
from kasauti.analytics.run import Run
from kasauti.analytics.stops import risk_of_trips
from kasauti.analytics.trip_figures import (
    average_loss,
    average_r,
    average_win,
    expectancy,
    kelly,
    longest_streak,
    payoff,
    profit_factor,
    r_multiples,
    sqn,
    win_rate,
)
from kasauti.domain.market import Ints

__all__ = [
    "TRADING_DAYS",
    "Metrics",
    "average_loss",
    "average_r",
    "average_win",
    "cagr",
    "calmar",
    "curve_of",
    "daily_returns",
    "deepest_fall",
    "deflated_sharpe",
    "depths",
    "expectancy",
    "expected_best_sharpe",
    "falls_of",
    "kelly",
    "kurtosis",
    "longest_fall",
    "longest_streak",
    "metrics_of",
    "payoff",
    "probabilistic_sharpe",
    "profit_factor",
    "r_multiples",
    "risk_of_trips",
    "sharpe",
    "skewness",
    "sortino",
    "sqn",
    "tail_ratio",
    "total_return",
    "ulcer_index",
    "volatility",
    "win_rate",
]


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """
    The figures of one run. None means not defined: no trades, no losses, a single day.

    Money is after charges unless it says `gross`; ratios and parts are fractions, lengths of time ns.
    Returns are daily, marked to market at each day's end; drawdowns are of the finest curve there is, so what
    happened within days counts. Trips are closed round trips.

    `net` is what the account is worth more than its capital, what is still held included; `gross` and
    `charges` (with the contract notes' `rounding`) are what the trades realised and cost. `exposure` is the
    part of the curve's rows on which something was held, `turnover` what was traded by the mean equity,
    `cost_share` charges by a gross profit. `average_r` is over the `trips_with_stop` alone: those with a stop
    order on the other side that defined their risk. `deflated_sharpe` takes `trials` into account; with one
    it is the probabilistic Sharpe ratio against zero.
    """

    days: int
    first_day: str
    last_day: str
    capital: Money
    equity: Money
    net: Money
    gross: Money
    charges: Money
    rounding: Money
    slippage: Money
    total_return: float | None
    cagr: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    deflated_sharpe: float | None
    trials: int
    risk_free: float
    tail_ratio: float | None
    skewness: float | None
    kurtosis: float | None
    ulcer_index: float | None
    max_drawdown: float | None
    max_drawdown_amount: Money
    drawdown_from: Moment
    drawdown_trough: Moment
    drawdown_recovered: Moment
    longest_drawdown_ns: int
    best_day: Money | None
    worst_day: Money | None
    winning_days: int
    orders: int
    fills: int
    trips: int
    wins: int
    losses: int
    win_rate: float | None
    profit_factor: float | None
    payoff: float | None
    expectancy: Money | None
    average_win: Money | None
    average_loss: Money | None
    best_trip: Money | None
    worst_trip: Money | None
    sqn: float | None
    kelly: float | None
    average_r: float | None
    trips_with_stop: int
    longest_winning_streak: int
    longest_losing_streak: int
    average_holding_ns: float | None
    exposure: float | None
    turnover: float | None
    traded: Money
    cost_share: float | None


def metrics_of(run: Run, *, risk_free: float = 0.0, trial_sharpes: tuple[float, ...] = ()) -> Metrics:
    """
    Return the figures of `run`.

    `risk_free` is a yearly rate as a fraction; 0 unless given, as intraday capital earns nothing elsewhere.
    `trial_sharpes` are the yearly Sharpe ratios of everything that was tried before this was chosen.
    """
    last = int(run.days.equity[-1]) if len(run.days.day) else run.capital
    returns = daily_returns(run.days.equity, run.capital)
    growth = cagr(last, run.capital, len(run.days.day))
    at, curve = curve_of(run)
    falls = falls_of(curve, at)
    return Metrics(
        **_money(run, last),
        **_trips(run),
        **_activity(run),
        **_falls(at, falls),
        total_return=total_return(last, run.capital),
        cagr=growth,
        volatility=volatility(returns),
        sharpe=sharpe(returns, risk_free),
        sortino=sortino(returns, risk_free),
        calmar=calmar(growth, None if falls.deepest is None else falls.deepest.part),
        deflated_sharpe=deflated_sharpe(returns, trial_sharpes, risk_free),
        trials=max(1, len(trial_sharpes)),
        risk_free=risk_free,
        tail_ratio=tail_ratio(returns),
        skewness=skewness(returns),
        kurtosis=kurtosis(returns),
    )


def curve_of(run: Run) -> tuple[Ints, Ints]:
    """
    Return (times, values) of a run's finest equity curve, with the capital before its first row.

    That row has the time of the first: the account was worth its capital until something was known.
    """
    equity = run.equity
    if not len(equity.at):
        return np.zeros(1, np.int64), np.array([run.capital], np.int64)
    return np.append(equity.at[:1], equity.at), np.append(np.int64(run.capital), equity.equity)


def _money(run: Run, last: int) -> dict[str, Any]:
    days, fills = run.days, run.fills
    before = np.append(np.int64(run.capital), days.equity[:-1]) if len(days.day) else days.equity
    results = days.equity - before
    return {
        "days": len(days.day),
        "first_day": days.day[0] if days.day else "",
        "last_day": days.day[-1] if days.day else "",
        "capital": run.capital,
        "equity": last,
        "net": last - run.capital,
        "gross": int(days.gross.sum()),
        "charges": int(days.charges.sum()),
        "rounding": int(days.rounding.sum()),
        "slippage": int((fills.slip * fills.quantity).sum()),
        "best_day": int(results.max()) if len(results) else None,
        "worst_day": int(results.min()) if len(results) else None,
        "winning_days": int((results > 0).sum()),
    }


def _falls(at: Ints, falls: Falls) -> dict[str, Any]:
    fall, (begins, ends) = falls.deepest, falls.longest
    return {
        "ulcer_index": falls.ulcer_index,
        "max_drawdown": None if fall is None else fall.part,
        "max_drawdown_amount": 0 if fall is None else fall.amount,
        "drawdown_from": 0 if fall is None else int(at[fall.peak]),
        "drawdown_trough": 0 if fall is None else int(at[fall.trough]),
        "drawdown_recovered": 0 if fall is None or fall.recovery is None else int(at[fall.recovery]),
        "longest_drawdown_ns": ends - begins,
    }


def _trips(run: Run) -> dict[str, Any]:
    net, risk = run.trips.net, risk_of_trips(run)
    holding = run.trips.exit_at - run.trips.entry_at
    return {
        "trips": len(net),
        "wins": int((net > 0).sum()),
        "losses": int((net < 0).sum()),
        "win_rate": win_rate(net),
        "profit_factor": profit_factor(net),
        "payoff": payoff(net),
        "expectancy": _to_unit(expectancy(net)),
        "average_win": _to_unit(average_win(net)),
        "average_loss": _to_unit(average_loss(net)),
        "best_trip": int(net.max()) if len(net) else None,
        "worst_trip": int(net.min()) if len(net) else None,
        "sqn": sqn(net),
        "kelly": kelly(net),
        "average_r": average_r(net, risk),
        "trips_with_stop": int((risk > 0).sum()),
        "longest_winning_streak": longest_streak(net > 0),
        "longest_losing_streak": longest_streak(net < 0),
        "average_holding_ns": float(holding.mean()) if len(holding) else None,
    }


def _to_unit(amount: float | None) -> int | None:
    """Return a mean of amounts to the nearest money unit."""
    return None if amount is None else round(amount)


def _activity(run: Run) -> dict[str, Any]:
    fills, equity = run.fills, run.equity
    traded = int((fills.price * fills.quantity).sum())
    gross, charges = int(run.days.gross.sum()), int(run.days.charges.sum())
    mean = float(equity.equity.mean()) if len(equity.at) else float(run.capital)
    return {
        "orders": len(run.orders.order_id),
        "fills": len(fills.at),
        "traded": traded,
        "turnover": traded / mean if mean > 0 else None,
        "exposure": int(np.count_nonzero(equity.exposure)) / len(equity.at) if len(equity.at) else None,
        "cost_share": charges / gross if gross > 0 else None,
    }
