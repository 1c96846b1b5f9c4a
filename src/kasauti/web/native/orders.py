"""Orders over the native API: looking at them, changing them, ending them."""

from typing import Annotated

import msgspec
from starlette.responses import Response

from kasauti.analytics.explain import explain_fill, story_of_order
from kasauti.desk.account import DeskAccount
from kasauti.desk.books import order_of, orders_of
from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, ModifyOrder
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Validity
from kasauti.errors import InvalidInput, NotThere
from kasauti.store.codec import encode
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.native.dialect import answer
from kasauti.web.native.shown import OrderShown, moment, order_shown


class OfAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which account is meant, the key's usual one if left out."""

    account: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What is to change in an order; what is left out stays. `quantity` is the new total.

    `market_protection` is in hundredths of a per cent, -1 by the broker's table.
    """

    quantity: int | None = None
    price: str | None = None
    trigger_price: str | None = None
    order_type: OrderType | None = None
    validity: Validity | None = None
    disclosed_quantity: Annotated[int, msgspec.Meta(ge=0)] | None = None
    market_protection: int | None = None
    account: str = ""


class Orders(msgspec.Struct, frozen=True):
    """The day's orders, oldest first."""

    orders: list[OrderShown]


class Happened(msgspec.Struct, frozen=True):
    """One event of an order: its number in the log, its tag and its own fields, money in ten-thousandths."""

    seq: int
    at: str
    tag: str
    event: msgspec.Raw


class OrderStory(msgspec.Struct, frozen=True):
    """An order, what happened to it, and for each of its trades why it was at that price."""

    order: OrderShown
    history: list[Happened]
    why: list[list[str]]


async def list_orders(call: Call) -> Response:
    """Return the day's orders, denied ones among them."""
    account = call.account(call.body.account)
    return answer(Orders([order_shown(order, account.name) for order in orders_of(account)]))


async def one_order(call: Call) -> Response:
    """Return an order with its story."""
    account = call.account(call.body.account)
    order_id = call.request.path_params["order_id"]
    shown = _shown(account, order_id)
    story = story_of_order(account.today, order_id)
    fills = [each.event.trade_id for each in story if isinstance(each.event, ev.OrderFilled)]
    placed_today = any(isinstance(each.event, ev.OrderPlaced) for each in story)
    why = [
        [step.text for step in explain_fill(story, trade).steps] for trade in (fills if placed_today else ())
    ]
    history = [happened(each) for each in story]
    return answer(OrderStory(shown, history, why))


def happened(recorded: ev.Recorded) -> Happened:
    """Return an event for the wire."""
    event = recorded.event
    return Happened(recorded.seq, moment(recorded.at), event.TAG, msgspec.Raw(encode(event)))


async def modify(call: Call) -> Response:
    """Change a working order."""
    asked: Change = call.body
    account = call.account(asked.account)
    order_id = call.request.path_params["order_id"]
    _shown(account, order_id)
    price = None if asked.price is None else rupees(asked.price)
    trigger = None if asked.trigger_price is None else rupees(asked.trigger_price)
    change = ModifyOrder(
        order_id,
        asked.quantity,
        price,
        trigger,
        asked.order_type,
        asked.validity,
        asked.disclosed_quantity,
        asked.market_protection,
    )
    became = await call.ask(account, change, "api")
    return _what_became(account, order_id, became.denied)


async def cancel(call: Call) -> Response:
    """End a working order."""
    account = call.account(call.body.account)
    order_id = call.request.path_params["order_id"]
    _shown(account, order_id)
    became = await call.ask(account, CancelOrder(order_id), "api")
    return _what_became(account, order_id, became.denied)


async def cancel_all(call: Call) -> Response:
    """End every working order of an account; the answer has them as they stand then."""
    account = call.account(call.body.account)
    working = list(account.state.working)
    for order_id in working:
        if order_id in account.state.working:
            await call.ask(account, CancelOrder(order_id, "all are cancelled, asked by the user"), "api")
    return answer(Orders([_shown(account, order_id) for order_id in working]))


def _what_became(
    account: DeskAccount, order_id: str, denied: ev.OrderDenied | ev.ModifyDenied | None
) -> Response:
    if denied is not None:
        raise InvalidInput(denied.message)
    return answer(_shown(account, order_id))


def _shown(account: DeskAccount, order_id: str) -> OrderShown:
    order = order_of(account, order_id)
    if order is None:
        raise NotThere(
            f"the account {account.name} has no order {order_id!r} today; a list shows what there is"
        )
    return order_shown(order, account.name)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/orders",
        handler=list_orders,
        scope=Scope.READ,
        pace=Pace.READS,
        summary="The day's orders, those that were denied among them.",
        takes=OfAccount,
        gives=Orders,
    ),
    Endpoint(
        method="DELETE",
        path="/api/orders",
        handler=cancel_all,
        scope=Scope.TRADE,
        pace=Pace.ORDERS,
        summary="Cancel every working order of an account.",
        takes=OfAccount,
        gives=Orders,
    ),
    Endpoint(
        method="GET",
        path="/api/orders/{order_id}",
        handler=one_order,
        scope=Scope.READ,
        pace=Pace.READS,
        summary="One order with everything that happened to it, and why it traded where it did.",
        takes=OfAccount,
        gives=OrderStory,
    ),
    Endpoint(
        method="PATCH",
        path="/api/orders/{order_id}",
        handler=modify,
        scope=Scope.TRADE,
        pace=Pace.ORDERS,
        summary="Change a working order.",
        takes=Change,
        gives=OrderShown,
    ),
    Endpoint(
        method="DELETE",
        path="/api/orders/{order_id}",
        handler=cancel,
        scope=Scope.TRADE,
        pace=Pace.ORDERS,
        summary="Cancel a working order.",
        takes=OfAccount,
        gives=OrderShown,
    ),
)
