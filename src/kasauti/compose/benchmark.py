"""What the equity of a backtest is compared with: one instrument, bought at the begin and held."""

from collections.abc import Collection

import msgspec

from kasauti.compose.markets import Market
from kasauti.domain.instrument import Kind

#: The index that is meant where data has several, and an index that nobody can hold.
_USUAL, _NOT_HELD = "NSE:NIFTY 50", "VIX"


def with_benchmark(market: Market, wanted: Collection[str]) -> Market:
    """
    Return `market` with what a strategy that asks for the prices of `wanted` is compared with.

    That is the market's underlying; else the one instrument that the strategy asks for; else NIFTY 50, or
    the one index that there is; else the one instrument that can be traded. Many shares without an index
    have none.
    """
    return msgspec.structs.replace(market, benchmark=_chosen(market, set(wanted)))


def _chosen(market: Market, wanted: set[str]) -> str:
    indices = [e.id for e in market.universe if e.kind is Kind.INDEX and _NOT_HELD not in e.id]
    traded = [each.id for each in market.universe if each.kind is not Kind.INDEX]
    if market.underlying:
        return market.underlying
    if len(wanted) == 1:
        return wanted.pop()
    if _USUAL in indices:
        return _USUAL
    return next((names[0] for names in (indices, traded) if len(names) == 1), "")
