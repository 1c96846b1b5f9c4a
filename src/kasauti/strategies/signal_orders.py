"""
Which orders follow from signals, and when. The kernel does the same: `simulator.kernel.machine`.

All decisions are made at the end of a bar, or when an order trades.

1. Flat, and an entry is wanted: a MARKET order. If it comes to nothing (denied, lapsed), it is not asked for
   again while its signal stands.
2. When the entry has traded, the stop (SL-M, or SL where the exchange takes no SL-M) and the target (LIMIT)
   are placed. A stop that the last price has passed already is an exit at once. In delivery nothing can be
   sold twice, so beside a stop a target is only watched.
3. When one of the two trades, the other is cancelled.
4. At each bar's end the position is left if (a) its stop woke and did not trade, (b) a stop or target that
   is not working is reached by the close, (c) its exit or the other side's entry is wanted. Leaving is:
   cancel what rests; when that is gone, at the same moment where cancelling takes no time, a MARKET order,
   and behind it the entry of the other side if that is wanted at this bar. It stands until nothing is held.
5. DAY orders lapse at the close. Where a position goes on, its stop and target are placed again at the end of
   the next day's first bar.
6. A stop that trails is moved at each bar's end, when the close is the best so far: its order's trigger is
   changed. Where the exchange takes no more changes of it, it is cancelled and placed again a bar later.
7. The account's own square-off closes what is intraday; nothing is asked for twice meanwhile.

While a MARKET order is on its way nothing else is decided.
"""

from collections.abc import Iterator

import msgspec

from kasauti.domain.commands import CancelOrder, Command, ModifyOrder, PlaceOrder
from kasauti.domain.instrument import Exchange, Instrument
from kasauti.domain.order import Order, OrderType, Product, Side, Status
from kasauti.domain.signals import (
    LONG_ENTRY,
    LONG_EXIT,
    SHORT_ENTRY,
    SHORT_EXIT,
    LevelKind,
    SignalRow,
    SignalTag,
    level,
)
from kasauti.domain.view import View
from kasauti.strategies.closing import cancel

#: The name of the timer behind each candle.
LEAVE = "leave"

#: Brokers take 25 changes of an order: `exchange/data/order_limits.json`.
_MOST_CHANGES = 25

_OTHER_TRADED = "the other exit has traded"
_LEAVING = "the position is being left"
_ENTRY = {1: SignalTag.LONG, -1: SignalTag.SHORT}
#: Exchanges that take no stop without a limit.
_WITH_LIMIT = (Exchange.BSE, Exchange.BFO)


class Plan(msgspec.Struct, forbid_unknown_fields=True):
    """What an entry that was asked for will need once it has traded; see `domain.signals.Levels`."""

    stop_kind: LevelKind = LevelKind.NONE
    stop: int = 0
    target_kind: LevelKind = LevelKind.NONE
    target: int = 0
    trail: int = 0


class Holding(msgspec.Struct, forbid_unknown_fields=True):
    """
    What is kept of a position over a restart.

    `stop` and `target` are its prices, 0 for none; `protected` is whether they were asked for today.
    `leaving` is the tag of the exit that was decided; `cancelling` that its MARKET order waits for what rests
    to be gone; `reverse` the units of the other side's entry that goes behind it. `asked` is the side of the
    last entry that has not traded. `trail` is how far the stop follows behind `best`, the best close, in
    parts of it.
    """

    plan: Plan = msgspec.field(default_factory=Plan)
    stop: int = 0
    target: int = 0
    protected: bool = False
    leaving: str = ""
    cancelling: bool = False
    reverse: int = 0
    asked: int = 0
    trail: int = 0
    best: int = 0

    def begin_day(self) -> None:
        """Forget what was asked for yesterday."""
        self.protected = self.cancelling = False
        self.reverse = self.asked = 0


