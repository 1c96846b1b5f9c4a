"""
An account on a desk trades as one that has an engine and a market to itself: event by event, the same log.

On a desk the board is shared and only rows that matter reach an account, so what is compared here is that
nothing which mattered was left out, for several accounts with different orders at once.
"""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.traders import Timed, World, wishes

from kasauti.compose import parts
from kasauti.desk.account import DeskAccount
from kasauti.desk.desk import Desk
from kasauti.desk.floor import Floor
from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.inputs import Advance, Ask
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import TickBatch
from kasauti.domain.state import State
from kasauti.engine.engine import Engine
from kasauti.feeds.clock import MarketClock
from kasauti.store.memory import MemoryLog
from kasauti.store.sqlite import SqliteStore


@pytest.fixture(scope="module")
def world() -> World:
    """Return the world."""
    return World()


def alone(world: World, asked: Sequence[Timed]) -> list[ev.Recorded]:
    """Trade with an engine that has the market to itself."""
    loaded, market, ticks = world.loaded, world.market, world.ticks
    state, log = State(), MemoryLog()
    opened = ev.Recorded(1, int(ticks[0].at[0]), "session", parts.account_opened(loaded))
    log.append(opened)
    state.apply(opened)
    board = Board(market.universe)
    rules = parts.rules(loaded.config, "zerodha", loaded.config.account.capital, market.universe)
    engine = Engine(
        state=state,
        log=log,
        board=board,
        venue=parts.venue(loaded.config, board, state, rules, is_bars=False),
        rules=rules,
    )
    waiting = list(asked)
    for batch in ticks:
        while waiting and waiting[0][0] < batch.at[0]:
            at, command = waiting.pop(0)
            engine.handle(Ask(at, command, "user"))
        engine.handle(batch)
    engine.handle(Advance(int(ticks[-1].at[0]) + 10 * NS_PER_SECOND))
    return list(log.read())


def together(world: World, asked: Sequence[Sequence[Timed]], folder: Path) -> Iterator[list[ev.Recorded]]:
    """Trade on a desk, all accounts at once; yield their logs as the disk has them."""
    loaded, market, ticks = world.loaded, world.market, world.ticks
    with SqliteStore.open(folder / "log.db", create=True) as store:
        clock = MarketClock(int(ticks[0].at[0]), 0)
        desk = Desk(Floor(loaded, market, clock), store)
        desk.now = int(ticks[0].at[0])
        for number in range(len(asked)):
            account = DeskAccount(f"a{number}", store.stream(f"a{number}"), State())
            account.record(parts.account_opened(loaded), "session", desk.now)
            desk.admit(account)
        desk.flush()
        asyncio.run(_trade(desk, ticks, asked))
        for account in desk.accounts.values():
            yield list(account.log.read(verify=True))


async def _trade(desk: Desk, ticks: Sequence[TickBatch], asked: Sequence[Sequence[Timed]]) -> None:
    waiting = sorted(
        ((at, number, command) for number, wished in enumerate(asked) for at, command in wished),
        key=lambda each: each[:2],
    )
    for batch in ticks:
        while waiting and waiting[0][0] < batch.at[0]:
            at, number, command = waiting.pop(0)
            desk.floor.clock.tell(at)
            await desk.ask(desk.accounts[f"a{number}"], command, "user")
        desk.floor.clock.tell(int(batch.at[0]))
        desk.take(batch)
        desk.flush()
    desk.advance(int(ticks[-1].at[0]) + 10 * NS_PER_SECOND)
    desk.flush()


@hypothesis_settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seeds=st.lists(st.integers(0, 10_000), min_size=1, max_size=4, unique=True))
def test_an_account_on_a_desk_has_the_log_of_one_that_trades_alone(
    seeds: list[int], world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    begins = int(world.ticks[0].at[0])
    asked = [wishes(seed, world.market, begins) for seed in seeds]
    logs = list(together(world, asked, tmp_path_factory.mktemp("desk")))
    for wished, log in zip(asked, logs, strict=True):
        assert [_plain(each) for each in log] == [_plain(each) for each in alone(world, wished)]


def test_the_traders_of_this_file_do_trade(world: World) -> None:
    kinds = {
        type(each.event)
        for seed in range(10)
        for each in alone(world, wishes(seed, world.market, int(world.ticks[0].at[0])))
    }
    assert {ev.OrderPlaced, ev.OrderFilled, ev.OrderOpened, ev.OrderTriggered} <= kinds


def _plain(recorded: ev.Recorded) -> tuple[int, int, str, object]:
    return recorded.seq, recorded.at, recorded.cause, msgspec.to_builtins(recorded.event)
