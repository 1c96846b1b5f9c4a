"""A strategy that holds a share with a stop; its entries and exits do not depend on candles."""

from collections.abc import Iterator
from datetime import time

from kasauti.domain.instrument import Instrument
from kasauti.domain.market import Quote
from kasauti.strategies import Command, Product, Strategy, Subscriptions, TimerWanted, View, buy, sell

SHARE = "NSE:ACME"


class Stopped(Strategy):
    """Buys ten at 09:17 and sells them on the first tick below 99, or at 09:40."""

    def subscriptions(self) -> Subscriptions:
        return Subscriptions(timers=[TimerWanted("in", at=time(9, 17)), TimerWanted("out", at=time(9, 40))])

    def on_timer(self, name: str, view: View) -> Iterator[Command]:
        if name == "in":
            yield buy(SHARE, 10, product=Product.MIS, tag="in")
        else:
            yield from self._leave(view, "time")

    def on_tick(self, quote: Quote, instrument: Instrument, view: View) -> Iterator[Command]:
        if quote.last < 99_0000:
            yield from self._leave(view, "stop")

    def _leave(self, view: View, why: str) -> Iterator[Command]:
        held = view.position(SHARE, Product.MIS)
        if held and not view.working():
            yield sell(SHARE, held, product=Product.MIS, tag=why)
