"""Prices as they stand: quotes, several at once, the book."""

from typing import Any

from starlette.responses import Response

from kasauti.desk.quotes import FloorQuote, quote_of
from kasauti.domain.market import Level
from kasauti.web.dialect import Worded
from kasauti.web.endpoint import Call
from kasauti.web.openalgo.data_requests import Instruments, OneInstrument
from kasauti.web.openalgo.fields import shown
from kasauti.web.openalgo.placing import market
from kasauti.web.openalgo.words import MODE, failure, reply


def not_there(exchange: str, symbol: str) -> str:
    """Say that an instrument is not in this market."""
    return f"Symbol '{symbol}' not found for exchange '{exchange}'. Please verify the symbol name."


def asked_slot(call: Call, asked: OneInstrument) -> int:
    """Return the slot of the instrument that is asked for; 404 for one that is not here."""
    slot = market(call).slot(asked.exchange, asked.symbol)
    if slot is None:
        raise Worded(failure(not_there(asked.exchange, asked.symbol), 404))
    return slot


async def quotes(call: Call) -> Response:
    """Return a quote."""
    known = quote_of(call.desk.floor, asked_slot(call, call.body))
    return reply({"status": "success", "data": quote_row(known), "mode": MODE})


async def many_quotes(call: Call) -> Response:
    """Return several quotes; one that is not there does not spoil the others."""
    asked: Instruments = call.body
    symbols, floor = market(call), call.desk.floor
    rows: list[dict[str, object]] = []
    for pair in asked.symbols:
        slot = symbols.slot(pair.exchange, pair.symbol)
        row: dict[str, object] = {"symbol": pair.symbol, "exchange": pair.exchange}
        if slot is None:
            row["error"] = not_there(pair.exchange, pair.symbol)
        else:
            row["data"] = quote_row(quote_of(floor, slot))
        rows.append(row)
    # The client's own documents look under `data`, for flat rows; the server's under `results`.
    flat = [{**row, **known} if isinstance(known := row.get("data"), dict) else row for row in rows]
    return reply({"status": "success", "results": rows, "data": flat, "mode": MODE})


async def depth(call: Call) -> Response:
    """Return the book, five levels a side."""
    known = quote_of(call.desk.floor, asked_slot(call, call.body))
    row = quote_row(known)
    row["ltq"] = known.last_quantity
    row["totalbuyqty"] = sum(level.quantity for level in known.bids)
    row["totalsellqty"] = sum(level.quantity for level in known.asks)
    row["bids"], row["asks"] = levels(known.bids), levels(known.asks)
    return reply({"status": "success", "data": row, "mode": MODE})


def quote_row(known: FloorQuote) -> dict[str, Any]:
    """Return a quote as the API shows it."""
    quote = known.quote
    return {
        "open": shown(known.open),
        "high": shown(known.high),
        "low": shown(known.low),
        "ltp": shown(quote.last),
        "ask": shown(known.asks[0].price),
        "bid": shown(known.bids[0].price),
        "ask_size": known.asks[0].quantity,
        "bid_size": known.bids[0].quantity,
        "prev_close": shown(known.previous_close),
        "volume": quote.volume,
        "oi": quote.open_interest,
    }


def levels(side: tuple[Level, ...]) -> list[dict[str, object]]:
    """Return one side of a book."""
    return [{"price": shown(level.price), "quantity": level.quantity} for level in side]
