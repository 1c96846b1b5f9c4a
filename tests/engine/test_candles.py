"""Candles from ticks and from shorter bars, aligned to the open; and the agenda that closes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trading import SHARE, moment

from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import Candle, Quote
from kasauti.engine.agenda import NEVER, Agenda, Rank
from kasauti.engine.candles import CandleBuilder

OPEN = moment("09:15")


def builder(seconds: int = 60) -> CandleBuilder:
    return CandleBuilder(SHARE.id, seconds, OPEN)


def quote(clock: str, last: int, volume: int = 0, open_interest: int = 0) -> Quote:
    return Quote(moment(clock), last, volume=volume, open_interest=open_interest)


def candle(
    clock: str,
    opened: int,
    high: int,
    low: int,
    close: int,
    volume: int = 0,
    open_interest: int = 0,
    seconds: int = 60,
) -> Candle:
    return Candle(SHARE.id, seconds, moment(clock), opened, high, low, close, volume, open_interest)


def test_a_candle_is_the_first_highest_lowest_and_last_tick_of_its_time() -> None:
    build = builder()
    for clock, last, volume in (("09:15:00", 10, 100), ("09:15:20", 14, 130), ("09:15:59.999", 9, 140)):
        build.tick(quote(clock, last, volume, 7))

    assert build.close(moment("09:15:59.999")) is None
    assert build.close(moment("09:16")) == candle("09:15", 10, 14, 9, 9, volume=40, open_interest=7)
    assert build.close(moment("09:16")) is None


def test_a_tick_at_a_boundary_begins_the_next_candle() -> None:
    build = builder()
    build.tick(quote("09:15:30", 10))
    build.tick(quote("09:16:00", 20))

    assert build.close(moment("09:16")) == candle("09:15", 10, 10, 10, 10)
    assert build.close(moment("09:17")) == candle("09:16", 20, 20, 20, 20)


def test_a_minute_without_a_tick_is_a_gap() -> None:
    build = builder()
    build.tick(quote("09:15:30", 10))

    assert build.close(moment("09:16")) is not None
    assert build.close(moment("09:17")) is None


def test_what_comes_before_the_open_and_what_has_no_price_is_not_in_a_candle() -> None:
    build = builder()
    build.tick(quote("09:14:59", 99))
    build.tick(quote("09:15:10", 0))
    assert build.close(moment("09:16")) is None
    assert build.bar(candle("09:14", 1, 2, 1, 2)) is None


def test_bars_make_longer_candles_complete_with_their_last_bar() -> None:
    build = builder(180)
    assert build.bar(candle("09:15", 10, 12, 9, 11, volume=5)) is None
    assert build.bar(candle("09:16", 11, 15, 11, 14, volume=6)) is None

    assert build.bar(candle("09:17", 14, 14, 8, 9, volume=7, open_interest=3)) == candle(
        "09:15", 10, 15, 8, 9, volume=18, open_interest=3, seconds=180
    )


def test_a_bar_of_the_same_length_is_the_candle() -> None:
    bar = candle("09:15", 10, 12, 9, 11, volume=5)

    assert builder(60).bar(bar) == bar


def test_a_missing_last_bar_is_closed_by_the_next_one() -> None:
    build = builder(120)
    build.bar(candle("09:15", 10, 12, 9, 11))

    assert build.bar(candle("09:17", 20, 21, 19, 20)) == candle("09:15", 10, 12, 9, 11, seconds=120)


def test_a_missing_last_bar_is_closed_by_time() -> None:
    build = builder(120)
    build.bar(candle("09:15", 10, 12, 9, 11))

    assert build.close(moment("09:17")) == candle("09:15", 10, 12, 9, 11, seconds=120)


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 100)), min_size=1, max_size=60))
def test_candles_hold_every_tick_once(ticked: list[tuple[int, int]]) -> None:
    ticked.sort(key=lambda each: each[0])
    build, closed = builder(), []
    for second, last in ticked:
        build.tick(Quote(OPEN + second * NS_PER_SECOND, last))
        while (made := build.close(OPEN + second * NS_PER_SECOND)) is not None:
            closed.append(made)
    while (made := build.close(OPEN + 2000 * NS_PER_SECOND)) is not None:
        closed.append(made)

    minutes: dict[int, list[int]] = {}
    for second, last in ticked:
        minutes.setdefault(second // 60, []).append(last)
    assert [(c.start - OPEN) // (60 * NS_PER_SECOND) for c in closed] == list(minutes)
    assert [(c.open, c.high, c.low, c.close) for c in closed] == [
        (each[0], max(each), min(each), each[-1]) for each in minutes.values()
    ]


# The agenda


def test_jobs_run_by_time_then_rank_then_in_the_order_they_were_added() -> None:
    agenda, ran = Agenda(), list[str]()
    for due, rank, name in (
        (5, Rank.TIMER, "timer"),
        (5, Rank.CANDLE, "second"),
        (5, Rank.CANDLE, "third"),
        (5, Rank.ACCOUNT, "first"),
        (3, Rank.TIMER, "early"),
        (5, Rank.CHAIN, "chain"),
    ):
        agenda.add(due, rank, lambda moment, name=name: ran.append(f"{name} {moment}"))  # type: ignore[misc]
    assert agenda.due == 3
    while agenda.due != NEVER:
        agenda.run_next(agenda.due)

    assert ran == ["early 3", "first 5", "second 5", "third 5", "chain 5", "timer 5"]


def test_a_rhythm_runs_from_its_first_to_its_last_moment() -> None:
    agenda, ran = Agenda(), list[int]()
    agenda.every(10, 20, 45, Rank.TIMER, ran.append)
    while agenda.due != NEVER:
        agenda.run_next(agenda.due)

    assert ran == [20, 30, 40]


@pytest.mark.parametrize(
    ("after", "moments"),
    [(-1, [20, 30, 40]), (19, [20, 30, 40]), (20, [30, 40]), (29, [30, 40]), (40, []), (99, [])],
)
def test_after_a_restart_a_rhythm_goes_on_behind_what_was_done(after: int, moments: list[int]) -> None:
    agenda, ran = Agenda(after), list[int]()
    agenda.every(10, 20, 40, Rank.TIMER, ran.append)
    while agenda.due != NEVER:
        agenda.run_next(agenda.due)

    assert ran == moments


def test_what_is_late_runs_now_and_keeps_its_rhythm() -> None:
    agenda, ran = Agenda(), list[int]()
    agenda.every(10, 20, 60, Rank.TIMER, ran.append)
    while agenda.due <= 45:
        agenda.run_next(45)
    agenda.run_next(50)

    assert ran == [45, 45, 45, 50]


def test_a_job_may_add_a_job() -> None:
    agenda, ran = Agenda(), list[int]()
    agenda.add(5, Rank.TIMER, lambda now: agenda.add(now, Rank.ACCOUNT, ran.append))
    agenda.run_next(5)
    assert agenda.due == 5
    agenda.run_next(5)

    assert ran == [5]
