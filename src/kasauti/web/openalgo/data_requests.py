"""What OpenAlgo's clients ask for besides orders: books, prices, instruments, the market's days."""

from typing import Annotated, ClassVar

from kasauti.web.openalgo.fields import Asked, Rows, Switch, Text
from kasauti.web.openalgo.order_requests import ActionWord, ApiKey, ExchangeWord, ProductWord, TypeWord, Words
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


class Toggle(Plain, kw_only=True, frozen=True):
    """A wish for orders to be simulated, or not."""

    FAMILY: ClassVar[Family] = Family.PLAIN
    mode: Annotated[bool, Switch()]


class Notice(Plain, kw_only=True, frozen=True):
    """A message to somebody's telephone."""

    OPEN: ClassVar[bool] = True
    username: Annotated[str, Text(nullable=True)] = ""
    message: Annotated[str, Text(nullable=True)] = ""


class Leg(Asked, kw_only=True, frozen=True):
    """A position to be margined; numbers are text in this request."""

    symbol: Annotated[str, Text(least=1, most=50, error="Symbol must be between 1 and 50 characters.")]
    exchange: ExchangeWord
    action: ActionWord
    quantity: Words
    product: ProductWord
    pricetype: TypeWord
    price: Words = "0"
    trigger_price: Words = "0"


class Legs(Plain, kw_only=True, frozen=True):
    """Positions to be margined together."""

    FAMILY: ClassVar[Family] = Family.PLAIN
    positions: Annotated[
        list[Leg], Rows(Leg, least=1, most=50, error="Positions must contain 1 to 50 items.")
    ]
