"""What has to hold of standing instructions, checked from the log alone."""

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import PlaceAlert, PlaceBracket, PlaceGtt, PlaceIceberg, Plan
from kasauti.domain.standing import instrument_of, product_of

_ENTRY = "entry"


class StandingProof:
    """
    Follows every instruction of a log.

    1. It acts at most once, and nothing of it after it has ended.
    2. An order belongs to one instruction at most, and was placed or denied before.
    3. A GTT sends one order, an alert those of its basket, an iceberg no more than it was asked for.
    4. Exits of a bracket never trade more than its entry did.
    """

    def __init__(self) -> None:
        self._plans: dict[str, Plan] = {}
        self._acted: set[str] = set()
        self._ended: set[str] = set()
        self._owner: dict[str, tuple[str, str]] = {}
        self._sent: dict[str, int] = {}
        self._orders: dict[str, int] = {}
        self._asked: dict[str, int] = {}
        self._net: dict[str, int] = {}

    def wrong(self, event: ev.Event) -> str:
        """Take an event in; return what is wrong with it, "" if nothing is."""
        match event:
            case ev.OrderPlaced():
                self._asked[event.order_id] = event.quantity
            case ev.OrderDenied():
                self._asked[event.order_id] = 0
            case ev.OrderFilled():
                return self._filled(event)
            case ev.PositionAdjusted():
                self._adjusted(event)
            case _ if hasattr(event, "standing_id"):
                return self._step(event)
            case _:
                pass
        return ""

    def _step(self, event: ev.Event) -> str:
        match event:
            case sev.StandingPlaced():
                if event.standing_id in self._plans:
                    return f"{event.standing_id} stands already"
                self._plans[event.standing_id] = event.plan
            case sev.StandingChanged():
                self._plans[event.standing_id] = event.plan
            case sev.StandingTriggered():
                if event.standing_id in self._acted:
                    return f"{event.standing_id} has acted already"
                self._acted.add(event.standing_id)
                return self._over(event.standing_id)
            case sev.StandingSent():
                return self._over(event.standing_id) or self._of(event)
            case sev.StandingEnded():
                over = self._over(event.standing_id)
                self._ended.add(event.standing_id)
                return over
            case _:
                pass
        return ""

    def _over(self, standing_id: str) -> str:
        if standing_id not in self._plans:
            return f"{standing_id} was never placed"
        return f"{standing_id} had ended" if standing_id in self._ended else ""

    def _of(self, event: sev.StandingSent) -> str:
        standing_id, plan = event.standing_id, self._plans[event.standing_id]
        if event.order_id not in self._asked:
            return f"{event.order_id} is no order"
        if event.order_id in self._owner:
            return f"{event.order_id} is of {self._owner[event.order_id][0]} already"
        self._owner[event.order_id] = standing_id, event.leg
        sent = self._sent[standing_id] = self._sent.get(standing_id, 0) + self._asked[event.order_id]
        self._orders[standing_id] = self._orders.get(standing_id, 0) + 1
        if isinstance(plan, PlaceGtt) and self._orders[standing_id] > 1:
            return f"{standing_id} has sent an order already"
        if isinstance(plan, PlaceAlert) and self._orders[standing_id] > len(plan.orders):
            return f"{standing_id} has sent more orders than the {len(plan.orders)} of its basket"
        if isinstance(plan, PlaceIceberg) and sent > plan.order.quantity:
            return f"{standing_id} has sent {sent} units of {plan.order.quantity}"
        return ""

    def _adjusted(self, event: ev.PositionAdjusted) -> None:
        """Count what instructions on a position have traded in its new units."""
        for standing_id, plan in self._plans.items():
            if (instrument_of(plan), product_of(plan)) == (event.instrument, event.product):
                for counts in (self._net, self._sent):
                    if standing_id in counts:
                        counts[standing_id] = event.units(counts[standing_id])

    def _filled(self, fill: ev.OrderFilled) -> str:
        standing_id, leg = self._owner.get(fill.order_id, ("", ""))
        if not standing_id or not isinstance(self._plans[standing_id], PlaceBracket):
            return ""
        signed = fill.quantity if leg == _ENTRY else -fill.quantity
        net = self._net[standing_id] = self._net.get(standing_id, 0) + signed
        return f"the exits of {standing_id} traded {-net} units more than its entry" if net < 0 else ""
