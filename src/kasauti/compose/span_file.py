"""Reading a SPAN file of a clearing house from disk, zipped or not, a piece at a time."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from kasauti.errors import MarketDataError
from kasauti.exchange.span.parsing import RiskFile, parse_span

_CHUNK = 1 << 20


def read_span(path: Path, names: Iterable[str] | None = None) -> RiskFile:
    """Return what a SPAN file says; it may be zipped. `names` limits it to those underlyings."""
    try:
        if path.suffix.lower() == ".zip":
            with ZipFile(path) as packed:
                inside = [name for name in packed.namelist() if name.lower().endswith((".spn", ".xml"))]
                if len(inside) != 1:
                    raise MarketDataError(f"{path} holds {len(inside)} SPAN files; unpack the one you mean.")
                with packed.open(inside[0]) as stream:
                    return parse_span(_chunks(stream.read), path.name, names)
        with path.open("rb") as stream:
            return parse_span(_chunks(stream.read), path.name, names)
    except FileNotFoundError as error:
        raise MarketDataError(f"There is no SPAN file {path}; check the path.") from error
    except BadZipFile as error:
        raise MarketDataError(f"{path} is not a whole zip file; fetch it again.") from error


def _chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while chunk := read(_CHUNK):
        yield chunk
