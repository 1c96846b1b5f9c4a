"""Why a working order cannot become another kind of order, or cannot be changed at this moment."""

from typing import Final

from kasauti.domain.commands import PlaceBracket
from kasauti.domain.order import Order, OrderType
from kasauti.domain.standing import Instruction
from kasauti.domain.state import State
from kasauti.engine.becoming import Becoming
from kasauti.engine.refusals import barred_as, closed, unless_changeable, unless_in_auction
from kasauti.engine.terms import Terms
from kasauti.risk.gate import Refusal

#: Varieties whose orders are of one kind, which the variety is about.
_OF_ONE_KIND: Final = frozenset({"co", "iceberg", "auction"})


def kind_refusal(new: Becoming, state: State, terms: Terms) -> Refusal | None:
    """
    Return why an order cannot become one of another type or validity, or show more or less of itself.

    What stands in the exchange's book, or has woken, goes to sleep no more (Zerodha: LIMIT may become MARKET,
    a stop LIMIT, MARKET or the other stop; brokers.md 1.6).
    """
    if not (new.retyped or new.validates or new.discloses):
        return None
    order = new.order
    one = state.standing.get(state.standing_orders.get(order.order_id, ""))
    if one is not None and (one.variety in _OF_ONE_KIND or _is_exit(order, one)):
        message = f"order {order.order_id} is part of {one.standing_id}: only quantity and prices can change"
        return Refusal("modify.variety", message)
    if new.retyped and new.order_type.has_trigger and not new.sleeps:
        nearest = OrderType.LIMIT if order.order_type is not OrderType.LIMIT else OrderType.MARKET
        message = (
            f"order {order.order_id} trades already, as {order.order_type}; it cannot become {new.order_type}"
            " and wait for a trigger again"
        )
        advice = "Change it to LIMIT or MARKET, or cancel it and place another one."
        return Refusal(
            "modify.stop", message, "LIMIT, MARKET", new.order_type, {"order_type": str(nearest)}, advice
        )
    if new.validity in terms.taken[new.order_type]:
        return None
    barred = terms.refusal(new.order_type, new.validity)
    return None if barred is None else barred_as(barred, new.as_new(), terms)


def _is_exit(order: Order, one: Instruction) -> bool:
    """Whether an order is an exit of a bracket, which counts on its kind."""
    return isinstance(one.plan, PlaceBracket) and order.side is not one.plan.order.side


def changeable(new: Becoming, terms: Terms, at: int) -> Refusal | None:
    """Return why an order cannot be changed at `at`; in a call auction it has to be one that it takes."""
    refusal = unless_changeable(new.order.order_type, new.price, terms, at)
    if refusal is not None or not (new.retyped or new.validates) or terms.auction_phase(at) is None:
        return refusal
    if at >= terms.cutoff:
        return closed(terms, at)
    return unless_in_auction(new.as_new(), terms, at, forced=False)
