"""Several option legs as one strategy: in together at a time, a stop for each, out together."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import time
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from kasauti.domain.commands import Command, PlaceOrder
from kasauti.domain.events import OrderFilled
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import NS_PER_DAY, NS_PER_SECOND
from kasauti.domain.market import Quote
from kasauti.domain.money import RUPEE
from kasauti.domain.order import SQUARE_OFF, Order, OrderType, Product, Status
from kasauti.domain.view import Subscriptions, TimerWanted, View
from kasauti.strategies.base import Strategy
from kasauti.strategies.clock import clock_of, second_after, since_midnight
from kasauti.strategies.closing import cancel, close, sliced
from kasauti.strategies.leg_stops import Stop, stop_of
from kasauti.strategies.legs import Leg, atm, chosen, delta, otm, premium
from kasauti.strategies.parameters import WHOLE, basis_points

__all__ = ["Leg", "OptionLegs", "atm", "delta", "otm", "premium"]

_ENTRY, _STOP = "entry", "exit:stop"
#: A stop may be far: the premium of a sold option can rise many times over.
_WIDEST_STOP = 100 * WHOLE


class Held(msgspec.Struct, forbid_unknown_fields=True):
    """A leg that was asked for: its option, the units that entered and the sum of price times units."""

    instrument: str
    entered: int = 0
    value: int = 0


class OptionLegs(Strategy):
    """
    Enters `legs` at one time of the day and leaves them at another; a subclass names its legs.

    Each leg may have a stop that rests at the exchange as an SL order (options have no SL-M on NSE), once its
    entry has traded in full. A stop that has triggered and not traded is replaced by a market order at the
    next monitor. All legs leave together at `exit`, when their result before charges reaches `stop_rupees` or
    `target_rupees`, or when an entry came to nothing. There is no second entry on a day. What an earlier day
    left over leaves first.
    """

    legs: ClassVar[Sequence[Leg]] = ()

    class Parameters(Strategy.Parameters, frozen=True, kw_only=True):
        """Times are IST; `stop_percent` is of a leg's average entry price."""

        underlying: str = "NSE:NIFTY 50"
        lots: Annotated[int, Meta(ge=1)] = 1
        entry: time = time(9, 20)
        exit: time = time(15, 10)
        stop_percent: Decimal | None = None
        stop_buffer_percent: Decimal = Decimal(5)
        stop_rupees: Annotated[int, Meta(ge=1)] | None = None
        target_rupees: Annotated[int, Meta(ge=1)] | None = None
        product: Literal["MIS", "NRML"] = "MIS"
        entry_patience_s: Annotated[int, Meta(ge=1)] = 300
        monitor_s: Annotated[int, Meta(ge=1)] = 60

        def __post_init__(self) -> None:
            if self.entry >= self.exit:
                raise ValueError(f"entry {self.entry:%H:%M} must come before exit {self.exit:%H:%M}")

    class Memory(Strategy.Memory, kw_only=True):
        """
        What is known on the IST date `day`.

        `cash` is what trades have brought less what they cost, `reason` why all legs leave (once decided it
        stands), `asked_at` when they were asked for. `why` says to people why there was no entry.
        """

        day: str = ""
        legs: list[Held] = msgspec.field(default_factory=list)
        cash: int = 0
        reason: str = ""
        asked_at: int = 0
        why: str = ""

    parameters: Parameters
    memory: Memory

    def __init__(self, parameters: Parameters | None = None, *, name: str = "") -> None:
        super().__init__(parameters, name=name)
        chosen = self.parameters
        self._product = Product(chosen.product)
        self._buffer = basis_points("stop_buffer_percent", chosen.stop_buffer_percent, least=0)
        self._stops = [self._stop_of(leg) for leg in self.legs]
        self._entry, self._exit = since_midnight(chosen.entry), since_midnight(chosen.exit)
        self._combined = chosen.stop_rupees is not None or chosen.target_rupees is not None
        self._patience = chosen.entry_patience_s * NS_PER_SECOND
        #: What had happened when a look found nothing to do, and until which moment there stays nothing.
        self._settled = (-1, 0)

    def _stop_of(self, leg: Leg) -> int | None:
        percent = self.parameters.stop_percent if leg.stop_percent is None else leg.stop_percent
        return None if percent is None else basis_points("stop_percent", percent, most=_WIDEST_STOP)

    @property
    def follows(self) -> bool:
        """Prices matter where all legs have a stop or a target together, and once they leave."""
        return self._combined or bool(self.memory.reason)

    def subscriptions(self) -> Subscriptions:
        """
        Two times and a monitor; the ticks of what is held come by themselves while they matter.

        At the exit stops are taken back first, and what they covered is closed as soon as they are gone: on
        bars at the same moment, at an exchange within a second.
        """
        chosen = self.parameters
        return Subscriptions(
            timers=(
                TimerWanted("entry", at=chosen.entry),
                TimerWanted("exit", at=chosen.exit),
                TimerWanted("out", at=chosen.exit),
                TimerWanted("out", at=second_after(chosen.exit)),
                TimerWanted("monitor", seconds=chosen.monitor_s),
            )
        )

    def on_start(self, view: View) -> Iterable[Command]:
        """Begin a day with nothing asked for."""
        if self.memory.day == view.day.isoformat():
            return ()
        self.memory = self.Memory(day=view.day.isoformat())
        return [self.note()]

    def on_timer(self, name: str, view: View) -> Iterable[Command]:
        """Enter, look at what is held, or leave."""
        happened, until = self._settled
        if view.at < until and view.happened == happened:
            return ()
        clock = clock_of(view.at)
        due = self._entry <= clock < min(self._exit, self._entry + self._patience)
        if due and not self.memory.legs and not view.positions():
            return self._enter(view)
        return self._look_at_leisure(view)

    def _look_at_leisure(self, view: View) -> Sequence[Command]:
        """Look; where nothing is to be done, that stays so until something happens or it is time."""
        asked, memory = list(self._look(view, at_leisure=True)), self.memory
        if not asked and memory.legs and not self._combined:
            until = view.at + self._exit - clock_of(view.at)
            if memory.reason:
                until = view.at + NS_PER_DAY
            elif view.at < memory.asked_at + self._patience:
                until = min(until, memory.asked_at + self._patience)
            self._settled = view.happened, until
        return asked

    def on_tick(self, quote: Quote, instrument: Instrument, view: View) -> Iterable[Command]:
        """Look at the result of all legs, or at what is left of them."""
        return self._look(view, at_leisure=False) if self.follows else ()

    def on_fill(self, fill: OrderFilled, order: Order, view: View) -> Iterator[Command]:
        """Count what traded, and cover what has entered."""
        memory, value = self.memory, fill.quantity * fill.price
        memory.cash -= order.side.sign * value
        for held in memory.legs if order.tag == _ENTRY else ():
            if held.instrument == order.instrument:
                held.entered += fill.quantity
                held.value += value
        yield from self._look(view, at_leisure=False)
        yield self.note()

    # In.

    def _enter(self, view: View) -> Iterator[Command]:
        """Ask for every leg, bought ones first, or for none."""
        memory, names = self.memory, self._options(view)
        missing = [leg for leg, name in zip(self.legs, names, strict=True) if name is None]
        if missing or len(set(names)) < len(names):
            memory.why = (
                f"no option with a price for the leg {missing[0].side} {missing[0].right}"
                if missing
                else "two legs mean the same option"
            )
            yield self.note()
            return
        memory.legs = [Held(name) for name in names if name is not None]
        memory.asked_at, memory.why = view.at, ""
        both = sorted(zip(self.legs, memory.legs, strict=True), key=lambda each: each[0].side)
        for leg, held in both:
            yield from self._entry_orders(leg, held, view)
        yield self.note()

    def _options(self, view: View) -> list[str | None]:
        chains = {
            nth: view.chain(self.parameters.underlying, nth) for nth in {leg.expiry for leg in self.legs}
        }
        return [None if (chain := chains[leg.expiry]) is None else chosen(leg, chain) for leg in self.legs]

    def _entry_orders(self, leg: Leg, held: Held, view: View) -> Iterator[PlaceOrder]:
        instrument = view.instrument(held.instrument)
        assert instrument is not None, "it is in the chain"
        quantity = self.parameters.lots * leg.lots * instrument.lot_size
        for each in sliced(quantity, instrument):
            yield PlaceOrder(held.instrument, leg.way, each, product=self._product, tag=_ENTRY)

    # Out.

    def _look(self, view: View, *, at_leisure: bool) -> Iterator[Command]:
        """Decide whether all leave; if not, see that each leg is covered."""
        memory = self.memory
        if not memory.legs and view.positions():
            memory.reason = "left_over"
        elif not memory.legs:
            return
        working = view.working()
        if not memory.reason:
            memory.reason = self._reason(view, working)
            if memory.reason:
                yield self.note()
        if memory.reason:
            yield from self._leave(view)
            return
        for leg, held, stop in zip(self.legs, memory.legs, self._stops, strict=True):
            if stop is not None and held.entered:
                own = [order for order in working if order.instrument == held.instrument]
                yield from self._cover(leg, held, stop, own, view, at_leisure=at_leisure)

    def _reason(self, view: View, working: Sequence[Order]) -> str:
        """Return why all legs leave, "" if they stay."""
        memory, chosen = self.memory, self.parameters
        if clock_of(view.at) >= self._exit:
            return "time"
        entering = any(order.tag == _ENTRY for order in working)
        overdue = view.at - memory.asked_at >= self._patience
        if overdue if entering else not all(held.entered for held in memory.legs):
            return "incomplete"
        result = self._result(view) if self._combined else None
        if result is None:
            return ""
        if chosen.stop_rupees is not None and result <= -chosen.stop_rupees * RUPEE:
            return "combined_stop"
        if chosen.target_rupees is not None and result >= chosen.target_rupees * RUPEE:
            return "target"
        return ""

    def _result(self, view: View) -> int | None:
        """Return what all legs have made so far before charges, None where a price is not known."""
        result = self.memory.cash
        for position in view.positions():
            last = view.last(position.instrument)
            if not last:
                return None
            result += position.quantity * last
        return result

    def _leave(self, view: View) -> Iterator[Command]:
        """Take back what could still open or close something, then close what nothing covers any more."""
        tag = f"exit:{self.memory.reason}"
        others = [order for order in view.working() if order.tag not in {tag, SQUARE_OFF}]
        yield from cancel(others, self.memory.reason)
        covered = {order.instrument for order in others}
        for position in view.positions():
            if position.instrument not in covered:
                yield from close(position, view, tag)

    def _cover(
        self, leg: Leg, held: Held, stop: int, own: Sequence[Order], view: View, *, at_leisure: bool
    ) -> Iterator[Command]:
        """See that what is held of a leg has its stop at the exchange; `own` are its working orders."""
        if any(order.tag == _ENTRY for order in own):
            return
        if at_leisure:
            yield from cancel([o for o in own if o.status is Status.OPEN and o.trigger_price], "not traded")
        position = next((p for p in view.positions() if p.instrument == held.instrument), None)
        left = 0 if position is None else abs(position.quantity) - sum(order.leaves for order in own)
        instrument = view.instrument(held.instrument)
        if position is None or instrument is None or left <= 0:
            return
        at = stop_of(held.value, held.entered, leg.way, stop, self._buffer, instrument.tick_size)
        if at.passed(view.last(held.instrument)):
            yield from close(position, view, _STOP)
            return
        for each in sliced(left, instrument):
            yield self._stop_order(held, at, each, leg)

    def _stop_order(self, held: Held, at: Stop, quantity: int, leg: Leg) -> PlaceOrder:
        return PlaceOrder(
            held.instrument,
            leg.way.opposite,
            quantity,
            order_type=OrderType.SL,
            product=self._product,
            price=at.limit,
            trigger_price=at.trigger,
            tag=_STOP,
        )
