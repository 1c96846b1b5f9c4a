"""Exits that the account holds beside an order: stop, target and trailing stop, of which one acts."""

from collections.abc import Iterator

import msgspec

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import ModifyExits, PlaceBracket, PlaceOrder, StandingCommand
from kasauti.domain.order import Order, OrderType, Product, Side, Status
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.engine.resting_target import LESS_LEFT, TARGET, RestingTarget
from kasauti.engine.standing_checks import No, bracket_refusal, exit_prices
from kasauti.engine.standing_clerk import STOPLOSS, Clerk, Handler

ENTRY, EXIT = "entry", "exit"
#: Not an exit: the price at which a trailing stop moves.
STEP = "step"

#: What a venue answers about an order that goes on.
_ANSWERS = (ev.OrderOpened, ev.OrderModified, ev.ModifyRejected)
#: A trailing stop moves in this many steps to its own distance, where none is given.
_STEPS = 10


class Brackets(Handler):
    """
    Exits for what filled of an entry: a target that rests at the exchange, a stop that the account watches.

    1. Exits stand ready for what has filled and was not closed otherwise, never for more.
    2. The target is a limit order for that much. What it trades is no longer guarded, so the stop shrinks
       with it; what is left of the entry is cancelled at its first trade.
    3. A stop that is reached takes target and entry back. When the exchange has said so, it sends a market
       order for what its owner still holds and no other order of his closes: the two can never both trade.
    4. A target that does not rest is watched for, and sent at market.
    """

    def __init__(self, keeper: Clerk) -> None:
        super().__init__(keeper)
        self._target = RestingTarget(keeper, self._go_on)

    def place(self, plan: PlaceBracket, at: int, cause: str, strategy: str) -> str:
        """Send the entry and hold its exits; return the entry's id, or the refusal's."""
        keeper = self.keeper
        asked = keeper.asked(plan.order.instrument, at)
        no = bracket_refusal(plan, asked)
        if no is not None:
            return keeper.deny(plan, no, at, cause, strategy)
        return keeper.begin(plan, plan.order, ENTRY, at, cause, strategy)

    # What it waits for.

    def levels(self, one: Instruction) -> list[tuple[str, int, bool]]:
        """Wait for stop and target, and for the price at which the stop moves."""
        plan = one.plan
        assert isinstance(plan, PlaceBracket), "a bracket's plan is one"
        if not one.guarded:
            return []
        long = plan.order.side is Side.BUY
        levels = []
        if one.stop > 0:
            levels.append((STOPLOSS, one.stop, not long))
        if one.target > 0 and one.guarded > self._target.leaves(one):
            levels.append((TARGET, one.target, long))
        if plan.trailing:
            levels.append((STEP, one.best + plan.order.side.sign * self._step(one, plan), long))
        return levels

    def _step(self, one: Instruction, plan: PlaceBracket) -> int:
        tick = self._tick(one)
        return plan.trail_step or max(tick, plan.trailing // _STEPS // tick * tick)

    def _tick(self, one: Instruction) -> int:
        instrument = self.keeper.instrument(one.instrument)
        assert instrument is not None, "what is watched is in the session"
        return instrument.tick_size

    def reached(self, one: Instruction, leg: str, price: int, at: int) -> None:
        """Move the stop, or exit."""
        if leg == STEP:
            self._trail(one, price, at)
        else:
            self._exit(one, leg, price, at)

    def _trail(self, one: Instruction, price: int, at: int) -> None:
        """Move the stop by whole steps behind the best price."""
        plan = one.plan
        assert isinstance(plan, PlaceBracket), "a bracket's plan is one"
        sign, step, tick = plan.order.side.sign, self._step(one, plan), self._tick(one)
        best = one.best + sign * (sign * (price - one.best) // step * step)
        stop = (best - sign * plan.trailing) // tick * tick
        if one.stop > 0 and sign * (stop - one.stop) < 0:
            stop = one.stop
        self.keeper.account.record(
            sev.StandingTrailed(one.standing_id, stop, best), self.keeper.cause(one), at
        )
        self._target.tell(one)

    # What it does.

    def _exit(self, one: Instruction, leg: str, price: int, at: int) -> None:
        keeper, plan = self.keeper, one.plan
        assert isinstance(plan, PlaceBracket), "a bracket's plan is one"
        side, resting = plan.order.side.opposite, self._target.leaves(one)
        if resting and leg != TARGET:
            keeper.trigger(one, leg, price, at)
            keeper.cancel_orders(one, f"its {leg} was reached", at, ENTRY, TARGET)
            return
        free = keeper.held(one) * plan.order.side.sign - keeper.closing(one, side)
        quantity = min(one.guarded - resting, free)
        if quantity <= 0:
            return
        if keeper.wait_for_room(one, at, lambda moment: self._exit(one, leg, price, moment)):
            return
        keeper.trigger(one, leg, price, at)
        keeper.cancel_orders(one, f"its {leg} was reached", at, ENTRY)
        for part in self._pieces(one, quantity):
            if keeper.wait_for_room(one, at, lambda moment: self._exit(one, leg, price, moment)):
                return
            exit_order = PlaceOrder(
                one.instrument, side, part, OrderType.MARKET, one.product, tag=one.tag or leg
            )
            if keeper.send(one, exit_order, leg, at) is None:
                keeper.end(one, StandingStatus.REJECTED, f"its {leg} order was denied", keeper.cause(one), at)
                return

    def _go_on(self, one: Instruction, at: int) -> None:
        """Do what had to wait: exit if it has begun to, else have its target fit."""
        if one.is_over:
            return
        if one.leg:
            self._exit(one, one.leg, 0, at)
        else:
            self._target.fit(one, at)
        self.keeper.rewatch(one)

    def _pieces(self, one: Instruction, quantity: int) -> Iterator[int]:
        """Cut a quantity into orders that the exchange takes."""
        instrument = self.keeper.instrument(one.instrument)
        assert instrument is not None, "what is watched is in the session"
        most = instrument.freeze_quantity // instrument.lot_size * instrument.lot_size or quantity
        while quantity:
            yield min(most, quantity)
            quantity -= min(most, quantity)

    # What happens to its orders.

    def moved(self, one: Instruction, order: Order, leg: str, event: ev.Event, at: int) -> None:
        """Guard what fills; end when nothing is left to guard; take back what an exit did not trade."""
        if isinstance(event, ev.OrderFilled):
            if leg == ENTRY:
                self._guard(one, order, event.quantity, at)
            elif _rests(order, leg):
                self._target_traded(one, order, event.quantity, at)
            elif order.status is Status.COMPLETE:
                self._finish(one, f"exited by its {leg}", StandingStatus.COMPLETE, at)
        elif isinstance(event, ev.OrderCancelled | ev.OrderRejected | ev.OrderExpired):
            if leg == ENTRY:
                self._finish(one, f"its entry did not fill: {order.reason}", StandingStatus.CANCELLED, at)
            elif _rests(order, leg):
                self._target_ended(one, order, event, at)
            else:
                self._back(one, order, leg, event, at)
        elif isinstance(event, _ANSWERS) and _rests(order, leg):
            self._go_on(one, at)

    def _target_traded(self, one: Instruction, order: Order, quantity: int, at: int) -> None:
        """Guard so much less; end when nothing is left."""
        keeper = self.keeper
        if one.is_over:
            return
        left = max(0, one.guarded - quantity)
        self._arm(one, left, one.stop, one.target, one.anchor, "its target traded", at)
        if not one.leg:
            keeper.cancel_orders(one, "its target trades", at, ENTRY)
        if not left and not any(keeper.orders_of(one)):
            keeper.trigger(one, TARGET, order.price, at)
            self._finish(one, "exited by its target", StandingStatus.COMPLETE, at)
        else:
            self._go_on(one, at)

    def _target_ended(self, one: Instruction, order: Order, event: ev.Event, at: int) -> None:
        """
        A target no longer rests.

        Taken back for the stop, the stop acts; lapsed or ended by the exchange, its price is watched for;
        taken back by its owner, the stop goes on alone.
        """
        self.keeper.stops.pop(order.order_id, None)
        if one.is_over:
            return
        why = order.reason or "it ended"
        if one.leg or not one.guarded:
            self._go_on(one, at)
            self._finish(one, "the position was closed elsewhere", StandingStatus.CANCELLED, at)
        elif isinstance(event, ev.OrderCancelled) and self._by_owner(order):
            self._arm(one, one.guarded, one.stop, 0, one.anchor, f"its target was cancelled: {why}", at)
            if one.stop <= 0:
                reason = f"its target order ended: {why}"
                self.keeper.end(one, StandingStatus.CANCELLED, reason, self.keeper.cause(one), at)

    def _by_owner(self, order: Order) -> bool:
        return order.cancel_asked and order.reason != LESS_LEFT and not self.keeper.account_ends

    def _guard(self, one: Instruction, entry: Order, quantity: int, at: int) -> None:
        plan = one.plan
        assert isinstance(plan, PlaceBracket), "a bracket's plan is one"
        anchor = self._cost(one, entry)
        stop, target = exit_prices(plan, anchor, self._tick(one))
        if one.trailed:
            stop = one.stop
        self._arm(one, one.guarded + quantity, stop, target, anchor, "the entry traded", at)
        self._go_on(one, at)

    def _cost(self, one: Instruction, entry: Order) -> int:
        """Return what its entry's units cost on average; an entry may have been cut into several orders."""
        orders = self.keeper.account.state.orders
        parts = [orders[each] for each, leg in one.sent.items() if leg == ENTRY and each in orders]
        filled = sum(part.filled for part in parts)
        if len(parts) == 1 or not filled:
            return entry.average_price
        return (2 * sum(part.turnover for part in parts) + filled) // (2 * filled)

    def _arm(
        self, one: Instruction, units: int, stop: int, target: int, anchor: int, why: str, at: int
    ) -> None:
        armed = sev.StandingArmed(one.standing_id, units, stop, target, anchor, why)
        self.keeper.account.record(armed, self.keeper.cause(one), at)

    def _finish(self, one: Instruction, why: str, status: StandingStatus, at: int) -> None:
        """End it if nothing is left: no unit guarded, no order working."""
        if not one.is_over and not one.guarded and not any(self.keeper.orders_of(one)):
            self.keeper.end(one, status, why, self.keeper.cause(one), at)

    def _back(self, one: Instruction, order: Order, leg: str, event: ev.Event, at: int) -> None:
        """An exit ended before it traded: what lapsed stands again tomorrow, what somebody ended is over."""
        if one.is_over:
            return
        if isinstance(event, ev.OrderExpired) and one.product is not Product.MIS:
            units = one.guarded + order.leaves
            self._arm(one, units, one.stop, one.target, one.anchor, "its exit lapsed at the close", at)
            return
        status = StandingStatus.REJECTED if isinstance(event, ev.OrderRejected) else StandingStatus.CANCELLED
        self.keeper.end(one, status, f"its {leg} order ended: {order.reason}", self.keeper.cause(one), at)

    def trim(self, one: Instruction, at: int) -> None:
        """Guard no more than its owner still holds: of several brackets the oldest lets go first."""
        keeper, plan = self.keeper, one.plan
        assert isinstance(plan, PlaceBracket), "a bracket's plan is one"
        same = [
            other
            for each in keeper.followed.get(one.position_key, ())
            if (other := keeper.account.state.standing[each]).strategy == one.strategy
            and isinstance(other.plan, PlaceBracket)
            and other.plan.order.side is plan.order.side
        ]
        exits = sum(
            order.leaves
            for other in same
            for order in keeper.orders_of(other)
            if order.side is not plan.order.side and not _rests(order, other.sent[order.order_id])
        )
        allowed = max(0, keeper.held(one) * plan.order.side.sign - exits)
        excess = min(one.guarded, sum(other.guarded for other in same) - allowed)
        if excess > 0:
            units = one.guarded - excess
            self._arm(one, units, one.stop, one.target, one.anchor, "the position was closed elsewhere", at)
            self._go_on(one, at)
            self._finish(one, "the position was closed elsewhere", StandingStatus.CANCELLED, at)

    def day_begins(self, one: Instruction, at: int) -> None:
        """Let go of what is no longer held."""
        self.trim(one, at)
        if not one.is_over:
            self._finish(one, "nothing of it is held", StandingStatus.CANCELLED, at)
        if not one.is_over and one.guarded:
            self._go_on(one, at)

    # What is asked for.

    def exit(self, one: Instruction, at: int) -> No | None:
        """Close at market what is guarded."""
        if not one.guarded:
            return No("exits.nothing", f"The exits of {one.standing_id} guard nothing: cancel it instead.")
        if not one.leg:
            self._exit(one, EXIT, 0, at)
        return None

    def modify(self, one: Instruction, command: StandingCommand, at: int, cause: str) -> No | None:
        """Give it other exits, as prices."""
        plan, keeper = one.plan, self.keeper
        if not isinstance(command, ModifyExits) or not isinstance(plan, PlaceBracket):
            return super().modify(one, command, at, cause)
        stop, target = (one.stop, one.target) if one.guarded else (plan.stoploss, plan.target)
        new = msgspec.structs.replace(
            plan,
            stoploss=stop if command.stoploss is None else command.stoploss,
            target=target if command.target is None else command.target,
            trailing=plan.trailing if command.trailing is None else command.trailing,
            relative=plan.relative and not one.guarded,
        )
        asked = keeper.asked(one.instrument, at)
        checked = msgspec.structs.replace(new, order=msgspec.structs.replace(plan.order, price=asked.last))
        no = bracket_refusal(checked, asked)
        if no is None:
            keeper.account.record(sev.StandingChanged(one.standing_id, new, asked.last), cause, at)
            if one.guarded:
                stop, target = exit_prices(new, one.anchor, self._tick(one))
                self._arm(one, one.guarded, stop, target, one.anchor, "changed", at)
                self._go_on(one, at)
            keeper.rewatch(one)
        return no


def _rests(order: Order, leg: str) -> bool:
    """Whether an order is a target that waits, or waited, at the exchange."""
    return leg == TARGET and order.order_type is OrderType.LIMIT
