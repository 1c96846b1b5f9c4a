"""
Where the crash tests get their processes from: one that has imported everything and made the market.

It forks a worker for each line `folder first_click` that it reads, says `born PID`, and `gone PID STATUS`
when the worker is dead; what a worker says comes in between, on the same pipe. A worker is the session that
`kasauti break` kills, on a thinner market in which every moment has a commit of its own.
"""

import os
import sys
import traceback
from pathlib import Path

from tests.compose.worlds import by_moments, momentum_day

from kasauti.cli.crash_worker import day_after, take_up
from kasauti.compose.markets import Market
from kasauti.domain.state import State


def market_after(state: State) -> Market:
    """Return the market of the day that is to be traded."""
    return by_moments(momentum_day(day=day_after(state)))


def say(*words: object) -> None:
    """Write a line at once."""
    os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


def work(folder: str, first_click: str) -> None:
    """Be a worker, to the end."""
    status = 1
    try:
        take_up(Path(folder), market_after, int(first_click))
        status = 0
    except BaseException:  # noqa: BLE001  a fork must never come back into its parent's loop
        traceback.print_exc()
    finally:
        os._exit(status)


def main() -> None:
    """Bring up one worker after the other, until there is nothing to read."""
    market_after(State())
    say("open")
    for line in sys.stdin:
        folder, first_click = line.split()
        child = os.fork()
        if not child:
            say("born", os.getpid())
            work(folder, first_click)
        _, status = os.waitpid(child, 0)
        say("gone", child, status)


if __name__ == "__main__":
    main()
