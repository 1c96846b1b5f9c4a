"""Good till triggered: a LIMIT order that is sent when the last price comes to a trigger, once."""

import msgspec

from kasauti.domain import standing_events as sev
from kasauti.domain.commands import ModifyGtt, PlaceGtt, PlaceOrder, StandingCommand
from kasauti.domain.ist import NS_PER_DAY
from kasauti.domain.order import OrderType
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.engine.standing_checks import No, distance_refusal, gtt_refusal
from kasauti.engine.standing_clerk import Handler


class Gtts(Handler):
    """
    GTTs, single and of two legs, of which the one that fires first ends the other.

    TRIGGERED says that an order was sent. It is an order like any other: it may be denied, or stay unfilled.
    No money is held before.
    """

    def place(self, plan: PlaceGtt, at: int, cause: str, strategy: str) -> str:
        """Take a GTT, or refuse it; return its id."""
        keeper = self.keeper
        no = self._refusal(plan, at, counts=True)
        if no is not None:
            return keeper.deny(plan, no, at, cause, strategy)
        days = keeper.rules.standing.gtt(keeper.day).valid_days
        last = keeper.last(plan.instrument, plan.last_price)
        placed = sev.StandingPlaced(keeper.new_id("gtt"), plan, strategy, last, at + days * NS_PER_DAY)
        return keeper.placed(placed, cause, at).standing_id

    def _refusal(self, plan: PlaceGtt, at: int, *, counts: bool) -> No | None:
        asked = self.keeper.asked(plan.instrument, at, plan.last_price, counts=counts)
        no = gtt_refusal(plan, asked)
        instrument = self.keeper.instrument(plan.instrument)
        if no is not None or instrument is None:
            return no
        return distance_refusal(plan.legs, asked, instrument)

    def modify(self, one: Instruction, command: StandingCommand, at: int, cause: str) -> No | None:
        """Give a GTT other legs; everything is checked again."""
        if not isinstance(command, ModifyGtt) or not isinstance(one.plan, PlaceGtt):
            return super().modify(one, command, at, cause)
        plan = msgspec.structs.replace(one.plan, legs=command.legs, last_price=command.last_price)
        no = self._refusal(plan, at, counts=False)
        if no is None:
            last = self.keeper.last(plan.instrument, plan.last_price)
            self.keeper.account.record(sev.StandingChanged(one.standing_id, plan, last), cause, at)
            self.keeper.rewatch(one)
        return no

    def levels(self, one: Instruction) -> list[tuple[str, int, bool]]:
        """Wait for each trigger, from the side on which the price stood."""
        assert isinstance(one.plan, PlaceGtt), "a GTT's plan is one"
        return [
            (str(number), leg.trigger_price, leg.trigger_price > one.reference)
            for number, leg in enumerate(one.plan.legs, 1)
        ]

    def reached(self, one: Instruction, leg: str, price: int, at: int) -> None:
        """Send the order of the leg, and be done."""
        plan, keeper = one.plan, self.keeper
        assert isinstance(plan, PlaceGtt), "a GTT's plan is one"
        if keeper.wait_for_room(one, at, lambda moment: self.reached(one, leg, price, moment)):
            return
        terms = plan.legs[int(leg) - 1]
        keeper.trigger(one, leg, price, at)
        command = PlaceOrder(
            plan.instrument,
            terms.side,
            terms.quantity,
            OrderType.LIMIT,
            plan.product,
            terms.price,
            tag=plan.tag,
        )
        order = keeper.send(one, command, leg, at)
        became = "its order was denied" if order is None else f"its order {order.order_id} was sent"
        keeper.end(one, StandingStatus.TRIGGERED, became, keeper.cause(one), at)

    def cancel(self, one: Instruction, reason: str, at: int, cause: str) -> None:
        """Delete a GTT."""
        self.keeper.end(one, StandingStatus.DELETED, reason, cause, at)
