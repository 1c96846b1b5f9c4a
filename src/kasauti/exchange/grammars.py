"""
One instrument in the words of each system, and back to ours: Zerodha, OpenAlgo, Angel One.

Inside, an instrument has Zerodha's tradingsymbol. The others put the whole date into a contract's symbol;
whether Zerodha writes that date as a month or as a day is then a matter of what is listed: a weekly contract
that expires on the month's last expiry has the month's symbol, and a monthly one that a holiday moved keeps
it. Names in the exchanges' own files are in `udiff`.
"""

from enum import StrEnum

import msgspec

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.errors import InvalidInput
from kasauti.exchange.dated_symbols import Contract, dated_symbol, parse_dated
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.indices import INDICES, Index, index_named
from kasauti.exchange.symbols import future_symbol, option_symbol
from kasauti.exchange.udiff import PLAIN_SERIES

_INDEX_SEGMENT = "_INDEX"


class Grammar(StrEnum):
    """Whose symbols."""

    ZERODHA = "zerodha"
    OPENALGO = "openalgo"
    ANGEL = "angel"


class Spelling(msgspec.Struct, frozen=True):
    """An instrument as one system writes it: its code for the exchange segment, and the symbol."""

    exchange: str
    symbol: str


def spell(instrument: Instrument, grammar: Grammar) -> Spelling:
    """Return `instrument` in the words of `grammar`; `InvalidInput` for one that it has no words for."""
    code = str(instrument.exchange)
    if grammar is Grammar.ZERODHA:
        return Spelling(code, instrument.tradingsymbol)
    if instrument.kind is Kind.INDEX:
        return _spell_index(instrument, grammar)
    if instrument.kind is not Kind.EQUITY:
        return Spelling(code, dated_symbol(contract_of(instrument)))
    if grammar is Grammar.OPENALGO or instrument.exchange is not Exchange.NSE:
        return Spelling(code, instrument.tradingsymbol)
    named = instrument.series not in {"", PLAIN_SERIES}
    return Spelling(code, instrument.tradingsymbol if named else f"{instrument.tradingsymbol}-{PLAIN_SERIES}")


def contract_of(instrument: Instrument) -> Contract:
    """Return what a derivative trades; `InvalidInput` for one that has no name or no expiry."""
    if instrument.expiry is None or not instrument.name or not instrument.is_derivative:
        raise InvalidInput(
            f"{instrument.id} does not say what it is a contract on or when it expires; take it from the"
            " day's instrument master."
        )
    return Contract(instrument.name, instrument.kind, instrument.expiry, instrument.strike)


def canonical(spelling: Spelling, grammar: Grammar, expiries: Expiries) -> str:
    """
    Return the id of the instrument that `spelling` names in `grammar`, like NFO:NIFTY26D0126000CE.

    Raises `InvalidInput` for what is no instrument, and `RuleUnknown` where the expiry is not known to the
    rules: such contracts are to be looked up in the day's instrument master.
    """
    index = _index(spelling, grammar)
    if index is not None:
        return index.id
    try:
        exchange = Exchange(spelling.exchange)
    except ValueError as error:
        known = ", ".join(Exchange)
        raise InvalidInput(f"{spelling.exchange!r} is not an exchange segment; known are {known}") from error
    if grammar is Grammar.ZERODHA:
        return f"{exchange}:{spelling.symbol}"
    if exchange in {Exchange.NSE, Exchange.BSE}:
        return f"{exchange}:{_share(spelling.symbol, exchange, grammar)}"
    return f"{exchange}:{zerodha_symbol(parse_dated(spelling.symbol), expiries)}"


def zerodha_symbol(contract: Contract, expiries: Expiries) -> str:
    """Return a contract's symbol; `RuleUnknown` for an expiry that the rules do not know."""
    if contract.kind is Kind.FUTURE:
        return future_symbol(contract.name, contract.expiry)
    monthly = expiries.is_monthly(contract.name, contract.expiry)
    return option_symbol(contract.name, contract.expiry, contract.strike, contract.kind, monthly=monthly)


def _spell_index(instrument: Instrument, grammar: Grammar) -> Spelling:
    index = index_named(instrument.id)
    if index is None or (grammar is Grammar.ANGEL and not index.angel):
        raise InvalidInput(
            f"{instrument.id} is an index that {grammar} has no known name for;"
            f" known are {', '.join(each.name for each in INDICES)}."
        )
    if grammar is Grammar.ANGEL:
        return Spelling(str(index.exchange), index.angel)
    return Spelling(f"{index.exchange}{_INDEX_SEGMENT}", index.name)


def _index(spelling: Spelling, grammar: Grammar) -> Index | None:
    if grammar is Grammar.OPENALGO:
        code, _, rest = spelling.exchange.partition(_INDEX_SEGMENT)
        if _INDEX_SEGMENT not in spelling.exchange or rest:
            return None
        named = [each for each in INDICES if each.exchange == code and each.name == spelling.symbol]
    elif grammar is Grammar.ANGEL:
        named = [e for e in INDICES if e.exchange == spelling.exchange and e.angel == spelling.symbol]
    else:
        named = [e for e in INDICES if e.exchange == spelling.exchange and e.tradingsymbol == spelling.symbol]
    if not named and grammar is Grammar.OPENALGO:
        raise InvalidInput(
            f"{spelling.symbol!r} on {spelling.exchange} is not a known index;"
            f" known are {', '.join(each.name for each in INDICES)}."
        )
    return named[0] if named else None


def _share(symbol: str, exchange: Exchange, grammar: Grammar) -> str:
    """Return a share's tradingsymbol; Angel writes NSE's series behind each, also EQ."""
    if grammar is not Grammar.ANGEL or exchange is not Exchange.NSE:
        return symbol
    name, dash, series = symbol.rpartition("-")
    if not dash or len(series) != len(PLAIN_SERIES) or not name:
        raise InvalidInput(
            f"{symbol!r} has no series behind it; Angel One writes shares on NSE like SBIN-EQ or CENTRALBK-BE"
        )
    return name if series == PLAIN_SERIES else symbol
