"""Opening-range breakout: what the first minutes of the day did not reach, reached later, is followed."""

from collections.abc import Iterator
from datetime import time
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from kasauti.domain.commands import Command, PlaceOrder
from kasauti.domain.events import OrderFilled
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import NS_PER_MINUTE, NS_PER_SECOND
from kasauti.domain.market import Candle
from kasauti.domain.money import RUPEE
from kasauti.domain.order import Order, OrderType, Product, Side
from kasauti.domain.view import CandleWanted, Subscriptions, TimerWanted, View
from kasauti.strategies.base import Strategy
from kasauti.strategies.clock import clock_of, second_after, since_midnight
from kasauti.strategies.closing import cancel, close, sliced
from kasauti.strategies.parameters import PER_CENT

_ENTRY, _STOP = "entry", "exit:stop"
_MOST_WIDTHS = 100


class Range(msgspec.Struct, forbid_unknown_fields=True):
    """The opening range of one instrument in money units; `entered` is whether it was traded today."""

    high: int
    low: int
    entered: bool = False


class OpeningRange(Strategy):
    """
    Follows the first candle of the day that closes outside the opening range, in each of its instruments.

    Above the range it buys, below it sells short; the stop rests at the other end of the range. It leaves at
    `exit`, or at a candle that closes `target_ranges` widths of the range beyond it. One entry a day and
    instrument.
    """

    class Parameters(Strategy.Parameters, frozen=True, kw_only=True):
        """Times are IST. The size is `lots`, or what `rupees_per_trade` pay for in whole lots."""

        range_minutes: Annotated[int, Meta(ge=1, le=360)] = 15
        candle_s: Annotated[int, Meta(ge=1)] = 300
        last_entry: time = time(14, 0)
        exit: time = time(15, 10)
        direction: Literal["both", "long", "short"] = "both"
        target_ranges: Decimal | None = None
        lots: Annotated[int, Meta(ge=1)] = 1
        rupees_per_trade: Annotated[int, Meta(ge=1)] | None = None

        def __post_init__(self) -> None:
            if self.range_minutes * 60 % self.candle_s:
                raise ValueError(
                    f"range_minutes {self.range_minutes} is no multiple of candle_s {self.candle_s}: the"
                    " range ends with a candle"
                )
            if self.target_ranges is not None and not 0 < self.target_ranges <= _MOST_WIDTHS:
                raise ValueError(f"target_ranges {self.target_ranges} must be from 0.01 to {_MOST_WIDTHS}")
            if self.last_entry >= self.exit:
                raise ValueError(
                    f"last_entry {self.last_entry:%H:%M} must come before exit {self.exit:%H:%M}"
                )

    class Memory(Strategy.Memory, kw_only=True):
        """What is known on the IST date `day`, which opened at `opens_at`; `leaving` has reasons by id."""

        day: str = ""
        opens_at: int = 0
        ranges: dict[str, Range] = msgspec.field(default_factory=dict)
        leaving: dict[str, str] = msgspec.field(default_factory=dict)

    product: ClassVar[Product] = Product.MIS
    parameters: Parameters
    memory: Memory

    def __init__(self, parameters: Parameters | None = None, *, name: str = "") -> None:
        super().__init__(parameters, name=name)
        chosen = self.parameters
        self._range_ns = chosen.range_minutes * NS_PER_MINUTE
        self._last, self._exit = since_midnight(chosen.last_entry), since_midnight(chosen.exit)
        self._target = None if chosen.target_ranges is None else int(chosen.target_ranges * PER_CENT)

    def subscriptions(self) -> Subscriptions:
        """
        Candles of each instrument, and the exit.

        At the exit stops are taken back first, and what they covered is closed as soon as they are gone.
        """
        chosen = self.parameters
        return Subscriptions(
            candles=[CandleWanted(each, chosen.candle_s) for each in self.instruments],
            timers=(
                TimerWanted("exit", at=chosen.exit),
                TimerWanted("out", at=chosen.exit),
                TimerWanted("out", at=second_after(chosen.exit)),
                TimerWanted("leave", seconds=chosen.candle_s),
            ),
        )

    def on_start(self, view: View) -> Iterator[Command]:
        """Begin a day without ranges."""
        if self.memory.day != view.day.isoformat():
            self.memory = self.Memory(day=view.day.isoformat())
            yield self.note()

    def on_candle(self, candle: Candle, view: View) -> Iterator[Command]:
        """Widen the range while it is being made; after that, look for its end being passed."""
        memory = self.memory
        memory.opens_at = memory.opens_at or candle.start
        own = memory.ranges.get(candle.instrument)
        if candle.start < memory.opens_at + self._range_ns:
            high, low = (own.high, own.low) if own is not None else (candle.high, candle.low)
            memory.ranges[candle.instrument] = Range(max(high, candle.high), min(low, candle.low))
            yield self.note()
        elif own is not None and not own.entered:
            yield from self._entry(candle, own, view)
        elif own is not None and self._target is not None and self._at_target(candle, own, view):
            memory.leaving[candle.instrument] = "target"
            yield self.note()

    def on_fill(self, fill: OrderFilled, order: Order, view: View) -> Iterator[Command]:
        """Cover an entry that has traded in full; a stop that has traded ends it."""
        own = self.memory.ranges.get(order.instrument)
        if order.tag == _ENTRY and not order.leaves and own is not None:
            yield from self._stops(order, own, view)

    def on_timer(self, name: str, view: View) -> Iterator[Command]:
        """Leave what is to be left, and everything once it is time."""
        if clock_of(view.at) >= self._exit:
            yield from self._leave(
                view, {p.instrument: "time" for p in view.positions()} | self.memory.leaving
            )
            yield from cancel(view.working(_ENTRY), "time")
        else:
            yield from self._leave(view, self.memory.leaving)

    def _entry(self, candle: Candle, own: Range, view: View) -> Iterator[Command]:
        side = Side.BUY if candle.close > own.high else Side.SELL if candle.close < own.low else None
        allowed = {"long": Side.BUY, "short": Side.SELL}.get(self.parameters.direction, side)
        instrument = view.instrument(candle.instrument)
        late = clock_of(candle.start + candle.seconds * NS_PER_SECOND) > self._last
        if side is None or side is not allowed or late or instrument is None:
            return
        own.entered = True
        yield self.note()
        for quantity in sliced(self._quantity(instrument, candle.close), instrument):
            yield PlaceOrder(instrument.id, side, quantity, product=self.product, tag=_ENTRY)

    def _quantity(self, instrument: Instrument, price: int) -> int:
        chosen = self.parameters
        if chosen.rupees_per_trade is None:
            return chosen.lots * instrument.lot_size
        return chosen.rupees_per_trade * RUPEE // (price * instrument.lot_size) * instrument.lot_size

    def _stops(self, entry: Order, own: Range, view: View) -> Iterator[Command]:
        """Yield the stop of one entry order, or its end where the price is beyond the stop already."""
        at, last = (own.low if entry.side is Side.BUY else own.high), view.last(entry.instrument)
        passed = last <= at if entry.side is Side.BUY else last >= at
        order_type, trigger = (OrderType.MARKET, 0) if passed and last else (OrderType.SL_M, at)
        yield PlaceOrder(
            entry.instrument,
            entry.side.opposite,
            entry.filled,
            order_type=order_type,
            product=self.product,
            trigger_price=trigger,
            tag=_STOP,
        )

    def _at_target(self, candle: Candle, own: Range, view: View) -> bool:
        held = view.position(candle.instrument, self.product)
        beyond = candle.close - own.high if held > 0 else own.low - candle.close
        return bool(held) and beyond * PER_CENT >= (own.high - own.low) * (self._target or 0)

    def _leave(self, view: View, reasons: dict[str, str]) -> Iterator[Command]:
        """Take stops back, and close what nothing covers any more."""
        if not reasons:
            return
        stops = [o for o in view.working() if o.instrument in reasons and o.tag in {_STOP, _ENTRY}]
        yield from cancel(stops, "leaving")
        covered = {order.instrument for order in stops}
        for position in view.positions():
            reason = reasons.get(position.instrument)
            if reason is not None and position.instrument not in covered:
                yield from close(position, view, f"exit:{reason}")
