"""Orders over the native API."""

import msgspec
from starlette.responses import Response

from kasauti.domain.commands import PlaceOrder
from kasauti.domain.money import rupees, to_decimal
from kasauti.domain.order import OrderType, Product, Side, Validity
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.native.dialect import answer


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


class OrderShown(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it stands; prices are rupees as text."""

    order_id: str
    status: str
    filled: int
    average_price: str
    reason: str


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
    became = await call.desk.ask(account, command, "api")
    denied = became.denied
    if denied is not None:
        return answer(
            OrderShown(
                order_id=denied.order_id, status="DENIED", filled=0, average_price="0", reason=denied.message
            ),
            422,
        )
    assert became.order_id is not None, "an order that was not denied has an id"
    order = account.state.orders[became.order_id]
    return answer(
        OrderShown(
            order_id=order.order_id,
            status=order.status,
            filled=order.filled,
            average_price=str(to_decimal(order.average_price)),
            reason=order.reason,
        )
    )


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
