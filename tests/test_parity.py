"""
Mode is wiring: one strategy on one market gives one log, however it is run.

A `for` loop with a log in memory; the live loop as fast as it goes, with a log on disk that is read back; the
live loop against a clock, a moment at a time, with nothing but heartbeats in between; and a file through the
command line. Events are compared one by one, with their moments and causes. Only what says that a process
came and went is left out, and the account's opening, which has the settings in it.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec
import pytest
from tests.cli.command import kasauti
from tests.compose.worlds import (
    BUSY_DAY,
    CLERK,
    events_of,
    fills_of,
    market_of,
    minutes,
    momentum_day,
    rows,
    settings,
    strategy,
    trade,
)
from tests.tables import bars_of
from tests.trading import DAY, NAMES, UNIVERSE

from kasauti.compose import trader as trader_module
from kasauti.compose.markets import Market
from kasauti.compose.recorded import run_in_memory
from kasauti.config import Loaded
from kasauti.domain import events as ev
from kasauti.feeds import pacing
from kasauti.feeds.clock import MarketClock
from kasauti.feeds.recorded.writing import write_recording


class Run(msgspec.Struct, frozen=True):
    """A market and what trades it."""

    market: Callable[[], Market]
    strategies: list[dict[str, object]]
    profile: str
    fewest_fills: int

    def settings(self) -> Loaded:
        """Return the configuration."""
        return settings(**self.options(), strategies=self.strategies)

    def options(self) -> dict[str, object]:
        """Return the settings beside the strategies."""
        return {"simulator__fill_profile": self.profile, "simulator__stale_after_s": 20}


def bars() -> Market:
    """Return two hours of bars that go up and down."""
    draw = random.Random(4)
    lines, price = ["time open high low close volume"], 100.0
    for minute in range(120):
        opened, price = price, round(price + draw.choice((-0.4, -0.2, 0, 0.2, 0.4)), 2)
        clock = f"{9 + (15 + minute) // 60}:{(15 + minute) % 60:02d}"
        high, low = max(opened, price) + 0.1, min(opened, price) - 0.1
        lines.append(f"{clock} {opened:.2f} {high:.2f} {low:.2f} {price:.2f} 500")
    made = bars_of("\n".join(lines), lambda name: UNIVERSE.slot(NAMES[name].id), DAY, 60)
    return market_of([made], "bars")


MOMENTUM = strategy("intraday_momentum_oi")[0]
BUSY = strategy(BUSY_DAY, instrument="NSE:RELIANCE", every_s=60)[0]
EMA_RSI = strategy(
    "ema_rsi", instrument="NSE:ACME", candle_s=180, periods=[2, 4, 3], quantity=10, rsi_ceiling=100
)

RUNS = {
    "open interest": Run(momentum_day, [MOMENTUM], "depth", 2),
    "resting orders": Run(momentum_day, [MOMENTUM, BUSY], "depth", 100),
    "pessimistic": Run(momentum_day, [BUSY, MOMENTUM], "pessimistic", 100),
    "bars": Run(bars, EMA_RSI, "touch", 5),
    "a timetable": Run(lambda: market_of(minutes(), "hour"), strategy(CLERK), "touch", 0),
}


def in_memory(run: Run) -> list[ev.Recorded]:
    log, _ = run_in_memory(run.settings(), run.market())
    return list(log.read())


def is_the_same(log: Sequence[ev.Recorded], as_this: Sequence[ev.Recorded]) -> None:
    """Compare event by event, so that a difference names itself."""
    one, other = rows(log, ev.AccountOpened), rows(as_this, ev.AccountOpened)
    for number, (mine, theirs) in enumerate(zip(one, other, strict=False)):
        assert mine == theirs, f"event {number} of {len(one)} and {len(other)}"
    assert len(one) == len(other)


@pytest.mark.parametrize("name", RUNS)
def test_the_log_on_disk_reads_back_as_the_log_in_memory(tmp_path: Path, name: str) -> None:
    run = RUNS[name]
    expected = in_memory(run)
    assert len(fills_of(expected)) >= run.fewest_fills, "it trades"

    trade(tmp_path, run.market(), run.settings())

    is_the_same(events_of(tmp_path), expected)


class Wall:
    """A wall clock that passes when somebody sleeps, and a little whenever somebody looks."""

    def __init__(self) -> None:
        self.now = 0

    def monotonic_ns(self) -> int:
        self.now += 1_000
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += int(seconds * 1e9)
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("name", "speed"), [("open interest", 60), ("resting orders", 1000), ("bars", 60), ("a timetable", 1)]
)
def test_a_run_against_the_clock_gives_the_same_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, speed: int
) -> None:
    """Moment by moment, with a heartbeat every quarter of a second that has nothing to say."""
    run, wall = RUNS[name], Wall()
    monkeypatch.setattr(pacing, "asyncio", wall)
    monkeypatch.setattr(trader_module, "MarketClock", partial(MarketClock, monotonic_ns=wall.monotonic_ns))

    trade(tmp_path, run.market(), run.settings(), speed=speed)

    is_the_same(events_of(tmp_path), in_memory(run))
    begins, ends = (
        int(next(run.market().play(None)).at[0]),
        max(int(b.at[-1]) for b in run.market().play(None)),
    )
    assert wall.now * speed >= ends - begins, "the wall waited for every moment"


@pytest.mark.parametrize(
    ("name", "form"),
    [("open interest", "parquet"), ("resting orders", "csv"), ("bars", "parquet"), ("bars", "csv"),
     ("a timetable", "parquet")],
)  # fmt: skip
def test_a_file_through_the_command_line_gives_the_same_log(tmp_path: Path, name: str, form: str) -> None:
    run = RUNS[name]
    file = tmp_path / f"day.{form}"
    write_recording(file, run.market().universe, run.market().play(None))
    chosen = msgspec.json.encode(run.strategies).decode()
    options = [f"{key.replace('__', '.')}={value}" for key, value in run.options().items()]

    ran = kasauti(
        "replay", file, "--data", tmp_path / "account", "--quiet", "--set", f"strategies={chosen}",
        "--set", "account.capital_rupees=500000", *(word for each in options for word in ("--set", each)),
    )  # fmt: skip

    assert (ran.code, ran.err) == (0, "")
    is_the_same(events_of(tmp_path / "account"), in_memory(run))
