"""What OpenAlgo's clients ask for about options: orders by offset, symbols, chains, Greeks."""

import re
from typing import Annotated, ClassVar

from kasauti.web.openalgo.data_requests import Plain
from kasauti.web.openalgo.fields import Asked, Between, Rows, Rupees, Switch, Text, Units
from kasauti.web.openalgo.order_requests import (
    ActionWord,
    Disclosed,
    ExchangeWord,
    LimitPrice,
    TriggerPrice,
    TypeWord,
    Words,
)
from kasauti.web.openalgo.words import DERIVATIVES, Family

_OFFSET = re.compile(r"ATM|(?:ITM|OTM)(?:[1-9]|[1-4][0-9]|50)")


def _offset(value: str) -> str:
    return "" if _OFFSET.fullmatch(value.upper()) else "Offset must be ATM, ITM1-ITM50, or OTM1-OTM50"


Offset = Annotated[str, Text(check=_offset)]
KindWord = Annotated[str, Text(one_of=("CE", "PE", "ce", "pe"))]
OptionProduct = Annotated[str, Text(one_of=("MIS", "NRML"))]
Expiry = Annotated[str, Text(nullable=True)]
Interval = Annotated[int, Units(strict=True, nullable=True, error="Must be greater than or equal to 1.")]
Lots = Annotated[int, Units(strict=True, error="Quantity must be a positive integer.")]
Parts = Annotated[
    int, Units(strict=True, least=0, nullable=True, error="Split size must be a non-negative integer.")
]
Optional = Annotated[str, Text(nullable=True)]
Percent = Annotated[float, Between(0, 100, nullable=True)]
DerivativeExchange = Annotated[str, Text(one_of=DERIVATIVES)]


class OnUnderlying(Plain, kw_only=True, frozen=True):
    """Something about the options on an underlying; `exchange` is the underlying's."""

    FAMILY: ClassVar[Family] = Family.OPTION
    underlying: Words
    exchange: ExchangeWord
    expiry_date: Expiry = ""
    strike_int: Interval = 0


class OptionSymbol(OnUnderlying, kw_only=True, frozen=True):
    """An option by how far it is from the money."""

    offset: Offset
    option_type: KindWord
    strategy: Optional = ""


class OptionsOrder(OnUnderlying, kw_only=True, frozen=True):
    """An order in an option by how far it is from the money."""

    strategy: Words
    offset: Offset
    option_type: KindWord
    action: ActionWord
    quantity: Lots
    splitsize: Parts = 0
    pricetype: TypeWord = "MARKET"
    product: OptionProduct = "MIS"
    price: LimitPrice = 0
    trigger_price: TriggerPrice = 0
    disclosed_quantity: Disclosed = 0


class Leg(Asked, kw_only=True, frozen=True):
    """One of several such orders."""

    offset: Offset
    option_type: KindWord
    action: ActionWord
    quantity: Lots
    splitsize: Parts = 0
    expiry_date: Expiry = ""
    pricetype: TypeWord = "MARKET"
    product: OptionProduct = "MIS"
    price: LimitPrice = 0
    trigger_price: TriggerPrice = 0
    disclosed_quantity: Disclosed = 0


class OptionsOrders(OnUnderlying, kw_only=True, frozen=True):
    """Several orders in options on one underlying."""

    strategy: Words
    legs: Annotated[list[Leg], Rows(Leg, least=1, most=20, error="Legs must contain 1 to 20 items.")]


class OptionChain(OnUnderlying, kw_only=True, frozen=True):
    """A chain; without an expiry that of the nearest one."""

    strike_count: Annotated[
        int,
        Units(
            strict=True,
            nullable=True,
            error="Must be greater than or equal to 1 and less than or equal to 100.",
        ),
    ] = 0
    with_greeks: Annotated[bool, Switch()] = False
    interest_rate: Percent = 0.0


class Synthetic(OnUnderlying, kw_only=True, frozen=True):
    """A future made of options."""

    expiry_date: Expiry


class Greeks(Plain, kw_only=True, frozen=True):
    """The Greeks of an option."""

    FAMILY: ClassVar[Family] = Family.GREEKS
    symbol: Words
    exchange: DerivativeExchange
    interest_rate: Percent = 0.0
    forward_price: Annotated[int, Rupees(nullable=True, error="Must be greater than or equal to 0.")] = 0
    underlying_symbol: Optional = ""
    underlying_exchange: Optional = ""
    expiry_time: Optional = ""


class GreeksOf(Asked, kw_only=True, frozen=True):
    """An option among several."""

    symbol: Words
    exchange: DerivativeExchange
    underlying_symbol: Optional = ""
    underlying_exchange: Optional = ""


class ManyGreeks(Plain, kw_only=True, frozen=True):
    """The Greeks of several options."""

    FAMILY: ClassVar[Family] = Family.GREEKS
    symbols: Annotated[list[GreeksOf], Rows(GreeksOf, least=1, most=50)]
    interest_rate: Percent = 0.0
    expiry_time: Optional = ""
