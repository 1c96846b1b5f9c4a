"""How market data is cut into batches never changes the log, and neither does which loop brings it."""

import asyncio
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.busy import busy, cut, random_bars, random_ticks
from tests.trading import DAY, NEXT_DAY, SHARE, Session, buys, difference, moment

from kasauti.domain.events import DayOpened, OrderFilled
from kasauti.domain.market import BarBatch, TickBatch
from kasauti.engine.live import LiveLoop
from kasauti.engine.recorded import run_recorded
from kasauti.feeds.clock import MarketClock
from kasauti.feeds.pacing import moments, paced

#: A failing example is as telling as a smaller one, and there in a minute.
SEARCH = settings(max_examples=10, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))

PROFILES = ["depth", "touch", "pessimistic", "ltp"]


def joined(first: TickBatch, second: TickBatch) -> TickBatch:
    """Return both in one batch."""
    columns = {
        name: np.concatenate([getattr(first, name), getattr(second, name)])
        for name in ("at", "slot", "last", "bid", "ask", "bid_quantity", "ask_quantity", "volume")
    }
    return TickBatch.of(depth=None, **columns)


def session(profile: str, seed: int, latency_ms: int = 40) -> Session:
    return Session(profile, strategies=busy(seed), latency_ms=latency_ms, slippage=1)


@pytest.mark.parametrize("profile", PROFILES)
@given(
    seed=st.integers(0, 10_000),
    places=st.lists(st.integers(0, 10_000), max_size=40),
    shown=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    latency_ms=st.sampled_from([0, 1, 40, 2000]),
)
@SEARCH
def test_how_ticks_are_cut_never_matters(
    profile: str, seed: int, places: list[int], shown: tuple[bool, bool, bool], latency_ms: int
) -> None:
    depth, book, volume = shown
    ticks = random_ticks(seed, 120, opens="15:10", depth=depth, book=book, volume=volume)
    whole, parts = (session(profile, seed, latency_ms) for _ in range(2))
    run_recorded(whole.engine, [ticks])
    run_recorded(parts.engine, cut(ticks, places))

    assert difference(parts.log, whole.log) == ""
    assert whole.events(OrderFilled) or seed
    assert whole.proof().problem == ""


@given(seed=st.integers(0, 1000), places=st.lists(st.integers(0, 1000), max_size=10))
@SEARCH
def test_a_batch_may_reach_into_the_next_day(seed: int, places: list[int]) -> None:
    first = random_ticks(seed, 60, opens="15:10", depth=False)
    second = random_ticks(seed + 1, 60, opens="15:10", depth=False, day=NEXT_DAY)
    together = joined(first, second)
    apart, whole, parts = (session("touch", seed) for _ in range(3))
    run_recorded(apart.engine, [first, second])
    run_recorded(whole.engine, [together])
    run_recorded(parts.engine, cut(together, places))

    assert len(apart.events(DayOpened)) == 2
    assert difference(whole.log, apart.log) == ""
    assert difference(parts.log, apart.log) == ""
    assert apart.proof().problem == ""


@given(seed=st.integers(0, 1000), places=st.lists(st.integers(1, 59), max_size=10))
@SEARCH
def test_how_bars_are_cut_never_matters(seed: int, places: list[int]) -> None:
    bars = random_bars(seed, 60)
    rows = sorted({0, len(bars), *(place * 3 for place in places)})
    whole, parts = (session("touch", seed, 0) for _ in range(2))
    run_recorded(whole.engine, [bars])
    run_recorded(parts.engine, [bars[start:stop] for start, stop in pairwise(rows)])

    assert difference(parts.log, whole.log) == ""
    assert whole.proof().problem == ""


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("one_by_one", [False, True])
def test_the_loop_against_a_clock_writes_the_log_of_the_loop_for_recorded_data(
    profile: str,
    one_by_one: bool,  # noqa: FBT001
) -> None:
    ticks = random_ticks(7, 400, opens="15:10")
    batches: list[TickBatch | BarBatch] = list(cut(ticks, range(0, 400, 37)))
    recorded, live = (session(profile, 7) for _ in range(2))
    run_recorded(recorded.engine, batches)

    async def play() -> None:
        clock = MarketClock(moment("09:15"), 0)
        loop = LiveLoop(live.engine, clock.now)
        data = [part for _, part in moments(batches)] if one_by_one else batches
        await loop.run(paced(data, clock, until=lambda: moment("15:30")))

    asyncio.run(play())
    assert difference(live.log, recorded.log) == ""
    assert len(recorded.log) > 50


def test_nothing_at_all_is_no_day() -> None:
    empty = Session()
    run_recorded(empty.engine, [])
    run_recorded(empty.engine, [TickBatch.of(at=[], slot=[])])

    assert len(empty.log) == 1


def test_a_recorded_run_closes_its_last_day() -> None:
    run = Session()
    run_recorded(run.engine, [random_ticks(1, 5)])

    assert [event.TAG for event in run.events()][-1] == "day.closed"
    assert run.state.day == DAY.isoformat()
    run.ask("16:00", buys(SHARE, 1))
    assert run.denial().rule == "market.closed"


def test_a_moment_with_more_ticks_than_one_look_takes_in_is_still_one_moment() -> None:
    """The scan looks at 4,096 ticks at once; ticks of one moment are never looked at apart."""
    size = 4200
    at = [moment("09:16") + min(row, 4000) for row in range(size)]
    last = [1_000_000] * 4150 + [990_000] * 50
    slot = [1 if row % 2 else 2 for row in range(size)]
    run = Session("touch")
    run.ask("09:15", buys(SHARE, 10, "99.50"))
    run.feed(TickBatch.of(at=at, slot=slot, last=last))

    assert [at for at, _ in run.filled()] == [moment("09:16") + 4000]
    assert run.board.ticks == size
