"""
The exchanges' own files: UDiFF bhavcopies of NSE and BSE, NSE's contract file and freeze quantities.

A bhavcopy has lots but no ticks: ticks are those of our rules at the day's price. NSE's contract file writes
prices in paise and days as seconds since 1980. Sources: market_rules.md 3.6; NSE/MSD/55276.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import msgspec

from kasauti.domain.instrument import Exchange, Kind
from kasauti.errors import InvalidInput, KasautiError
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.contracts import ContractBook
from kasauti.exchange.dated_symbols import Contract
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.master import Listing
from kasauti.exchange.symbols import future_symbol, option_symbol
from kasauti.exchange.udiff import Named, read_columns, series_symbol
from kasauti.feeds.instruments.rows import Cells, Contracts, Place, columns_of

#: The columns that are needed of a bhavcopy.
BHAVCOPY_COLUMNS = (
    "TradDt",
    "Sgmt",
    "Src",
    "FinInstrmTp",
    "FinInstrmId",
    "ISIN",
    "TckrSymb",
    "SctySrs",
    "XpryDt",
    "StrkPric",
    "OptnTp",
    "FinInstrmNm",
    "ClsPric",
    "UndrlygPric",
    "NewBrdLotQty",
)
#: The columns that are needed of NSE's contract file.
CONTRACT_COLUMNS = (
    "FinInstrmId",
    "FinInstrmNm",
    "TckrSymb",
    "XpryDt",
    "StrkPric",
    "OptnTp",
    "MinLot",
    "BidIntrvl",
)
#: The columns of a file of freeze quantities; NSE puts spaces around them.
FREEZE_COLUMNS = ("SYMBOL", "VOL_FRZ_QTY")

_PAISE = 100
_EPOCH = date(1980, 1, 1)
_DAY_SECONDS = 86_400
_EMPTY = ("", "-")
#: Series of NSE whose ticks our rules know.
_TICKED = ("EQ", "BE")
_NO_TICK = "a bhavcopy has no ticks, and no rule of ours has this one; load a broker's list"
#: FinInstrmNm of NSE's contract file: of an option, on an index.
_TYPES = {
    "FUTIDX": (False, True),
    "OPTIDX": (True, True),
    "FUTSTK": (False, False),
    "OPTSTK": (True, False),
}


def read_bhavcopy(file: Path, lines: Iterable[str], day: date) -> Iterator[Listing]:
    """Yield the listings of a bhavcopy of `day`; `MarketDataError` for the first line that cannot be used."""
    rows = csv.reader(lines)
    columns = columns_of(Place(file, 1), next(rows, []), BHAVCOPY_COLUMNS)
    contracts, ticks = Contracts(day), _Ticks(day)
    for values in rows:
        if values:
            cells = Cells(Place(file, rows.line_num), columns, values)
            if cells.word("TradDt") != day.isoformat():
                raise cells.wrong("TradDt", f"is {cells.text('TradDt')}, the file is of {day}")
            yield _traded(cells, contracts, ticks)


def _traded(cells: Cells, contracts: Contracts, ticks: "_Ticks") -> Listing:
    row = {name: cells.text(name) for name in BHAVCOPY_COLUMNS}
    try:
        named = read_columns({name: "" if text in _EMPTY else text for name, text in row.items()})
    except InvalidInput as error:
        raise cells.place.refused(str(error)) from error
    token, lot = cells.whole("FinInstrmId"), cells.whole("NewBrdLotQty")
    level = cells.price("ClsPric" if named.kind is Kind.EQUITY else "UndrlygPric")
    tick = ticks.of(cells, named, level)
    if named.kind is Kind.EQUITY:
        plain = named.exchange is Exchange.BSE
        symbol = named.name if plain else series_symbol(named.name, named.series)
        share = contracts.share(
            named.exchange,
            symbol,
            tick,
            name=cells.text("FinInstrmNm"),
            lot=lot,
            token=token,
            series=named.series,
            isin="" if row["ISIN"] in _EMPTY else row["ISIN"],
        )
        if plain or named.series not in _TICKED:
            return msgspec.structs.replace(share, fault=_NO_TICK)
        return share
    assert named.expiry is not None, "read with its columns"
    return contracts.derivative(
        named.exchange,
        cells.word("FinInstrmNm"),
        named.kind,
        tick,
        lot,
        name=named.name,
        expiry=named.expiry,
        strike=named.strike,
        token=token,
        on_index=named.on_index,
    )


class _Ticks:
    """Ticks by our rules, each question asked once."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._book = ContractBook(Expiries(Calendar()))

    def of(self, cells: Cells, named: Named, level: int) -> int:
        """Return the tick at the price `level`, of the underlying for derivatives."""
        try:
            return self._book.tick_size(named.kind, level, self._day, on_index=named.on_index)
        except KasautiError as error:
            raise cells.place.refused(str(error)) from error


