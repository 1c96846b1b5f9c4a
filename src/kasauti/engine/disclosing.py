"""How much of an order the market is shown at a time, and when that may be less than all of it."""

from kasauti.domain.commands import PlaceOrder, PlaceWithTerms
from kasauti.domain.order import Order, OrderType
from kasauti.domain.standing import Instruction
from kasauti.domain.state import State
from kasauti.engine.terms import Terms
from kasauti.exchange.standing_rules import DisclosedRule
from kasauti.risk.gate import Refusal


def terms_of(state: State, order: Order) -> PlaceWithTerms | None:
    """Return the terms beyond its own that an order was placed with, None for most."""
    one: Instruction | None = state.standing.get(state.standing_orders.get(order.order_id, ""))
    return one.plan if one is not None and isinstance(one.plan, PlaceWithTerms) else None


def disclosed_of(state: State, order: Order) -> int:
    """Return the units of an order that the market is shown at a time, 0 for all."""
    if order.disclosed is not None:
        return order.disclosed
    plan = terms_of(state, order)
    return 0 if plan is None else plan.disclosed_quantity


def disclosed_refusal(order: PlaceOrder, shown: int, terms: Terms, rule: DisclosedRule) -> Refusal | None:
    """Return why `shown` units at a time are not taken for an order, or None."""
    instrument = terms.instrument
    if instrument.kind not in rule.kinds or order.order_type not in {OrderType.LIMIT, OrderType.SL}:
        message = f"Disclosed quantity is not allowed for {order.order_type} of {instrument.tradingsymbol}."
        return _refusal("disclosed.not_allowed", message, "LIMIT, SL of shares", order.order_type, 0)
    least = -(-order.quantity * int(rule.min_percent * 100) // 10_000)
    if not least <= shown <= order.quantity:
        message = (
            f"Disclosed quantity should be at least {rule.min_percent} % of the quantity, and not more than"
            f" it: {least} to {order.quantity}. Here it is {shown}."
        )
        near = min(max(shown, least), order.quantity)
        return _refusal("disclosed.quantity", message, f"{least} to {order.quantity}", str(shown), near)
    return None


def _refusal(rule: str, message: str, limit: str, actual: str, near: int) -> Refusal:
    return Refusal(rule, message, limit, actual, {"disclosed_quantity": near}, f"{near} would be.")
