"""The market segments of a trading day, and which one an instrument belongs to."""

from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.exchange.overlay import Overlay, overlay_in_use
from kasauti.exchange.rules import Confidence, Row, RuleFile, read_rules

_STOCKS = "derivative_stocks.json"
_COMMODITIES = "commodities.json"
_RUPEE = "INR"

_CURRENCY = (Exchange.CDS, Exchange.BCD)
_COMMODITY = (Exchange.MCX, Exchange.NCDEX)


class Segment(StrEnum):
    """
    Instruments that trade during the same hours.

    EQUITY_WITH_DERIVATIVES are the shares that have futures and options: since 2026-08-03 their continuous
    session ends before the closing auction. CURRENCY_CROSS are pairs without the rupee. COMMODITY is metals,
    energy and their indices, COMMODITY_AGRI_INTERNATIONAL what farms grow and the world trades.
    """

    EQUITY = "equity"
    EQUITY_WITH_DERIVATIVES = "equity_with_derivatives"
    DERIVATIVES = "derivatives"
    CURRENCY = "currency"
    CURRENCY_CROSS = "currency_cross"
    COMMODITY = "commodity"
    COMMODITY_AGRI_INTERNATIONAL = "commodity_agri_international"
    COMMODITY_AGRI = "commodity_agri"

    @property
    def is_currency(self) -> bool:
        """Whether currencies trade here."""
        return self is Segment.CURRENCY or self is Segment.CURRENCY_CROSS

    @property
    def is_commodity(self) -> bool:
        """Whether this is a part of MCX."""
        return self.startswith("commodity")

    @property
    def is_equity(self) -> bool:
        """Whether shares themselves trade here."""
        return self in {Segment.EQUITY, Segment.EQUITY_WITH_DERIVATIVES}


# Looked up once: a member of an enum costs a function call, and a chain has thousands of contracts.
_DERIVATIVES: Final = Segment.DERIVATIVES
_SHARE: Final = Kind.EQUITY


class _StockFile(RuleFile, frozen=True, kw_only=True):
    effective_from: date
    source: str
    confidence: Confidence
    names: frozenset[str]
    former: frozenset[str]
    joined: frozenset[str] = frozenset()


@lru_cache(maxsize=8)
def _stocks(overlay: Overlay) -> _StockFile:
    """Return the list as it is with `overlay` in use; asked for with every share, so it is kept."""
    return read_rules(_STOCKS, _StockFile)


class _GroupRow(Row, frozen=True, kw_only=True):
    segment: Segment
    names: tuple[str, ...]


class _CommodityFile(RuleFile, frozen=True, kw_only=True):
    groups: tuple[_GroupRow, ...]


@lru_cache(maxsize=8)
def _commodities(overlay: Overlay) -> dict[str, Segment]:
    """Return the segment of every commodity that is priced abroad too."""
    file = read_rules(_COMMODITIES, _CommodityFile)
    return {name: row.segment for row in file.groups for name in row.names}


def _is_against_the_rupee(instrument: Instrument) -> bool:
    return not instrument.name or instrument.name.endswith(_RUPEE)


def has_derivatives(tradingsymbol: str, *, ever: bool = False) -> bool:
    """Whether a share has futures and options, or with `ever` had them in the years that are known."""
    stocks = _stocks(overlay_in_use())
    return tradingsymbol in stocks.names or (ever and tradingsymbol in stocks.former)


def shares_with_derivatives() -> frozenset[str]:
    """Return the shares that have futures and options."""
    return frozenset(_stocks(overlay_in_use()).names)


def segment(instrument: Instrument) -> Segment:
    """
    Return the segment whose hours `instrument` keeps.

    A share is looked up in the list of shares with derivatives. An index does not trade; it is watched for
    its futures and options, so it keeps their hours, though since August 2026 its value stands still while
    the closing auction of its shares runs.
    """
    if instrument.exchange in _CURRENCY:
        return Segment.CURRENCY if _is_against_the_rupee(instrument) else Segment.CURRENCY_CROSS
    if instrument.exchange in _COMMODITY:
        return _commodities(overlay_in_use()).get(instrument.name, Segment.COMMODITY_AGRI)
    if instrument.kind is not _SHARE:
        return _DERIVATIVES
    if has_derivatives(instrument.tradingsymbol):
        return Segment.EQUITY_WITH_DERIVATIVES
    return Segment.EQUITY
