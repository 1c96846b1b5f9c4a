"""Placing orders over the native API."""

import msgspec
from starlette.responses import Response

from kasauti.desk.books import order_of
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side, Validity
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.native.dialect import answer
from kasauti.web.native.shown import OrderShown, order_shown


class NewOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order to place; prices are rupees as text, `account` the key's usual one if left out."""

    instrument: str
    side: Side
    quantity: int
    order_type: OrderType = OrderType.MARKET
    product: Product = Product.NRML
    price: str = "0"
    trigger_price: str = "0"
    validity: Validity = Validity.DAY
    tag: str = ""
    command_id: str = ""
    account: str = ""


async def place(call: Call) -> Response:
    """Place an order; the answer comes once it is durable."""
    asked: NewOrder = call.body
    account = call.account(asked.account)
    command = PlaceOrder(
        asked.instrument,
        asked.side,
        asked.quantity,
        asked.order_type,
        asked.product,
        rupees(asked.price),
        rupees(asked.trigger_price),
        asked.validity,
        asked.tag,
        asked.command_id,
    )
    became = await call.ask(account, command, "api")
    assert became.order_id is not None, "an order has an id, also one that was denied"
    order = order_of(account, became.order_id)
    assert order is not None, "it was made just now"
    return answer(order_shown(order, account.name), 200 if became.denied is None else 422)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/orders",
        handler=place,
        scope=Scope.TRADE,
        pace=Pace.ORDERS,
        summary="Place an order.",
        takes=NewOrder,
        gives=OrderShown,
    ),
)
