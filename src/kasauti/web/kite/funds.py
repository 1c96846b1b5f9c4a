"""An account's money, and what orders would block and cost."""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from starlette.responses import Response

from kasauti.compose.margins import MarginAnswer, margin
from kasauti.domain.instrument import Exchange, Instrument
from kasauti.domain.ist import ist_date
from kasauti.domain.money import to_decimal
from kasauti.domain.order import Product, Side
from kasauti.errors import InvalidInput, KasautiError
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.estimate import Leg, Rounding, cost_of
from kasauti.web.dialect import Worded
from kasauti.web.endpoint import Call
from kasauti.web.kite.order_requests import Count, OrderTypeWord, ProductWord, SideWord, Variety, Word
from kasauti.web.kite.reading import price_of
from kasauti.web.kite.tokens import lot_of
from kasauti.web.kite.words import Fault, failure, reply, rupees_of

_MOST_ORDERS = 50
_NO_PROFIT = {"realised": 0, "unrealised": 0}


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an account's money."""

    segment: Literal["equity", "commodity"]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is only asked about."""

    exchange: Word
    tradingsymbol: Word
    transaction_type: SideWord
    product: ProductWord
    quantity: Count
    variety: Variety = "regular"
    order_type: OrderTypeWord = "MARKET"
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    average_price: Decimal | None = None
    order_id: str = ""


class Items(msgspec.Struct, frozen=True, kw_only=True):
    """Orders that are only asked about; positions count if they are to."""

    rows: Annotated[list[Item], msgspec.Meta(min_length=1, max_length=_MOST_ORDERS)]
    mode: str = ""
    consider_positions: bool = False


async def margins(call: Call) -> Response:
    """Return the account's money: one purse, which both segments show."""
    money = _money(call)
    return reply({"equity": money, "commodity": money})


async def segment(call: Call) -> Response:
    """Return the account's money as one segment shows it."""
    return reply(_money(call))


def _money(call: Call) -> dict[str, object]:
    state = call.account().state
    ledger, board = state.ledger, call.desk.floor.board
    unrealised = sum(each.unrealised(board.mark(each.instrument) or 0) for each in state.held)
    # What clearing carries was not paid: of positions only deliveries and premiums were.
    paid = ledger.securities + ledger.clearing
    debits = ledger.margin + paid
    nothing = dict.fromkeys(
        ("exposure", "payout", "holding_sales", "turnover", "liquid_collateral", "stock_collateral"), 0
    )
    return {
        "enabled": True,
        "net": rupees_of(ledger.cash),
        "available": {
            "adhoc_margin": 0,
            "cash": rupees_of(ledger.cash + debits),
            "opening_balance": rupees_of(ledger.cash + debits),
            "live_balance": rupees_of(ledger.cash),
            "collateral": 0,
            "intraday_payin": 0,
        },
        "utilised": {
            "debits": rupees_of(debits),
            "span": rupees_of(ledger.margin),
            "option_premium": rupees_of(paid),
            "m2m_realised": rupees_of(state.day_realised),
            "m2m_unrealised": rupees_of(unrealised),
            "delivery": 0,
            **nothing,
        },
    }


async def order_margins(call: Call) -> Response:
    """Return what each order alone would block and cost."""
    asked: Items = call.body
    return reply([await _order_margin(call, each) for each in asked.rows])


async def basket(call: Call) -> Response:
    """Return what orders would block one by one, and together with what they save each other."""
    asked: Items = call.body
    alone = [await _order_margin(call, each) for each in asked.rows]
    together = await _margin(call, asked.rows)
    final = _margin_row("", "", "", together, _no_charges())
    initial = {
        name: sum(row[name] for row in alone) if isinstance(final[name], int | float) else final[name]
        for name in final
    }
    initial["leverage"] = final["leverage"] = 0
    charges = _no_charges()
    return reply({"initial": initial, "final": final, "orders": alone, "charges": charges})


