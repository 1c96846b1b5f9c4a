"""Instruments without the market they came from: those of a log, and those that a symbol names."""

import re
from datetime import date
from functools import cache

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import PAISA
from kasauti.errors import InvalidInput, KasautiError
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.contract_sizes import ContractSizes, other_market
from kasauti.exchange.contracts import ContractBook
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.indices import INDICES, Index, index_named
from kasauti.exchange.symbols import Symbol, parse

#: Exchanges on which shares trade.
_SHARES = (Exchange.NSE, Exchange.BSE)
#: Exchanges whose futures have a tick by name, and not by price.
_BY_SIZE = (Exchange.MCX, Exchange.CDS)
#: How a symbol ends that is meant to be a contract's; RELIANCE is not.
_CONTRACT_LIKE = re.compile(r"[0-9](?:CE|PE)$|[0-9][A-Z]{3}FUT$")


@cache
def known_instrument(instrument_id: str) -> Instrument | None:
    """
    Return what an instrument's id says of it: enough to find its charges; None if it says nothing.

    Lot, tick and freeze quantity are not in an id, and are left at the least.
    """
    exchange_code, _, symbol = instrument_id.partition(":")
    try:
        exchange = Exchange(exchange_code)
        if exchange in (Exchange.NSE, Exchange.BSE):
            return Instrument(exchange, symbol, Kind.EQUITY, PAISA, name=symbol)
        parts = parse(symbol)
    except (ValueError, KasautiError):
        return None
    return Instrument(exchange, symbol, parts.kind, PAISA, name=parts.name, strike=parts.strike or 0)


def ruled_instrument(symbol: str, on: date, level: int, *, tick: int | None = None) -> Instrument:
    """
    Return the instrument that `symbol` names, with the tick that the rules give it at the price `level`.

    It is read as Zerodha writes it, with its exchange before a colon or without. The tick of a share's
    option follows the share's price and has to be given. Expiry, lot and freeze quantity are left out.
    """
    watched = index_named(symbol)
    if watched is not None:
        return Instrument(watched.exchange, watched.tradingsymbol, Kind.INDEX, 5 * PAISA, name=watched.name)
    code, _, bare = symbol.rpartition(":")
    read = _contract(bare) if code not in _SHARES else None
    if read is None and code not in _SHARES and code:
        raise InvalidInput(f"{symbol!r} is not a future or an option, and {code} trades nothing else.")
    index = None if read is None else index_named(read.name)
    kind = Kind.EQUITY if read is None else read.kind
    name = bare if read is None else read.name
    exchange = Exchange(code) if code else _exchange_of(index, kind, name)
    if tick is None and exchange in _BY_SIZE and kind is Kind.FUTURE:
        tick = ContractSizes().of(exchange, name, on).tick
    if tick is None:
        tick = _tick(symbol, kind, level, on, on_index=index is not None)
    return Instrument(exchange, bare, kind, tick, name=name, on_index=index is not None)


def _contract(symbol: str) -> Symbol | None:
    """Return what the symbol of a future or an option says, None for a share's."""
    for names in ([index.name for index in INDICES], ()):
        try:
            return parse(symbol, names)
        except InvalidInput:
            continue
    if _CONTRACT_LIKE.search(symbol):
        return parse(symbol)
    return None


def _exchange_of(index: Index | None, kind: Kind, name: str) -> Exchange:
    if kind is Kind.EQUITY:
        return Exchange.NSE
    return (other_market(name) or Exchange.NFO) if index is None else index.derivatives


def _tick(symbol: str, kind: Kind, level: int, on: date, *, on_index: bool) -> int:
    if kind.is_option and not on_index:
        raise InvalidInput(
            f"The tick of {symbol} follows the price of the share, which is not known here; give --tick."
        )
    return ContractBook(Expiries(Calendar())).tick_size(kind, level, on, on_index=on_index)
