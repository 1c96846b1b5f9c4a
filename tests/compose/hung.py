"""A strategy whose entry hook never returns, after it has bought something."""

import threading
from collections.abc import Iterator
from datetime import time

from kasauti.domain.instrument import Instrument
from kasauti.domain.market import Candle, Quote
from kasauti.strategies import (
    CandleWanted,
    Command,
    Product,
    Strategy,
    Subscriptions,
    TimerWanted,
    View,
    buy,
)

SHARE = "NSE:ACME"


class Hung(Strategy):
    """Buys five at 09:16, hangs in `on_candle` from 09:20 on, and has never heard of a stop."""

    def subscriptions(self) -> Subscriptions:
        return Subscriptions(candles=[CandleWanted(SHARE, 300)], timers=[TimerWanted("in", at=time(9, 16))])

    def on_timer(self, name: str, view: View) -> Iterator[Command]:
        yield buy(SHARE, 5, product=Product.MIS, tag="in")

    def on_candle(self, candle: Candle, view: View) -> Iterator[Command]:
        threading.Event().wait()
        yield buy(SHARE, 1, product=Product.MIS)

    def on_tick(self, quote: Quote, instrument: Instrument, view: View) -> Iterator[Command]:
        yield from ()
