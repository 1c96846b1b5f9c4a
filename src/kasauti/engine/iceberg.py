"""Icebergs: one large LIMIT order in parts, of which the market sees one at a time."""

import msgspec

from kasauti.domain import events as ev
from kasauti.domain.commands import PlaceIceberg
from kasauti.domain.order import Order, Status
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.engine.standing_checks import iceberg_parts, iceberg_refusal
from kasauti.engine.standing_clerk import Handler


class Icebergs(Handler):
    """Each part is an order with its own money and charges; the next follows when it has traded."""

    def place(self, plan: PlaceIceberg, at: int, cause: str, strategy: str) -> str:
        """Send the first part; return its id, or the refusal's."""
        keeper = self.keeper
        no = iceberg_refusal(plan, keeper.asked(plan.order.instrument, at))
        if no is not None:
            return keeper.deny(plan, no, at, cause, strategy)
        first = msgspec.structs.replace(plan.order, quantity=self._parts(plan)[0], autoslice=False)
        return keeper.begin(plan, first, "1", at, cause, strategy)

    def _parts(self, plan: PlaceIceberg) -> list[int]:
        instrument = self.keeper.instrument(plan.order.instrument)
        assert instrument is not None, "what was taken is in the session"
        return iceberg_parts(plan.order.quantity, plan.legs, instrument.lot_size)

    def moved(self, one: Instruction, order: Order, leg: str, event: ev.Event, at: int) -> None:
        """Send the next part when one has traded whole; end with one that did not."""
        keeper, plan = self.keeper, one.plan
        assert isinstance(plan, PlaceIceberg), "an iceberg's plan is one"
        if one.is_over:
            return
        if isinstance(event, ev.OrderCancelled | ev.OrderRejected | ev.OrderExpired):
            status = {
                ev.OrderCancelled: StandingStatus.CANCELLED,
                ev.OrderRejected: StandingStatus.REJECTED,
                ev.OrderExpired: StandingStatus.EXPIRED,
            }[type(event)]
            keeper.end(one, status, f"its leg {leg} ended: {order.reason}", keeper.cause(one), at)
        elif isinstance(event, ev.OrderFilled) and order.status is Status.COMPLETE:
            self._next(one, plan, int(leg), at)

    def _next(self, one: Instruction, plan: PlaceIceberg, done: int, at: int) -> None:
        """Send the part after the number `done`, if there is one and it has not been sent."""
        keeper = self.keeper
        if done == plan.legs:
            keeper.end(one, StandingStatus.COMPLETE, "all its legs traded", keeper.cause(one), at)
            return
        if str(done + 1) in one.sent.values():
            return  # the last of several trades of one moment
        if keeper.wait_for_room(one, at, lambda moment: self._next(one, plan, done, moment)):
            return
        quantity = self._parts(plan)[done]
        command = msgspec.structs.replace(plan.order, quantity=quantity, command_id="", autoslice=False)
        if keeper.send(one, command, str(done + 1), at) is None:
            why = f"its leg {done + 1} was denied"
            keeper.end(one, StandingStatus.REJECTED, why, keeper.cause(one), at)

    def day_begins(self, one: Instruction, at: int) -> None:
        """After a restart, send the part that waited for its turn."""
        plan, (order_id, leg) = one.plan, list(one.sent.items())[-1]
        assert isinstance(plan, PlaceIceberg), "an iceberg's plan is one"
        order = self.keeper.account.state.orders.get(order_id)
        if order is not None and order.status is Status.COMPLETE:
            self._next(one, plan, int(leg), at)
