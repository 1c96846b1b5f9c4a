"""A time of day as the rule files write it."""

from datetime import time
from typing import Annotated

import msgspec

#: What a time of day in a rule file looks like.
CLOCK = "^([01][0-9]|2[0-3]):[0-5][0-9]$"

#: An IST time of day, like 09:15.
Clock = Annotated[str, msgspec.Meta(pattern=CLOCK)]


def clock_time(clock: str) -> time:
    """Return a clock like 09:15 as a time of day."""
    return time.fromisoformat(clock)
