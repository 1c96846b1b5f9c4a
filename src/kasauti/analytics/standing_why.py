"""Why a standing instruction has not acted, or what became of it."""

from collections.abc import Mapping

from kasauti.domain.commands import PlaceAfterMarket, PlaceAlert, PlaceBracket, PlaceGtt, PlaceIceberg
from kasauti.domain.ist import ist_date, ist_iso
from kasauti.domain.money import format_price, format_rupees, group_indian
from kasauti.domain.order import Order
from kasauti.domain.standing import Instruction
from kasauti.domain.standing_words import plan_text


def why_standing(one: Instruction, last: int, orders: Mapping[str, Order]) -> list[str]:
    """
    Return what an instruction waits for, or what became of it, in sentences, the most important first.

    `last` is the last price of its instrument, 0 if none is known; `orders` are those of the day.
    """
    sentences = [_stands(one, last)] if not one.is_over else [_over(one)]
    if one.leg:
        sentences.append(_acted(one))
    if one.late:
        sentences.append(f"That was late: {one.late}.")
    for order_id, leg in one.sent.items():
        sentences.append(_sent(one, order_id, leg, orders.get(order_id)))
    if one.blocked:
        sentences.append(f"{format_rupees(one.blocked)} are held for it.")
    if one.expires_at and not one.is_over:
        sentences.append(f"It stands until {ist_date(one.expires_at).isoformat()}.")
    return [f"It is: {plan_text(one.plan)}.", *sentences]


def _stands(one: Instruction, last: int) -> str:
    plan = one.plan
    if isinstance(plan, PlaceGtt):
        return " ".join(_away(leg.trigger_price, last, "Trigger") for leg in plan.legs)
    if isinstance(plan, PlaceAlert):
        return "It has fired." if one.leg else _compares(plan, last)
    if isinstance(plan, PlaceBracket):
        return _guards(one, last)
    if isinstance(plan, PlaceIceberg):
        return f"It waits for leg {list(one.sent.values())[-1]} of {plan.legs} to trade."
    if isinstance(plan, PlaceAfterMarket):
        return "It waits for the next trading day to take it."
    return "Its stop goes to the exchange as the entry trades; see its orders."


def _compares(plan: PlaceAlert, last: int) -> str:
    if plan.other:
        return f"It fires when its price is {plan.comparison} that of {plan.other}."
    return _away(plan.value, last, f"Price {plan.comparison}")


def _guards(one: Instruction, last: int) -> str:
    if not one.guarded:
        return "Nothing of its entry is held, so there is nothing to exit."
    exits = [
        _away(price, last, name) for price, name in ((one.stop, "Stop"), (one.target, "Target")) if price
    ]
    moved = " The stop has followed the price." if one.trailed else ""
    return f"It guards {group_indian(one.guarded)} units. {' '.join(exits)}{moved}"


def _away(price: int, last: int, name: str) -> str:
    if not last:
        return f"{name} {format_price(price)}: no price is known."
    away = price - last
    word = "above" if away > 0 else "below"
    distance = f"₹{format_price(abs(away))} {word} the last price {format_price(last)}"
    return f"{name} {format_price(price)} is {distance}."


def _over(one: Instruction) -> str:
    return f"It is {one.status.value} since {ist_iso(one.updated_at)}: {one.reason}."


def _acted(one: Instruction) -> str:
    at = f", when {format_price(one.trigger)} traded" if one.trigger else ""
    return f"It acted at {ist_iso(one.triggered_at)}{at}, leg {one.leg}."


def _sent(one: Instruction, order_id: str, leg: str, order: Order | None) -> str:
    what = f"Its {leg} order {order_id}"
    if order is None:
        return f"{what}: {one.result}." if one.result else f"{what} was of an earlier day."
    filled = f", {group_indian(order.filled)} of {group_indian(order.quantity)} traded"
    why = f": {order.reason}" if order.reason else ""
    return f"{what} is {order.status.value.lower()}{filled}{why}."
