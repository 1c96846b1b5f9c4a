"""What looks after something again and again for as long as the server is up."""

import asyncio
import contextlib
from typing import ClassVar


class Lookout:
    """Looks in a task of the event loop, from `open` to `close`; `looks_at` names that task."""

    looks_at: ClassVar[str]
    _looking: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to look."""
        self._looking = asyncio.create_task(self._look(), name=self.looks_at)

    async def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking

    async def _look(self) -> None:
        """Look until cancelled."""
        raise NotImplementedError
