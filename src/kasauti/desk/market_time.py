"""
How far a desk's market has come, kept beside the logs.

A log tells when something last happened to an account; that may be an hour ago. A restart goes on where the
market was. Losing the file costs no more than that: nothing an account has depends on it.
"""

import contextlib
from datetime import date
from pathlib import Path

import msgspec

from kasauti.store.files import write_atomically

_FILE = "market.json"


class MarketTime(msgspec.Struct, frozen=True):
    """The market's name in logs, its day and the moment it has come to, nanoseconds UTC."""

    source: str
    day: date
    at: int


def keep_market_time(folder: Path, reached: MarketTime) -> None:
    """Keep how far the market has come; a disk that does not take it costs only that."""
    with contextlib.suppress(OSError):
        write_atomically(folder / _FILE, msgspec.json.encode(reached), flush=False)


def kept_market_time(folder: Path) -> MarketTime | None:
    """Return how far the market had come, None where that is not known."""
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=MarketTime)
    except (OSError, msgspec.MsgspecError):
        return None
