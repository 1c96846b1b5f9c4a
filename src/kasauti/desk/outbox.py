"""What waits to be sent to one client: what was said, in order, and of prices only the latest."""

import asyncio
from collections.abc import Hashable
from typing import Generic, TypeVar

MessageT = TypeVar("MessageT")

#: Somebody who does not read this many answers and order updates is let go.
_MOST_SAID = 1_024


class Outbox(Generic[MessageT]):
    """
    The messages of one client, taken by whoever writes to its socket.

    A price that has not been taken when the next one of its kind comes is replaced by it, so a slow client
    gets fewer prices, never older ones, and holds no more memory than it has subscriptions. `overflowed` says
    that a client does not take its answers either; it is to be let go.
    """

    def __init__(self) -> None:
        self._said: list[MessageT] = []
        self._latest: dict[Hashable, MessageT] = {}
        self._ready = asyncio.Event()
        self.overflowed = False

    def say(self, message: MessageT) -> None:
        """Send a message after those before it."""
        if len(self._said) >= _MOST_SAID:
            self.overflowed = True
        else:
            self._said.append(message)
        self._ready.set()

    def show(self, key: Hashable, message: MessageT) -> None:
        """Send a message in place of one of the same key that has not been taken."""
        self._latest[key] = message
        self._ready.set()

    def forget(self, key: Hashable) -> None:
        """Leave out what waits under a key."""
        self._latest.pop(key, None)

    async def take(self) -> list[MessageT]:
        """Wait for messages and take all of them, what was said first."""
        await self._ready.wait()
        self._ready.clear()
        taken = [*self._said, *self._latest.values()]
        self._said.clear()
        self._latest.clear()
        return taken
