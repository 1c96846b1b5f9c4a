"""
What the server did, a line of JSON each: every request, and what of note happened to the desk.

A line names a route as its table has it, never the path or the body that came: secrets may stand in both. The
file is its owner's only, is begun anew when it is full, and never keeps a request waiting.
"""

import asyncio
import contextlib
import logging
import os
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Final

import msgspec

from kasauti.domain.ist import ist_iso
from kasauti.feeds.clock import wall_ns
from kasauti.web.journal_line import request_line

NAME: Final = "server.log"
#: A file of this size becomes the previous one, in place of what was that.
_FULL: Final = 64 * 1024 * 1024
_EVERY_S: Final = 0.25
_ENCODE: Final = msgspec.json.Encoder().encode
_LONGEST: Final = 4_000


class Journal(logging.Handler):
    """The log of a server in a folder; as a handler it takes what the program's own loggers say."""

    def __init__(self, folder: Path, now: Callable[[], int] = wall_ns, full: int = _FULL) -> None:
        super().__init__(logging.WARNING)
        self._path = folder / NAME
        self._now = now
        self._full = full
        self._begun = token_hex(4)
        self._numbers = count(1)
        self._lines: deque[bytes] = deque()
        self._is_asked = False
        #: Loggers speak in threads of their own as well.
        self._writing = threading.Lock()
        #: Lines that the disk did not take.
        self.lost = 0
        self._open()

    def _open(self) -> None:
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = os.fstat(self._file).st_size

    def request(self, dialect: str, route: str, status: int, seconds: float, key: str, address: str) -> str:
        """Note a request that was answered; return the id by which its line is found."""
        number = f"{self._begun}-{next(self._numbers):x}"
        at = ist_iso(self._now())
        self._later(request_line(at, number, dialect, route, status, seconds, key, address))
        return number

    def _later(self, line: bytes) -> None:
        self._lines.append(line)
        if not self._is_asked:
            self._is_asked = True
            asyncio.get_running_loop().call_later(_EVERY_S, self._in_time)

    def _in_time(self) -> None:
        self._is_asked = False
        self.flush()

    def socket(
        self, door: str, what: str, key: str, address: str, more: Mapping[str, str | int | float]
    ) -> None:
        """Note that a WebSocket was opened, closed or refused, and with the end what went over it."""
        line = {"at": ist_iso(self._now()), "kind": "socket", "what": what, "door": door, "key": key}
        self._later(_ENCODE({**line, "address": address, **more}))

    def note(self, what: str, level: str = "info", **more: str) -> None:
        """Note what happened to the desk."""
        told = {name: text[:_LONGEST] for name, text in more.items()}
        self._lines.append(_ENCODE({"at": ist_iso(self._now()), "kind": level, "what": what, **told}))
        self.flush()

    def emit(self, record: logging.LogRecord) -> None:
        """Note what a logger says; of an error where it happened, which names no values."""
        more = {"logger": record.name}
        if record.exc_info is not None and record.exc_info[1] is not None:
            error = record.exc_info[1]
            steps = traceback.extract_tb(error.__traceback__)
            more["error"] = type(error).__name__
            more["where"] = " > ".join(
                f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in steps
            )
        self.note(record.getMessage()[:_LONGEST], record.levelname.lower(), **more)

    def flush(self) -> None:
        """Write what waits; what the disk does not take is counted, and hinders nobody."""
        with self._writing:
            lines: list[bytes] = []
            while self._lines:
                lines.append(self._lines.popleft())
            if not lines:
                return
            try:
                self._size += os.write(self._file, b"\n".join([*lines, b""]))
                if self._size >= self._full:
                    os.close(self._file)
                    self._path.replace(self._path.with_suffix(".log.1"))
                    self._open()
            except OSError:
                self.lost += len(lines)

    def close(self) -> None:
        """Write what waits, and end."""
        self.flush()
        os.close(self._file)
        # A number of a file that is closed may be another file's next.
        self._file = -1
        super().close()


@contextlib.contextmanager
def journal_in(folder: Path) -> Iterator[Journal]:
    """Keep the log of a server in a folder for as long as it lasts."""
    journal, speakers = Journal(folder), [logging.getLogger(name) for name in ("kasauti", "uvicorn")]
    for each in speakers:
        each.addHandler(journal)
    try:
        yield journal
    finally:
        for each in speakers:
            each.removeHandler(journal)
        journal.close()
