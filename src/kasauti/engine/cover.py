"""Cover orders: an intraday entry whose stop goes to the exchange as the entry fills."""

import msgspec

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import (
    CancelOrder,
    ModifyExits,
    ModifyOrder,
    PlaceCover,
    PlaceOrder,
    StandingCommand,
)
from kasauti.domain.order import Order, OrderType, Status
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.engine.bracket import ENTRY
from kasauti.engine.standing_checks import No, cover_refusal
from kasauti.engine.standing_clerk import Handler

STOP, EXIT = "stop", "exit"


class Covers(Handler):
    """
    Cover orders.

    1. What fills of the entry is covered by a stop at the exchange; more of it makes the stop larger.
    2. An entry that does not fill leaves no stop.
    3. Exiting, or cancelling the stop, cancels the sibling and closes what is left at market.
    4. A stop that is denied or rejected is an exit at market: nothing stays uncovered.
    """

    def place(self, plan: PlaceCover, at: int, cause: str, strategy: str) -> str:
        """Send the entry; return its id, or the refusal's."""
        no = cover_refusal(plan, self.keeper.asked(plan.order.instrument, at))
        if no is not None:
            return self.keeper.deny(plan, no, at, cause, strategy)
        return self.keeper.begin(plan, plan.order, ENTRY, at, cause, strategy)

    def moved(self, one: Instruction, order: Order, leg: str, event: ev.Event, at: int) -> None:
        """Cover what fills; close what loses its cover; end when nothing is left."""
        if one.is_over:
            return
        if isinstance(event, ev.OrderFilled):
            if leg == ENTRY:
                self._cover(one, at)
            elif order.status is Status.COMPLETE:
                self._over(one, leg, at)
        elif isinstance(event, ev.OrderModified | ev.ModifyRejected | ev.OrderOpened):
            if leg == STOP:
                self._cover(one, at)
        elif isinstance(event, ev.OrderCancelled | ev.OrderRejected | ev.OrderExpired):
            self._ended(one, order, leg, at)

    def _ended(self, one: Instruction, order: Order, leg: str, at: int) -> None:
        """One of its orders is over; what the account's own jobs end, they close as well."""
        if self.keeper.account_ends and leg != ENTRY:
            self.keeper.end(one, StandingStatus.CANCELLED, order.reason, self.keeper.cause(one), at)
        elif leg == STOP and order.leaves:
            self._close(one, f"its stop ended: {order.reason}", at)
        else:
            self._over(one, leg, at)

    def _uncovered(self, one: Instruction) -> int:
        """Return the units its entry traded that no order of it closes or has closed."""
        orders = self.keeper.account.state.orders
        units = 0
        for order_id, leg in one.sent.items():
            order = orders.get(order_id)
            if order is not None:
                closes = order.quantity if order.is_working else order.filled
                units += order.filled if leg == ENTRY else -closes
        return units

    def _cover(self, one: Instruction, at: int) -> None:
        """Send a stop for what has none, or make the one that sleeps larger."""
        keeper, plan = self.keeper, one.plan
        assert isinstance(plan, PlaceCover), "a cover order's plan is one"
        units = self._uncovered(one)
        if units <= 0:
            return
        if any(keeper.orders_of(one, EXIT)):
            self._close(one, "it was being exited", at)
            return
        for stop in keeper.orders_of(one, STOP):
            if stop.modify_asked or stop.cancel_asked or stop.status is Status.SUBMITTED:
                return  # its answer comes, and with it the next look
            if stop.status is Status.TRIGGER_PENDING:
                changes, larger = stop.modifications, ModifyOrder(stop.order_id, stop.quantity + units)
                keeper.account.send(larger, at, keeper.cause(one), one.strategy)
                if stop.modifications > changes:
                    return
        if keeper.wait_for_room(one, at, lambda moment: self._cover(one, moment)):
            return
        stop_order = PlaceOrder(
            one.instrument,
            plan.order.side.opposite,
            units,
            OrderType.SL if plan.stop_price else OrderType.SL_M,
            one.product,
            plan.stop_price,
            plan.trigger_price,
            tag=one.tag,
        )
        if keeper.send(one, stop_order, STOP, at) is None:
            self._close(one, "its stop was denied", at)

    def _close(self, one: Instruction, why: str, at: int) -> None:
        """Close at market what nothing closes yet, as far as its owner holds it."""
        keeper, plan = self.keeper, one.plan
        assert isinstance(plan, PlaceCover), "a cover order's plan is one"
        keeper.cancel_orders(one, why, at, ENTRY)
        side = plan.order.side.opposite
        free = keeper.held(one) * plan.order.side.sign - keeper.closing(one, side)
        units = min(self._uncovered(one), free)
        if units <= 0:
            self._over(one, EXIT, at)
            return
        if keeper.wait_for_room(one, at, lambda moment: self._close(one, why, moment)):
            return
        keeper.trigger(one, EXIT, 0, at)
        command = PlaceOrder(one.instrument, side, units, OrderType.MARKET, one.product, tag=one.tag)
        if keeper.send(one, command, EXIT, at) is None:
            keeper.end(one, StandingStatus.REJECTED, f"{why}; its exit was denied", keeper.cause(one), at)

    def _over(self, one: Instruction, leg: str, at: int) -> None:
        """End it if no order of it works and nothing is uncovered."""
        keeper = self.keeper
        if one.is_over or any(keeper.orders_of(one, STOP, EXIT)):
            return
        if leg != ENTRY:
            keeper.cancel_orders(one, "its stop has traded", at, ENTRY)
        if any(keeper.orders_of(one)):
            return
        filled = any(
            order.filled
            for order_id in one.sent
            if (order := keeper.account.state.orders.get(order_id)) is not None
        )
        if leg == ENTRY and filled:
            return
        status = StandingStatus.COMPLETE if filled else StandingStatus.CANCELLED
        why = f"closed by its {leg}" if filled else "its entry did not fill"
        keeper.end(one, status, why, keeper.cause(one), at)

    def trim(self, one: Instruction, at: int) -> None:
        """Withdraw the stop when the position was closed elsewhere; close what others no longer will."""
        plan, keeper = one.plan, self.keeper
        assert isinstance(plan, PlaceCover), "a cover order's plan is one"
        why = "the position was closed elsewhere"
        if keeper.held(one) * plan.order.side.sign <= 0:
            works = keeper.cancel_orders(one, why, at, STOP, EXIT)
            if not works and not any(keeper.orders_of(one)):
                keeper.end(one, StandingStatus.CANCELLED, why, keeper.cause(one), at)
        elif self._uncovered(one) > 0 and not any(keeper.orders_of(one)):
            self._close(one, "nothing covers it", at)

    def cancel(self, one: Instruction, reason: str, at: int, cause: str) -> None:
        """Exit: cancel what works; what the stop no longer covers is closed when it has gone."""
        keeper = self.keeper
        if not any(keeper.orders_of(one, STOP)):
            self._close(one, reason, at)
            return
        keeper.cancel_orders(one, reason, at, ENTRY)
        for stop in list(keeper.orders_of(one, STOP)):
            if not stop.cancel_asked:
                keeper.account.send(CancelOrder(stop.order_id, reason), at, cause, one.strategy)

    def modify(self, one: Instruction, command: StandingCommand, at: int, cause: str) -> No | None:
        """Move the stop's trigger."""
        plan, keeper = one.plan, self.keeper
        if not isinstance(command, ModifyExits) or not isinstance(plan, PlaceCover) or not command.stoploss:
            return super().modify(one, command, at, cause)
        new = msgspec.structs.replace(plan, trigger_price=command.stoploss)
        asked = keeper.asked(one.instrument, at)
        no = cover_refusal(
            msgspec.structs.replace(new, order=msgspec.structs.replace(plan.order, price=0)), asked
        )
        if no is None:
            keeper.account.record(sev.StandingChanged(one.standing_id, new, asked.last), cause, at)
            for stop in list(keeper.orders_of(one, STOP)):
                change = ModifyOrder(stop.order_id, trigger_price=command.stoploss)
                keeper.account.send(change, at, cause, one.strategy)
        return no

    def day_begins(self, one: Instruction, at: int) -> None:
        """After a restart, cover what a change that was lost on its way did not."""
        self._cover(one, at)
