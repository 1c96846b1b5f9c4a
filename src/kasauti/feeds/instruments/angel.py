"""
Angel One's scrip master: a JSON list of objects, all values text.

Prices are in paise, strikes of currency options in thousandths of a paisa; lots are units. Contracts have the
whole date in their symbol: ours is made from the expiries in the same list, as the last one of a month is the
monthly one. Source: brokers.md 2.7.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import msgspec

from kasauti.domain.instrument import Exchange, Kind
from kasauti.errors import InvalidInput
from kasauti.exchange.dated_symbols import Contract, parse_dated
from kasauti.exchange.indices import INDICES
from kasauti.exchange.master import Listing
from kasauti.exchange.symbols import MONTHS, future_symbol, option_symbol
from kasauti.exchange.udiff import PLAIN_SERIES
from kasauti.feeds.instruments.rows import Cells, Contracts, Place, exchange_of

#: The fields of an object that are needed.
FIELDS = ("token", "symbol", "name", "expiry", "strike", "lotsize", "instrumenttype", "exch_seg", "tick_size")

_PAISE = 100
#: Strikes of currency options are written a thousand times larger still.
_CURRENCY = 100_000
_FUTURES = ("FUTIDX", "FUTSTK", "FUTCOM", "FUTCUR", "FUTIRC", "FUTIRT")
_OPTIONS = ("OPTIDX", "OPTSTK", "OPTFUT", "OPTCUR", "OPTIRC", "OPTCOM")
_INDEX = "AMXIDX"
#: What is listed without being traded under its own symbol: the rates and prices that others are written on.
_UNDERLYINGS = ("UNDCUR", "UNDIRC", "UNDIRT", "UNDIRD", "COMDTY", "INDEX")


def read_angel(file: Path, rows: Iterable[object], day: date, left_out: dict[str, int]) -> Iterator[Listing]:
    """
    Yield the listings of a scrip master; `left_out` counts what is not traded here.

    Raises `MarketDataError` for the first object that cannot be used; its number stands for a line.
    """
    contracts = Contracts(day)
    columns = {name: position for position, name in enumerate(FIELDS)}
    derivatives: list[tuple[Cells, Exchange]] = []
    for number, row in enumerate(rows, 1):
        place = Place(file, number)
        cells = Cells(place, columns, _values(place, row))
        exchange = exchange_of(cells, "exch_seg", left_out)
        if exchange is None:
            continue
        word = cells.text("instrumenttype")
        if word in _UNDERLYINGS:
            left_out[word] = left_out.get(word, 0) + 1
        elif word in _FUTURES or word in _OPTIONS:
            derivatives.append((cells, exchange))
        elif word == _INDEX:
            yield _index(cells, contracts, exchange)
        elif not word:
            yield _share(cells, contracts, exchange)
        else:
            known = ", ".join((_INDEX, *_FUTURES, *_OPTIONS, *_UNDERLYINGS))
            raise cells.wrong("instrumenttype", f"is {word!r}; known are {known}, and none for shares")
    yield from _derivatives(derivatives, contracts)


def _values(place: Place, row: object) -> list[str]:
    if not isinstance(row, dict):
        raise place.refused(f"it is {row!r}, not an object")
    missing = [name for name in FIELDS if name not in row]
    if missing:
        raise place.refused(f"the field{'s' * (len(missing) > 1)} {', '.join(missing)} is missing")
    return [str(row[name]) for name in FIELDS]


def _index(cells: Cells, contracts: Contracts, exchange: Exchange) -> Listing:
    symbol = cells.word("symbol")
    known = next((e for e in INDICES if e.exchange == exchange and e.angel == symbol), None)
    return contracts.index(
        exchange, symbol.upper() if known is None else known.tradingsymbol, cells.whole("token")
    )


def _share(cells: Cells, contracts: Contracts, exchange: Exchange) -> Listing:
    symbol, series = cells.word("symbol"), ""
    if exchange is Exchange.NSE:
        _, dash, series = symbol.rpartition("-")
        if not dash:
            series = ""
        symbol = symbol.removesuffix(f"-{PLAIN_SERIES}")
    return contracts.share(
        exchange,
        symbol,
        cells.tick("tick_size", _PAISE),
        name=cells.text("name") or symbol,
        lot=cells.whole("lotsize"),
        token=cells.whole("token"),
        series=series,
    )


class _Row(msgspec.Struct, frozen=True):
    cells: Cells
    exchange: Exchange
    contract: Contract


def _derivatives(rows: list[tuple[Cells, Exchange]], contracts: Contracts) -> Iterator[Listing]:
    read = [_Row(cells, exchange, _contract(cells, exchange)) for cells, exchange in rows]
    last: dict[tuple[Exchange, str, int, int], date] = defaultdict(lambda: date.min)
    for row in read:
        key = _month(row)
        last[key] = max(last[key], row.contract.expiry)
    for row in read:
        monthly = row.contract.expiry == last[_month(row)]
        yield _derivative(row, contracts, monthly=monthly)


def _month(row: _Row) -> tuple[Exchange, str, int, int]:
    expiry = row.contract.expiry
    return row.exchange, row.contract.name, expiry.year, expiry.month


def _contract(cells: Cells, exchange: Exchange) -> Contract:
    """Return what the columns say, which the symbol has to say too."""
    word, symbol = cells.text("instrumenttype"), cells.word("symbol")
    kind = Kind.FUTURE if word in _FUTURES else _side(cells, symbol)
    strike = 0
    if kind.is_option:
        strike = cells.price("strike", _CURRENCY if exchange is Exchange.CDS else _PAISE)
        if strike <= 0:
            raise cells.wrong("strike", f"is {cells.text('strike')!r}; the strike of an option is above 0")
    said = Contract(cells.word("name"), kind, _day(cells), strike)
    try:
        named = parse_dated(symbol)
    except InvalidInput as error:
        raise cells.wrong("symbol", f"is {symbol!r}, which says no contract") from error
    if named != said:
        raise cells.wrong("symbol", f"is {symbol!r}, the other fields say {said}")
    return said


def _side(cells: Cells, symbol: str) -> Kind:
    if symbol[-2:] not in {Kind.CALL, Kind.PUT}:
        raise cells.wrong("symbol", f"is {symbol!r}; an option's ends in CE or PE")
    return Kind(symbol[-2:])


def _day(cells: Cells) -> date:
    """Return an expiry that is written like 29DEC2026."""
    text = cells.word("expiry")
    try:
        return date(int(text[5:]), MONTHS.index(text[2:5]) + 1, int(text[:2]))
    except ValueError as error:
        raise cells.wrong("expiry", f"is {text!r}, which is no day like 29DEC2026") from error


def _derivative(row: _Row, contracts: Contracts, *, monthly: bool) -> Listing:
    contract, cells = row.contract, row.cells
    if contract.kind is Kind.FUTURE:
        symbol = future_symbol(contract.name, contract.expiry)
    else:
        symbol = option_symbol(
            contract.name, contract.expiry, contract.strike, contract.kind, monthly=monthly
        )
    word = cells.text("instrumenttype")
    return contracts.derivative(
        row.exchange,
        symbol,
        contract.kind,
        cells.tick("tick_size", _PAISE),
        cells.whole("lotsize"),
        name=contract.name,
        expiry=contract.expiry,
        strike=contract.strike,
        token=cells.whole("token"),
        on_index=word.endswith("IDX") if row.exchange in {Exchange.NFO, Exchange.BFO} else None,
    )
