"""
One writer for each file: a lock that the operating system takes back when its holder ends, however it ends.

The lock is on a file beside the log, whose text names the holder and whose time says since when. The text may
outlive the holder, the lock cannot, so a killed process never blocks the next one.
"""

import os
import sys
import time
from pathlib import Path
from typing import Final

from kasauti.domain.ist import ist_iso
from kasauti.errors import LogError, LogLocked

#: On Windows a lock keeps others from reading the bytes it covers: it covers one far behind the text.
_LOCKED_BYTE: Final = 1 << 30

#: Somebody who only looks takes the lock for a moment: worth waiting for.
_TRIES: Final = 5
_PAUSE_S: Final = 0.02


class WriterLock:
    """The right to write to one log, held until `release` or the end of the process."""

    def __init__(self, log: Path) -> None:
        """
        Take it.

        Raises `LogLocked` with the holder if another process, or another object of this one, has it, and
        `LogError` if there can be no lock file.
        """
        path = lock_path(log)
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise LogError(
                f"{path} cannot be written: {error.strerror}; a log needs a folder that is yours to write to"
            ) from error
        if not self._taken():
            os.close(self._file)
            raise LogLocked(
                f"{log} is in use by {_described(path)}; stop that process, or choose another data folder"
            )
        os.ftruncate(self._file, 0)
        os.write(self._file, f"process {os.getpid()}\n".encode())

    def _taken(self) -> bool:
        for attempt in range(_TRIES):
            if _take(self._file):
                return True
            if attempt < _TRIES - 1:
                time.sleep(_PAUSE_S)
        return False

    def release(self) -> None:
        """Give it back; the file stays."""
        if self._file >= 0:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = -1


def lock_path(log: Path) -> Path:
    """Return where the lock of a log is."""
    return log.with_name(f"{log.name}.lock")


def holder(log: Path) -> str:
    """Return who writes to `log` now and since when, or "" if nobody does."""
    path = lock_path(log)
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return ""
    try:
        return "" if _take(file) else _described(path)
    finally:
        os.close(file)


def _described(path: Path) -> str:
    """Return the text of a lock file: the holder may have died, or not have written it yet."""
    who = path.read_text(encoding="utf-8", errors="replace").strip() or "another process"
    return f"{who} since {ist_iso(path.stat().st_mtime_ns)}"


def _take(file: int) -> bool:
    """Try once to lock an open file; closing it gives the lock back."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415  exists on Windows only

            os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
            os.lseek(file, 0, os.SEEK_SET)
        else:
            import fcntl  # noqa: PLC0415  exists on POSIX only

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