async def charges(call: Call) -> Response:
    """Return what orders that traded would cost."""
    asked: Items = call.body
    rows = []
    for each in asked.rows:
        price = each.average_price if each.average_price is not None else each.price
        units = price_of(price, "average_price")
        if not units:
            raise InvalidInput("Invalid `average_price`: a cost is of a price above 0.")
        told = msgspec.to_builtins(each)
        names = (
            "transaction_type",
            "tradingsymbol",
            "exchange",
            "variety",
            "product",
            "order_type",
            "quantity",
        )
        row = {name: told[name] for name in names}
        rows.append({**row, "price": rupees_of(units), "charges": _charges(call, each, units)})
    return reply(rows)


async def _order_margin(call: Call, item: Item) -> dict[str, Any]:
    found = await _margin(call, [item])
    cost = _charges(call, item, _price(call, item))
    kind = "commodity" if item.exchange == Exchange.MCX else "equity"
    return _margin_row(kind, item.tradingsymbol, item.exchange, found, cost)


def _margin_row(
    kind: str, symbol: str, exchange: str, found: MarginAnswer, cost: Mapping[str, object]
) -> dict[str, Any]:
    return {
        "type": kind,
        "tradingsymbol": symbol,
        "exchange": exchange,
        "span": rupees_of(found.span),
        "exposure": rupees_of(found.beyond_span),
        "option_premium": rupees_of(found.premium),
        "additional": 0,
        "bo": 0,
        "cash": 0,
        "var": rupees_of(found.shares),
        "pnl": _NO_PROFIT,
        "leverage": 1,
        "charges": cost,
        "total": rupees_of(found.total + max(0, found.premium)),
    }


async def _margin(call: Call, items: Sequence[Item]) -> MarginAnswer:
    """Return what items block; it is reckoned beside the loop, for it takes as long as many orders."""
    legs, spot = [], {}
    for item in items:
        instrument = _instrument(call, item)
        units = item.quantity * lot_of(instrument)
        product = "" if instrument.is_derivative else f" {item.product}"
        price = to_decimal(_price(call, item))
        legs.append(f"{item.transaction_type} {units} {instrument.id}{product} @{price}")
        underlying = call.desk.floor.board.mark(instrument.underlying) if instrument.underlying else 0
        if underlying:
            spot[instrument.name] = to_decimal(underlying)
    try:
        return await asyncio.to_thread(margin, legs, on=ist_date(call.desk.now), spot=spot)
    except KasautiError as error:
        raise Worded(failure(Fault.INPUT, str(error))) from None


def _price(call: Call, item: Item) -> int:
    """Return the price that an order is valued at: its own, or the last one."""
    return price_of(item.price, "price") or call.desk.floor.board.mark(_instrument(call, item).id)


def _instrument(call: Call, item: Item) -> Instrument:
    found = call.desk.floor.universe.find(f"{item.exchange}:{item.tradingsymbol}")
    if found is None:
        raise InvalidInput(f"The instrument {item.exchange}:{item.tradingsymbol} is not in this market.")
    return found


def _charges(call: Call, item: Item, price: int) -> dict[str, object]:
    instrument, opened = _instrument(call, item), call.account().state.account
    assert opened is not None, "an account that trades was opened"
    units = item.quantity * lot_of(instrument)
    leg = Leg(instrument, Product(item.product), Side(item.transaction_type), units, price)  # type: ignore[call-arg]
    parts = cost_of(leg, ist_date(call.desk.now), ChargeBook(opened.plan), Rounding.API_EXACT)
    of = {name: float(value) for name, value in parts.items()}
    kind = "ctt" if instrument.exchange is Exchange.MCX else "stt"
    gst = of.get("gst", 0)
    return {
        "transaction_tax": of.get("stt", 0),
        "transaction_tax_type": kind,
        "exchange_turnover_charge": of.get("exchange", 0) + of.get("ipft", 0),
        "sebi_turnover_charge": of.get("sebi", 0),
        "brokerage": of.get("brokerage", 0),
        "stamp_duty": of.get("stamp", 0),
        "gst": {"igst": gst, "cgst": 0, "sgst": 0, "total": gst},
        "total": float(sum(parts.values())),
    }


def _no_charges() -> dict[str, object]:
    return {
        "transaction_tax": 0,
        "transaction_tax_type": "",
        "exchange_turnover_charge": 0,
        "sebi_turnover_charge": 0,
        "brokerage": 0,
        "stamp_duty": 0,
        "gst": {"igst": 0, "cgst": 0, "sgst": 0, "total": 0},
        "total": 0,
    }
