"""Several orders in one request: for a position that is wanted, a basket, a split, closing everything."""

import asyncio
from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from kasauti.desk.account import DeskAccount
from kasauti.domain.commands import Command, ExitBracket, PlaceOrder
from kasauti.domain.guarding import guarding
from kasauti.domain.order import OrderType, Product, Side, Status, position_key
from kasauti.web.endpoint import Call
from kasauti.web.openalgo.account import positions_of
from kasauti.web.openalgo.order_requests import Basket, ForStrategy, Item, SmartOrder, Split
from kasauti.web.openalgo.placing import Outcome, Placing, ask, command_of, market
from kasauti.web.openalgo.words import MODE, failure, reply

_MATCHED = "Positions Already Matched. No Action needed."
_NOTHING_HELD = "No OpenPosition Found. Not placing Exit order."
#: Parts that an order may be cut into.
MOST_PARTS = 100


async def all_of(call: Call, commands: Sequence[Command]) -> list[Outcome]:
    """Have several commands decided, one after the other in this turn; they share one commit."""
    return list(await asyncio.gather(*(ask(call, each) for each in commands)))


def coming_to(account: DeskAccount, instrument: str, product: str) -> int:
    """
    Return the signed units that a position comes to once what is on its way has traded.

    So a request that is sent twice makes one trade, also while the first order has not arrived. Orders that
    rest in the book do not count: nobody knows whether they trade.
    """
    state, key = account.state, position_key(instrument, product)
    position = state.positions.get(key)
    held = 0 if position is None else position.quantity
    for order in state.working_orders():
        on_its_way = order.order_type is OrderType.MARKET or (
            order.status is Status.SUBMITTED and not order.order_type.has_trigger
        )
        if on_its_way and order.position_key == key:
            held += order.side.sign * order.leaves
    return held


async def smart(call: Call) -> Response:
    """Trade what lacks to the position that is wanted; the order is of the type that is asked for."""
    asked: SmartOrder = call.body
    instrument = market(call).id_of(asked.exchange, asked.symbol)
    held, wanted = coming_to(call.account(), instrument, asked.product), asked.position_size
    if wanted == held and not (wanted == 0 and asked.quantity):
        return _nothing(_NOTHING_HELD if wanted == 0 else _MATCHED)
    command = command_of(asked, instrument, asked.strategy)
    if wanted != held:
        lacks = wanted - held
        command = resized(command, Side.BUY if lacks > 0 else Side.SELL, abs(lacks))
    outcome = await ask(call, command)
    return outcome.as_answer()


def order_in(command: Placing) -> PlaceOrder:
    """Return the order that a command places."""
    return command if isinstance(command, PlaceOrder) else command.order


def resized(command: Placing, side: Side, quantity: int) -> Placing:
    """Return a command for another side and quantity; exits stay only where the side does."""
    order = order_in(command)
    new = msgspec.structs.replace(order, side=side, quantity=quantity)
    if isinstance(command, PlaceOrder) or side is not order.side:
        return new
    return msgspec.structs.replace(command, order=new)


def _nothing(message: str) -> Response:
    return reply({"status": "success", "message": message, "mode": MODE})


async def basket(call: Call) -> Response:
    """
    Place several orders: what closes a position first, then purchases, then sales.

    An exit frees money, and a purchase protects a sale: in another order the last ones lack margin.
    """
    asked: Basket = call.body
    symbols, account = market(call), call.account()
    rows: list[tuple[int, Item, Placing]] = []
    for item in asked.orders:
        instrument = symbols.id_of(item.exchange, item.symbol)
        command = command_of(item, instrument, asked.strategy)
        buys = item.action.upper() == Side.BUY
        held = coming_to(account, instrument, item.product)
        closes = held < 0 if buys else held > 0
        rows.append((0 if closes else 1 if buys else 2, item, command))
    rows.sort(key=lambda row: row[0])
    outcomes = await all_of(call, [command for _, _, command in rows])
    results = [
        {
            "symbol": item.symbol,
            "exchange": item.exchange,
            "product": item.product,
            **outcome.as_part(),
            "batch_order": True,
            "is_last_order": place == len(rows),
        }
        for place, ((_, item, _), outcome) in enumerate(zip(rows, outcomes, strict=True), 1)
    ]
    return reply({"status": "success", "results": results, "mode": MODE})


def parts_of(quantity: int, size: int) -> list[int]:
    """Cut a quantity into parts of a size and a rest."""
    whole, rest = divmod(quantity, size)
    return [size] * whole + ([rest] if rest else [])


async def split(call: Call) -> Response:
    """Place an order in parts."""
    asked: Split = call.body
    if -(-asked.quantity // asked.splitsize) > MOST_PARTS:
        return failure(f"Total number of orders would exceed maximum limit of {MOST_PARTS}", 400, mode=MODE)
    command = command_of(asked, market(call).id_of(asked.exchange, asked.symbol), asked.strategy)
    return reply(
        {
            "status": "success",
            "split_size": asked.splitsize,
            "total_quantity": asked.quantity,
            "results": await in_parts(call, command, asked.quantity, asked.splitsize),
            "mode": MODE,
        }
    )


async def in_parts(call: Call, command: Placing, quantity: int, size: int) -> list[dict[str, object]]:
    """Place an order in parts; return a row for each."""
    parts = parts_of(quantity, size)
    side = order_in(command).side
    outcomes = await all_of(call, [resized(command, side, part) for part in parts])
    return [
        {"order_num": number, "quantity": part, **outcome.as_part()}
        for number, (part, outcome) in enumerate(zip(parts, outcomes, strict=True), 1)
    ]


async def close_all(call: Call) -> Response:
    """Close every position of the account at market, in as many orders as the exchange takes."""
    asked: ForStrategy = call.body
    account = call.account()
    commands: list[Command] = []
    for each in positions_of(call):
        position = each.position
        coming = coming_to(account, position.instrument, position.product)
        # Of delivery only what was traded today is a position; what was held before stays.
        quantity = coming - (position.quantity - each.quantity)
        for one, guarded in guarding(account.state, position.instrument, position.product):
            quantity -= guarded
            if not one.leg:
                commands.append(ExitBracket(one.standing_id))
        if quantity:
            commands.append(
                PlaceOrder(
                    position.instrument,
                    Side.SELL if quantity > 0 else Side.BUY,
                    abs(quantity),
                    OrderType.MARKET,
                    Product(position.product),
                    tag=asked.strategy,
                    autoslice=True,
                )
            )
    if not commands:
        return reply({"status": "success", "message": "No Open Positions Found", "mode": MODE})
    outcomes = await all_of(call, commands)
    failed = sum(bool(each.refused) for each in outcomes)
    closed = len(outcomes) - failed
    tail = f" (Failed to close {failed} positions)" if failed else ""
    return reply(
        {
            "status": "success",
            "message": f"Closed {closed} positions{tail}",
            "closed_positions": closed,
            "failed_closures": failed,
            "mode": MODE,
        }
    )
