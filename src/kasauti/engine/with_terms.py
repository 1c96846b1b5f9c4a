"""Orders that live for some minutes, and orders of which the market is shown a part."""

import msgspec

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import PlaceWithTerms
from kasauti.domain.ist import NS_PER_MINUTE, ist_iso
from kasauti.domain.order import Order, Status, Validity
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.engine.bracket import ENTRY
from kasauti.engine.disclosing import disclosed_refusal
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
        if one is None or one.is_over or one.leg or not _minutes_of(one):
            return
        late = f"nobody was here at {ist_iso(due)}, when it was due" if at - due > _GRACE_NS else ""
        keeper.trigger(one, EXPIRY, 0, at, late)
        keeper.cancel_orders(one, "its minutes are over", at)

    def moved(self, one: Instruction, order: Order, leg: str, event: ev.Event, at: int) -> None:
        """End with the order; a change of it may end its minutes, or show more or less of it."""
        if one.is_over:
            return
        if isinstance(event, ev.OrderModified):
            self._changed(one, event, at)
        if order.is_working:
            return
        self.keeper.shown.pop(order.order_id, None)
        traded = order.status is Status.COMPLETE
        over = StandingStatus.EXPIRED if one.leg else StandingStatus.CANCELLED
        status = StandingStatus.COMPLETE if traded else over
        why = "its order traded" if traded else f"its order ended: {order.reason}"
        self.keeper.end(one, status, why, self.keeper.cause(one), at)

    def _changed(self, one: Instruction, event: ev.OrderModified, at: int) -> None:
        plan = one.plan
        assert isinstance(plan, PlaceWithTerms), "its plan is one"
        minutes = plan.minutes if event.validity is None else 0
        shown = plan.disclosed_quantity if event.disclosed is None else event.disclosed
        if (minutes, shown) == (plan.minutes, plan.disclosed_quantity):
            return
        new = msgspec.structs.replace(plan, minutes=minutes, disclosed_quantity=shown)
        account = self.keeper.account
        account.record(sev.StandingChanged(one.standing_id, new, one.reference), self.keeper.cause(one), at)


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


def _minutes_of(one: Instruction) -> int:
    return one.plan.minutes if isinstance(one.plan, PlaceWithTerms) else 0


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
    closed = auction_refusal("Orders with a disclosed quantity", terms, asked.at)
    if closed is not None:
        return closed
    no = disclosed_refusal(order, shown, terms, rules.disclosed(asked.day))
    if no is None:
        return None
    return No(no.rule, no.message, no.limit, no.actual, str(no.nearest["disclosed_quantity"]))
