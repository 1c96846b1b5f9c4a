"""What OpenAlgo's clients ask for besides orders: books, prices, instruments, the market's days."""

from typing import Annotated, ClassVar

from kasauti.web.openalgo.fields import Asked, Rows
from kasauti.web.openalgo.order_requests import ApiKey, ExchangeWord, Words
from kasauti.web.openalgo.words import Family


class Plain(Asked, kw_only=True, frozen=True):
    """A request of nothing but a key."""

    FAMILY: ClassVar[Family] = Family.DATA
    apikey: ApiKey


class OneInstrument(Plain, kw_only=True, frozen=True):
    """An instrument."""

    symbol: Words
    exchange: ExchangeWord


class Pair(Asked, kw_only=True, frozen=True):
    """An instrument among several."""

    symbol: Words
    exchange: ExchangeWord


class Instruments(Plain, kw_only=True, frozen=True):
    """Several instruments."""

    symbols: Annotated[list[Pair], Rows(Pair, least=1, error="Shorter than minimum length 1.")]


class AnalyzerState(Plain, kw_only=True, frozen=True):
    """Whether orders go to the simulated market."""

    FAMILY: ClassVar[Family] = Family.PLAIN
