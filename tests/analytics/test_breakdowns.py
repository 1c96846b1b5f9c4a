"""Results by this and that: each way of counting adds up to the whole."""

from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.runs import clock, days_of, fills_of, run_of, trips_of

from kasauti.analytics import breakdowns as by
from kasauti.analytics.run import HEADS
from kasauti.domain.ist import NS_PER_DAY
from kasauti.domain.money import rupees

_NETS = st.lists(st.integers(-500, 500), max_size=30)
_WAYS = (by.by_weekday, by.by_hour, by.by_symbol, by.by_reason, by.by_side, by.by_strategy)


@given(_NETS, st.data())
def test_every_way_of_counting_adds_up(nets: list[int], data: st.DataObject) -> None:
    trips = trips_of(*map(str, nets), charges="1.5")
    for column, most in ((trips.instrument, 1), (trips.reason, 2)):
        column[:] = data.draw(st.lists(st.integers(0, most), min_size=len(nets), max_size=len(nets)))
    for moments in (trips.entry_at, trips.exit_at):
        half_days = data.draw(st.lists(st.integers(0, 9), min_size=len(nets), max_size=len(nets)))
        moments[:] += np.array(half_days, np.int64) * (NS_PER_DAY // 2)
    run = run_of(trips=trips, reasons=("target", "stop", ""))
    for way in _WAYS:
        groups = way(run)
        assert sum(group.net for group in groups) == rupees(sum(nets))
        assert sum(group.trips for group in groups) == len(nets)
        assert all(group.net == group.gross - group.charges for group in groups)
        assert len({group.name for group in groups}) == len(groups)


def test_hours_are_ist_hours_of_the_entry_and_weekdays_those_of_the_exit() -> None:
    """2026-11-23 was a Monday; the trip began at 10:00 and ended on Tuesday at 15:29."""
    trips = trips_of("5")
    trips.exit_at[:] = clock(15, 29) + NS_PER_DAY
    run = run_of(trips=trips)
    assert [group.name for group in by.by_hour(run)] == ["10:00 - 11:00"]
    assert [group.name for group in by.by_weekday(run)] == ["Tuesday"]


def test_the_best_comes_first_where_order_means_nothing() -> None:
    run = run_of(trips=trips_of("5", "-9", "7", reasons=[0, 1, 2]), reasons=("stop", "target", ""))
    assert [group.name for group in by.by_reason(run)] == ["no reason given", "stop", "target"]


def test_months_are_changes_of_equity_from_the_one_before() -> None:
    days = days_of("100100", "100300", "99000", first=date(2026, 11, 29))
    run = run_of(days=days)
    months = by.monthly(run)
    assert [(month.month, month.days, month.net) for month in months] == [
        (11, 2, rupees("300")),
        (12, 1, rupees("-1300")),
    ]
    assert months[1].part == rupees("-1300") / rupees("100300")
    assert sum(day.net for day in by.daily(run)) == rupees("-1000")


def test_costs_are_those_of_all_fills_and_the_notes_rounding() -> None:
    fills = fills_of((clock(10), 0, 1, 10, "100"), (clock(11), 0, -1, 10, "100"))
    fills.charges[:, HEADS.index("stt")] = 25_000
    days = days_of("100000")
    run = replace(run_of(fills=fills, days=days), days=replace(days, rounding=np.array([700], np.int64)))
    costs = {cost.head: cost for cost in by.costs(run)}
    assert costs["stt"].amount == 50_000
    assert costs["stt"].turnover == 5 / 2000
    assert costs["rounding"].amount == 700, "of a run that has no more than the sum"
    assert list(costs) == [*HEADS, "rounding"]


def test_what_a_day_cost_beside_its_trades_stands_under_its_own_head() -> None:
    fills = fills_of((clock(10), 0, 1, 10, "100"), (clock(11), 0, -1, 10, "100"))
    fills.charges[:, HEADS.index("gst")] = 10_000
    days = days_of("100000")
    days.noted[0, HEADS.index("services")], days.noted[0, HEADS.index("gst")] = rupees("50"), rupees("9")
    days = replace(days, rounding=days.noted.sum(axis=1))

    costs = {cost.head: cost.amount for cost in by.costs(run_of(fills=fills, days=days))}

    assert {head: amount for head, amount in costs.items() if amount} == {
        "services": rupees("50"),
        "gst": rupees("11"),
    }


@given(_NETS)
def test_a_group_of_wins_and_losses_has_their_rate(nets: list[int]) -> None:
    for group in by.by_side(run_of(trips=trips_of(*map(str, nets)))):
        assert group.win_rate == sum(net > 0 for net in nets) / len(nets)
        assert abs(group.mean * len(nets) - group.net) <= len(nets)
