"""Where an account stands: money, orders, trades, positions, holdings."""

from collections.abc import Iterator

from starlette.responses import Response

from kasauti.desk.account import DeskAccount
from kasauti.desk.books import orders_of, trades_of
from kasauti.domain.holding import holdings
from kasauti.domain.ist import ist_clock
from kasauti.domain.money import RUPEE, to_decimal, to_paise_half_up
from kasauti.domain.order import Order, Product, Side, Status
from kasauti.domain.position import Position
from kasauti.web.endpoint import Call
from kasauti.web.openalgo.fields import shown
from kasauti.web.openalgo.order_requests import OnePosition
from kasauti.web.openalgo.placing import market
from kasauti.web.openalgo.symbols import Symbols
from kasauti.web.openalgo.words import MODE, reply
from kasauti.web.openalgo.working import order_row, pending


def text(units: int) -> str:
    """Return an amount as these answers write them: rupees with two decimals, as text."""
    return f"{to_decimal(to_paise_half_up(units)):.2f}"


class Shown:
    """A position as clients see it: of delivery only what the day traded, the rest is a holding."""

    def __init__(self, position: Position, mark: int) -> None:
        self.position = position
        self.mark = mark
        self.quantity, self.cost = position.quantity, position.cost
        if position.product == Product.CNC:
            self.quantity = position.day_buy_quantity - position.day_sell_quantity
            bought, sold = position.day_buy_quantity, position.day_sell_quantity
            size, value = (
                (bought, position.day_buy_value) if self.quantity > 0 else (sold, position.day_sell_value)
            )
            self.cost = self.quantity * value // size if size else 0

    @property
    def average(self) -> int:
        """What a unit cost on average."""
        return abs(self.cost) // abs(self.quantity) if self.quantity else 0

    @property
    def unrealised(self) -> int:
        """What closing it at the last price would bring; 0 where there is no price."""
        return self.quantity * self.mark - self.cost if self.mark and self.quantity else 0

    @property
    def traded_today(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.quantity or self.position.day_buy_quantity or self.position.day_sell_quantity)


def positions_of(call: Call) -> Iterator[Shown]:
    """Yield what is held, and what was traded today."""
    board = call.desk.floor.board
    for position in call.account().state.positions.values():
        shows = Shown(position, board.mark(position.instrument))
        if shows.traded_today:
            yield shows


async def funds(call: Call) -> Response:
    """Return the account's money; amounts as text, as brokers send them."""
    account = call.account()
    state, ledger = account.state, account.state.ledger
    shows = list(positions_of(call))
    unrealised = sum(each.unrealised for each in shows)
    paid = sum(max(0, each.cost) for each in shows if each.position.paid_up)
    exposure = sum(abs(each.quantity) * each.mark for each in shows)
    return reply(
        {
            "status": "success",
            "data": {
                "availablecash": text(ledger.cash),
                "collateral": "0.00",
                "m2mrealized": text(state.day_realised),
                "m2munrealized": text(unrealised),
                "utiliseddebits": text(ledger.margin + paid),
                "total_realized_pnl": shown(-ledger.realised),
                "today_realized_pnl": shown(state.day_realised),
                "totalpnl": shown(state.day_realised + unrealised),
                "grossexposure": shown(exposure),
                "charges": shown(ledger.charges),
                "last_reset": None,
                "reset_count": 0,
            },
            "mode": MODE,
        }
    )


async def order_book(call: Call) -> Response:
    """Return the orders of the day; those that were refused are rejected, with the reason."""
    symbols, orders = market(call), orders_of(call.account())
    return reply(
        {
            "status": "success",
            "data": {
                "orders": [_book_row(each, symbols) for each in orders],
                "statistics": _statistics(orders),
            },
            "mode": MODE,
        }
    )


def _book_row(order: Order, symbols: Symbols) -> dict[str, object]:
    return {
        **order_row(order, symbols),
        "average_price": shown(order.average_price),
        "filled_quantity": order.filled,
        "pending_quantity": pending(order),
        "rejection_reason": order.reason if order.status in {Status.DENIED, Status.REJECTED} else "",
        "strategy": order.tag,
    }


def _statistics(orders: list[Order]) -> dict[str, float]:
    open_ones = {Status.SUBMITTED, Status.OPEN}
    return {
        "total_buy_orders": float(sum(each.side is Side.BUY for each in orders)),
        "total_sell_orders": float(sum(each.side is Side.SELL for each in orders)),
        "total_completed_orders": float(sum(each.status is Status.COMPLETE for each in orders)),
        "total_open_orders": float(sum(each.status in open_ones for each in orders)),
        "total_rejected_orders": float(
            sum(each.status in {Status.DENIED, Status.REJECTED} for each in orders)
        ),
        "total_trigger_pending_orders": float(sum(each.status is Status.TRIGGER_PENDING for each in orders)),
    }


