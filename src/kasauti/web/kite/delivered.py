"""
How far the postbacks of each log have been delivered, in the database of the desk's registry.

It is written after a delivery, so a process that dies between the two delivers again, and never less; where
several processes share accounts, the one that takes an account over goes on where the other one was.
"""

import logging
import threading
from pathlib import Path
from typing import Final, Protocol

import msgspec

from kasauti.desk.roll import REPLAY
from kasauti.errors import ConfigError, StorageError

_LOGGER = logging.getLogger(__name__)
#: Where earlier versions kept it, in the desk's folder.
FILE: Final = "postbacks.json"


class Numbers(Protocol):
    """What keeps the numbers; as `store.registry.postbacks.Postbacks`."""

    def delivered(self, stream: str) -> int | None:
        """Return the number for a log, None for one of which nothing is known."""

    def mark(self, stream: str, seq: int) -> None:
        """Keep a number; a lower one than what is kept changes nothing."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last event of each log whose postbacks were delivered or given up."""

    delivered: dict[str, int]


class Delivered:
    """The numbers of events up to which everything was delivered, by log; any thread may ask and mark."""

    def __init__(self, numbers: Numbers, folder: Path) -> None:
        """Take over what an earlier version left in a folder; `ConfigError` if that cannot be read."""
        self._numbers = numbers
        self._marked: dict[str, int] = {}
        self._lock = threading.Lock()
        path = folder / FILE
        for log, seq in _left(path).items():
            self._numbers.mark(log, seq)
        path.unlink(missing_ok=True)

    def of(self, log: str) -> int | None:
        """Return the number for a log, None for one that nothing is known of; or raise `StorageError`."""
        return self._numbers.delivered(log)

    def mark(self, log: str, seq: int) -> None:
        """Keep that everything up to an event was delivered; a disk that is full costs a second delivery."""
        # A replay does not outlive its process.
        if REPLAY in log:
            return
        with self._lock:
            if seq <= self._marked.get(log, -1):
                return
            try:
                self._numbers.mark(log, seq)
            except StorageError as error:
                _LOGGER.warning("how far postbacks came could not be kept: %s", error)
            else:
                self._marked[log] = seq


def _left(path: Path) -> dict[str, int]:
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_File).delivered
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigError(
            f"{path} says how far postbacks came and cannot be read: {error}; remove it, and postbacks go on"
            " with what happens from now on"
        ) from error
    return {log: seq for log, seq in kept.items() if REPLAY not in log}
