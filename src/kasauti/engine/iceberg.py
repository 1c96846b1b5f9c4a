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
        first = msgspec.structs.replace(plan.order, quantity=self._parts(plan)[0])
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
            done = int(leg)
            if done == plan.legs:
                keeper.end(one, StandingStatus.COMPLETE, "all its legs traded", keeper.cause(one), at)
                return
            if str(done + 1) in one.sent.values():
                return  # the last of several trades of one moment
            quantity = self._parts(plan)[done]
            command = msgspec.structs.replace(plan.order, quantity=quantity, command_id="")
            if keeper.send(one, command, str(done + 1), at) is None:
                why = f"its leg {done + 1} was denied"
                keeper.end(one, StandingStatus.REJECTED, why, keeper.cause(one), at)