async def trade_book(call: Call) -> Response:
    """Return the trades of the day."""
    symbols = market(call)
    rows = []
    for each in trades_of(call.account()):
        spelled = symbols.of(each.order.instrument)
        rows.append(
            {
                "action": str(each.order.side),
                "symbol": spelled.symbol,
                "exchange": spelled.exchange,
                "orderid": each.order.order_id,
                "tradeid": each.fill.trade_id,
                "product": str(each.order.product),
                "quantity": each.fill.quantity,
                "price": shown(each.fill.price),
                "average_price": shown(each.fill.price),
                "timestamp": ist_clock(each.at),
                "trade_value": each.fill.price * each.fill.quantity / RUPEE,
                "strategy": each.order.tag,
            }
        )
    return reply({"status": "success", "data": rows, "mode": MODE})


async def position_book(call: Call) -> Response:
    """Return the positions; quantities and prices as text, as brokers send them."""
    symbols, rows = market(call), []
    unrealised = realised = 0
    for each in positions_of(call):
        today = each.position.day_realised
        unrealised, realised = unrealised + each.unrealised, realised + today
        rows.append(_position_row(each, symbols, today))
    return reply(
        {
            "status": "success",
            "data": rows,
            "total_pnl": shown(unrealised + realised),
            "total_unrealized_pnl": shown(unrealised),
            "total_today_realized_pnl": shown(realised),
            "total_pnl_today": shown(unrealised + realised),
            "mode": MODE,
        }
    )


async def profits(call: Call) -> Response:
    """Return the result of each position."""
    symbols, rows = market(call), []
    unrealised = realised = 0
    for each in positions_of(call):
        today = each.position.day_realised
        unrealised, realised = unrealised + each.unrealised, realised + today
        known = _position_row(each, symbols, today)
        row = {name: known[name] for name in _RESULT_COLUMNS}
        row.update(quantity=each.quantity, pnl=shown(each.unrealised + today))
        rows.append(row)
    return reply(
        {
            "status": "success",
            "mode": MODE,
            "data": rows,
            "total_pnl": shown(unrealised + realised),
            "total_unrealized_pnl": shown(unrealised),
            "total_today_realized_pnl": shown(realised),
            "total_pnl_today": shown(unrealised + realised),
        }
    )


_RESULT_COLUMNS = ("symbol", "exchange", "product", "unrealized_pnl", "today_realized_pnl", "total_pnl_today")


def _position_row(each: Shown, symbols: Symbols, today: int) -> dict[str, object]:
    spelled = symbols.of(each.position.instrument)
    instrument = symbols.universe.find(each.position.instrument)
    percent = 100 * each.unrealised / abs(each.cost) if each.cost else 0.0
    return {
        "symbol": spelled.symbol,
        "exchange": spelled.exchange,
        "product": str(each.position.product),
        "quantity": str(each.quantity),
        "average_price": text(each.average),
        "ltp": text(each.mark),
        "pnl": text(each.unrealised + today),
        "pnlpercent": round(percent, 2),
        "unrealized_pnl": shown(each.unrealised),
        "today_realized_pnl": shown(today),
        "total_pnl_today": shown(each.unrealised + today),
        "lot_size": 1 if instrument is None else instrument.lot_size,
    }


async def open_position(call: Call) -> Response:
    """Return the units held of an instrument in a product, as text: 0 when flat."""
    asked: OnePosition = call.body
    held = held_of(call.account(), market(call).id_of(asked.exchange, asked.symbol), asked.product)
    return reply({"status": "success", "quantity": str(held), "mode": MODE})


def held_of(account: DeskAccount, instrument: str, product: str) -> int:
    """Return the signed units an account holds."""
    position = account.state.position(instrument, product)
    return 0 if position is None else position.quantity


async def holding_book(call: Call) -> Response:
    """Return the shares that were bought before today."""
    symbols, board = market(call), call.desk.floor.board
    rows, worth, cost = [], 0, 0
    for each in holdings(call.account().state):
        if not each.left:
            continue
        mark = board.mark(each.instrument) or each.average_price
        profit = each.left * mark - each.cost
        worth, cost = worth + each.left * mark, cost + each.cost
        spelled = symbols.of(each.instrument)
        rows.append(
            {
                "symbol": spelled.symbol,
                "exchange": spelled.exchange,
                "quantity": each.left,
                "product": "CNC",
                "average_price": shown(each.average_price),
                "ltp": shown(mark),
                "pnl": shown(profit),
                "pnlpercent": round(100 * profit / each.cost, 2) if each.cost else 0.0,
            }
        )
    statistics = {
        "totalholdingvalue": shown(worth),
        "totalinvvalue": shown(cost),
        "totalprofitandloss": shown(worth - cost),
        "totalpnlpercentage": round(100 * (worth - cost) / cost, 2) if cost else 0.0,
    }
    return reply({"status": "success", "data": {"holdings": rows, "statistics": statistics}, "mode": MODE})
