"""Good-till-triggered orders: placed, changed, deleted, listed. Their bodies are JSON inside a form."""

from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from starlette.responses import Response

from kasauti.domain.commands import CancelStanding, GttLeg, ModifyGtt, PlaceGtt
from kasauti.domain.order import Order, Product, Side
from kasauti.domain.standing import Instruction
from kasauti.errors import InvalidInput
from kasauti.web.dialect import Worded
from kasauti.web.endpoint import Call
from kasauti.web.kite.ids import digits_of, number_of
from kasauti.web.kite.order_requests import Count, SideWord, Word
from kasauti.web.kite.order_rows import STATUS
from kasauti.web.kite.placing import ask, book_of
from kasauti.web.kite.reading import decoded, price_of
from kasauti.web.kite.tokens import lot_of, tokens_of
from kasauti.web.kite.words import Fault, failure, reply, rupees_of, stamp, worded

_SIDES = {str(each): each for each in Side}
_Json = Annotated[str, msgspec.Meta(max_length=8_192)]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A GTT as a form has it; `condition` and `orders` are JSON."""

    type: Literal["single", "two-leg"]
    condition: _Json | dict[str, Any]
    orders: _Json | list[dict[str, Any]]
    trigger_id: int = 0


class OneGtt(msgspec.Struct, frozen=True, kw_only=True):
    """A GTT by its number."""

    trigger_id: int


class _Condition(msgspec.Struct, frozen=True, kw_only=True):
    exchange: Word
    tradingsymbol: Word
    trigger_values: Annotated[list[Decimal], msgspec.Meta(min_length=1, max_length=2)]
    last_price: Decimal = Decimal(0)


class _Order(msgspec.Struct, frozen=True, kw_only=True):
    transaction_type: SideWord
    quantity: Count
    product: Literal["CNC", "NRML", "MTF"]
    price: Decimal
    order_type: Literal["LIMIT"] = "LIMIT"


async def place(call: Call) -> Response:
    """Place a GTT."""
    instrument, legs, product, last = _plan(call, call.body)
    plan = PlaceGtt(instrument, legs, product, last_price=last)
    before = set(call.account().state.standing)
    await ask(call, plan)
    new = [one for key, one in call.account().state.standing.items() if key not in before]
    return reply({"trigger_id": number_of(new[-1])})


async def modify(call: Call) -> Response:
    """Give a GTT other legs; its instrument and product stay."""
    asked: Wanted = call.body
    one = _found(call, asked.trigger_id)
    instrument, legs, product, last = _plan(call, asked)
    if (instrument, product) != (one.instrument, one.product):
        raise InvalidInput("A trigger stays in its instrument and product; delete it and place another one.")
    await ask(call, ModifyGtt(one.standing_id, legs, last))
    return reply({"trigger_id": asked.trigger_id})


async def delete(call: Call) -> Response:
    """Delete a GTT."""
    asked: OneGtt = call.body
    await ask(call, CancelStanding(_found(call, asked.trigger_id).standing_id))
    return reply({"trigger_id": asked.trigger_id})


async def listing(call: Call) -> Response:
    """Return the GTTs that are active, and those that ended in the last days."""
    standing = call.account().state.standing.values()
    return reply([_row(call, one) for one in standing if isinstance(one.plan, PlaceGtt)])


async def one(call: Call) -> Response:
    """Return one GTT."""
    asked: OneGtt = call.body
    return reply(_row(call, _found(call, asked.trigger_id)))


def _found(call: Call, number: int) -> Instruction:
    for each in call.account().state.standing.values():
        if isinstance(each.plan, PlaceGtt) and number_of(each) == number:
            return each
    raise Worded(failure(Fault.INPUT, "The trigger was not found.", 404))


def _plan(call: Call, asked: Wanted) -> tuple[str, tuple[GttLeg, ...], Product, int]:
    condition = _inside(asked.condition, _Condition)
    orders: list[_Order] = _inside(asked.orders, list[_Order])
    count = 1 if asked.type == "single" else 2
    if len(condition.trigger_values) != count or len(orders) != count:
        raise InvalidInput(f"A trigger of type {asked.type} has {count} trigger values and {count} orders.")
    instrument = f"{condition.exchange}:{condition.tradingsymbol}"
    lot = lot_of(call.desk.floor.universe.find(instrument))
    legs = tuple(
        GttLeg(
            _SIDES[order.transaction_type],
            order.quantity * lot,
            price_of(order.price, "price"),
            price_of(trigger, "trigger_values"),
        )
        for order, trigger in zip(orders, condition.trigger_values, strict=True)
    )
    last = price_of(condition.last_price, "last_price")
    return instrument, legs, Product(orders[0].product), last


def _inside(raw: Any, takes: Any) -> Any:  # noqa: ANN401  JSON, and the struct it is to be
    sent = decoded(raw) if isinstance(raw, str) else raw
    try:
        return msgspec.convert(sent, takes, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"Invalid request ({error})") from None


def _row(call: Call, one: Instruction) -> dict[str, object]:
    assert isinstance(one.plan, PlaceGtt), "only those are shown"
    book = book_of(call)
    lot = lot_of(book.universe.find(one.instrument))
    exchange, _, symbol = one.instrument.partition(":")
    named = {"exchange": exchange, "tradingsymbol": symbol}
    orders: list[dict[str, object]] = [
        {
            **named,
            "product": str(one.product),
            "order_type": "LIMIT",
            "transaction_type": str(leg.side),
            "quantity": leg.quantity // lot,
            "price": rupees_of(leg.price),
            "result": None,
        }
        for leg in one.plan.legs
    ]
    for order_id in one.sent:
        order = book.account.state.order(order_id)
        place = next((p for p, leg in enumerate(one.plan.legs) if leg.trigger_price == one.trigger), 0)
        orders[place]["result"] = _result(orders[place], one, order, order_id, book.user)
    return {
        "id": number_of(one),
        "user_id": book.user,
        "parent_trigger": None,
        "type": "single" if len(one.plan.legs) == 1 else "two-leg",
        "created_at": stamp(one.placed_at),
        "updated_at": stamp(one.updated_at),
        "expires_at": stamp(one.expires_at),
        "status": str(one.status),
        "condition": {
            **named,
            "last_price": rupees_of(one.reference),
            "trigger_values": [rupees_of(leg.trigger_price) for leg in one.plan.legs],
            "instrument_token": tokens_of(book.universe).of(one.instrument),
        },
        "orders": orders,
        "meta": None,
    }


def _result(
    asked: dict[str, Any], one: Instruction, order: Order | None, order_id: str, user: str
) -> dict[str, object]:
    failed = order is None or STATUS[order.status] == "REJECTED"
    outcome = {
        "status": "failed" if failed else "success",
        "order_id": digits_of(order_id),
        "rejection_reason": worded(one.result) if failed else "",
    }
    terms = {name: value for name, value in asked.items() if name != "result"}
    return {
        "account_id": user,
        **terms,
        "validity": "DAY",
        "meta": "{}",
        "timestamp": stamp(one.triggered_at),
        "triggered_at": rupees_of(one.trigger),
        "order_result": outcome,
    }
