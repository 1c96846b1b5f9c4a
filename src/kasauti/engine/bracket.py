"""Exits that the account holds beside an order: stop, target and trailing stop, of which one acts."""

from collections.abc import Iterator

import msgspec

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import ModifyExits, PlaceBracket, PlaceOrder, StandingCommand
from kasauti.domain.order import Order, OrderType, Product, Side, Status
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.engine.standing_checks import No, bracket_refusal, exit_prices
from kasauti.engine.standing_clerk import STOPLOSS, Handler

ENTRY, TARGET = "entry", "target"
#: Not an exit: the price at which a trailing stop moves.
STEP = "step"

#: A trailing stop moves in this many steps to its own distance, where none is given.
_STEPS = 10


class Brackets(Handler):
    """
    Exits for what filled of an entry, sent at market when the last price comes to one of them.

    1. Exits stand ready for what has filled and was not closed otherwise, never for more.
    2. The first that is reached sends an order for what its owner still holds and no other order of his
       closes; what is left of the entry is cancelled. What fills of it all the same is sent after it.
    3. None of it lies at the exchange before: the stop and the target can never both trade.
    """

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
        if one.target > 0:
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

    # What it does.

    def _exit(self, one: Instruction, leg: str, price: int, at: int) -> None:
        keeper, plan = self.keeper, one.plan
        assert isinstance(plan, PlaceBracket), "a bracket's plan is one"
        side = plan.order.side.opposite
        free = keeper.held(one) * plan.order.side.sign - keeper.closing(one, side)
        quantity = min(one.guarded, free)
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
            elif order.status is Status.COMPLETE:
                self._finish(one, f"exited by its {leg}", StandingStatus.COMPLETE, at)
        elif isinstance(event, ev.OrderCancelled | ev.OrderRejected | ev.OrderExpired):
            if leg == ENTRY:
                self._finish(one, f"its entry did not fill: {order.reason}", StandingStatus.CANCELLED, at)
            else:
                self._back(one, order, leg, event, at)

    def _guard(self, one: Instruction, entry: Order, quantity: int, at: int) -> None:
        plan = one.plan
        assert isinstance(plan, PlaceBracket), "a bracket's plan is one"
        anchor = self._cost(one, entry)
        stop, target = exit_prices(plan, anchor, self._tick(one))
        if one.trailed:
            stop = one.stop
        self._arm(one, one.guarded + quantity, stop, target, anchor, "the entry traded", at)
        if one.leg:
            self._exit(one, one.leg, 0, at)

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
            if order.side is not plan.order.side
        )
        allowed = max(0, keeper.held(one) * plan.order.side.sign - exits)
        excess = min(one.guarded, sum(other.guarded for other in same) - allowed)
        if excess > 0:
            units = one.guarded - excess
            self._arm(one, units, one.stop, one.target, one.anchor, "the position was closed elsewhere", at)
            self._finish(one, "the position was closed elsewhere", StandingStatus.CANCELLED, at)

    def day_begins(self, one: Instruction, at: int) -> None:
        """Let go of what is no longer held."""
        self.trim(one, at)
        if not one.is_over:
            self._finish(one, "nothing of it is held", StandingStatus.CANCELLED, at)

    # What is asked for.

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
            keeper.rewatch(one)
        return no
