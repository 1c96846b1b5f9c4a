"""
What a strategy is made of: the base class, its commands, and what it may ask to be called for.

Everything an author needs is here under one name; the strategies that ship are in the modules beside it.
"""

from kasauti.domain.commands import (
    CancelOrder,
    CancelStanding,
    Command,
    ConvertPosition,
    ExitBracket,
    ModifyExits,
    ModifyGtt,
    ModifyOrder,
    Note,
    PlaceOrder,
    buy,
    change,
    sell,
)
from kasauti.domain.order import OrderType, Product, Side, Validity
from kasauti.domain.standing_wishes import after_market, cover, for_minutes, gtt, gtt_oco, iceberg, with_exits
from kasauti.domain.view import CandleWanted, Chain, ChainWanted, Subscriptions, TimerWanted, View
from kasauti.strategies.base import Strategy

__all__ = [
    "CancelOrder",
    "CancelStanding",
    "CandleWanted",
    "Chain",
    "ChainWanted",
    "Command",
    "ConvertPosition",
    "ExitBracket",
    "ModifyExits",
    "ModifyGtt",
    "ModifyOrder",
    "Note",
    "OrderType",
    "PlaceOrder",
    "Product",
    "Side",
    "Strategy",
    "Subscriptions",
    "TimerWanted",
    "Validity",
    "View",
    "after_market",
    "buy",
    "change",
    "cover",
    "for_minutes",
    "gtt",
    "gtt_oco",
    "iceberg",
    "sell",
    "with_exits",
]
