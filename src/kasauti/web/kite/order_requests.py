"""What Kite's clients send about orders; prices in rupees, quantities as Kite counts them."""

from decimal import Decimal
from typing import Annotated, Literal

import msgspec

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
#: Kite refuses longer tags; it does not cut them.
Tag = Annotated[str, msgspec.Meta(max_length=20)]
Variety = Literal["regular", "amo", "co", "iceberg", "auction"]
OrderTypeWord = Literal["MARKET", "LIMIT", "SL", "SL-M"]
SideWord = Literal["BUY", "SELL"]
ProductWord = Literal["CNC", "NRML", "MIS", "MTF"]
Percent = Annotated[Decimal, msgspec.Meta(description="-1, or a per cent")]


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order to place."""

    variety: Variety
    exchange: Word
    tradingsymbol: Word
    transaction_type: SideWord
    quantity: Count
    product: Literal["CNC", "NRML", "MIS", "MTF", "CO"]
    order_type: OrderTypeWord
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    validity: Literal["DAY", "IOC", "TTL"] = "DAY"
    validity_ttl: Count = 0
    disclosed_quantity: Count = 0
    iceberg_legs: Count = 0
    iceberg_quantity: Count = 0
    auction_number: str = ""
    tag: Tag = ""
    market_protection: Percent | None = None
    autoslice: bool = False
    algo_id: str = ""


class ChangedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """New terms of a working order; what is left out stays."""

    variety: Variety
    order_id: Word
    order_type: OrderTypeWord | None = None
    quantity: Count | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    disclosed_quantity: Count | None = None
    validity: Literal["DAY", "IOC", "TTL"] | None = None
    market_protection: Percent | None = None
    parent_order_id: str = ""


class OneOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order by its id."""

    order_id: Word


class CancelledOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order to cancel."""

    variety: Variety
    order_id: Word
    parent_order_id: str = ""
