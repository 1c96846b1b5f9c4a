"""The rules that come with Kasauti. Each is one reason to refuse new risk; exits never meet them."""

from typing import ClassVar

from kasauti.domain.money import format_rupees
from kasauti.domain.state import State
from kasauti.ports import Proposal
from kasauti.risk.gate import Refusal


class MaxOrderValue:
    """Refuse an order worth more than `limit` money units: a slip of the finger."""

    __slots__ = ("limit",)
    name: ClassVar[str] = "max_order_value"

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def refuses(self, order: Proposal, state: State) -> Refusal | None:
        """See the class."""
        if order.value <= self.limit:
            return None
        limit, actual = format_rupees(self.limit), format_rupees(order.value)
        return Refusal(self.name, f"an order may be worth {limit}, this one is worth {actual}", limit, actual)


class MaxOpenOrders:
    """Refuse an order while `limit` others can still trade."""

    __slots__ = ("limit",)
    name: ClassVar[str] = "max_open_orders"

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def refuses(self, order: Proposal, state: State) -> Refusal | None:
        """See the class."""
        working = len(state.working)
        if working < self.limit or order.changes:
            return None
        message = f"{working} orders are open, {self.limit} are allowed; cancel one first"
        return Refusal(self.name, message, str(self.limit), str(working))


class MaxOrdersPerDay:
    """Refuse an order after `limit` of the day."""

    __slots__ = ("limit",)
    name: ClassVar[str] = "max_orders_per_day"

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def refuses(self, order: Proposal, state: State) -> Refusal | None:
        """See the class."""
        if state.day_orders < self.limit or order.changes:
            return None
        message = f"{state.day_orders} orders were placed today, {self.limit} are allowed"
        return Refusal(self.name, message, str(self.limit), str(state.day_orders))


class MaxDailyLoss:
    """Refuse new risk once the day's realised result after charges is `limit` money units below zero."""

    __slots__ = ("limit",)
    name: ClassVar[str] = "max_daily_loss"

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def refuses(self, order: Proposal, state: State) -> Refusal | None:
        """See the class."""
        loss = state.day_charges - state.day_realised
        if loss < self.limit:
            return None
        limit, actual = format_rupees(self.limit), format_rupees(loss)
        return Refusal(self.name, f"today's loss is {actual}, the limit is {limit}", limit, actual)


class MaxPositions:
    """Refuse an order that would open one more position than `limit`."""

    __slots__ = ("limit",)
    name: ClassVar[str] = "max_positions"

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def refuses(self, order: Proposal, state: State) -> Refusal | None:
        """See the class."""
        held = {position.instrument for position in state.positions.values() if not position.is_idle}
        if order.instrument.id in held or len(held) < self.limit:
            return None
        message = f"{len(held)} positions are open or asked for, {self.limit} are allowed"
        return Refusal(self.name, message, str(self.limit), str(len(held)))
