"""What an account holds: positions of the day and net, holdings."""

from typing import Literal

import msgspec
from starlette.responses import Response

from kasauti.desk.quotes import quote_of
from kasauti.domain.commands import ConvertPosition
from kasauti.domain.holding import HoldingView
from kasauti.domain.holding import holdings as holdings_of
from kasauti.domain.order import Product
from kasauti.domain.position import Position
from kasauti.domain.product_events import ProductChangeDenied
from kasauti.web.endpoint import Call
from kasauti.web.kite.order_requests import Count, ProductWord, SideWord, Word
from kasauti.web.kite.placing import CAUSE, SIDES
from kasauti.web.kite.tokens import lot_of, tokens_of
from kasauti.web.kite.words import Fault, failure, reply, rupees_of


class _Leg:
    """Units and money of one side: what was carried into the day, and what the day traded."""

    def __init__(self, quantity: int, value: int, marked: int) -> None:
        self.quantity = quantity
        self.value = value
        #: The value with what was carried at the close of the day before.
        self.marked = marked

    @property
    def price(self) -> int:
        """The mean price."""
        return self.value // self.quantity if self.quantity else 0


async def positions(call: Call) -> Response:
    """Return positions: net with what was carried into the day, day with what it traded alone."""
    net, day = [], []
    for position in call.account().state.positions.values():
        traded = position.day_buy_quantity or position.day_sell_quantity
        carried = position.quantity - position.day_buy_quantity + position.day_sell_quantity
        if traded:
            day.append(_row(call, position, 0, 0))
        # Shares for delivery that were bought before today are holdings.
        kept = 0 if position.product == Product.CNC else carried
        if traded or kept or (position.quantity and position.product != Product.CNC):
            cost = position.cost - position.day_buy_value + position.day_sell_value - position.day_realised
            net.append(_row(call, position, kept, cost if kept else 0))
    return reply({"net": net, "day": day})


def _row(call: Call, position: Position, carried: int, cost: int) -> dict[str, object]:
    """Return a position; `carried` are the signed units carried into the day, `cost` their signed cost."""
    floor = call.desk.floor
    instrument = floor.universe.find(position.instrument)
    slot = floor.universe.slots.get(position.instrument)
    last = floor.board.mark(position.instrument)
    close = 0 if slot is None else quote_of(floor, slot).previous_close
    lot = lot_of(instrument)
    at_close = carried * close if close else cost
    buys = _Leg(
        position.day_buy_quantity + max(carried, 0),
        position.day_buy_value + max(cost, 0),
        position.day_buy_value + max(at_close, 0),
    )
    sells = _Leg(
        position.day_sell_quantity + max(-carried, 0),
        position.day_sell_value + max(-cost, 0),
        position.day_sell_value + max(-at_close, 0),
    )
    quantity, value = buys.quantity - sells.quantity, sells.value - buys.value
    profit = value + quantity * last
    held = buys if quantity > 0 else sells
    exchange, _, symbol = position.instrument.partition(":")
    return {
        "tradingsymbol": symbol,
        "exchange": exchange,
        "instrument_token": tokens_of(floor.universe).of(position.instrument),
        "product": position.product,
        "quantity": quantity // lot,
        "overnight_quantity": carried // lot,
        "multiplier": lot,
        "average_price": rupees_of(_average(position, quantity, held)),
        "close_price": rupees_of(close),
        "last_price": rupees_of(last),
        "value": rupees_of(value),
        "pnl": rupees_of(profit),
        "m2m": rupees_of(sells.marked - buys.marked + quantity * last),
        "unrealised": rupees_of(profit),
        "realised": 0,
        **_side("buy", buys, lot),
        **_side("sell", sells, lot),
        **_day("buy", position.day_buy_quantity, position.day_buy_value, lot),
        **_day("sell", position.day_sell_quantity, position.day_sell_value, lot),
    }


def _average(position: Position, quantity: int, held: _Leg) -> int:
    """Return what a unit that is held cost: by what was closed first where that is known, else the side's."""
    return (
        position.average_price if quantity and quantity == position.quantity else held.price * bool(quantity)
    )


def _side(name: str, leg: _Leg, lot: int) -> dict[str, object]:
    return {
        f"{name}_quantity": leg.quantity // lot,
        f"{name}_price": rupees_of(leg.price),
        f"{name}_value": rupees_of(leg.value),
        f"{name}_m2m": rupees_of(leg.marked),
    }


