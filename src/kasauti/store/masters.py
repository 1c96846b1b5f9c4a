"""
The instrument masters of days in a folder: one file a day, written whole or not at all.

Contracts vanish from brokers' lists when they expire; what was loaded once stays here.
"""

import re
import zlib
from datetime import date
from pathlib import Path

import msgspec

from kasauti.errors import MarketDataError
from kasauti.exchange.master import Master
from kasauti.store.files import write_atomically

_NAME = re.compile(r"instruments-([0-9]{4}-[0-9]{2}-[0-9]{2})\.json\.z")
_LEVEL = 1
_DECODER = msgspec.json.Decoder(Master)


class MasterCache:
    """The masters in `folder`, by day; the folder is made when the first is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def days(self) -> list[date]:
        """Return the days that have a master, oldest first."""
        if not self._folder.is_dir():
            return []
        found = (_NAME.fullmatch(path.name) for path in self._folder.iterdir())
        return sorted(date.fromisoformat(each[1]) for each in found if each is not None)

    def on(self, day: date) -> Master | None:
        """Return the master of a day, None if none was loaded; `MarketDataError` if its file is broken."""
        path = self._path(day)
        if not path.exists():
            return None
        try:
            return _DECODER.decode(zlib.decompress(path.read_bytes()))
        except (OSError, zlib.error, msgspec.DecodeError) as error:
            raise MarketDataError(
                f"{path} cannot be read ({error}). Load the day's list again: kasauti instruments load FILE."
            ) from error

    def before(self, day: date) -> Master | None:
        """Return the newest master of a day before `day`, None if there is none."""
        earlier = [each for each in self.days() if each < day]
        return self.on(earlier[-1]) if earlier else None

    def keep(self, master: Master) -> Path:
        """Write a master; one of the same day is replaced, at once and whole."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(master.day)
        write_atomically(path, zlib.compress(msgspec.json.encode(master), _LEVEL))
        return path

    def _path(self, day: date) -> Path:
        return self._folder / f"instruments-{day.isoformat()}.json.z"
