"""
How far the postbacks of each log have been delivered, in a file of the desk's folder.

It is written after a delivery, so a process that dies between the two delivers again, and never less.
"""

import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from kasauti.desk.roll import REPLAY
from kasauti.errors import ConfigError

_LOGGER = logging.getLogger(__name__)
FILE: Final = "postbacks.json"


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last event of each log whose postbacks were delivered or given up."""

    delivered: dict[str, int]


class Delivered:
    """The numbers of events up to which everything was delivered, by log; any thread may ask and mark."""

    def __init__(self, folder: Path) -> None:
        """Read them; raises `ConfigError` for a file that cannot be read."""
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._numbers = _read(self._path)

    def of(self, log: str) -> int | None:
        """Return the number for a log, None for one that nothing is known of."""
        return self._numbers.get(log)

    def mark(self, log: str, seq: int) -> None:
        """Keep that everything up to an event was delivered; a disk that is full costs a second delivery."""
        with self._lock:
            if seq <= self._numbers.get(log, -1):
                return
            self._numbers[log] = seq
            fresh = self._path.with_suffix(".new")
            try:
                fresh.write_bytes(msgspec.json.encode(_Kept(self._numbers)))
                fresh.replace(self._path)
            except OSError as error:
                _LOGGER.warning("how far postbacks came could not be kept: %s", error.strerror)


def _read(path: Path) -> dict[str, int]:
    try:
        kept: Mapping[str, int] = msgspec.json.decode(path.read_bytes(), type=_Kept).delivered
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigError(
            f"{path} says how far postbacks came and cannot be read: {error}; remove it, and postbacks go on"
            " with what happens from now on"
        ) from error
    # A replay does not outlive its process.
    return {log: seq for log, seq in kept.items() if REPLAY not in log}
