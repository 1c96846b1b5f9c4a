"""The market segments of a trading day, and which one an instrument belongs to."""

from datetime import date
from enum import StrEnum
from functools import lru_cache

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.exchange.overlay import Overlay, overlay_in_use
from kasauti.exchange.rules import Confidence, RuleFile, read_rules

_STOCKS = "derivative_stocks.json"

_CURRENCY = (Exchange.CDS, Exchange.BCD)
_COMMODITY = (Exchange.MCX, Exchange.NCDEX)


class Segment(StrEnum):
    """
    Instruments that trade during the same hours.

    EQUITY_WITH_DERIVATIVES are the shares that have futures and options: since 2026-08-03 their continuous
    session ends before the closing auction.
    """

    EQUITY = "equity"
    EQUITY_WITH_DERIVATIVES = "equity_with_derivatives"
    DERIVATIVES = "derivatives"
    CURRENCY = "currency"
    COMMODITY = "commodity"

    @property
    def is_equity(self) -> bool:
        """Whether shares themselves trade here."""
        return self in {Segment.EQUITY, Segment.EQUITY_WITH_DERIVATIVES}


class _StockFile(RuleFile, frozen=True, kw_only=True):
    effective_from: date
    source: str
    confidence: Confidence
    names: frozenset[str]
    former: frozenset[str]


@lru_cache(maxsize=8)
def _stocks(overlay: Overlay) -> _StockFile:
    """Return the list as it is with `overlay` in use; asked for with every share, so it is kept."""
    return read_rules(_STOCKS, _StockFile)


def has_derivatives(tradingsymbol: str, *, ever: bool = False) -> bool:
    """Whether a share has futures and options, or with `ever` had them in the years that are known."""
    stocks = _stocks(overlay_in_use())
    return tradingsymbol in stocks.names or (ever and tradingsymbol in stocks.former)


def segment(instrument: Instrument) -> Segment:
    """
    Return the segment whose hours `instrument` keeps.

    A share is looked up in the list of shares with derivatives. An index does not trade; it is watched for
    its futures and options, so it keeps their hours, though since August 2026 its value stands still while
    the closing auction of its shares runs.
    """
    if instrument.exchange in _CURRENCY:
        return Segment.CURRENCY
    if instrument.exchange in _COMMODITY:
        return Segment.COMMODITY
    if instrument.kind is not Kind.EQUITY:
        return Segment.DERIVATIVES
    if has_derivatives(instrument.tradingsymbol):
        return Segment.EQUITY_WITH_DERIVATIVES
    return Segment.EQUITY
