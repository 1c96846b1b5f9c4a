"""
Notices that the system's clock was set, and says what follows from it.

The market runs by a monotonic clock, and so does every pace, time-out and pause: nothing of it moves with the
system's clock. What expires goes by `feeds.clock.ForwardClock`.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar, Final

from kasauti.domain.ist import NS_PER_SECOND
from kasauti.feeds.clock import wall_ns
from kasauti.web.lookout import Lookout

_LOGGER = logging.getLogger(__name__)
_EVERY_S: Final = 1.0
#: What is not worth a word: corrections of a clock that runs a little wrong.
_SMALL_NS: Final = 2 * NS_PER_SECOND


class ClockWatch(Lookout):
    """Compares the clock on the wall with one that nobody sets."""

    looks_at: ClassVar[str] = "the system's clock"

    def __init__(
        self, wall: Callable[[], int] = wall_ns, monotonic_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._wall = wall
        self._monotonic_ns = monotonic_ns
        self._apart = wall() - monotonic_ns()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            self.look()

    def look(self) -> None:
        """Say so if the clock was set since the last look."""
        apart = self._wall() - self._monotonic_ns()
        moved, self._apart = apart - self._apart, apart
        if abs(moved) < _SMALL_NS:
            return
        by = timedelta(seconds=round(abs(moved) / NS_PER_SECOND))
        if moved > 0:
            _LOGGER.warning(
                "the system's clock went forward by %s (it was set, or the machine slept): keys and sessions"
                " expire by what it shows now; the market, its sessions and all paces go on as before",
                by,
            )
        else:
            _LOGGER.warning(
                "the system's clock was set back by %s: keys and sessions that have expired stay so, and"
                " others expire as if it had not been; the market, its sessions and all paces go on as"
                " before. Restart the desk if the clock was wrong until now",
                by,
            )
