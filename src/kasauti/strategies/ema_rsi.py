"""A small strategy: hold a share or a future while a fast EMA is above a slow one, but run after nothing."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.market import Candle, Quote
from kasauti.errors import InvalidInput
from kasauti.strategies import CandleWanted, Command, Product, Strategy, Subscriptions, View, buy
from kasauti.strategies.closing import close, stop_price
from kasauti.strategies.indicators import Ema, Period, Rsi
from kasauti.strategies.parameters import WHOLE


class EmaRsi(Strategy):
    """
    Buys when the fast EMA crosses above the slow one with RSI below `rsi_ceiling`; sells when it is below.

    Where it follows an index it trades the index's near-month future. With `stop_basis_points` it also sells
    that far below the average entry price, on any tick.
    """

    class Parameters(Strategy.Parameters, frozen=True, kw_only=True):
        """
        `quantity` is in units, one lot if it is not given.

        `periods` are those of the fast and slow EMA and the RSI, in candles.
        """

        instrument: str
        quantity: Annotated[int, Meta(ge=1)] | None = None
        candle_s: Annotated[int, Meta(ge=1)] = 300
        periods: tuple[Period, Period, Period] = (9, 21, 14)
        rsi_ceiling: Annotated[int, Meta(ge=0, le=100)] = 70
        stop_basis_points: Annotated[int, Meta(ge=0, lt=WHOLE)] = 0

    class Memory(Strategy.Memory, kw_only=True):
        """The averages, and whether the fast one was above the slow one at the last candle."""

        fast: Ema
        slow: Ema
        rsi: Rsi
        periods: tuple[int, int, int]
        above: bool | None = None

    parameters: Parameters
    memory: Memory

    def blank(self) -> Memory:
        """Return averages that have seen nothing."""
        fast, slow, rsi = self.parameters.periods
        return self.Memory(fast=Ema(fast), slow=Ema(slow), rsi=Rsi(rsi), periods=self.parameters.periods)

    def restore(self, note: bytes) -> None:
        """Go on with the averages that were noted, if they are still those that the parameters ask for."""
        super().restore(note)
        if self.memory.periods != self.parameters.periods:
            self.memory = self.blank()

    def subscriptions(self) -> Subscriptions:
        """Candles of the share or index; ticks come of what is held."""
        return Subscriptions(candles=(CandleWanted(self.parameters.instrument, self.parameters.candle_s),))

    def on_start(self, view: View) -> Iterator[Command]:
        """Look whether there is anything to trade."""
        self._traded(view)
        return iter(())

    def on_candle(self, candle: Candle, view: View) -> Iterator[Command]:
        """Follow the averages and act on their cross."""
        memory, chosen, was_above = self.memory, self.parameters, self.memory.above
        fast, slow = memory.fast.add(candle.close), memory.slow.add(candle.close)
        rsi = memory.rsi.add(candle.close)
        if fast is not None and slow is not None and rsi is not None:
            memory.above = fast > slow
            free = not view.positions() and not view.working()
            if memory.above and was_above is False and rsi < chosen.rsi_ceiling and free:
                traded = self._traded(view)
                yield buy(traded.id, chosen.quantity or traded.lot_size, product=Product.MIS, tag="entry")
            for position in () if memory.above else view.positions():
                yield from close(position, view, "exit:cross")
        yield self.note()

    def on_tick(self, quote: Quote, instrument: Instrument, view: View) -> Iterator[Command]:
        """Look at the stop."""
        stop = self.parameters.stop_basis_points
        for position in view.positions() if stop else ():
            if 0 < quote.last <= stop_price(position.cost, position.quantity, stop):
                yield from close(position, view, "exit:stop")

    def _traded(self, view: View) -> Instrument:
        """Return what is bought: the instrument that is followed, or the near-month future of an index."""
        followed = view.instrument(self.parameters.instrument)
        if followed is not None and followed.kind is not Kind.INDEX:
            return followed
        future = view.near_future(self.parameters.instrument)
        if future is None:
            raise InvalidInput(
                f"{self.parameters.instrument} cannot be traded itself and has no future in this market;"
                " choose a share or a future, or data with futures (--index-futures makes them from an index)"
            )
        return future
