"""
Zerodha's instrument dump: a CSV of one line an instrument.

Lots of MCX and currency contracts are counted in lots there, of all others in units. Source: brokers.md 1.9.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from kasauti.domain.instrument import Exchange, Kind
from kasauti.errors import InvalidInput
from kasauti.exchange.master import Listing
from kasauti.exchange.symbols import parse
from kasauti.feeds.instruments.rows import COUNTED_IN_LOTS, Cells, Contracts, Place, columns_of, exchange_of

#: The columns of a dump, all needed.
COLUMNS = (
    "instrument_token",
    "exchange_token",
    "tradingsymbol",
    "name",
    "last_price",
    "expiry",
    "strike",
    "tick_size",
    "lot_size",
    "instrument_type",
    "segment",
    "exchange",
)

_INDICES = "INDICES"
#: The last byte of instrument_token, by segment.
_SEGMENT_BYTE = {"NSE": 1, "NFO": 2, "CDS": 3, "BSE": 4, "BFO": 5, "MCX": 7, _INDICES: 9}
_BYTE = 256


def read_kite(file: Path, lines: Iterable[str], day: date, left_out: dict[str, int]) -> Iterator[Listing]:
    """
    Yield the listings of a dump; `left_out` counts what is not traded here.

    Raises `MarketDataError` for the first line that cannot be used.
    """
    rows = csv.reader(lines)
    columns = columns_of(Place(file, 1), next(rows, []), COLUMNS)
    contracts = Contracts(day)
    for values in rows:
        if values:
            cells = Cells(Place(file, rows.line_num), columns, values)
            listing = _listing(cells, contracts, left_out)
            if listing is not None:
                yield listing


def _listing(cells: Cells, contracts: Contracts, left_out: dict[str, int]) -> Listing | None:
    segment = cells.word("segment")
    exchange = exchange_of(cells, "exchange", left_out)
    if exchange is None:
        return None
    token = _token(cells, segment, exchange)
    symbol, word = cells.word("tradingsymbol"), cells.word("instrument_type")
    if segment == _INDICES:
        return contracts.index(exchange, symbol, token)
    kind = _kind(cells, word, exchange)
    lot, tick = cells.whole("lot_size"), cells.tick("tick_size")
    if kind is Kind.EQUITY:
        series = _series(symbol) if exchange is Exchange.NSE else ""
        return contracts.share(
            exchange, symbol, tick, name=cells.text("name") or symbol, lot=lot, token=token, series=series
        )
    strike = cells.price("strike")
    if kind.is_option and strike <= 0:
        raise cells.wrong("strike", f"is {cells.text('strike')!r}; the strike of an option is above 0")
    return contracts.derivative(
        exchange,
        symbol,
        kind,
        tick,
        lot,
        name=cells.text("name") or _name_in(cells, symbol),
        expiry=_day(cells),
        strike=strike if kind.is_option else 0,
        token=token,
        in_lots=exchange in COUNTED_IN_LOTS,
    )


def _kind(cells: Cells, word: str, exchange: Exchange) -> Kind:
    shares = exchange in {Exchange.NSE, Exchange.BSE}
    allowed = (Kind.EQUITY,) if shares else (Kind.FUTURE, Kind.CALL, Kind.PUT)
    if word not in allowed:
        raise cells.wrong("instrument_type", f"is {word!r}; on {exchange} it is {', '.join(allowed)}")
    return Kind(word)


def _token(cells: Cells, segment: str, exchange: Exchange) -> int:
    """Return the exchange's number; Zerodha's own is made of it and has to agree."""
    own, exchange_token = cells.whole("instrument_token"), cells.whole("exchange_token")
    byte = _SEGMENT_BYTE.get(_INDICES if segment == _INDICES else exchange)
    if byte is None or own != exchange_token * _BYTE + byte:
        raise cells.wrong(
            "instrument_token", f"is {own}, which exchange_token {exchange_token} does not give"
        )
    return exchange_token


def _day(cells: Cells) -> date:
    text = cells.word("expiry")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise cells.wrong("expiry", f"is {text!r}, which is no day like 2026-11-24") from error


def _name_in(cells: Cells, symbol: str) -> str:
    """Return the name in a symbol, where a dump leaves the column empty."""
    try:
        return parse(symbol).name
    except InvalidInput as error:
        raise cells.wrong("name", "is empty, and the symbol does not say it") from error


def _series(symbol: str) -> str:
    """Return the series that Zerodha writes behind a share's symbol, unless it is EQ: CENTRALBK-BE."""
    name, dash, series = symbol.rpartition("-")
    return series if dash and name and len(series) == len("EQ") else "EQ"
