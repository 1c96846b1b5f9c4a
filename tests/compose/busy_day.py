"""A strategy that keeps orders of every kind open: limits, stops, changes, cancellations."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from kasauti.domain.commands import CancelOrder, ModifyOrder, PlaceOrder
from kasauti.domain.order import OrderType, Side, Validity
from kasauti.strategies import Command, Product, Strategy, Subscriptions, TimerWanted, View, change


class BusyDay(Strategy):
    """Every few minutes asks for something that depends on how often it has asked before, and on prices."""

    class Parameters(Strategy.Parameters, frozen=True, kw_only=True):
        """One share, traded every `every_s` seconds."""

        instrument: str
        every_s: Annotated[int, Meta(ge=1)] = 300

    class Memory(Strategy.Memory, kw_only=True):
        """How often it was asked."""

        turns: int = 0

    parameters: Parameters
    memory: Memory

    def subscriptions(self) -> Subscriptions:
        return Subscriptions(timers=[TimerWanted("turn", seconds=self.parameters.every_s)])

    def on_timer(self, name: str, view: View) -> Iterator[Command]:
        self.memory.turns += 1
        turn, share = self.memory.turns, self.parameters.instrument
        last = view.last(share)
        instrument = view.instrument(share)
        assert instrument is not None
        tick = instrument.tick_size
        last -= last % tick
        side = Side.BUY if turn % 2 else Side.SELL
        working = view.working()
        match turn % 6:
            case 0 if working:
                yield CancelOrder(working[0].order_id, "one too many")
            case 1 if working:
                oldest = working[0]
                if oldest.order_type is OrderType.LIMIT:
                    yield ModifyOrder(oldest.order_id, price=last)
                else:
                    yield change(oldest.order_id, order_type="MARKET")
            case 2:
                yield PlaceOrder(share, side, 3 + turn, product=Product.MIS)
            case 3:
                away = last - 2 * side.sign * tick
                yield PlaceOrder(share, side, 2 + turn, OrderType.LIMIT, Product.MIS, away)
            case 4:
                trigger = last + 3 * side.sign * tick
                yield PlaceOrder(
                    share, side, 5, OrderType.SL, Product.MIS, trigger + side.sign * tick, trigger
                )
            case 5:
                yield PlaceOrder(share, side, 4, OrderType.LIMIT, Product.MIS, last, validity=Validity.IOC)
        yield self.note()
