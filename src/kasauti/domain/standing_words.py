"""A standing instruction as a person reads it."""

from collections.abc import Callable

from kasauti.domain.commands import (
    PlaceAlert,
    PlaceAuction,
    PlaceBracket,
    PlaceCover,
    PlaceGtt,
    PlaceIceberg,
    PlaceOrder,
    PlaceWithTerms,
    Plan,
)
from kasauti.domain.money import format_price, group_indian


def plan_text(plan: Plan, name: Callable[[str], str] = str) -> str:
    """Return what an instruction is, in one line; `name` says what to call an instrument."""
    if isinstance(plan, PlaceGtt):
        legs = [
            f"{leg.side} {group_indian(leg.quantity)} at {format_price(leg.price)} when it comes to"
            f" {format_price(leg.trigger_price)}"
            for leg in plan.legs
        ]
        return f"{name(plan.instrument)} {plan.product}: {', or '.join(legs)}"
    if isinstance(plan, PlaceAlert):
        right = name(plan.other) if plan.other else format_price(plan.value)
        sends = "; then ".join(_order(each, name) for each in plan.orders)
        fires = f"{name(plan.instrument)} {plan.comparison} {right}"
        return f"{fires}: {sends}" if sends else fires
    order = _order(plan.order, name)
    if isinstance(plan, PlaceCover):
        return f"{order}, stop {format_price(plan.trigger_price)} at the exchange"
    if isinstance(plan, PlaceBracket):
        return f"{order}, {_exits(plan)}"
    if isinstance(plan, PlaceIceberg):
        return f"{order}, in {plan.legs} legs"
    if isinstance(plan, PlaceWithTerms):
        return order + _terms(plan)
    if isinstance(plan, PlaceAuction):
        return f"{order}, in auction {plan.auction_number}"
    return f"{order}, when the next trading day takes it"


def _terms(plan: PlaceWithTerms) -> str:
    lives = f", for {plan.minutes} {'minute' if plan.minutes == 1 else 'minutes'}" if plan.minutes else ""
    shows = f", showing {group_indian(plan.disclosed_quantity)}" if plan.disclosed_quantity else ""
    return lives + shows


def _order(order: PlaceOrder, name: Callable[[str], str]) -> str:
    at = f" at {format_price(order.price)}" if order.price else ""
    trigger = f", trigger {format_price(order.trigger_price)}" if order.trigger_price else ""
    what = f"{order.side} {group_indian(order.quantity)} {name(order.instrument)}"
    return f"{what} {order.product} {order.order_type}{at}{trigger}"


def _exits(plan: PlaceBracket) -> str:
    away = " away" if plan.relative else ""
    parts = [
        f"{word} {format_price(price)}{away}"
        for word, price in (("stop", plan.stoploss), ("target", plan.target))
        if price
    ]
    if plan.trailing:
        parts.append(f"stop trailing {format_price(plan.trailing)} behind")
    return ", ".join(parts)