def _day(name: str, quantity: int, value: int, lot: int) -> dict[str, object]:
    return {
        f"day_{name}_quantity": quantity // lot,
        f"day_{name}_price": rupees_of(value // quantity if quantity else 0),
        f"day_{name}_value": rupees_of(value),
    }


_NO_MTF = {"quantity": 0, "used_quantity": 0, "average_price": 0, "value": 0, "initial_margin": 0}


async def holdings(call: Call) -> Response:
    """Return the shares that were bought before today."""
    floor, tokens, rows = call.desk.floor, tokens_of(call.desk.floor.universe), []
    for each in holdings_of(call.account().state):
        instrument = floor.universe.find(each.instrument)
        last, close = _prices(call, each)
        change = last - close if close else 0
        exchange, _, symbol = each.instrument.partition(":")
        rows.append(
            {
                "tradingsymbol": symbol,
                "exchange": exchange,
                "instrument_token": tokens.of(each.instrument),
                "isin": "" if instrument is None else instrument.isin,
                "product": "CNC",
                "price": 0,
                "quantity": each.quantity,
                "used_quantity": each.used,
                "t1_quantity": each.t1,
                "realised_quantity": each.quantity,
                "authorised_quantity": each.authorised,
                "authorised_date": "",
                "authorisation": {},
                "opening_quantity": each.left + each.used,
                "short_quantity": 0,
                "collateral_quantity": 0,
                "collateral_type": "",
                "discrepancy": False,
                "average_price": rupees_of(each.average_price),
                "last_price": rupees_of(last),
                "close_price": rupees_of(close),
                "pnl": rupees_of(each.left * last - each.cost),
                "day_change": rupees_of(change),
                "day_change_percentage": 100 * change / close if close else 0,
                "mtf": _NO_MTF,
            }
        )
    return reply(rows)


async def compact(call: Call) -> Response:
    """Return how many there are of each share that was bought before today."""
    tokens = tokens_of(call.desk.floor.universe)
    rows = []
    for each in holdings_of(call.account().state):
        exchange, _, symbol = each.instrument.partition(":")
        rows.append(
            {
                "exchange": exchange,
                "tradingsymbol": symbol,
                "instrument_token": tokens.of(each.instrument),
                "t1_quantity": each.t1,
                "quantity": each.quantity,
            }
        )
    return reply(rows)


async def summary(call: Call) -> Response:
    """Return what all shares that were bought before today cost, are worth and made, also today."""
    invested = value = today = 0
    for each in holdings_of(call.account().state):
        last, close = _prices(call, each)
        invested += each.cost
        value += each.left * last
        today += each.left * (last - close) if close else 0
    made = value - invested
    return reply(
        {
            "total_pnl": rupees_of(made),
            "total_pnl_percent": 100 * made / invested if invested else 0,
            "today_pnl": rupees_of(today),
            "today_pnl_percent": 100 * today / (value - today) if value - today else 0,
            "invested_amount": rupees_of(invested),
            "current_value": rupees_of(value),
        }
    )


def _prices(call: Call, held: HoldingView) -> tuple[int, int]:
    """Return the last price of a share that is held, and its last close, 0 where there is none."""
    floor = call.desk.floor
    slot = floor.universe.slots.get(held.instrument)
    close = 0 if slot is None else quote_of(floor, slot).previous_close
    return floor.board.mark(held.instrument) or close or held.average_price, close


class Conversion(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a position that are to be in another product."""

    exchange: Word
    tradingsymbol: Word
    transaction_type: SideWord
    position_type: Literal["day", "overnight"]
    quantity: Count
    old_product: ProductWord
    new_product: ProductWord


async def convert(call: Call) -> Response:
    """Have units of a position be in another product."""
    asked: Conversion = call.body
    instrument = f"{asked.exchange}:{asked.tradingsymbol}"
    wish = ConvertPosition(
        instrument,
        SIDES[asked.transaction_type],
        asked.quantity * lot_of(call.desk.floor.universe.find(instrument)),
        Product(asked.old_product),
        Product(asked.new_product),
        today=asked.position_type == "day",
    )
    answer = await call.ask(call.account(), wish, CAUSE)
    for each in answer.events:
        if isinstance(each.event, ProductChangeDenied):
            short = each.event.rule == "funds.short"
            return failure(Fault.MARGIN if short else Fault.ORDER, each.event.message)
    return reply(data=True)


async def auctions(call: Call) -> Response:
    """Return the auctions that shares held may be offered in: no list of them is published here."""
    return reply([])
