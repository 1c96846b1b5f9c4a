"""Candles from ticks and bars, worked out by hand, and the gaps between them."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.brokers.days import INDEX, SBIN, at, bars, broker, ticks

from kasauti.brokers.answers import History, Interval
from kasauti.brokers.minutes import Minutes
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import NS_PER_MINUTE, NS_PER_SECOND, ist_clock
from kasauti.domain.market import Quote, TickBatch
from kasauti.domain.money import RUPEE, rupees
from kasauti.engine.candles import CandleBuilder
from kasauti.errors import InvalidInput, MarketDataError, RuleUnknown

UNIVERSE = Universe([INDEX, SBIN])

#: A price at 09:14:59 is before the open; the one at 09:20:00 belongs to the candle that begins there.
MORNING = ticks(
    UNIVERSE,
    [
        ("09:14:59", SBIN, 790, 50, 0),
        ("09:15:00", SBIN, 800, 100, 0),
        ("09:16:30", SBIN, 810, 160, 0),
        ("09:16:30", INDEX, 25_000, 0, 0),
        ("09:17:10", SBIN, 795, 160, 0),
        ("09:19:59", SBIN, 805, 200, 0),
        ("09:20:00", SBIN, 806, 230, 0),
        ("09:31:00", SBIN, 700, 300, 0),
        ("09:36:00", SBIN, 701, 310, 0),
    ],
)


def rows(history: History) -> list[tuple[str, int, int, int, int, int]]:
    """(start, open, high, low, close in rupees, volume)."""
    return [
        (ist_clock(c.start), c.open // RUPEE, c.high // RUPEE, c.low // RUPEE, c.close // RUPEE, c.volume)
        for c in history.candles
    ]


def gaps(history: History) -> list[tuple[str, str]]:
    return [(ist_clock(gap.start), ist_clock(gap.end)) for gap in history.gaps]


def test_ticks_become_candles_that_stand_on_the_sessions_open() -> None:
    made, _ = broker(UNIVERSE, [MORNING], at("09:35:00"))

    history = made.get_historical_data(SBIN.id, "5minute")

    assert rows(history) == [
        ("09:15:00", 800, 810, 795, 805, 150),  # 50 of the day's volume stood before the open
        ("09:20:00", 806, 806, 806, 806, 30),
        ("09:30:00", 700, 700, 700, 700, 70),
    ]
    assert gaps(history) == [("09:25:00", "09:30:00")]
    assert [c.seconds for c in history.candles] == [300, 300, 300]


def test_minutes_too() -> None:
    made, _ = broker(UNIVERSE, [MORNING], at("09:21:00"))

    history = made.get_historical_data(SBIN.id, Interval.MINUTE)

    assert [row[0] for row in rows(history)] == ["09:15:00", "09:16:00", "09:17:00", "09:19:00", "09:20:00"]
    assert gaps(history) == [("09:18:00", "09:19:00")]


def test_a_candle_is_there_at_its_end_and_not_before() -> None:
    made, clock = broker(UNIVERSE, [MORNING], at("09:20:00") - 1)
    assert rows(made.get_historical_data(SBIN.id)) == []

    clock.at += 1
    assert [row[0] for row in rows(made.get_historical_data(SBIN.id))] == ["09:15:00"]


def test_what_came_before_the_open_is_in_no_candle() -> None:
    made, _ = broker(UNIVERSE, [MORNING], at("09:35:00"))

    assert rows(made.get_historical_data(SBIN.id, "5minute", at("00:00:00")))[0][1] == 800


def test_neighbouring_gaps_are_one() -> None:
    made, _ = broker(UNIVERSE, [MORNING], at("09:32:00"))

    assert gaps(made.get_historical_data(INDEX.id)) == [("09:20:00", "09:30:00")]


def test_the_last_candle_of_the_session_may_be_short() -> None:
    late = ticks(UNIVERSE, [("15:14:00", INDEX, 25_000, 0, 0), ("15:29:00", INDEX, 25_010, 0, 0)])
    made, _ = broker(UNIVERSE, [late], at("15:30:00"))

    hour = made.get_historical_data(INDEX.id, Interval.MINUTES_60).candles[-1]

    assert (ist_clock(hour.start), hour.seconds) == ("15:15:00", 900)


def test_a_day_is_one_candle_when_it_is_over() -> None:
    made, clock = broker(UNIVERSE, [MORNING], at("15:30:00") - 1)
    assert made.get_historical_data(INDEX.id, Interval.DAY).candles == ()

    clock.at += 1
    day = made.get_historical_data(INDEX.id, Interval.DAY).candles[0]
    assert (ist_clock(day.start), day.seconds, day.close) == ("09:15:00", 22_500, rupees(25_000))


def test_a_close_at_the_bell_is_in_no_candle() -> None:
    """15:30:00 is the first moment after continuous trading."""
    late = ticks(UNIVERSE, [("15:29:30", INDEX, 25_000, 0, 0), ("15:30:00", INDEX, 26_000, 0, 0)])
    made, _ = broker(UNIVERSE, [late], at("15:31:00"))

    assert made.get_historical_data(INDEX.id, Interval.DAY).candles[0].high == rupees(25_000)


BARS = bars(
    UNIVERSE,
    300,
    [
        ("09:15:00", SBIN, 800, 810, 795, 805, 10),
        ("09:20:00", SBIN, 805, 820, 801, 802, 20),
        ("09:25:00", SBIN, 802, 803, 780, 790, 30),
        ("09:35:00", SBIN, 790, 791, 789, 790, 40),
    ],
)


def test_bars_are_folded_into_longer_ones() -> None:
    made, _ = broker(UNIVERSE, [BARS], at("09:45:00"))

    history = made.get_historical_data(SBIN.id, Interval.MINUTES_15)

    assert rows(history) == [("09:15:00", 800, 820, 780, 790, 60), ("09:30:00", 790, 791, 789, 790, 40)]


def test_bars_are_not_cut_into_shorter_ones() -> None:
    made, _ = broker(UNIVERSE, [BARS], at("09:45:00"))

    with pytest.raises(MarketDataError, match="bars of 300 s, which do not fit into candles of minute"):
        made.get_historical_data(SBIN.id, Interval.MINUTE)


def test_several_days_are_several_sessions() -> None:
    """The weekend of 31 January and 1 February 2026 had a session on the Sunday: the budget's."""
    days = [date(2026, 1, 30), date(2026, 2, 1), date(2026, 2, 2)]
    batches = [ticks(UNIVERSE, [("10:00:00", INDEX, 25_000 + n, 0, 0)], day) for n, day in enumerate(days)]
    made, _ = broker(UNIVERSE, batches, at("16:00:00", date(2026, 2, 2)))

    history = made.get_historical_data(INDEX.id, Interval.DAY, at("00:00:00", days[0]))

    assert [candle.close for candle in history.candles] == [rupees(25_000 + n) for n in range(3)]
    assert history.gaps == ()


