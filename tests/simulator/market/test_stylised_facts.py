"""The facts of an expiry day that a strategy meets, on several days; figures are pooled over them."""

from collections import Counter
from functools import cache

import numpy as np
import pytest

from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import Ints
from kasauti.simulator.market import BuiltInMarket
from kasauti.simulator.market.day_plan import DayKind, DayPlan
from kasauti.simulator.market.draws import stream_key
from kasauti.simulator.market.portable_math import Floats

SEEDS = (0, 1, 5, 9)
EVERY = 15
PER_MINUTE = 60 // EVERY
FIRST_OPTION = 5


class Tape:
    """A day sampled every 15 seconds: (snapshots, instruments); the index every second, in rupees."""

    def __init__(self, seed: int) -> None:
        self.market = BuiltInMarket(seed=seed, strikes_each_side=16)
        shape = (22_500 // EVERY + 1, len(self.market.universe))
        names = ("last", "bid", "ask", "ask_quantity", "volume", "open_interest")
        columns: dict[str, Ints] = {name: np.zeros(shape, np.int64) for name in names}
        index = []
        for batch in self.market.batches():
            second = (batch.at - self.market.opens_at) // NS_PER_SECOND
            picked = second % EVERY == 0
            for name, column in columns.items():
                column[second[picked] // EVERY, batch.slot[picked]] = getattr(batch, name)[picked]
            index.append(batch.last[batch.slot == 0])
        self.index: Floats = np.concatenate(index) / 10_000
        self.columns = columns
        self.strikes = np.array([i.strike for i in self.market.universe if i.is_option][::2]) / 10_000
        #: Points between each strike and the index.
        self.distance = self.strikes[None] - self.index[::EVERY, None]

    def calls(self, name: str) -> Ints:
        return self.columns[name][:, FIRST_OPTION::2]

    def puts(self, name: str) -> Ints:
        return self.columns[name][:, FIRST_OPTION + 1 :: 2]

    def call_middles(self) -> Floats:
        return (self.calls("bid") + self.calls("ask")) / 20_000

    def straddle(self, minute: int) -> float:
        """Call and put at the money, in rupees."""
        at = minute * PER_MINUTE
        strike = int(np.abs(self.distance[at]).argmin())
        return float(self.calls("last")[at, strike] + self.puts("last")[at, strike]) / 10_000


@cache
def tapes() -> tuple[Tape, ...]:
    return tuple(Tape(seed) for seed in SEEDS)


def between(first: int, last: int) -> slice:
    """The snapshots from one minute of the session to another."""
    return slice(first * PER_MINUTE, last * PER_MINUTE)


OPENING, LUNCH, CLOSING = between(0, 15), between(195, 255), between(360, 375)


def pooled(first: int, last: int) -> float:
    """The deviation of ten-second moves between two minutes, over all days, in points."""
    return float(np.std(np.concatenate([np.diff(t.index[first * 60 : last * 60 : 10]) for t in tapes()])))


def test_moves_are_large_at_the_open_small_at_lunch_and_larger_again_at_the_close() -> None:
    assert pooled(0, 15) > 1.5 * pooled(195, 255)
    assert pooled(360, 375) > 1.15 * pooled(195, 255)


def test_the_opening_burst_fades_within_the_first_hour() -> None:
    assert pooled(0, 5) > 1.2 * pooled(15, 30)
    assert pooled(0, 5) > 1.5 * pooled(45, 75)


def test_volume_is_u_shaped() -> None:
    traded = np.array([np.diff(t.columns["volume"][:, FIRST_OPTION:].sum(axis=1)) for t in tapes()])

    assert traded[:, OPENING].mean() > 2.0 * traded[:, LUNCH].mean()
    assert traded[:, CLOSING].mean() > 1.3 * traded[:, LUNCH].mean()


def test_quotes_at_the_money_are_one_to_a_few_ticks_wide_and_wider_at_the_open() -> None:
    ticks = [(t.calls("ask") - t.calls("bid")) / 500 for t in tapes()]
    near = [np.abs(t.distance) <= 75 for t in tapes()]
    at_lunch = np.concatenate([w[LUNCH][n[LUNCH]] for w, n in zip(ticks, near, strict=True)])
    first = between(0, 2)
    at_open = np.concatenate([w[first][n[first]] for w, n in zip(ticks, near, strict=True)])

    assert 1 <= np.median(at_lunch) <= 4
    assert np.median(at_open) >= 2 * np.median(at_lunch)


def by_moneyness(tape: Tape, values: Floats) -> tuple[float, float, float]:
    """Medians between 10:15 and 12:15 at the money, deep in it and far out of it."""
    morning = between(60, 180)
    distance, values = tape.distance[morning], values[morning]
    near, deep, far = np.abs(distance) <= 75, distance < -500, distance > 450
    return float(np.median(values[near])), float(np.median(values[deep])), float(np.median(values[far]))


def test_spreads_are_wide_in_rupees_in_the_money_and_wide_for_the_premium_out_of_it() -> None:
    for tape in tapes():
        width = (tape.calls("ask") - tape.calls("bid")) / 10_000
        near, deep, _ = by_moneyness(tape, width)
        near_part, _, far_part = by_moneyness(tape, width / tape.call_middles())
        assert deep > 5 * near
        assert far_part > 4 * near_part


def test_books_are_deep_where_premiums_are_small_and_thin_in_the_money() -> None:
    for tape in tapes():
        near, deep, far = by_moneyness(tape, tape.calls("ask_quantity").astype(np.float64))
        assert far > 3 * near
        assert deep < near / 3


def test_a_jump_moves_the_index_at_once_and_widens_quotes_for_a_while() -> None:
    wider = []
    for tape in tapes():
        width = (tape.calls("ask") - tape.calls("bid")) / 500
        for jump in tape.market.plan.jumps:
            moved = tape.index[jump.second] / tape.index[jump.second - 1] - 1
            assert moved == pytest.approx(jump.size, abs=2.5e-4)
            at = jump.second // EVERY + 1
            if jump.second > 3_600 and at + 2 < len(width):
                near = np.abs(tape.distance[at]) <= 150
                wider.append(width[at : at + 2, near].mean() / width[at - 5 : at - 1, near].mean())
    assert len(wider) >= 5
    assert np.mean(wider) > 1.4


def test_time_value_runs_off_towards_the_close() -> None:
    for tape in tapes():
        morning, noon, end = tape.straddle(15), tape.straddle(165), tape.straddle(374)
        assert 100 < morning < 350
        assert noon < 0.95 * morning
        assert end < 0.25 * morning


def test_gamma_grows_towards_expiry() -> None:
    """How much delta differs between options 75 points in and out of the money."""
    for tape in tapes():
        middles = tape.call_middles()

        def spread_of_delta(minute: int, tape: Tape = tape, middles: Floats = middles) -> float:
            at = minute * PER_MINUTE
            delta = -np.diff(middles[at]) / 50
            between_strikes = tape.distance[at, :-1] + 25
            inside, outside = np.interp([-75, 75], between_strikes, delta)
            return float(inside - outside)

        assert spread_of_delta(45) < spread_of_delta(365) - 0.25
        assert spread_of_delta(365) > 0.7


def test_shares_follow_the_index() -> None:
    for tape in tapes():
        by_minutes = np.diff(np.log(tape.columns["last"][: 355 * PER_MINUTE : 5 * PER_MINUTE, :5]), axis=0)
        assert np.corrcoef(by_minutes.T)[0, 2:5].mean() > 0.35


def test_every_kind_of_day_is_drawn() -> None:
    kinds = Counter(DayPlan.draw(stream_key(seed, 739_578)).kind for seed in range(400))

    assert set(kinds) == set(DayKind)
    assert min(kinds.values()) >= 20


def test_trend_days_end_where_they_went_and_ranges_stay() -> None:
    """In basis points, on the days of the seeds above: their kinds are the four there are."""
    moved = {t.market.plan.kind: (t.index[-1] / t.index[0] - 1) * 10_000 for t in tapes()}
    width = {t.market.plan.kind: (t.index.max() / t.index.min() - 1) * 10_000 for t in tapes()}

    assert moved[DayKind.TREND_UP] > 30
    assert moved[DayKind.TREND_DOWN] < -30
    assert abs(moved[DayKind.RANGE]) < 30
    assert width[DayKind.RANGE] < 70
    assert width[DayKind.FALSE_BREAK] > 70
