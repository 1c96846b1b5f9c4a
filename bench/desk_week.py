"""
Does a desk's memory stay flat? A simulated week of the built-in market, with accounts that trade all day.

Every simulated minute each account trades at the market and moves an order that rests. What the process holds
is read at the end of each day. It is played 1,000 times as fast as the clock, or as KASAUTI_BENCH_SPEED says.
"""

import asyncio
import gc
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from kasauti.config import load_config
from kasauti.desk.account import DeskAccount
from kasauti.desk.desk import Desk
from kasauti.desk.floor import Floor
from kasauti.desk.playing import DeskPlay
from kasauti.desk.roll import opened
from kasauti.domain.commands import CancelOrder, PlaceOrder
from kasauti.domain.inputs import MarketData
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.domain.money import RUPEE
from kasauti.domain.order import OrderType, Product, Side

_DAYS, _ACCOUNTS = 5, 20
_SETTINGS = {
    "account.regime": "permissive",
    "simulator.latency_low_ms": "0",
    "simulator.latency_high_ms": "0",
}


class _Minutes:
    """Says when a minute of the market has passed, and what the process held when its day ended."""

    def __init__(self) -> None:
        self.passed = asyncio.Event()
        self.megabytes: list[float] = []
        self.options: Sequence[Instrument] = ()
        self.ticks = 0
        self._minute = 0

    def begin(self, floor: Floor) -> None:
        """Another day begins."""
        gc.collect()
        self.megabytes.append(_own_mb())
        print(f"day {len(self.megabytes) - 1}: {self.megabytes[-1]:.1f} MB", file=sys.stderr)
        options = [each for each in floor.universe if each.is_option]
        self.options = options[len(options) // 2 - 4 : len(options) // 2 + 4]

    def moved(self, data: MarketData) -> None:
        """Take note of the time."""
        self.ticks += len(data)
        minute = int(data.at[-1]) // NS_PER_MINUTE
        if minute != self._minute:
            self._minute = minute
            self.passed.set()


class _Bot:
    """Trades one option in turn, and has one order far away."""

    def __init__(self, account: DeskAccount) -> None:
        self._account = account
        self._turn = 0
        self._resting = ""

    async def trade(self, desk: Desk, options: Sequence[Instrument]) -> None:
        """Do what is done in a minute, in options of today."""
        turn = self._turn
        self._turn += 1
        option = options[turn // 2 % len(options)]
        side = Side.SELL if turn % 2 else Side.BUY
        await desk.ask(self._account, PlaceOrder(option.id, side, option.lot_size), "user")
        if self._resting:
            await desk.ask(self._account, CancelOrder(self._resting), "user")
        far = PlaceOrder(
            option.id, Side.BUY, option.lot_size, OrderType.LIMIT, Product.NRML, option.tick_size
        )
        self._resting = (await desk.ask(self._account, far, "user")).order_id or ""


def desk_week() -> dict[str, float]:
    """Return what the process held after each of five days, and how fast they went."""
    return asyncio.run(_week(float(os.environ.get("KASAUTI_BENCH_SPEED", "1000"))))


async def _week(speed: float) -> dict[str, float]:
    loaded = load_config(None, _SETTINGS, {})
    with tempfile.TemporaryDirectory() as folder, DeskPlay(loaded, Path(folder), speed) as play:
        names = [f"a{number}" for number in range(_ACCOUNTS)]
        capital = 500_000 * RUPEE
        play.open_accounts((each, opened(loaded, each, capital=capital, plan="zerodha")) for each in names)
        bots, minutes = [_Bot(each) for each in play.accounts], _Minutes()
        play.follow(minutes)
        playing, began = asyncio.create_task(play.run()), perf_counter()
        while len(minutes.megabytes) <= _DAYS:
            await minutes.passed.wait()
            minutes.passed.clear()
            for bot in bots:
                await bot.trade(play.desk, minutes.options)
        seconds = perf_counter() - began
        events = sum(each.state.seq for each in play.accounts)
        play.stop()
        await playing
        play.close("measured")
    held = {f"day_{day}_mb": round(mb, 1) for day, mb in enumerate(minutes.megabytes)}
    return {"n": minutes.ticks, "seconds": seconds, "events": events, **held}


def _own_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    print(desk_week())
