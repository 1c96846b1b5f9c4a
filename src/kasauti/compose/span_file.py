"""Reading a SPAN file of a clearing house from disk, zipped or not, a piece at a time."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from kasauti.errors import MarketDataError
from kasauti.exchange.span.parsing import RiskFile, parse_span

_CHUNK = 1 << 20
#: Where a file says which day it was made for, within its first piece.
_DAY = re.compile(rb"<pointInTime>\s*<date>\s*(\d{4})-?(\d\d)-?(\d\d)\s*</date>")


def read_span(path: Path, names: Iterable[str] | None = None, *, may_lack: bool = False) -> RiskFile:
    """
    Return what a SPAN file says; it may be zipped. `names` limits it to those underlyings.

    A file with none of them is an error, unless it `may_lack` them all.
    """
    with _opened(path) as stream:
        return parse_span(_chunks(stream.read), path.name, names, may_lack=may_lack)


def day_of_span(path: Path) -> date:
    """Return the day that a SPAN file was made for, without reading all of it."""
    with _opened(path) as stream:
        found = _DAY.search(stream.read(_CHUNK))
    try:
        if found is not None:
            return date(*(int(each) for each in found.groups()))
    except ValueError:
        pass
    raise MarketDataError(f"{path} says no day it was made for: it is no SPAN file (XML, format 4.00).")


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        if path.suffix.lower() != ".zip":
            with path.open("rb") as stream:
                yield stream
            return
        with ZipFile(path) as packed:
            inside = [name for name in packed.namelist() if name.lower().endswith((".spn", ".xml"))]
            if len(inside) != 1:
                raise MarketDataError(f"{path} holds {len(inside)} SPAN files; unpack the one you mean.")
            with packed.open(inside[0]) as stream:
                yield stream
    except FileNotFoundError as error:
        raise MarketDataError(f"There is no SPAN file {path}; check the path.") from error
    except OSError as error:
        raise MarketDataError(f"{path} cannot be read ({error.strerror}); check the file.") from error
    except BadZipFile as error:
        raise MarketDataError(f"{path} is not a whole zip file; fetch it again.") from error


def _chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while chunk := read(_CHUNK):
        yield chunk
