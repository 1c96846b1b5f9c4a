"""The market's clock, wall time or a day that runs at another speed, and wall time that never goes back."""

import math
import time
from collections.abc import Callable
from typing import Final

from kasauti.domain.ist import NS_PER_SECOND


class MarketClock:
    """
    Tells market time from a monotonic clock.

    At its start it shows `start`, and runs `speed` times as fast as the wall. It never goes back, because a
    monotonic clock does not, and never past data that is still to come: it stands at the last moment it was
    told until it is said when the next one is. `speed` 0 means as fast as possible: then it shows what it
    was last told. It can be stopped, set to another speed and set forward, never back.
    """

    def __init__(self, start: int, speed: float, monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self.speed = speed
        self._start = start
        self._monotonic_ns = monotonic_ns
        self._began = monotonic_ns()
        self._told = start
        self._limit = start
        self.is_paused = False

    def now(self) -> int:
        """Return the market's time in nanoseconds."""
        return max(self._told, min(self._running(), self._limit)) if self.speed else self._told

    @property
    def reached(self) -> int:
        """The moment of the data that has come; `now` may be between it and the next."""
        return self._told

    def _running(self) -> int:
        if self.is_paused:
            return self._start
        return self._start + int((self._monotonic_ns() - self._began) * self.speed)

    def _begin_at(self, at: int) -> None:
        self._start, self._began = at, self._monotonic_ns()

    def pause(self) -> None:
        """Stand still."""
        self._begin_at(self.now())
        self.is_paused = True

    def go_on(self) -> None:
        """Run again after `pause`."""
        if self.is_paused:
            self._begin_at(self._start)
            self.is_paused = False

    def set_speed(self, speed: float) -> None:
        """Run `speed` times as fast as the wall from now on; more than 0."""
        assert speed > 0, "a clock that is paced has a speed"
        self._begin_at(self.now())
        self.speed = speed

    def forward(self, to: int) -> None:
        """Be at `to` as soon as the data until then has come, also while paused; never back."""
        self._begin_at(max(to, self._running()))

    def step(self) -> None:
        """Let the next moment of the data come, also while paused."""
        self.forward(self._limit + 1)

    def expect(self, at: int) -> None:
        """Say that the next market data is of the moment `at`: until then time may pass."""
        self._limit = at - 1

    def tell(self, at: int) -> None:
        """Say that market data has come to `at`."""
        self._told = self._limit = max(self._told, at)

    def seconds_until(self, at: int) -> float:
        """Return the wall seconds until the market's time is `at`: 0 if it is past or speed is unbounded."""
        if not self.speed:
            return 0.0
        missing = at - self._running()
        if self.is_paused and missing > 0:
            return math.inf
        return max(0.0, missing / self.speed / NS_PER_SECOND)


def wall_ns() -> int:
    """Return the wall clock's time, nanoseconds UTC."""
    return time.time_ns()


class ForwardClock:
    """
    Wall time that never goes back, for what expires.

    Where the system's clock is set back, this one runs on from where it was until that has caught up: what
    has expired stays so, and what lasts for five minutes still does. Where it is set forward this one goes
    with it.
    """

    def __init__(
        self, wall: Callable[[], int] = wall_ns, monotonic_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._wall = wall
        self._monotonic_ns = monotonic_ns
        #: What it showed when the monotonic clock showed what; one value, for any thread may ask.
        self._anchor = (wall(), monotonic_ns())

    def now(self) -> int:
        """Return the time, nanoseconds UTC."""
        wall, monotonic = self._wall(), self._monotonic_ns()
        at, since = self._anchor
        running = at + monotonic - since
        if wall < running:
            return running
        self._anchor = (wall, monotonic)
        return wall


#: The time by which what the server has given out expires.
forward_ns: Final = ForwardClock().now
