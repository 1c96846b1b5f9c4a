"""The loop around the engine: an inbox, groups that share a commit, and answers only after it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from tests.tables import ticks_of
from tests.trading import DAY, SHARE, Session, buys, moment

from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, HaltTrading
from kasauti.domain.inputs import Advance
from kasauti.domain.market import BarBatch, TickBatch
from kasauti.engine.live import LiveLoop
from kasauti.errors import KasautiError, LogWriteFailed

Item = TickBatch | BarBatch | Advance


def tick(clock: str, last: str = "100") -> TickBatch:
    return ticks_of(
        f"time last bid bid_quantity ask ask_quantity\n{clock} {last} {last} 5000 {last} 5000",
        lambda _: 1,
        DAY,
    )


class Told(list[ev.Recorded]):
    """A subscriber that keeps what it is told."""

    def told(self, recorded: Sequence[ev.Recorded]) -> None:
        self.extend(recorded)


def play(
    session: Session, *script: Item | Callable[[LiveLoop], Awaitable[Any]], clock: str = "09:15"
) -> LiveLoop:
    """Run a loop over market items; a function in between is run at its place, beside the loop."""
    loop = LiveLoop(session.engine, lambda: max(session.engine.now, moment(clock)))
    beside: list[asyncio.Task[Any]] = []

    async def market() -> AsyncIterator[Item]:
        for item in script:
            if isinstance(item, TickBatch | BarBatch | Advance):
                yield item
            else:
                beside.append(asyncio.ensure_future(item(loop)))
                await asyncio.sleep(0)
        for task in beside:
            await asyncio.wait([task])

    async def run() -> None:
        try:
            await asyncio.wait_for(loop.run(market()), 20)
        finally:
            await asyncio.gather(*beside, return_exceptions=True)

    asyncio.run(run())
    return loop


def test_an_answer_comes_after_the_commit_that_makes_it_durable() -> None:
    session, told = Session(), Told()
    session.engine._subscribers = (told,)
    seen: list[tuple[bool, bool]] = []

    async def ask(loop: LiveLoop) -> None:
        order_id = await loop.ask(buys(SHARE, 10, "90"))
        durable = session.log[: session.log.committed]
        seen.append(
            (
                any(isinstance(e.event, ev.OrderPlaced) and e.event.order_id == order_id for e in durable),
                any(isinstance(e.event, ev.OrderPlaced) for e in told),
            )
        )

    play(session, tick("09:15:00"), ask)
    assert seen == [(True, True)]


def test_what_waits_together_shares_a_commit() -> None:
    session = Session()
    commits: list[int] = []
    session.log.commit = lambda: commits.append(len(session.log))  # type: ignore[method-assign]

    async def ask_many(loop: LiveLoop) -> None:
        await asyncio.gather(*(loop.ask(buys(SHARE, 1, "90")) for _ in range(20)))

    play(session, tick("09:15:00"), ask_many)
    assert len(session.events(ev.OrderPlaced)) == 20
    assert len(commits) < 10


def test_a_denied_order_is_answered_with_its_id_and_a_command_without_an_order_with_none() -> None:
    session = Session()
    answers: list[str | None] = []

    async def ask(loop: LiveLoop) -> None:
        answers.append(await loop.ask(buys(SHARE, 0)))
        answers.append(await loop.ask(HaltTrading("stop")))
        answers.append(await loop.ask(CancelOrder("never")))

    play(session, tick("09:15:00"), ask)
    assert answers == [session.denial().order_id, None, "never"]


def test_commands_carry_who_asked_and_the_time_of_the_market() -> None:
    session = Session()

    async def ask(loop: LiveLoop) -> None:
        await loop.ask(HaltTrading("stop"), "api")

    play(session, tick("09:15:07"), ask)
    (halted,) = [each for each in session.log if isinstance(each.event, ev.TradingHalted)]
    assert (halted.cause, halted.at) == ("api", moment("09:15:07"))


def test_data_that_a_command_overtook_is_known_when_it_comes_not_before() -> None:
    """The tick was stamped a second before the command and waited behind it."""
    session = Session("touch")

    async def ask(loop: LiveLoop) -> None:
        await loop.ask(buys(SHARE, 10, "99"))

    play(session, tick("09:15:00"), ask, tick("09:15:00.500", "98"), clock="09:15:01")
    ((at, fill),) = session.filled()
    assert at == fill.evidence.at == moment("09:15:01")
    assert session.proof().passed


# When something goes wrong


def failing_after(session: Session, commits: int) -> None:
    left = [commits]

    def commit() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise LogWriteFailed("the disk is full")
        session.log.committed = len(session.log)

    session.log.commit = commit  # type: ignore[method-assign]


def test_a_failed_commit_ends_the_run_and_nobody_is_told_or_answered() -> None:
    session, told = Session(), Told()
    session.engine._subscribers = (told,)
    failing_after(session, 1)
    raised: list[BaseException] = []

    async def ask(loop: LiveLoop) -> None:
        try:
            await loop.ask(buys(SHARE, 10, "90"))
        except LogWriteFailed as error:
            raised.append(error)

    with pytest.raises(LogWriteFailed, match="the disk is full"):
        play(session, tick("09:15:00"), ask)
    assert len(raised) == 1
    assert not any(isinstance(each.event, ev.OrderPlaced) for each in told)


def test_the_log_never_holds_what_was_not_appended_first() -> None:
    """If the log takes no event, the state is as it was."""
    session = Session().ticks("time last\n09:15:00 100")
    before = session.state.seq
    session.log.is_full = True
    with pytest.raises(LogWriteFailed):
        session.ask("09:15:01", buys(SHARE, 10, "90"))

    assert session.state.seq == before
    assert session.state.working == {}


def test_a_feed_that_breaks_ends_the_run_after_what_came_before_it() -> None:
    session = Session()
    loop = LiveLoop(session.engine, lambda: 0)

    async def market() -> AsyncIterator[Item]:
        yield tick("09:15:00")
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        asyncio.run(loop.run(market()))
    assert session.board.mark(SHARE.id) == 1_000_000


def test_a_stop_ends_a_run_that_waits_for_data_and_turns_later_commands_away() -> None:
    session = Session()
    loop = LiveLoop(session.engine, lambda: moment("09:15"))

    async def market() -> AsyncIterator[Item]:
        yield tick("09:15:00")
        await asyncio.Event().wait()

    async def run() -> None:
        running = asyncio.create_task(loop.run(market()))
        await loop.ask(buys(SHARE, 1, "90"))
        loop.stop()
        await asyncio.wait_for(running, 20)
        with pytest.raises(KasautiError):
            await asyncio.wait_for(loop.ask(buys(SHARE, 1, "90")), 20)

    asyncio.run(run())
    assert len(session.events(ev.OrderPlaced)) == 1


def test_a_stop_while_much_is_waiting_leaves_nobody_waiting() -> None:
    session = Session()
    loop = LiveLoop(session.engine, lambda: moment("09:15"))
    outcomes: list[object] = []

    async def market() -> AsyncIterator[Item]:
        at = moment("09:15")
        while True:
            at += 1_000_000
            yield Advance(at)

    async def ask() -> None:
        outcomes.extend(
            await asyncio.gather(
                *(loop.ask(buys(SHARE, 1, "90")) for _ in range(3000)), return_exceptions=True
            )
        )

    async def run() -> None:
        running = asyncio.create_task(loop.run(market()))
        asking = asyncio.create_task(ask())
        await loop.ask(buys(SHARE, 1, "90"))
        loop.stop()
        await asyncio.wait_for(running, 20)
        await asyncio.wait_for(asking, 20)

    asyncio.run(run())
    placed = len(session.events(ev.OrderPlaced, ev.OrderDenied))
    assert len(outcomes) == 3000
    assert sum(isinstance(outcome, str) for outcome in outcomes) == placed - 1
    assert all(isinstance(outcome, str | KasautiError) for outcome in outcomes)


def test_nothing_is_dropped_where_more_waits_than_the_inbox_holds() -> None:
    session = Session()

    async def ask_many(loop: LiveLoop) -> None:
        answers = await asyncio.gather(*(loop.ask(buys(SHARE, 1, "90")) for _ in range(2500)))
        assert len(set(answers)) == 2500

    play(session, tick("09:15:00"), ask_many)
    assert len(session.events(ev.OrderPlaced)) == 2500


def test_a_stop_wakes_a_run_that_has_nothing_to_do() -> None:
    session = Session()
    loop = LiveLoop(session.engine, lambda: moment("09:15"))

    async def market() -> AsyncIterator[Item]:
        await asyncio.Event().wait()
        yield tick("09:15:00")

    async def run() -> None:
        running = asyncio.create_task(loop.run(market()))
        for _ in range(5):
            await asyncio.sleep(0)
        loop.stop()
        await asyncio.wait_for(running, 20)

    asyncio.run(run())
    assert len(session.log) == 1


def test_who_gives_up_waiting_takes_nothing_back_and_stops_nobody() -> None:
    """What was asked for is decided all the same: only the answer has nobody to go to."""
    session, answers = Session(), list[str | None]()

    async def impatient(loop: LiveLoop) -> None:
        asked = asyncio.ensure_future(loop.ask(buys(SHARE, 1, "90")))
        await asyncio.sleep(0)
        asked.cancel()
        answers.append(await loop.ask(buys(SHARE, 2, "90")))

    play(session, tick("09:15:00"), impatient)
    assert [placed.quantity for placed in session.events(ev.OrderPlaced)] == [1, 2]
    assert answers == [session.events(ev.OrderPlaced)[1].order_id]