class SignalOrders:
    """
    Makes the commands of one instrument's position.

    `stop_limit` is how far a stop's limit lies beyond its trigger, in millionths, where it needs one.
    `holding` is the strategy's memory.
    """

    holding: Holding

    def __init__(self, instrument: Instrument, product: Product, stop_limit: int) -> None:
        self._instrument = instrument
        self._product = product
        self.stop_limit = stop_limit if needs_limit(instrument) else 0

    def at_candle(self, row: SignalRow | None, close: int, view: View) -> Iterator[Command]:
        """Decide at the end of a bar; `row` is None where there are no signals."""
        if _on_its_way(view):
            return
        held = view.position(self._instrument.id, self._product)
        code = 0 if row is None else row.code
        if not held:
            yield from self._enter(code, row, view)
            return
        holding = self.holding
        if not holding.leaving:
            holding.leaving = self._why_leave(held, code, close, view)
        if holding.trail and not holding.leaving:
            self._follow(1 if held > 0 else -1, close)
        if not holding.leaving and not holding.protected:
            yield from self._protect(held, close, view)
        elif holding.trail and not holding.leaving:
            yield from self._move_stop(1 if held > 0 else -1, view)
        if holding.leaving:
            against = SHORT_ENTRY if held > 0 else LONG_ENTRY
            holding.reverse = row.quantity if row is not None and code & against else 0
            if holding.reverse and row is not None:
                holding.plan = self._plan(row)
            yield from self._leave(held, view)

    def at_fill(self, order: Order, view: View) -> Iterator[Command]:
        """Act on a trade of `order`."""
        holding = self.holding
        held = view.position(self._instrument.id, self._product)
        entered = order.tag in (SignalTag.LONG, SignalTag.SHORT)
        if order.leaves:
            yield from () if entered else self._shrink(order, held, view)
            return
        if not entered:
            holding.stop = holding.target = 0
            holding.leaving, holding.cancelling = "", False
            yield from cancel(_resting(view), _OTHER_TRADED)
            return
        if _on_its_way(view) or not held:
            return
        side, price, plan = (1 if held > 0 else -1), order.average_price, holding.plan
        tick = self._instrument.tick_size
        holding.asked, holding.protected = 0, False
        holding.stop = level(plan.stop_kind, plan.stop, price, tick, side, stops=True)
        holding.target = level(plan.target_kind, plan.target, price, tick, side, stops=False)
        holding.trail, holding.best = plan.trail, price
        if plan.trail and not holding.stop:
            holding.stop = self._behind(price, side)
        yield from self._protect(held, view.last(self._instrument.id), view)
        if holding.leaving:
            yield from self._leave(held, view)

    def go_on(self, view: View) -> Iterator[Command]:
        """Go on leaving, if what rested is gone."""
        held = view.position(self._instrument.id, self._product)
        if held and not view.working():
            yield from self._leave(held, view)

    def _enter(self, code: int, row: SignalRow | None, view: View) -> Iterator[Command]:
        holding = self.holding
        if (holding.asked > 0 and not code & LONG_ENTRY) or (holding.asked < 0 and not code & SHORT_ENTRY):
            holding.asked = 0
        wants = 1 if code & LONG_ENTRY else -1 if code & SHORT_ENTRY else 0
        if row is None or not wants or wants == holding.asked:
            return
        holding.asked, holding.plan = wants, self._plan(row)
        yield self._market(wants, row.quantity, _ENTRY[wants])

    def _plan(self, row: SignalRow) -> Plan:
        return Plan(row.stop_kind, row.stop, row.target_kind, row.target, row.trail)

    def _behind(self, best: int, side: int) -> int:
        """Return where a stop that trails is when `best` is the best price."""
        tick = self._instrument.tick_size
        return max(tick, level(LevelKind.PARTS, self.holding.trail, best, tick, side, stops=True))

    def _follow(self, side: int, close: int) -> None:
        """Have the stop follow a better close; it never goes back."""
        holding = self.holding
        if side * (close - holding.best) > 0:
            holding.best, stop = close, self._behind(close, side)
            if not holding.stop or side * (stop - holding.stop) > 0:
                holding.stop = stop

    def _move_stop(self, side: int, view: View) -> Iterator[Command]:
        """Change the trigger of the stop that sleeps, or place it anew where it was changed too often."""
        holding = self.holding
        for order in view.working(SignalTag.STOP):
            sleeps = order.status is Status.TRIGGER_PENDING and not (order.modify_asked or order.cancel_asked)
            if not sleeps or order.trigger_price == holding.stop:
                continue
            if order.modifications >= _MOST_CHANGES:
                yield CancelOrder(order.order_id, "its stop was changed as often as the exchange takes it")
                holding.protected = False
                continue
            limit = self._beyond(holding.stop, side) if order.order_type.has_limit else None
            yield ModifyOrder(order.order_id, price=limit, trigger_price=holding.stop)

    def _why_leave(self, held: int, code: int, close: int, view: View) -> str:
        """Return the tag of the exit that is due at this bar's end, or nothing."""
        holding, side = self.holding, 1 if held > 0 else -1
        stops, targets = view.working(SignalTag.STOP), view.working(SignalTag.TARGET)
        if holding.stop:
            woke = any(order.status is Status.OPEN for order in stops)
            if woke or (not stops and side * (close - holding.stop) <= 0):
                return SignalTag.STOP
        if holding.target and not targets and side * (close - holding.target) >= 0:
            return SignalTag.TARGET
        out = LONG_EXIT | SHORT_ENTRY if held > 0 else SHORT_EXIT | LONG_ENTRY
        return SignalTag.SIGNAL if code & out else ""

    def _protect(self, held: int, last: int, view: View) -> Iterator[Command]:
        """Place stop and target, or decide to leave where the stop has been passed already."""
        holding, side = self.holding, 1 if held > 0 else -1
        if any(order.cancel_asked for order in view.working(SignalTag.STOP)):
            return
        holding.protected = True
        if holding.stop and side * (last - holding.stop) <= 0:
            holding.leaving = SignalTag.STOP
            return
        out, size = (Side.SELL if held > 0 else Side.BUY), abs(held)
        if holding.stop:
            limit, kind = 0, OrderType.SL_M
            if self.stop_limit:
                limit, kind = self._beyond(holding.stop, side), OrderType.SL
            yield PlaceOrder(
                self._instrument.id, out, size, kind, self._product, limit, holding.stop, tag=SignalTag.STOP
            )
        beside = holding.stop and self._product is Product.CNC
        if holding.target and not beside and not view.working(SignalTag.TARGET):
            yield PlaceOrder(
                self._instrument.id,
                out,
                size,
                OrderType.LIMIT,
                self._product,
                holding.target,
                tag=SignalTag.TARGET,
            )

    def _beyond(self, trigger: int, side: int) -> int:
        tick = self._instrument.tick_size
        return max(tick, level(LevelKind.PARTS, self.stop_limit, trigger, tick, side, stops=True))

    def _leave(self, held: int, view: View) -> Iterator[Command]:
        """Cancel what rests; where nothing does, ask for the way out and for what goes behind it."""
        holding = self.holding
        resting = _resting(view)
        if resting:
            holding.cancelling = True
            yield from cancel(resting, _LEAVING)
            return
        side, reverse = (1 if held > 0 else -1), holding.reverse
        holding.cancelling, holding.reverse = False, 0
        yield self._market(-side, abs(held), holding.leaving)
        if reverse:
            yield self._market(-side, reverse, _ENTRY[-side])

    def _market(self, side: int, quantity: int, tag: str) -> PlaceOrder:
        way = Side.BUY if side > 0 else Side.SELL
        return PlaceOrder(self._instrument.id, way, quantity, product=self._product, tag=str(tag))

    def _shrink(self, order: Order, held: int, view: View) -> Iterator[Command]:
        """Keep the other exit as large as what is left, where one has traded in part."""
        for other in _resting(view):
            if other.order_id != order.order_id and held and other.leaves > abs(held):
                yield ModifyOrder(other.order_id, quantity=other.filled + abs(held))


def needs_limit(instrument: Instrument) -> bool:
    """
    Return whether a stop needs a limit.

    NSE has taken no SL-M on options since 2021-09-27, BSE takes none at all: `exchange/data/products.json`.
    """
    return instrument.is_option or instrument.exchange in _WITH_LIMIT


def _on_its_way(view: View) -> bool:
    return any(order.order_type is OrderType.MARKET for order in view.working())


def _resting(view: View) -> list[Order]:
    return [order for order in view.working() if order.order_type is not OrderType.MARKET]
