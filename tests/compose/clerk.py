"""A strategy with a timetable: buys ten at 09:20 and wants ten more at 09:40; sells what it has at 10:00."""

from collections.abc import Iterator
from datetime import time

from kasauti.strategies import Command, Product, Strategy, Subscriptions, TimerWanted, View, buy, sell

SHARE = "NSE:ACME"
CLOCKS = ("09:20", "09:40", "10:00")


class Clerk(Strategy):
    """Notes how often it was started."""

    class Memory(Strategy.Memory, kw_only=True):
        """How often it was started."""

        started: int = 0

    memory: Memory

    def subscriptions(self) -> Subscriptions:
        return Subscriptions(timers=[TimerWanted(clock, at=time.fromisoformat(clock)) for clock in CLOCKS])

    def on_start(self, view: View) -> Iterator[Command]:
        self.memory.started += 1
        yield self.note()

    def on_timer(self, name: str, view: View) -> Iterator[Command]:
        if name == "10:00":
            yield sell(SHARE, view.position(SHARE, Product.CNC), product=Product.CNC, tag="out")
        else:
            yield buy(SHARE, 10, product=Product.CNC, tag=name)
