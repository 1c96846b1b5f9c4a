"""One line with a client: what it says is taken, what waits is written, and who does not read is let go."""

import asyncio
from collections.abc import MutableMapping, Sequence
from typing import Any

import pytest

from kasauti.desk.conversation import TOO_SLOW, Conversation
from kasauti.desk.outbox import Outbox


class _Gone(Exception):
    """What a write raises on a line that is down."""


class _Line:
    """A line in memory: what the client says, then it listens until it is hung up on."""

    def __init__(self, *said: MutableMapping[str, Any]) -> None:
        self._said = list(said)
        self.closed = asyncio.Event()
        self.code = 0

    async def receive(self) -> MutableMapping[str, Any]:
        if self._said:
            return self._said.pop(0)
        await self.closed.wait()
        return {"type": "websocket.disconnect"}

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        self.code = code
        self.closed.set()


def test_a_client_that_takes_nothing_is_let_go_with_its_own_code() -> None:
    async def talk() -> tuple[int, int]:
        line, box = _Line(), Outbox[str]()
        written: list[str] = []

        async def write(messages: Sequence[str]) -> None:
            written.extend(messages)

        for number in range(2_000):
            box.say(str(number))
        await Conversation(line, box, lambda _: None, write, _Gone).run()
        return line.code, len(written)

    code, written = asyncio.run(talk())
    assert (code, TOO_SLOW) == (4408, 4408)
    assert written < 2_000


def test_what_is_said_is_taken_and_answered_and_a_silent_line_shows_that_it_is_up() -> None:
    async def talk() -> list[object]:
        line, box = _Line({"type": "websocket.receive", "text": "hello"}), Outbox[str]()
        happened: list[object] = []

        async def write(messages: Sequence[str]) -> None:
            happened.extend(messages)

        async def idle() -> None:
            happened.append("beat")
            line.closed.set()

        await Conversation(line, box, lambda said: box.say(f"{said!r}!"), write, _Gone, 0.001, idle).run()
        return happened

    assert asyncio.run(talk()) == ["'hello'!", "beat"]


@pytest.mark.parametrize("error", [_Gone(), RuntimeError("closed")])
def test_a_line_that_is_down_ends_quietly(error: Exception) -> None:
    async def talk() -> None:
        line, box = _Line(), Outbox[str]()

        async def write(messages: Sequence[str]) -> None:
            line.closed.set()
            raise error

        box.say("anything")
        await Conversation(line, box, lambda _: None, write, _Gone).run()

    asyncio.run(talk())
