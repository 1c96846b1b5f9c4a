"""
The file that says which instruments a vendor's keys are: `instrument_map.csv`, beside the data.

Columns: instrument_key, symbol, expiry, strike, type (EQ, CE, PE, FUT), lot; the last four may be empty for a
share. It stands for the instrument master of the day, so its lot goes before the exchange rules' one.
"""

import csv
from datetime import date
from pathlib import Path

import msgspec

from kasauti.domain.instrument import Kind
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput, MarketDataError
from kasauti.feeds.recorded.reading import INSTRUMENT_MAP

_COLUMNS = ("instrument_key", "symbol", "expiry", "strike", "type", "lot")


class Entry(msgspec.Struct, frozen=True):
    """What one key stands for. `strike` is money units, `lot` units, 0 where the map does not say."""

    key: str
    symbol: str
    kind: Kind
    expiry: date | None = None
    strike: int = 0
    lot: int = 0


def read_map(folder: Path) -> dict[str, Entry]:
    """Return the entries of the map in `folder` by key, none where there is no map."""
    path = folder / INSTRUMENT_MAP
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MarketDataError(f"{path.name} cannot be read: {error}. Save it as CSV in UTF-8.") from error
    if lines and not set(_COLUMNS) <= lines[0].keys():
        raise MarketDataError(f"{path.name} needs the columns {', '.join(_COLUMNS)}.")
    entries = {}
    for row, line in enumerate(lines, 1):
        try:
            entry = _entry(line)
        except (InvalidInput, ValueError, TypeError, AttributeError) as error:
            raise MarketDataError(f"{path.name}, row {row}: {error}; correct that row.") from error
        entries[entry.key] = entry
    return entries


def _entry(line: dict[str, str]) -> Entry:
    return Entry(
        key=line["instrument_key"].strip(),
        symbol=line["symbol"].strip(),
        kind=Kind(line["type"].strip()),
        expiry=date.fromisoformat(line["expiry"].strip()) if line["expiry"].strip() else None,
        strike=rupees(line["strike"].strip()) if line["strike"].strip() else 0,
        lot=int(line["lot"].strip()) if line["lot"].strip() else 0,
    )
