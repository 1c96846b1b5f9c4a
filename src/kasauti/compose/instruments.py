"""Instruments of a log, without the market they came from."""

from functools import cache

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import PAISA
from kasauti.errors import KasautiError
from kasauti.exchange.symbols import parse


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
