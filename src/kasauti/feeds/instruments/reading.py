"""Which list a file is, of which day, and the master that comes of it."""

import csv
import gzip
import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import msgspec

from kasauti.domain.instrument import Exchange
from kasauti.errors import MarketDataError
from kasauti.exchange.master import Listing, Master
from kasauti.feeds.instruments import angel, exchange_files, kite

#: What each kind of list is called to people.
KITE, ANGEL = "Kite instrument dump", "Angel One scrip master"
BHAVCOPY, CONTRACT_FILE, FREEZE = "UDiFF bhavcopy", "NSE contract file", "NSE freeze quantities"

_GZIP, _ZIP = b"\x1f\x8b", b"PK"
_DATES = (
    (re.compile(r"(?<![0-9])(20[0-9]{2})-?([01][0-9])-?([0-3][0-9])(?![0-9])"), (1, 2, 3)),
    (re.compile(r"(?<![0-9])([0-3][0-9])([01][0-9])(20[0-9]{2})(?![0-9])"), (3, 2, 1)),
)


class Read(msgspec.Struct, frozen=True):
    """What was in a file: a master, or only freeze quantities to add to one."""

    source: str
    day: date
    master: Master | None = None
    freeze: dict[str, int] = {}


def read_list(file: Path, day: date | None = None) -> Read:
    """
    Read a list of instruments; .gz and .zip are opened.

    `day` is the trading day it is of; without it the file itself or its name has to say. Raises
    `MarketDataError` for a list that is of no known kind or has a line that cannot be used.
    """
    data = _opened(file)
    if data.lstrip()[:1] == b"[":
        return _angel(file, data, _day(file, day))
    lines = _decoded(file, data).splitlines()
    header = {name.strip() for name in next(csv.reader(lines[:1]), [])}
    if "instrument_token" in header:
        return _kite(file, lines, _day(file, day))
    if "FinInstrmTp" in header and "TradDt" in header:
        return _bhavcopy(file, lines, day)
    if "BidIntrvl" in header:
        on = _day(file, day)
        return _master(CONTRACT_FILE, on, exchange_files.read_contract_file(file, lines, on), {}, file)
    if "VOL_FRZ_QTY" in header:
        return Read(FREEZE, _day(file, day), freeze=exchange_files.read_freeze_quantities(file, lines))
    raise MarketDataError(
        f"{file.name} is no list of instruments that is known: {KITE} (CSV), {ANGEL} (JSON), {BHAVCOPY},"
        f" {CONTRACT_FILE} or {FREEZE} (CSV). Its first line is {', '.join(sorted(header))[:120]!r}."
    )


def _kite(file: Path, lines: list[str], day: date) -> Read:
    left_out: dict[str, int] = {}
    return _master(KITE, day, kite.read_kite(file, lines, day, left_out), left_out, file)


def _angel(file: Path, data: bytes, day: date) -> Read:
    left_out: dict[str, int] = {}
    try:
        rows = msgspec.json.decode(data, type=list[object])
    except msgspec.DecodeError as error:
        raise MarketDataError(f"{file.name} is no JSON list: {error}. Get it again.") from error
    return _master(ANGEL, day, angel.read_angel(file, rows, day, left_out), left_out, file)


def _bhavcopy(file: Path, lines: list[str], day: date | None) -> Read:
    """Read a bhavcopy: its rows say their day."""
    rows = csv.DictReader(lines[:2])
    first = next(rows, None)
    said = "" if first is None else str(first.get("TradDt", ""))
    try:
        on = date.fromisoformat(said)
    except ValueError as error:
        raise MarketDataError(f"{file.name}, line 2: TradDt is {said!r}, which is no day.") from error
    if day is not None and day != on:
        raise MarketDataError(f"{file.name} is of {on}, not of {day}; leave the date out, or give its own.")
    return _master(BHAVCOPY, on, exchange_files.read_bhavcopy(file, lines, on), {}, file)


def _master(
    source: str, day: date, listings: Iterable[Listing], left_out: dict[str, int], file: Path
) -> Read:
    found: dict[str, Listing] = {}
    for each in listings:
        twice = each.instrument.id in found
        found[each.instrument.id] = (
            msgspec.structs.replace(each, fault="the list has it twice, and not the same") if twice else each
        )
    if not found:
        raise MarketDataError(f"{file.name} has no instrument in it. Get it again.")
    exchanges = sorted({each.instrument.exchange for each in found.values()})
    sources: dict[Exchange, str] = dict.fromkeys(exchanges, source)
    return Read(source, day, Master(day, sources, tuple(found.values()), left_out))


def _day(file: Path, day: date | None) -> date:
    """Return the day that was given, or the one in the file's name; one of them has to say."""
    if day is not None:
        return day
    for pattern, (year, month, dom) in _DATES:
        found = pattern.search(file.name)
        if found is not None:
            try:
                return date(int(found[year]), int(found[month]), int(found[dom]))
            except ValueError:
                continue
    raise MarketDataError(
        f"{file.name} does not say of which day it is; give --date, like --date 2026-11-23."
    )


def _opened(file: Path) -> bytes:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise MarketDataError(f"{file} cannot be read: {error.strerror}. Check the path.") from error
    try:
        if data.startswith(_GZIP):
            return gzip.decompress(data)
        if data.startswith(_ZIP):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                names = archive.namelist()
                if len(names) != 1:
                    raise MarketDataError(
                        f"{file.name} holds {len(names)} files; unpack the one that is meant."
                    )
                return archive.read(names[0])
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        raise MarketDataError(f"{file.name} cannot be unpacked: {error}. Get it again.") from error
    return data


def _decoded(file: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MarketDataError(f"{file.name} is no text in UTF-8 ({error}). Get it again.") from error
