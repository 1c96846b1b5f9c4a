"""
Open-interest momentum: buy the option whose writers are leaving, once a day, and be out by 14:50 IST.

What makes it enter is in `momentum_entry`, what makes it leave in `momentum_exits`; here is when each is
looked at, and what is asked for. Entries: with the first chain snapshot after a candle of the underlying
has closed. Exits: on every tick of what is held, and by a timer; they need neither candles nor chains.
"""

from collections.abc import Iterable, Iterator

from kasauti.domain.commands import Command, buy
from kasauti.domain.events import OrderFilled
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import NS_PER_SECOND, ist_clock, ist_date
from kasauti.domain.market import Candle, Quote
from kasauti.domain.order import Order
from kasauti.domain.position import Position
from kasauti.domain.view import CandleWanted, Chain, ChainWanted, Subscriptions, TimerWanted, View
from kasauti.strategies.base import Strategy
from kasauti.strategies.clock import clock_of, since_midnight
from kasauti.strategies.closing import cancel, close
from kasauti.strategies.momentum_entry import Verdict, assess
from kasauti.strategies.momentum_exits import Held, exit_reason, levels
from kasauti.strategies.momentum_memory import ClosedCandle, MomentumMemory
from kasauti.strategies.momentum_parameters import MomentumParameters
from kasauti.strategies.open_interest import OIReading
from kasauti.strategies.session_vwap import SessionVwap, snapshots

TRADES_PER_DAY = 1
ENTRY = "entry"
#: What the tag of an exit begins with; its reason follows.
EXIT = "exit:"