def test_a_day_whose_calendar_is_not_known_is_an_error() -> None:
    made, _ = broker(UNIVERSE, [MORNING], at("09:35:00"))

    with pytest.raises(RuleUnknown):
        made.get_historical_data(INDEX.id, Interval.DAY, at("00:00:00", date(2019, 1, 1)))


@pytest.mark.parametrize("interval", ["2minute", "5m", ""])
def test_an_interval_that_does_not_exist_is_refused(interval: str) -> None:
    made, _ = broker(UNIVERSE, [MORNING], at("09:35:00"))

    with pytest.raises(InvalidInput, match="is not the length of a candle"):
        made.get_historical_data(SBIN.id, interval)


def test_volume_that_falls_back_is_not_traded_backwards() -> None:
    odd = ticks(
        UNIVERSE,
        [("09:15:00", SBIN, 800, 100, 0), ("09:15:10", SBIN, 800, 40, 0), ("09:15:20", SBIN, 800, 60, 0)],
    )
    made, _ = broker(UNIVERSE, [odd], at("09:20:00"))

    assert rows(made.get_historical_data(SBIN.id))[0][-1] == 20


@settings(deadline=None)
@given(st.data())
def test_however_time_comes_the_candles_are_those_of_the_engine(data: st.DataObject) -> None:
    """Ticks cut into batches anywhere, asked for at any moments, against the engine's builder."""
    seconds = data.draw(st.lists(st.integers(0, 3_600), min_size=1, max_size=60).map(sorted))
    prices = data.draw(st.lists(st.integers(0, 30), min_size=len(seconds), max_size=len(seconds)))
    grown = np.cumsum(data.draw(st.lists(st.integers(0, 9), min_size=len(seconds), max_size=len(seconds))))
    opens = at("09:15:00")
    moments = [opens + second * NS_PER_SECOND for second in seconds]
    whole = TickBatch.of(
        at=moments, slot=[1] * len(seconds), last=[p * 10_000 for p in prices], volume=grown.tolist()
    )
    cuts = sorted({0, len(seconds), *data.draw(st.lists(st.integers(0, len(seconds)), max_size=4))})
    batches = [whole[a:b] for a, b in pairwise(cuts)]
    made, clock = broker(UNIVERSE, batches, opens)
    for pause in sorted(data.draw(st.lists(st.integers(0, 3_600), max_size=5))):
        clock.at = opens + pause * NS_PER_SECOND
        made.get_ltp(SBIN.id)
    clock.at = opens + 70 * NS_PER_MINUTE

    answer = made.get_historical_data(SBIN.id, Interval.MINUTES_5)

    builder, expected = CandleBuilder(SBIN.id, 300, opens), []
    for moment, price, volume in zip(moments, prices, grown.tolist(), strict=True):
        builder.tick(Quote(moment, last=price * 10_000, volume=volume))
        expected.append(builder.close(moment))
    expected.append(builder.close(clock.at))
    assert list(answer.candles) == [candle for candle in expected if candle is not None]


def test_bars_win_over_ticks_of_the_same_instrument() -> None:
    minutes = Minutes(len(UNIVERSE))
    minutes.add_ticks(MORNING)
    minutes.add_bars(BARS)

    seconds = {bar.seconds for bar in minutes.of(1, 0, at("23:00:00"))}

    assert seconds == {300}
    assert [bar.open for bar in minutes.of(0, 0, at("23:00:00"))] == [rupees(25_000)]
