"""Orders that work: what became of one, changes, cancellations."""

import asyncio

from starlette.responses import Response

from kasauti.desk.books import order_of
from kasauti.domain.commands import CancelOrder, ModifyOrder
from kasauti.domain.order import Order, OrderType
from kasauti.web.dialect import Worded
from kasauti.web.endpoint import Call
from kasauti.web.openalgo.fields import shown
from kasauti.web.openalgo.order_requests import ChangeOrder, ForStrategy, OneOrder
from kasauti.web.openalgo.placing import TYPES, ask, market
from kasauti.web.openalgo.symbols import Symbols
from kasauti.web.openalgo.words import MODE, failure, reply, stamp, status_word


async def status(call: Call) -> Response:
    """Return one order as it stands."""
    asked: OneOrder = call.body
    order = _found(call, asked.orderid)
    row = order_row(order, market(call))
    row["average_price"] = shown(order.average_price)
    row["price_type"] = row["pricetype"]
    row["filled_quantity"], row["pending_quantity"] = order.filled, pending(order)
    row["strategy"] = order.tag
    row["rejection_reason"] = order.reason
    return reply({"status": "success", "data": row, "mode": MODE})


async def modify(call: Call) -> Response:
    """Give a working order other terms; what cannot be changed is refused, not passed over."""
    asked: ChangeOrder = call.body
    order = _found(call, asked.orderid)
    fault = _other_order(asked, order, market(call))
    if fault:
        return failure(fault, 400, mode=MODE)
    kind = TYPES[asked.pricetype]
    change = ModifyOrder(
        order.order_id,
        asked.quantity,
        asked.price if kind.has_limit else None,
        asked.trigger_price if kind.has_trigger else None,
        kind,
        disclosed_quantity=asked.disclosed_quantity,
    )
    outcome = await ask(call, change)
    return outcome.as_answer(message="Order modified successfully")


def _other_order(asked: ChangeOrder, order: Order, symbols: Symbols) -> str:
    """Say what of an order is to change that cannot; "" if nothing is."""
    spelled = symbols.of(order.instrument)
    pairs = (
        ("symbol", asked.symbol, spelled.symbol),
        ("exchange", asked.exchange, spelled.exchange),
        ("action", asked.action.upper(), str(order.side)),
        ("product", asked.product, str(order.product)),
    )
    for name, wanted, stands in pairs:
        if wanted != stands:
            return (
                f"The {name} of order {order.order_id} is {stands} and cannot be changed to {wanted};"
                " cancel it and place another one."
            )
    return ""


async def cancel(call: Call) -> Response:
    """Cancel a working order."""
    asked: OneOrder = call.body
    order = _found(call, asked.orderid)
    outcome = await ask(call, CancelOrder(order.order_id))
    return outcome.as_answer(message="Order cancelled successfully")


async def cancel_all(call: Call) -> Response:
    """Cancel every working order of the account, those that wait for a trigger included."""
    asked: ForStrategy = call.body
    assert asked.strategy is not None, "it is required, and says nothing: the whole account is meant"
    orders = [order for order in call.account().state.working_orders() if not order.cancel_asked]
    outcomes = await asyncio.gather(*(ask(call, CancelOrder(order.order_id)) for order in orders))
    cancelled = [each.order_id for each in outcomes if not each.refused]
    failed = [{"orderid": each.order_id, "message": each.refused} for each in outcomes if each.refused]
    message = f"Canceled {len(cancelled)} orders. Failed to cancel {len(failed)} orders."
    return reply(
        {
            "status": "success",
            "message": message,
            "canceled_orders": cancelled,
            "failed_cancellations": failed,
            "mode": MODE,
        }
    )


def order_row(order: Order, symbols: Symbols) -> dict[str, object]:
    """Return an order as order books show it, quantities as text."""
    spelled = symbols.of(order.instrument)
    return {
        "orderid": order.order_id,
        "symbol": spelled.symbol,
        "exchange": spelled.exchange,
        "action": str(order.side),
        "quantity": str(order.quantity),
        "price": shown(order.price),
        "trigger_price": shown(order.trigger_price),
        "pricetype": str(order.order_type),
        "product": str(order.product),
        "order_status": status_word(order),
        "timestamp": stamp(order.placed_at),
    }


def pending(order: Order) -> int:
    """Return the units that may still trade."""
    return order.leaves if order.is_working else 0


def _found(call: Call, order_id: str) -> Order:
    order = order_of(call.account(), order_id)
    if order is None:
        raise Worded(failure(f"Order {order_id} not found", 404, mode=MODE))
    return order


def is_market(order: Order) -> bool:
    """Whether an order trades as soon as it arrives, as far as the book allows."""
    return order.order_type is OrderType.MARKET
