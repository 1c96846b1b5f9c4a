"""Figures that another library publishes for its own example, computed from the same trades."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from tests.analytics.runs import days_of, equity_of, run_of, trips_of

from kasauti.analytics.metrics import metrics_of
from kasauti.analytics.run import Run

SHARED = Path(os.environ.get("KASAUTI_SHARED", Path(__file__).parents[2].parent / "shared"))
GOOG = SHARED / "data" / "peers" / "backtesting_py" / "GOOG.csv"

#: backtesting.py, `test_compute_stats` of its own test suite: SmaCross on GOOG, cash 10,000.
_PUBLISHED = {
    "trips": 66,
    "equity": 51_422.99,
    "total_return": 4.142298999999996,
    "cagr": 0.21180255813792282,
    "max_drawdown": 0.4798012705007589,
    "calmar": 0.4414380935608377,
    "win_rate": 0.4696969696969697,
    "sqn": 1.0766187356697705,
    "kelly": 0.1518705127029717,
    "longest_drawdown_days": 584,
    "average_holding_days": 46,
}


def _sma(values: list[float], length: int) -> list[float | None]:
    return [
        None if row + 1 < length else sum(values[row + 1 - length : row + 1]) / length
        for row in range(len(values))
    ]


def _sma_cross_on_goog() -> tuple[Run, list[str]]:
    """
    Trade by the rules of backtesting.py's own test: a cross of two averages of closes turns the position.

    Orders fill at the next open with all the equity there is, in whole shares; what is left at the end is
    closed at the last bar's open, as that library does.
    """
    rows = list(csv.DictReader(GOOG.read_text().splitlines()))
    dates = [row[""] for row in rows]
    opens, closes = ([float(row[name]) for row in rows] for name in ("Open", "Close"))
    fast, slow = _sma(closes, 10), _sma(closes, 30)
    cash, held, paid = 10_000.0, 0, 0.0
    entered = ""
    nets, spans, curve = [], [], []
    wanted = 0
    for row in range(len(rows)):
        if wanted:
            if held:
                nets.append(held * (opens[row] - paid))
                spans.append((entered, dates[row]))
                cash += nets[-1]
            held, paid, entered = wanted * int(cash // opens[row]), opens[row], dates[row]
            wanted = 0
        curve.append(cash + held * (closes[row] - paid))
        was, now = (fast[row - 1], slow[row - 1]), (fast[row], slow[row])
        if row and None not in was and None not in now:
            if was[0] < was[1] and now[0] > now[1]:  # type: ignore[operator]
                wanted = 1
            elif was[0] > was[1] and now[0] < now[1]:  # type: ignore[operator]
                wanted = -1
    nets.append(held * (opens[-1] - paid))
    curve[-1] = cash + nets[-1]
    spans.append((entered, dates[-1]))
    days = np.array([np.datetime64(day, "ns").astype(np.int64) for day in dates])
    run = run_of(
        capital="10000",
        trips=trips_of(*(f"{net:.4f}" for net in nets)),
        days=days_of(*(f"{value:.4f}" for value in curve)),
        equity=equity_of(*(f"{value:.4f}" for value in curve)),
    )
    begins, ends = (
        np.array([np.datetime64(span[n], "ns").astype(np.int64) for span in spans]) for n in (0, 1)
    )
    run.trips.entry_at[:], run.trips.exit_at[:], run.equity.at[:] = begins, ends, days
    return run, dates


@pytest.mark.skipif(not GOOG.exists(), reason=f"the peer's price file is not there: {GOOG}")
def test_figures_agree_with_those_that_backtesting_py_publishes() -> None:
    run, dates = _sma_cross_on_goog()
    assert len(dates) == 2148
    figures = metrics_of(run)
    day = 86_400 * 10**9
    assert figures.average_holding_ns is not None
    ours = {
        "trips": figures.trips,
        "equity": figures.equity / 10_000,
        "total_return": figures.total_return,
        "cagr": figures.cagr,
        "max_drawdown": figures.max_drawdown,
        "calmar": figures.calmar,
        "win_rate": figures.win_rate,
        "sqn": figures.sqn,
        "kelly": figures.kelly,
        "longest_drawdown_days": figures.longest_drawdown_ns / day,
        "average_holding_days": np.ceil(figures.average_holding_ns / day),
    }
    assert ours == pytest.approx(_PUBLISHED, rel=1e-6)