def read_contract_file(file: Path, lines: Iterable[str], day: date) -> Iterator[Listing]:
    """Yield the listings of NSE's contract file; rows of spreads and other types are errors."""
    rows = csv.reader(lines)
    columns = columns_of(Place(file, 1), next(rows, []), CONTRACT_COLUMNS)
    contracts = Contracts(day)
    read = []
    for values in rows:
        if values:
            cells = Cells(Place(file, rows.line_num), columns, values)
            read.append((cells, *_contract(cells)))
    last: dict[tuple[str, int, int], date] = {}
    for _, contract, _ in read:
        key = (contract.name, contract.expiry.year, contract.expiry.month)
        last[key] = max(last.get(key, date.min), contract.expiry)
    for cells, contract, on_index in read:
        monthly = contract.expiry == last[contract.name, contract.expiry.year, contract.expiry.month]
        yield contracts.derivative(
            Exchange.NFO,
            _symbol(contract, monthly=monthly),
            contract.kind,
            cells.tick("BidIntrvl", _PAISE),
            cells.whole("MinLot"),
            name=contract.name,
            expiry=contract.expiry,
            strike=contract.strike,
            token=cells.whole("FinInstrmId"),
            on_index=on_index,
        )


def _contract(cells: Cells) -> tuple[Contract, bool]:
    word = cells.word("FinInstrmNm")
    if word not in _TYPES:
        raise cells.wrong("FinInstrmNm", f"is {word!r}; known are {', '.join(_TYPES)}")
    is_option, on_index = _TYPES[word]
    expiry = _EPOCH + timedelta(days=cells.whole("XpryDt") // _DAY_SECONDS)
    if not is_option:
        return Contract(cells.word("TckrSymb"), Kind.FUTURE, expiry), on_index
    side, strike = cells.word("OptnTp"), cells.price("StrkPric", _PAISE)
    if side not in {Kind.CALL, Kind.PUT}:
        raise cells.wrong("OptnTp", f"is {side!r}; an option is CE or PE")
    if strike <= 0:
        raise cells.wrong("StrkPric", f"is {cells.text('StrkPric')!r}; a strike is above 0")
    return Contract(cells.word("TckrSymb"), Kind(side), expiry, strike), on_index


def _symbol(contract: Contract, *, monthly: bool) -> str:
    if contract.kind is Kind.FUTURE:
        return future_symbol(contract.name, contract.expiry)
    return option_symbol(contract.name, contract.expiry, contract.strike, contract.kind, monthly=monthly)


def read_freeze_quantities(file: Path, lines: Iterable[str]) -> dict[str, int]:
    """Return the largest quantity of one order by underlying, from NSE's file."""
    rows = csv.reader(lines)
    columns = columns_of(Place(file, 1), next(rows, []), FREEZE_COLUMNS)
    quantities: dict[str, int] = {}
    for values in rows:
        if any(value.strip() for value in values):
            cells = Cells(Place(file, rows.line_num), columns, values)
            name = cells.word("SYMBOL")
            if name in quantities:
                raise cells.wrong("SYMBOL", f"is {name!r}, which stands in a line before")
            quantities[name] = cells.whole("VOL_FRZ_QTY")
    return quantities