class IntradayMomentumOI(Strategy):
    """
    Buys the option whose writers are leaving, once a day; out by its stops or at `mandatory_exit`.

    At the strike with the most open interest on the nearer side of spot, open interest has to fall while the
    option trades above its average of the session.
    """

    Parameters = MomentumParameters
    Memory = MomentumMemory
    parameters: MomentumParameters
    memory: MomentumMemory

    def __init__(self, parameters: MomentumParameters | None = None, *, name: str = "") -> None:
        super().__init__(parameters, name=name)
        chosen = self.parameters
        self._rules, self._sizing, self._stops = chosen.entry(), chosen.sizing(), chosen.stops()
        self._candle_ns = chosen.candle_s * NS_PER_SECOND
        self._first, self._last = since_midnight(chosen.first_entry), since_midnight(chosen.last_entry)
        self._over = since_midnight(chosen.mandatory_exit)

    def subscriptions(self) -> Subscriptions:
        """Candles and chain of the underlying, a timer for the exits, and the time of the last one."""
        chosen = self.parameters
        return Subscriptions(
            candles=(CandleWanted(chosen.underlying, chosen.candle_s),),
            chains=(ChainWanted(chosen.underlying, chosen.chain_s),),
            timers=(
                TimerWanted("monitor", seconds=chosen.monitor_s),
                TimerWanted("mandatory_exit", at=chosen.mandatory_exit),
            ),
        )

    def why(self) -> tuple[str, ...]:
        """Say in sentences what the last decision found: why there was a trade, or why none."""
        return tuple(
            f"{'yes' if v.holds else 'no'}: {v.condition}: {v.because}" for v in self.memory.verdicts
        )

    # Two rhythms.

    def on_start(self, view: View) -> Iterator[Command]:
        """Begin the day with what is still held, if anything is."""
        if self._is_new_day(view) or self._adopts(view):
            yield self.note()

    def on_candle(self, candle: Candle, view: View) -> Iterator[Command]:
        """Keep the close until the chain that belongs to it comes."""
        self._is_new_day(view)
        self.memory.candle = ClosedCandle(candle.start + candle.seconds * NS_PER_SECOND, candle.close)
        yield self.note()

    def on_chain(self, chain: Chain, view: View) -> Iterator[Command]:
        """Follow the averages of every option, and decide on an entry where a candle has closed."""
        self._is_new_day(view)
        memory = self.memory
        if self._may_enter_today(view.at):
            for option, last, volume in snapshots(chain):
                memory.vwaps.setdefault(option, SessionVwap()).see(last, volume)
        else:
            memory.vwaps, memory.reading = {}, None
        candle = memory.candle
        if candle is not None and candle.ends <= chain.at:
            memory.candle = None
            if view.at - candle.ends < self._candle_ns:
                yield from self._decide(candle, chain, view)
        yield self.note()

    def on_tick(self, quote: Quote, instrument: Instrument, view: View) -> Iterable[Command]:
        """Look at the exits of what is held."""
        held = self.memory.held
        if held is None:
            return [self.note()] if self._adopts(view) else ()
        return self._exits(held, quote, view) if held.instrument == instrument.id else ()

    def on_timer(self, name: str, view: View) -> Iterator[Command]:
        """Look at the exits without a tick, and take back an entry that has not traded in time."""
        if self._adopts(view):
            yield self.note()
        held = self.memory.held
        if held is not None:
            known = view.instrument(held.instrument) is not None
            quote = view.quote(held.instrument) if known else Quote(view.at)
            held.vwap.see(quote.last, quote.volume)
            yield from self._exits(held, quote, view)
            yield self.note()
        patience = 0 if self._is_over(view.at) else self.parameters.entry_patience_s * NS_PER_SECOND
        late = [order for order in view.working(ENTRY) if view.at - order.placed_at >= patience]
        yield from cancel(late, "the entry did not trade in time")

    def on_fill(self, fill: OrderFilled, order: Order, view: View) -> Iterator[Command]:
        """Begin to watch what was bought; let go of what is sold."""
        if order.tag == ENTRY:
            self._entered(fill, order)
        held = self.memory.held
        if held is not None:
            position = _position(held, view)
            if position is None:
                self._let_go(held, view)
            else:
                held.levels = levels(self._stops, held, position.cost, position.quantity)
        yield self.note()

    # Entries.

    def _may_enter_today(self, at: int) -> bool:
        return self.memory.entries < TRADES_PER_DAY and clock_of(at) <= self._last

    def _decide(self, candle: ClosedCandle, chain: Chain, view: View) -> Iterator[Command]:
        memory = self.memory
        before = memory.reading
        if before is not None and candle.ends - before.at > 2 * self._candle_ns:
            before = None
        memory.decided_at, memory.asked = candle.ends, None
        memory.verdicts = self._free(candle, view)
        if not self._may_enter_today(view.at):
            return
        memory.reading = OIReading.of(chain, candle.ends)
        found = assess(self._rules, chain, candle.close, before, memory.vwaps)
        memory.verdicts += found.verdicts
        option = found.candidate
        if option is None or not all(verdict.holds for verdict in memory.verdicts):
            return
        instrument = view.instrument(option.instrument)
        assert instrument is not None, "an option of the chain is an instrument of the session"
        price = max(option.last, view.quote(option.instrument).ask)
        size = self._sizing.size(instrument, price, view.cash)
        memory.verdicts.append(Verdict("size", size.quantity > 0, size.because))
        if size.quantity:
            memory.asked = option
            yield buy(option.instrument, size.quantity, product=self.parameters.product, tag=ENTRY)

    def _free(self, candle: ClosedCandle, view: View) -> list[Verdict]:
        """Return the conditions that do not depend on the chain."""
        memory, chosen = self.memory, self.parameters
        done = f"{memory.entries} of {TRADES_PER_DAY} done today"
        window = f"{ist_clock(candle.ends)}; entries are from {chosen.first_entry} to {chosen.last_entry}"
        in_time = self._first <= clock_of(candle.ends) <= self._last
        free = memory.held is None and not view.positions() and not view.working()
        return [
            Verdict("trades", memory.entries < TRADES_PER_DAY, done),
            Verdict("window", in_time, window),
            Verdict("free", free, f"{'nothing' if free else 'something'} is held or asked for"),
        ]

    def _entered(self, fill: OrderFilled, order: Order) -> None:
        memory = self.memory
        if memory.entry_order != order.order_id:
            memory.entry_order = order.order_id
            memory.entries += 1
        if memory.held is None:
            memory.held = self._watched(order.instrument, fill.price)
            memory.vwaps, memory.reading = {}, None
        memory.held.peak = max(memory.held.peak, fill.price)

    # Exits.

    def _watched(self, instrument: str, price: int) -> Held:
        """Return what is known of an option that is held from now on."""
        memory = self.memory
        asked, memory.asked = memory.asked, None
        known = asked is not None and asked.instrument == instrument
        vwap = memory.vwaps.pop(instrument, SessionVwap())
        return Held(instrument, price, asked.open_interest if asked is not None and known else 0, vwap)

    def _adopts(self, view: View) -> bool:
        """Take up a position that memory does not know of, as after a failure; return whether it did."""
        if self.memory.held is not None:
            return False
        for position in view.positions():
            if position.quantity > 0:
                self.memory.held = self._watched(position.instrument, position.average_price)
                if ist_date(position.opened_at) == view.day:
                    self.memory.entries = max(1, self.memory.entries)
                return True
        return False

    def _exits(self, held: Held, quote: Quote, view: View) -> list[Command]:
        position = _position(held, view)
        if position is None:
            return [self.note()] if self._let_go(held, view) else []
        before = (held.peak, held.open_interest, held.reason, held.levels)
        held.peak = max(held.peak, quote.last)
        held.open_interest = held.open_interest or quote.open_interest
        held.levels = levels(self._stops, held, position.cost, position.quantity)
        if not held.reason:
            held.reason = exit_reason(held.levels, quote.last, quote.open_interest)
        if not held.reason and self._is_over(view.at):
            held.reason = "end_of_day"
        commands = self._leave(held, position, view) if held.reason else []
        if commands or before != (held.peak, held.open_interest, held.reason, held.levels):
            commands.append(self.note())
        return commands

    def _leave(self, held: Held, position: Position, view: View) -> list[Command]:
        """Ask for what is held and not being sold; not more often than the parameters say."""
        commands: list[Command] = list(cancel(view.working(ENTRY), f"leaving: {held.reason}"))
        if view.at - held.asked_at >= self.parameters.exit_retry_s * NS_PER_SECOND:
            exits = close(position, view, EXIT + held.reason)
            if exits:
                held.asked_at = view.at
            commands += exits
        return commands

    def _let_go(self, held: Held, view: View) -> bool:
        """Forget what is no longer held, unless more of it may still be bought."""
        if view.working(ENTRY):
            return False
        self.memory.last_exit = held.reason or "closed elsewhere"
        self.memory.held = None
        return True

    # Time.

    def _is_over(self, at: int) -> bool:
        return clock_of(at) >= self._over

    def _is_new_day(self, view: View) -> bool:
        """Begin a new memory on a new day; what is held is still held, its averages are not."""
        day = view.day.isoformat()
        if self.memory.day == day:
            return False
        held = self.memory.held
        if held is not None:
            held.vwap = SessionVwap()
        self.memory = MomentumMemory(day=day, held=held)
        return True


def _position(held: Held, view: View) -> Position | None:
    return next((p for p in view.positions() if p.instrument == held.instrument and p.quantity > 0), None)
