"""
What a strategy is made of: the base class, its commands, and what it may ask to be called for.

Everything an author needs is here under one name; the strategies that ship are in the modules beside it.
"""

from kasauti.domain.commands import CancelOrder, Command, ModifyOrder, Note, PlaceOrder, buy, sell
from kasauti.domain.order import OrderType, Product, Validity
from kasauti.domain.view import CandleWanted, Chain, ChainWanted, Subscriptions, TimerWanted, View
from kasauti.strategies.base import Strategy

__all__ = [
    "CancelOrder",
    "CandleWanted",
    "Chain",
    "ChainWanted",
    "Command",
    "ModifyOrder",
    "Note",
    "OrderType",
    "PlaceOrder",
    "Product",
    "Strategy",
    "Subscriptions",
    "TimerWanted",
    "Validity",
    "View",
    "buy",
    "sell",
]
