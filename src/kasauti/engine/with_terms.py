"""Orders that live for some minutes, and orders of which the market is shown a part."""

from kasauti.domain import events as ev
from kasauti.domain.commands import PlaceWithTerms
from kasauti.domain.ist import NS_PER_MINUTE, ist_iso
from kasauti.domain.order import Order, OrderType, Status, Validity
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.engine.bracket import ENTRY
from kasauti.engine.standing_checks import Asked, No, auction_refusal, unknown
from kasauti.engine.standing_clerk import Handler
from kasauti.exchange.standing_rules import StandingRules

EXPIRY = "expiry"
#: Cancelled later than this, it is late.
_GRACE_NS = NS_PER_MINUTE


class WithTerms(Handler):
    """
    An order that the account cancels when its minutes are over, whatever has filled by then.

    Of an order with a disclosed quantity so many units stand in the queue; when they have traded, the next
    ones join its end.
    """

    def place(self, plan: PlaceWithTerms, at: int, cause: str, strategy: str) -> str:
        """Send the order; return its id, or the refusal's."""
        keeper = self.keeper
        no = terms_refusal(plan, keeper.asked(plan.order.instrument, at))
        if no is not None:
            return keeper.deny(plan, no, at, cause, strategy)
        order_id = keeper.begin(plan, plan.order, ENTRY, at, cause, strategy)
        standing_id = keeper.account.state.standing_orders.get(order_id)
        if standing_id is not None:
            self.day_begins(keeper.account.state.standing[standing_id], at)
        return order_id

    def day_begins(self, one: Instruction, at: int) -> None:
        """Tell the exchange what is shown of it, and put its end on the agenda."""
        plan = one.plan
        assert isinstance(plan, PlaceWithTerms), "its plan is one"
        if plan.disclosed_quantity:
            self.keeper.shown |= dict.fromkeys(one.sent, plan.disclosed_quantity)
        if plan.minutes:
            due = one.placed_at + plan.minutes * NS_PER_MINUTE
            self.keeper.at(due, lambda moment: self._expire(one.standing_id, due, moment))

    def _expire(self, standing_id: str, due: int, at: int) -> None:
        keeper = self.keeper
        one = keeper.account.state.standing.get(standing_id)
        if one is None or one.is_over or one.leg:
            return
        late = f"nobody was here at {ist_iso(due)}, when it was due" if at - due > _GRACE_NS else ""
        keeper.trigger(one, EXPIRY, 0, at, late)
        keeper.cancel_orders(one, "its minutes are over", at)

    def moved(self, one: Instruction, order: Order, leg: str, event: ev.Event, at: int) -> None:
        """End with the order."""
        if one.is_over or order.is_working:
            return
        self.keeper.shown.pop(order.order_id, None)
        traded = order.status is Status.COMPLETE
        over = StandingStatus.EXPIRED if one.leg else StandingStatus.CANCELLED
        status = StandingStatus.COMPLETE if traded else over
        why = "its order traded" if traded else f"its order ended: {order.reason}"
        self.keeper.end(one, status, why, self.keeper.cause(one), at)


def terms_refusal(plan: PlaceWithTerms, asked: Asked) -> No | None:
    """Return why an order cannot have these terms, besides what is wrong with the order."""
    order, rules = plan.order, asked.rules
    terms = asked.terms(order.instrument, order.product)
    if terms is None:
        return unknown(order.instrument)
    if not plan.minutes and not plan.disclosed_quantity:
        return No("terms.none", "Neither minutes nor a disclosed quantity is given; place a regular order.")
    if order.validity is not Validity.DAY:
        message = f"{order.validity} orders have neither minutes nor a disclosed quantity."
        return No("terms.validity", message, "DAY", order.validity, "DAY")
    return _minutes(plan, asked, rules) or _disclosed(plan, asked, rules)


def _minutes(plan: PlaceWithTerms, asked: Asked, rules: StandingRules) -> No | None:
    terms = asked.terms(plan.order.instrument, plan.order.product)
    if not plan.minutes or terms is None:
        return None
    rule, instrument = rules.ttl(asked.day), terms.instrument
    if instrument.exchange not in rule.exchanges or instrument.kind not in rule.kinds:
        message = f"TTL validity is not allowed for {instrument.tradingsymbol}."
        return No("validity.not_allowed", message, "DAY, IOC", "TTL", "DAY")
    if not rule.min_minutes <= plan.minutes <= rule.max_minutes:
        span = f"{rule.min_minutes} to {rule.max_minutes}"
        near = min(max(plan.minutes, rule.min_minutes), rule.max_minutes)
        message = f"TTL validity is {span} minutes. Here it is {plan.minutes}."
        return No("validity.minutes", message, span, str(plan.minutes), str(near))
    return None


def _disclosed(plan: PlaceWithTerms, asked: Asked, rules: StandingRules) -> No | None:
    order, shown = plan.order, plan.disclosed_quantity
    terms = asked.terms(order.instrument, order.product)
    if not shown or terms is None:
        return None
    no = auction_refusal("Orders with a disclosed quantity", terms, asked.at)
    if no is not None:
        return no
    rule, instrument = rules.disclosed(asked.day), terms.instrument
    if instrument.kind not in rule.kinds or order.order_type not in {OrderType.LIMIT, OrderType.SL}:
        message = f"Disclosed quantity is not allowed for {order.order_type} of {instrument.tradingsymbol}."
        return No("disclosed.not_allowed", message, "LIMIT, SL of shares", order.order_type, "0")
    least = -(-order.quantity * int(rule.min_percent * 100) // 10_000)
    if not least <= shown <= order.quantity:
        message = (
            f"Disclosed quantity should be at least {rule.min_percent} % of the quantity, and not more than"
            f" it: {least} to {order.quantity}. Here it is {shown}."
        )
        near = str(min(max(shown, least), order.quantity))
        return No("disclosed.quantity", message, f"{least} to {order.quantity}", str(shown), near)
    return None
