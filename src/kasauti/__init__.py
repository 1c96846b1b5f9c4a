"""
Kasauti tests trading strategies for Indian markets before they touch money, and then trades them.

What a strategy and its backtest need is here: `from kasauti import Strategy, backtest, buy, sell`. Each name
is loaded when it is first asked for, so that `import kasauti` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from kasauti import compiled  # noqa: F401  before any other module: it says which form of them is loaded

if TYPE_CHECKING:
    from kasauti.compose.backtest import backtest
    from kasauti.compose.margins import margin
    from kasauti.compose.quotation import charges
    from kasauti.compose.result import BacktestResult
    from kasauti.domain.market import Candle, Quote
    from kasauti.strategies import (
        CancelOrder,
        CandleWanted,
        Chain,
        ChainWanted,
        Command,
        ModifyOrder,
        OrderType,
        PlaceOrder,
        Product,
        Strategy,
        Subscriptions,
        TimerWanted,
        Validity,
        View,
        buy,
        change,
        sell,
    )
    from kasauti.strategies.signals import Signals, SignalStrategy
    from kasauti.sweeps.result import SweepResult
    from kasauti.sweeps.sweep import sweep

__version__ = "0.1.0"

#: Where each public name lives.
_PLACES = {
    "backtest": "kasauti.compose.backtest",
    "BacktestResult": "kasauti.compose.result",
    "charges": "kasauti.compose.quotation",
    "margin": "kasauti.compose.margins",
    "Candle": "kasauti.domain.market",
    "Quote": "kasauti.domain.market",
    "CancelOrder": "kasauti.strategies",
    "CandleWanted": "kasauti.strategies",
    "Chain": "kasauti.strategies",
    "ChainWanted": "kasauti.strategies",
    "Command": "kasauti.strategies",
    "ModifyOrder": "kasauti.strategies",
    "OrderType": "kasauti.strategies",
    "PlaceOrder": "kasauti.strategies",
    "Product": "kasauti.strategies",
    "Strategy": "kasauti.strategies",
    "Subscriptions": "kasauti.strategies",
    "TimerWanted": "kasauti.strategies",
    "Validity": "kasauti.strategies",
    "View": "kasauti.strategies",
    "buy": "kasauti.strategies",
    "change": "kasauti.strategies",
    "sell": "kasauti.strategies",
    "Signals": "kasauti.strategies.signals",
    "SignalStrategy": "kasauti.strategies.signals",
    "sweep": "kasauti.sweeps.sweep",
    "SweepResult": "kasauti.sweeps.result",
}

__all__ = [
    "BacktestResult",
    "CancelOrder",
    "Candle",
    "CandleWanted",
    "Chain",
    "ChainWanted",
    "Command",
    "ModifyOrder",
    "OrderType",
    "PlaceOrder",
    "Product",
    "Quote",
    "SignalStrategy",
    "Signals",
    "Strategy",
    "Subscriptions",
    "SweepResult",
    "TimerWanted",
    "Validity",
    "View",
    "backtest",
    "buy",
    "change",
    "charges",
    "margin",
    "sell",
    "sweep",
]


if not TYPE_CHECKING:  # a type checker would take every name for one that exists

    def __getattr__(name: str) -> object:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(_PLACES[name]), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
