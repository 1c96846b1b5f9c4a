"""A report as a value: what a page shows and what a program reads are the same numbers."""

import json
from dataclasses import replace

import msgspec
import numpy as np
from tests.analytics.runs import clock, days_of, equity_of, fills_of, orders_of, run_of, trips_of

from kasauti.analytics.metrics import metrics_of
from kasauti.analytics.report.model import report_of
from kasauti.analytics.run import Run
from kasauti.cli.json_view import to_json


def run() -> Run:
    made = run_of(
        orders=orders_of((clock(10), 0, 1, "MARKET", "0"), (clock(10), 0, -1, "SL-M", "96")),
        fills=fills_of((clock(10), 0, 1, 1, "100"), (clock(10, 1), 0, -1, 1, "112.50")),
        trips=trips_of("12.50", "-3"),
        equity=equity_of("100012.50", "100009.50"),
        days=days_of("100009.50"),
    )
    return replace(made, open_at_end={1: 65}, parameters={"fast": "5"})


def test_it_has_everything_that_the_run_has() -> None:
    report = report_of(run())
    assert report.metrics == metrics_of(run())
    assert [trip.net for trip in report.trips] == [125_000, -30_000]
    assert [trip.side for trip in report.trips] == ["LONG", "LONG"]
    assert [(held.symbol, held.quantity) for held in report.open_at_end] == [("NIFTY26NOV26000CE", 65)]
    assert (report.label, report.parameters) == ("hand-made", {"fast": "5"})
    assert sum(group.net for group in report.by_hour) == report.metrics.wins * 125_000 - 30_000
    assert sum(day.net for day in report.days) == report.metrics.net


def test_a_trip_with_a_stop_has_its_r_and_another_has_none() -> None:
    """Bought at 100 with the stop at 96: 12.50 is 3.125 times what was at risk."""
    assert [trip.r for trip in report_of(run()).trips] == [3.125, None]


def test_it_is_json_without_what_json_does_not_have() -> None:
    for each in (run(), run_of()):
        read = json.loads(msgspec.json.encode(report_of(each)), parse_constant=lambda word: word)
        assert "NaN" not in str(read)
        assert "Infinity" not in str(read)
        assert read["rests_on"]["slippage"] == "1 tick"


def test_trials_deflate_the_sharpe_ratio_of_a_report() -> None:
    days = days_of(*[str(100_000 + 50 * n + 90 * (n % 3)) for n in range(1, 40)])
    alone = report_of(run_of(days=days))
    tried = report_of(run_of(days=days), trial_sharpes=tuple(np.linspace(-8, 12, 50).tolist()))
    assert alone.metrics.trials == 1
    assert tried.metrics.trials == 50
    assert alone.metrics.deflated_sharpe is not None
    assert tried.metrics.deflated_sharpe is not None
    assert tried.metrics.deflated_sharpe < alone.metrics.deflated_sharpe


def test_means_of_money_are_money() -> None:
    """Won 12.50, lost 3: 4.75 on average."""
    metrics = report_of(run()).metrics
    assert (metrics.expectancy, metrics.average_win, metrics.average_loss) == (47_500, 125_000, -30_000)
    assert json.loads(to_json(metrics))["expectancy"] == "4.75"
