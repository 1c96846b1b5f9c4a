"""The rules that come with Kasauti. Each is one reason to refuse new risk; exits never meet them."""

from typing import ClassVar

import msgspec

from kasauti.domain.money import format_rupees
from kasauti.domain.state import State
from kasauti.ports import Proposal
from kasauti.risk.gate import Refusal


class MaxOrderValue(msgspec.Struct, frozen=True):
    """Refuse an order worth more than `limit` money units: a slip of the finger."""

    name: ClassVar[str] = "max_order_value"
    limit: int

    def refuses(self, order: Proposal, state: State) -> Refusal | None:
        """See the class."""
        if order.value <= self.limit:
            return None
        limit, actual = format_rupees(self.limit), format_rupees(order.value)
        return Refusal(self.name, f"an order may be worth {limit}, this one is worth {actual}", limit, actual)


class MaxOpenOrders(msgspec.Struct, frozen=True):
    """Refuse an order while `limit` others can still trade."""

    name: ClassVar[str] = "max_open_orders"
    limit: int

    def refuses(self, order: Proposal, state: State) -> Refusal | None:
        """See the class."""
        working = len(state.working)
        if working < self.limit or order.changes:
            return None
        message = f"{working} orders are open, {self.limit} are allowed; cancel one first"
        return Refusal(self.name, message, str(self.limit), str(working))


class MaxOrdersPerDay(msgspec.Struct, frozen=True):
    """Refuse an order after `limit` of the day."""

    name: ClassVar[str] = "max_orders_per_day"
    limit: int

    def refuses(self, order: Proposal, state: State) -> Refusal | None:
        """See the class."""
        if state.day_orders < self.limit or order.changes:
            return None
        message = f"{state.day_orders} orders were placed today, {self.limit} are allowed"
        return Refusal(self.name, message, str(self.limit), str(state.day_orders))


class MaxDailyLoss(msgspec.Struct, frozen=True):
    """Refuse new risk once the day's realised result after charges is `limit` money units below zero."""

    name: ClassVar[str] = "max_daily_loss"
    limit: int

    def refuses(self, order: Proposal, state: State) -> Refusal | None:
        """See the class."""
        loss = state.day_charges - state.day_realised
        if loss < self.limit:
            return None
        limit, actual = format_rupees(self.limit), format_rupees(loss)
        return Refusal(self.name, f"today's loss is {actual}, the limit is {limit}", limit, actual)


class MaxPositions(msgspec.Struct, frozen=True):
    """Refuse an order that would open one more position than `limit`."""

    name: ClassVar[str] = "max_positions"
    limit: int

    def refuses(self, order: Proposal, state: State) -> Refusal | None:
        """See the class."""
        held = {position.instrument for position in state.positions.values() if not position.is_idle}
        if order.instrument.id in held or len(held) < self.limit:
            return None
        message = f"{len(held)} positions are open or asked for, {self.limit} are allowed"
        return Refusal(self.name, message, str(self.limit), str(len(held)))
