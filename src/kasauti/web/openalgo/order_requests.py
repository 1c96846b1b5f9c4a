"""What OpenAlgo's clients ask for in the order family, field by field with the words for what is wrong."""

from typing import Annotated, ClassVar

from kasauti.web.openalgo.fields import Asked, Rows, Rupees, Text, Units
from kasauti.web.openalgo.words import EXCHANGES, Family

ApiKey = Annotated[str, Text(least=1, most=256)]
Words = Annotated[str, Text()]
ExchangeWord = Annotated[str, Text(one_of=EXCHANGES)]
ActionWord = Annotated[str, Text(one_of=("BUY", "SELL", "buy", "sell"))]
TypeWord = Annotated[str, Text(one_of=("MARKET", "LIMIT", "SL", "SL-M"))]
ProductWord = Annotated[str, Text(one_of=("MIS", "NRML", "CNC"))]
Quantity = Annotated[int, Units()]
LimitPrice = Annotated[int, Rupees()]
TriggerPrice = Annotated[int, Rupees(error="Trigger price must be a non-negative number.")]
_DISCLOSED = "Disclosed quantity must be a non-negative integer."
Disclosed = Annotated[int, Units(least=0, strict=True, error=_DISCLOSED)]
#: Distances and prices of exits may be left empty.
Exit = Annotated[int, Rupees(nullable=True)]


class Keyed(Asked, kw_only=True, frozen=True):
    """A request with a key."""

    FAMILY: ClassVar[Family] = Family.ORDER
    apikey: ApiKey


class ForStrategy(Keyed, kw_only=True, frozen=True):
    """A request of a strategy."""

    strategy: Words


class Item(Asked, kw_only=True, frozen=True):
    """One order of a basket, and what all orders have."""

    exchange: ExchangeWord
    symbol: Words
    action: ActionWord
    quantity: Quantity
    pricetype: TypeWord = "MARKET"
    product: ProductWord = "MIS"
    price: LimitPrice = 0
    trigger_price: TriggerPrice = 0
    disclosed_quantity: Disclosed = 0
    stoploss: Exit = 0
    target: Exit = 0
    trailing: Exit = 0
    trailing_sl: Exit = 0


class _ItemOf(Item, kw_only=True, frozen=True):
    FAMILY: ClassVar[Family] = Family.ORDER
    apikey: ApiKey
    strategy: Words


class NewOrder(_ItemOf, kw_only=True, frozen=True):
    """An order to place."""

    FAMILY: ClassVar[Family] = Family.PLAIN
    underlying_ltp: Annotated[int, Rupees(nullable=True)] = 0


class SmartOrder(_ItemOf, kw_only=True, frozen=True):
    """An order for the difference to a position that is wanted."""

    quantity: Annotated[int, Units(least=0, error="Quantity must be a non-negative number.")]
    position_size: Annotated[int, Units(signed=True)]


class ChangeOrder(ForStrategy, kw_only=True, frozen=True):
    """New terms of a working order."""

    exchange: ExchangeWord
    symbol: Words
    orderid: Words
    action: ActionWord
    product: ProductWord
    pricetype: TypeWord
    price: LimitPrice
    quantity: Quantity
    disclosed_quantity: Disclosed
    trigger_price: TriggerPrice


class OneOrder(ForStrategy, kw_only=True, frozen=True):
    """An order by its id."""

    orderid: Words


class OnePosition(ForStrategy, kw_only=True, frozen=True):
    """A position by its instrument and product; the exchange is not checked here."""

    symbol: Words
    exchange: Words
    product: ProductWord


class Basket(ForStrategy, kw_only=True, frozen=True):
    """Several orders."""

    orders: Annotated[list[Item], Rows(Item)]


class Split(_ItemOf, kw_only=True, frozen=True):
    """An order in parts of a size."""

    quantity: Annotated[int, Units(error="Total quantity must be a positive number.")]
    splitsize: Annotated[int, Units(strict=True, error="Split size must be a positive integer.")]
