"""Order books, an order's history, trades."""

from starlette.responses import Response

from kasauti.desk.books import DayTrade, orders_of, trades_of
from kasauti.domain.ist import ist_clock
from kasauti.domain.order import Status
from kasauti.web.dialect import Worded
from kasauti.web.endpoint import Call
from kasauti.web.kite.ids import digits_of, order_named, waiting_named
from kasauti.web.kite.order_requests import OneOrder
from kasauti.web.kite.order_rows import Book, order_row, waiting_row
from kasauti.web.kite.placing import book_of
from kasauti.web.kite.tokens import lot_of, tokens_of
from kasauti.web.kite.trail import history
from kasauti.web.kite.words import Fault, failure, reply, rupees_of, stamp

_UNKNOWN_ORDER = "Couldn't find that `order_id`."


async def orders(call: Call) -> Response:
    """Return the orders of the day, oldest first, and those that wait for the next."""
    book = book_of(call)
    waiting = [waiting_row(book, one) for one in book.account.state.standing.values()]
    rows = [order_row(book, each) for each in orders_of(book.account)]
    return reply([*rows, *(row for row in waiting if row is not None)])


async def trail(call: Call) -> Response:
    """Return every status that an order had."""
    asked: OneOrder = call.body
    book = book_of(call)
    order = order_named(book.account, asked.order_id)
    if order is not None:
        return reply(history(book, order))
    one = waiting_named(book.account, asked.order_id)
    row = None if one is None else waiting_row(book, one)
    if row is None:
        raise Worded(failure(Fault.INPUT, _UNKNOWN_ORDER))
    return reply([row])


async def trades(call: Call) -> Response:
    """Return the trades of the day."""
    book = book_of(call)
    return reply([_trade_row(book, each) for each in trades_of(book.account)])


async def order_trades(call: Call) -> Response:
    """Return the trades of one order."""
    asked: OneOrder = call.body
    book = book_of(call)
    order = order_named(book.account, asked.order_id)
    if order is None or order.status is Status.DENIED:
        return reply([])
    mine = (each for each in trades_of(book.account) if each.order.order_id == order.order_id)
    return reply([_trade_row(book, each) for each in mine])


def _trade_row(book: Book, trade: DayTrade) -> dict[str, object]:
    order, digits = trade.order, digits_of(trade.order.order_id)
    exchange, _, symbol = order.instrument.partition(":")
    return {
        "trade_id": trade.fill.trade_id,
        "order_id": digits,
        "exchange": exchange,
        "tradingsymbol": symbol,
        "instrument_token": tokens_of(book.universe).of(order.instrument),
        "product": str(order.product),
        "average_price": rupees_of(trade.fill.price),
        "quantity": trade.fill.quantity // lot_of(book.universe.find(order.instrument)),
        "exchange_order_id": f"1{digits}",
        "transaction_type": str(order.side),
        "fill_timestamp": stamp(trade.at),
        "order_timestamp": ist_clock(order.placed_at),
        "exchange_timestamp": stamp(trade.at),
    }
