"""Orders in: placed in each variety, changed, cancelled."""

from collections.abc import Sequence
from functools import cache

from starlette.responses import Response

from kasauti.desk.answer import Answer
from kasauti.domain import events as ev
from kasauti.domain.commands import (
    CancelOrder,
    CancelStanding,
    Command,
    ModifyExits,
    PlaceAfterMarket,
    PlaceAuction,
    PlaceCover,
    PlaceIceberg,
    PlaceOrder,
    PlaceWithTerms,
)
from kasauti.domain.order import Order, Product, Side, Validity
from kasauti.domain.standing_events import StandingDenied, StandingPlaced
from kasauti.errors import InvalidInput
from kasauti.exchange.refusal_texts import all_refusals
from kasauti.web.dialect import Worded
from kasauti.web.endpoint import Call
from kasauti.web.kite.changing import TYPES, change_of, protection_of, stop_trigger_of, waiting_change_of
from kasauti.web.kite.ids import digits_of, order_named, waiting_id, waiting_named
from kasauti.web.kite.order_requests import CancelledOrder, ChangedOrder, NewOrder
from kasauti.web.kite.order_rows import Book
from kasauti.web.kite.reading import price_of
from kasauti.web.kite.tokens import lot_of
from kasauti.web.kite.words import STATUS, Fault, failure, reply

#: What the log names as the cause.
CAUSE = "kite"
SIDES = {str(each): each for each in Side}
_FEWEST_LEGS, _MOST_LEGS = 2, 50
_UNKNOWN_ORDER = "Invalid `order_id`."


@cache
def fault_of(rule: str) -> Fault | None:
    """Return the class of error at Kite of a rule's refusal; None where the order is rejected later."""
    words = (each.error_type for each in all_refusals() if each.rule_id == rule and each.error_type)
    word = next(words, "")
    return Fault(word) if word else None


def refusal_of(events: Sequence[ev.Recorded]) -> tuple[str, str] | None:
    """Return rule and message of the first refusal among events."""
    for each in events:
        if isinstance(each.event, ev.OrderDenied | ev.ModifyDenied | StandingDenied):
            return each.event.rule, each.event.message
    return None


async def ask(call: Call, command: Command) -> Answer:
    """Have the caller's account decide a command; what Kite refuses with an error is raised as one."""
    answer = await call.ask(call.account(), command, CAUSE)
    refused = refusal_of(answer.events)
    if refused is not None and not _placed(answer):
        rule, message = refused
        fault = fault_of(rule)
        order = any(isinstance(each.event, ev.OrderDenied) for each in answer.events)
        if fault is not None or not order:
            fault = fault or Fault.INPUT
            raise Worded(failure(fault, message, STATUS[fault]))
    return answer


def _placed(answer: Answer) -> list[str]:
    return [each.event.order_id for each in answer.events if isinstance(each.event, ev.OrderPlaced)]


def book_of(call: Call) -> Book:
    """Return the caller's book."""
    assert call.caller is not None, "its scope says so"
    return Book(call.account(), call.desk.floor.universe, call.caller.user)


async def place(call: Call) -> Response:
    """Place an order; what is refused later than Kite's own checks is an order that was rejected."""
    asked: NewOrder = call.body
    answer = await ask(call, _command(call, asked))
    if asked.autoslice:
        return reply(_sliced(answer))
    return reply({"order_id": _id_in(call, answer)})


def _id_in(call: Call, answer: Answer) -> str:
    """Return the id of what a command led to: its first order, or the one that waits to be sent."""
    for each in answer.events:
        if isinstance(each.event, ev.OrderPlaced | ev.OrderDenied):
            return digits_of(each.event.order_id)
    for each in answer.events:
        if isinstance(each.event, StandingPlaced):
            return waiting_id(call.account().state.standing[each.event.standing_id])
    return digits_of(answer.order_id or "")


def _sliced(answer: Answer) -> dict[str, object]:
    """Return the parts of an order that was cut, in order; the answer has the id of the first."""
    parts: list[dict[str, object]] = []
    for each in answer.events:
        if isinstance(each.event, ev.OrderPlaced):
            parts.append({"order_id": digits_of(each.event.order_id)})
        elif isinstance(each.event, ev.OrderDenied):
            fault = fault_of(each.event.rule) or Fault.ORDER
            error = {"code": STATUS[fault], "error_type": str(fault), "message": each.event.message}
            parts.append({"error": {**error, "data": None}})
    first = next((part["order_id"] for part in parts if "order_id" in part), None)
    return {"order_id": first or digits_of(answer.order_id or ""), "children": parts[1:]}


