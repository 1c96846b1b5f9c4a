"""Price alerts: a condition on the last price, that fires once, alone or with a basket of orders."""

from kasauti.domain import standing_events as sev
from kasauti.domain.commands import ModifyAlert, PlaceAlert, PlaceOrder, StandingCommand
from kasauti.domain.comparison import Comparison
from kasauti.domain.ist import ist_date
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.engine.standing_checks import Asked, No, unknown
from kasauti.engine.standing_clerk import Clerk, Handler, Waits

LEFT, RIGHT = "left", "right"
#: Orders that one alert may lead to, as a broker's basket has them.
MOST_ORDERS = 20


class Alerts(Handler):
    """
    Alerts, simple ones and those that lead to orders (ATO).

    An alert fires at the first last price for which its condition holds, also if it holds already when it is
    made, and never again; it stays until it is deleted. Its orders go out one after the other as any order
    does, so that each may be denied. No money is held before.

    Of two instruments each is watched for one price between them: while neither has come to it, the condition
    cannot hold. Who comes to it has the price between them chosen anew.
    """

    def __init__(self, keeper: Clerk) -> None:
        super().__init__(keeper)
        #: The price that has to be passed between two instruments, and whether the left one does so upwards.
        self._between: dict[str, tuple[int, bool]] = {}

    def place(self, plan: PlaceAlert, at: int, cause: str, strategy: str) -> str:
        """Take an alert, or refuse it; return its id."""
        keeper = self.keeper
        asked = keeper.asked(plan.instrument, at)
        no = alert_refusal(plan, asked) or self._too_many(asked)
        if no is not None:
            return keeper.deny(plan, no, at, cause, strategy)
        placed = sev.StandingPlaced(keeper.new_id("alert"), plan, strategy, keeper.last(plan.instrument))
        return keeper.placed(placed, cause, at).standing_id

    def _too_many(self, asked: Asked) -> No | None:
        most = asked.rules.alert(asked.day).max_active
        there = sum(1 for one in self.keeper.active() if one.variety == "alert")
        if there < most:
            return None
        message = f"You have {there} alerts, which is the most allowed. Delete one first."
        return No("alert.count", message, str(most), str(there + 1))

    def modify(self, one: Instruction, command: StandingCommand, at: int, cause: str) -> No | None:
        """Give an alert another condition, or other orders; one that has fired stays as it is."""
        keeper = self.keeper
        if not isinstance(command, ModifyAlert):
            return super().modify(one, command, at, cause)
        if one.leg:
            return No("alert.fired", "This alert has fired; make another one.")
        no = alert_refusal(command.plan, keeper.asked(command.plan.instrument, at))
        if no is None:
            keeper.watch.drop(one.standing_id)
            last = keeper.last(command.plan.instrument)
            keeper.account.record(sev.StandingChanged(one.standing_id, command.plan, last), cause, at)
            self._between.pop(one.standing_id, None)
            keeper.rewatch(one)
        return no

    def levels(self, one: Instruction) -> Waits:
        """Wait for the price of its left instrument, until it has fired."""
        plan = one.plan
        assert isinstance(plan, PlaceAlert), "an alert's plan is one"
        if one.leg:
            return []
        if plan.other:
            between, up = self._aim(one.standing_id, plan)
            return [(LEFT, between + up, up)]
        value = plan.value
        match plan.comparison:
            case Comparison.EQUAL:
                return [(LEFT, value, True), (LEFT, value, False)]
            case Comparison.ABOVE:
                return [(LEFT, value + 1, True)]
            case Comparison.BELOW:
                return [(LEFT, value - 1, False)]
            case _:
                return [(LEFT, value, plan.comparison is Comparison.AT_LEAST)]

    def elsewhere(self, one: Instruction) -> tuple[str, Waits] | None:
        """Wait for the price of its right instrument, if it has one."""
        plan = one.plan
        assert isinstance(plan, PlaceAlert), "an alert's plan is one"
        if one.leg or not plan.other:
            return None
        between, up = self._aim(one.standing_id, plan)
        return plan.other, [(RIGHT, between + (not up), not up)]

    def _aim(self, standing_id: str, plan: PlaceAlert) -> tuple[int, bool]:
        """Return what is between its instruments; any price will do until one of them comes to it."""
        if standing_id not in self._between:
            left, right = self.keeper.last(plan.instrument), self.keeper.last(plan.other)
            price = (left + right) // 2 if left and right else left or right
            self._between[standing_id] = price, plan.comparison.wants_more(left, right)
        return self._between[standing_id]

    def reached(self, one: Instruction, leg: str, price: int, at: int) -> None:
        """Fire if the condition holds, and send the orders."""
        plan, keeper = one.plan, self.keeper
        assert isinstance(plan, PlaceAlert), "an alert's plan is one"
        self._between.pop(one.standing_id, None)
        left = price if leg == LEFT else keeper.last(plan.instrument)
        right = plan.value
        if plan.other:
            right = price if leg == RIGHT else keeper.last(plan.other)
        if left and right and plan.comparison.holds(left, right):
            keeper.trigger(one, leg, left, at)
            self._send_rest(one, at)

    def _send_rest(self, one: Instruction, at: int) -> None:
        """Send what has not been sent; the broker takes only so many orders a second."""
        plan, keeper = one.plan, self.keeper
        assert isinstance(plan, PlaceAlert), "an alert's plan is one"
        for number in range(len(one.sent) + 1, len(plan.orders) + 1):
            if keeper.wait_for_room(one, at, lambda moment: self._send_rest(one, moment)):
                return
            keeper.send(one, plan.orders[number - 1], str(number), at)

    def day_begins(self, one: Instruction, at: int) -> None:
        """Go on with the orders of an alert that fired earlier today."""
        if one.leg and ist_date(one.triggered_at) == self.keeper.day:
            self._send_rest(one, at)

    def cancel(self, one: Instruction, reason: str, at: int, cause: str) -> None:
        """Delete an alert; orders that it led to stay."""
        self.keeper.end(one, StandingStatus.DELETED, reason, cause, at)


def alert_refusal(plan: PlaceAlert, asked: Asked) -> No | None:
    """Return why an alert is not taken; what is wrong with its orders is said of most when they are sent."""
    for name in (plan.instrument, plan.other):
        if name and asked.terms(name, plan.product) is None:
            return unknown(name)
    if not plan.other and plan.value <= 0:
        return No("alert.value", "An alert compares with a price above 0, or with another instrument.")
    if plan.other == plan.instrument:
        return No("alert.other", "An instrument cannot be compared with itself.")
    if len(plan.orders) > MOST_ORDERS:
        message = f"An alert leads to {MOST_ORDERS} orders at most, not {len(plan.orders)}."
        return No("alert.orders", message, str(MOST_ORDERS), str(len(plan.orders)))
    return next(filter(None, (_order_refusal(each, asked) for each in plan.orders)), None)


def _order_refusal(order: PlaceOrder, asked: Asked) -> No | None:
    if asked.terms(order.instrument, order.product) is None:
        return unknown(order.instrument)
    if order.quantity <= 0:
        return No("quantity.positive", "Quantity should be above 0.", "1", str(order.quantity))
    return None
