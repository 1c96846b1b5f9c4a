"""The market segments of a trading day, and which one an instrument belongs to."""

from datetime import date
from enum import StrEnum
from functools import cache

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.exchange.rules import Confidence, RuleFile, read_rules

_STOCKS = "derivative_stocks.json"


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


class _StockFile(RuleFile, frozen=True, kw_only=True):
    effective_from: date
    source: str
    confidence: Confidence
    names: frozenset[str]


@cache
def derivative_stocks() -> frozenset[str]:
    """Return the tradingsymbols of the shares that have futures and options, by `derivative_stocks.json`."""
    return read_rules(_STOCKS, _StockFile).names


def segment(instrument: Instrument) -> Segment:
    """
    Return the segment whose hours `instrument` keeps.

    A share is looked up in the list of shares with derivatives. An index does not trade; it is watched for
    its futures and options, so it keeps their hours, though since August 2026 its value stands still while
    the closing auction of its shares runs.
    """
    if instrument.exchange is Exchange.CDS:
        return Segment.CURRENCY
    if instrument.exchange is Exchange.MCX:
        return Segment.COMMODITY
    if instrument.kind is not Kind.EQUITY:
        return Segment.DERIVATIVES
    has_derivatives = instrument.tradingsymbol in derivative_stocks()
    return Segment.EQUITY_WITH_DERIVATIVES if has_derivatives else Segment.EQUITY