def order_of_request(call: Call, asked: NewOrder) -> PlaceOrder:
    """Return the order that is asked for, whatever its variety."""
    instrument = f"{asked.exchange}:{asked.tradingsymbol}"
    order_type = TYPES[asked.order_type]
    cover = asked.variety == "co"
    has_trigger = order_type.has_trigger and not cover
    return PlaceOrder(
        instrument,
        SIDES[asked.transaction_type],
        asked.quantity * lot_of(call.desk.floor.universe.find(instrument)),
        order_type,
        Product.MIS if asked.product == "CO" else Product(asked.product),
        price_of(asked.price, "price") if order_type.has_limit else 0,
        price_of(asked.trigger_price, "trigger_price") if has_trigger else 0,
        Validity.IOC if asked.validity == "IOC" else Validity.DAY,
        asked.tag,
        market_protection=protection_of(asked.market_protection),
        autoslice=asked.autoslice,
    )


def _command(call: Call, asked: NewOrder) -> Command:
    order = order_of_request(call, asked)
    match asked.variety:
        case "amo":
            return PlaceAfterMarket(order)
        case "co":
            return PlaceCover(order, price_of(asked.trigger_price, "trigger_price"))
        case "iceberg":
            return PlaceIceberg(order, _legs(asked))
        case "auction":
            return PlaceAuction(order, asked.auction_number)
        case "regular":
            return _with_terms(call, asked, order)


def _legs(asked: NewOrder) -> int:
    legs = asked.iceberg_legs
    if not legs and asked.iceberg_quantity:
        legs = -(-asked.quantity // asked.iceberg_quantity)
    if not _FEWEST_LEGS <= legs <= _MOST_LEGS:
        raise InvalidInput(f"Invalid `iceberg_legs`: {legs} is not between {_FEWEST_LEGS} and {_MOST_LEGS}.")
    return legs


def _with_terms(call: Call, asked: NewOrder, order: PlaceOrder) -> Command:
    timed = asked.validity == "TTL"
    if timed and not asked.validity_ttl:
        raise InvalidInput("Invalid `validity_ttl`: an order of validity TTL lives for some minutes.")
    disclosed = asked.disclosed_quantity * lot_of(call.desk.floor.universe.find(order.instrument))
    # All of it is no part of it: many clients send the whole quantity.
    disclosed = 0 if disclosed >= order.quantity else disclosed
    if not timed and not disclosed:
        return order
    return PlaceWithTerms(order, asked.validity_ttl if timed else 0, disclosed)


async def modify(call: Call) -> Response:
    """Change a working order; what cannot be changed is refused, not passed over."""
    asked: ChangedOrder = call.body
    account = call.account()
    waiting = waiting_named(account, asked.order_id) if asked.variety == "amo" else None
    if waiting is not None:
        lot = lot_of(call.desk.floor.universe.find(waiting.instrument))
        await ask(call, waiting_change_of(asked, waiting, lot))
        return reply({"order_id": asked.order_id})
    order = _found(call, asked.order_id)
    one = book_of(call).instruction_of(order.order_id)
    lot = lot_of(call.desk.floor.universe.find(order.instrument))
    if one is not None and asked.variety == "co" and order.order_type.has_trigger:
        await ask(call, ModifyExits(one.standing_id, stoploss=stop_trigger_of(asked, order, lot)))
    else:
        await ask(call, change_of(asked, order, one, lot))
    return reply({"order_id": asked.order_id})


async def cancel(call: Call) -> Response:
    """Cancel a working order; a cover order is exited, of an iceberg nothing more is sent."""
    asked: CancelledOrder = call.body
    account = call.account()
    waiting = waiting_named(account, asked.order_id) if asked.variety == "amo" else None
    if waiting is not None:
        await ask(call, CancelStanding(waiting.standing_id))
        return reply({"order_id": asked.order_id})
    order = _found(call, asked.order_id)
    one = book_of(call).instruction_of(order.order_id)
    if one is not None and not one.is_over and asked.variety in {"co", "iceberg"}:
        await ask(call, CancelStanding(one.standing_id))
    elif not order.is_working:
        return failure(Fault.ORDER, "Order cannot be cancelled as it is not open.")
    else:
        await ask(call, CancelOrder(order.order_id))
    return reply({"order_id": asked.order_id})


def _found(call: Call, digits: str) -> Order:
    order = order_named(call.account(), digits)
    if order is None:
        raise Worded(failure(Fault.INPUT, _UNKNOWN_ORDER))
    return order
