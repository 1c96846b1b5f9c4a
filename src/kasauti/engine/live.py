"""The loop against a clock: an inbox in front of the engine, and the only asyncio around it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

from kasauti.domain.commands import Command
from kasauti.domain.inputs import Advance, Ask, MarketData
from kasauti.engine.engine import Engine
from kasauti.errors import KasautiError

#: Inputs that may wait. Whoever brings more waits too: nothing is dropped.
_CAPACITY = 1_000
#: Inputs that may share one commit.
_GROUP = 64

_TOO_LATE = "the session has ended and the command was not taken: nothing was done; ask the next session"

MarketItem = MarketData | Advance
_Waiting = tuple[Ask | MarketItem, asyncio.Future[str | None] | None]


class LiveLoop:
    """
    Runs one engine. Commands and market data come through one inbox, in the order they arrive.

    `now` tells the market's time and stamps commands. An answer is given only after the commit that makes
    it durable.
    """

    def __init__(self, engine: Engine, now: Callable[[], int]) -> None:
        self._engine = engine
        self._now = now
        self._inbox: asyncio.Queue[_Waiting | None] = asyncio.Queue(_CAPACITY)
        self._stopping = False
        self._over = False

    async def ask(self, command: Command, cause: str = "user") -> str | None:
        """
        Have a command decided; return its order's id once what it led to is durable.

        Raises `KasautiError` if `run` has returned before it was taken, and what `run` raises if it fails.
        """
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        if not self._over:
            await self._inbox.put((Ask(self._now(), command, cause), answer))
        if self._over:
            self._turn_away()
            if not answer.done():
                raise KasautiError(_TOO_LATE)
        return await answer

    async def run(self, market: AsyncIterator[MarketItem]) -> None:
        """
        Run until the market data ends or `stop` is called.

        Raises what the engine raises, above all `LogWriteFailed`: then nothing more leaves.
        """
        feeding = asyncio.create_task(self._feed(market))
        try:
            while not self._stopping and (first := await self._inbox.get()) is not None:
                self._take(first)
        finally:
            self._over = True
            feeding.cancel()
            outcome = (await asyncio.gather(feeding, return_exceptions=True))[0]
            self._turn_away()
        if isinstance(outcome, Exception):
            raise outcome

    def stop(self) -> None:
        """Have `run` return after the group at hand."""
        self._stopping = True
        if self._inbox.empty():
            self._inbox.put_nowait(None)

    async def _feed(self, market: AsyncIterator[MarketItem]) -> None:
        failure: Exception | None = None
        try:
            async for item in market:
                await self._inbox.put((item, None))
        except Exception as error:  # noqa: BLE001  raised below, once what came before it is on its way
            failure = error
        await self._inbox.put(None)
        if failure is not None:
            raise failure

    def _in_time(self, item: Ask | MarketItem) -> Ask | MarketItem:
        """A command may overtake data that was stamped just before it: that data is known now."""
        if isinstance(item, MarketData) and len(item) and item.at[0] < self._engine.now:
            return item.not_before(self._engine.now)
        return item

    def _take(self, first: _Waiting) -> None:
        """Handle what waits, commit it as one group, then answer."""
        answers: list[tuple[asyncio.Future[str | None], str | None]] = []
        waiting: _Waiting | None = first
        handled = 0
        try:
            while waiting is not None:
                item, answer = waiting
                order_id = self._engine.handle(self._in_time(item))
                handled += 1
                if answer is not None:
                    answers.append((answer, order_id))
                if handled == _GROUP or self._inbox.empty():
                    break
                waiting = self._inbox.get_nowait()
            else:
                self._inbox.put_nowait(None)
            self._engine.commit()
        except BaseException as error:
            concerned = [asked for asked, _ in answers]
            if waiting is not None and waiting[1] is not None:
                concerned.append(waiting[1])
            _refuse(concerned, error)
            raise
        for future, order_id in answers:
            if not future.done():
                future.set_result(order_id)

    def _turn_away(self) -> None:
        """Tell whoever still waits that nothing was done."""
        while not self._inbox.empty():
            waiting = self._inbox.get_nowait()
            if waiting is not None and waiting[1] is not None:
                _refuse([waiting[1]], KasautiError(_TOO_LATE))


def _refuse(futures: Iterable[asyncio.Future[str | None]], error: BaseException) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)
