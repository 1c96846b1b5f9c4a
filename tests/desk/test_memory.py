"""What a desk holds does not grow with its days."""

import asyncio
import gc
import sys
from collections import Counter
from functools import reduce
from itertools import islice, pairwise
from operator import and_
from pathlib import Path

import msgspec
import pytest

from kasauti.compose.markets import Market, market_of
from kasauti.config import load_config
from kasauti.desk import playing
from kasauti.desk.floor import Floor
from kasauti.desk.memory import release_memory
from kasauti.desk.playing import DeskPlay
from kasauti.desk.roll import opened
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.inputs import MarketData
from kasauti.domain.instrument import Universe
from kasauti.domain.money import RUPEE
from kasauti.domain.order import OrderType, Product, Side
from kasauti.web.kite.tokens import tokens_of
from kasauti.web.openalgo.symbols import symbols_of

_SETTINGS = {
    "account.regime": "permissive",
    "simulator.latency_low_ms": "0",
    "simulator.latency_high_ms": "0",
}
#: Each day is cut after so many batches of its market: a day is a day however long it is.
_BATCHES = 3
_DAYS = 5
#: Blocks of memory: a universe that is kept has over a thousand, numbers and names that Python keeps a few.
_LITTLE = 300


class _Days:
    """Counts what there is when a day begins."""

    def __init__(self) -> None:
        self.moved_on = asyncio.Event()
        self.universe: Universe
        self.objects: list[Counter[str]] = []
        self.blocks: list[int] = []

    def begin(self, floor: Floor) -> None:
        """Count, and have the dialects know the market."""
        self.universe = floor.universe
        tokens_of(floor.universe)
        symbols_of(floor.universe)
        del floor
        self.objects.append(_objects())
        self.blocks.append(sys.getallocatedblocks())

    def moved(self, data: MarketData) -> None:
        """Take note."""
        self.moved_on.set()


def _objects() -> Counter[str]:
    gc.collect()
    kinds = (type(each) for each in gc.get_objects())
    return Counter(each.__name__ for each in kinds if str(each).startswith("<class 'kasauti."))


def _short(market: Market) -> Market:
    return msgspec.structs.replace(market, play=lambda start: islice(market.play(start), _BATCHES))


async def _play(folder: Path) -> _Days:
    loaded, days = load_config(None, _SETTINGS, {}), _Days()
    with DeskPlay(loaded, folder, 0) as play:
        capital = 50_000_000 * RUPEE
        account = play.open_account("main", opened(loaded, "main", capital=capital, plan="zerodha"))
        play.follow(days)
        running = asyncio.create_task(play.run())
        while len(days.blocks) <= _DAYS:
            await days.moved_on.wait()
            days.moved_on.clear()
            future = next(each for each in days.universe if each.kind == "FUT")
            for side in Side:
                market = PlaceOrder(future.id, side, future.lot_size, product=Product.NRML)
                await play.desk.ask(account, market, "user")
            far = PlaceOrder(
                future.id, Side.BUY, future.lot_size, OrderType.LIMIT, Product.NRML, future.tick_size
            )
            await play.desk.ask(account, far, "user")
        play.stop()
        await running
        play.close("counted")
    return days


def test_objects_and_blocks_at_the_beginning_of_a_day_are_those_of_the_days_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playing, "market_of", lambda *given: _short(market_of(*given)))
    monkeypatch.setattr("kasauti.desk.market_time.market_of", lambda *given: _short(market_of(*given)))
    others = _objects()["Universe"]
    days = asyncio.run(_play(tmp_path))
    third = days.objects[3]
    assert third["Universe"] <= others + 3, "today's, and those of the days that caches have kept"
    # A batch of ticks may be between two hands just then, on one day and not on another: no growth.
    more = [later - before for before, later in pairwise(days.objects[3 : _DAYS + 1])]
    assert reduce(and_, more) == Counter(), "what there is more of with every day after the third"
    assert max(days.blocks[4:]) - days.blocks[3] < _LITTLE, days.blocks


def test_memory_is_released_where_the_library_can_and_elsewhere_too(monkeypatch: pytest.MonkeyPatch) -> None:
    release_memory()
    monkeypatch.setattr("kasauti.desk.memory._trim", lambda: None)
    release_memory()
