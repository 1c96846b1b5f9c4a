"""Real sessions on an hour of one quote a minute: how they are started, watched and read."""

import os
import re
import select
import subprocess
from pathlib import Path

from tests.compose.worlds import CLERK, events_of

from kasauti.domain import events as ev

#: What a terminal takes for colours and moves.
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
#: An hour of minutes in four seconds.
SPEED = ("--speed", "1000")


def trading(hour: Path) -> list[str]:
    """Return options that trade the hour with the clerk."""
    return [
        "--set", "feed.kind=recorded", "--set", f"feed.path={hour}",
        "--set", f"strategies=[{{use: '{CLERK}'}}]",
        "--set", "simulator.fill_profile=touch", "--set", "simulator.stale_after_s=600",
    ]  # fmt: skip


def wait_for(process: "subprocess.Popen[str]", words: str) -> list[str]:
    """Read the output of a session until a line has these words."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if words in line:
            return seen
    process.wait()
    raise AssertionError(f"{words!r} never came:\n{''.join(seen)}{process.stderr and process.stderr.read()}")


def last_session(folder: Path) -> ev.Event:
    return [e.event for e in events_of(folder) if isinstance(e.event, ev.SessionStarted | ev.SessionStopped)][
        -1
    ]


def read(terminal: int) -> str:
    """Read what a terminal shows; nothing comes after the other side was closed, or for a minute."""
    try:
        ready, _, _ = select.select([terminal], [], [], 60)
        # A piece may end inside a character; what is looked for is plain ASCII.
        return os.read(terminal, 65_536).decode(errors="replace") if ready else ""
    except OSError:
        return ""
