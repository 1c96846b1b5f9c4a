"""Prices as they stand, by EXCHANGE:SYMBOL or token; what is not in this market is left out."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from starlette.responses import Response

from kasauti.desk.floor import Floor
from kasauti.desk.quotes import FloorQuote, quote_of
from kasauti.domain.market import Level
from kasauti.web.endpoint import Call, Handler
from kasauti.web.kite.tokens import lot_of, tokens_of
from kasauti.web.kite.words import reply, rupees_of, stamp

_MOST_FULL, _MOST = 500, 1_000
_Name = Annotated[str, msgspec.Meta(max_length=80)]


class ForQuotes(msgspec.Struct, frozen=True, kw_only=True):
    """Instruments to be quoted in full."""

    i: Annotated[list[_Name], msgspec.Meta(max_length=_MOST_FULL)] = []


class ForPrices(msgspec.Struct, frozen=True, kw_only=True):
    """Instruments whose prices are asked for."""

    i: Annotated[list[_Name], msgspec.Meta(max_length=_MOST)] = []


Row = Callable[[Floor, int], dict[str, object]]


def _quoted(row: Row) -> Handler:
    async def handler(call: Call) -> Response:
        asked: ForPrices | ForQuotes = call.body
        floor = call.desk.floor
        tokens = tokens_of(floor.universe)
        slots = ((name, tokens.named(name)) for name in asked.i)
        return reply({name: row(floor, slot) for name, slot in slots if slot is not None})

    return handler


def _ltp(floor: Floor, slot: int) -> dict[str, object]:
    token = int(tokens_of(floor.universe).column[slot])
    return {"instrument_token": token, "last_price": rupees_of(floor.board.quote(slot).last)}


def _ohlc(floor: Floor, slot: int) -> dict[str, object]:
    known = quote_of(floor, slot)
    return {**_ltp(floor, slot), "ohlc": _day(known)}


def _day(known: FloorQuote) -> dict[str, object]:
    return {
        "open": rupees_of(known.open),
        "high": rupees_of(known.high),
        "low": rupees_of(known.low),
        "close": rupees_of(known.previous_close),
    }


def _full(floor: Floor, slot: int) -> dict[str, object]:
    known, lot = quote_of(floor, slot), lot_of(floor.universe[slot])
    quote = known.quote
    change = quote.last - known.previous_close if known.previous_close else 0
    return {
        **_ltp(floor, slot),
        "timestamp": stamp(quote.at),
        "last_trade_time": stamp(quote.at),
        "last_quantity": known.last_quantity // lot,
        "buy_quantity": sum(level.quantity for level in known.bids) // lot,
        "sell_quantity": sum(level.quantity for level in known.asks) // lot,
        "volume": quote.volume // lot,
        "average_price": rupees_of(known.average),
        "oi": quote.open_interest // lot,
        "oi_day_high": known.interest_high // lot,
        "oi_day_low": known.interest_low // lot,
        "lower_circuit_limit": rupees_of(known.lower_circuit),
        "upper_circuit_limit": rupees_of(known.upper_circuit),
        "net_change": rupees_of(change),
        "ohlc": _day(known),
        "depth": {"buy": _side(known.bids, lot), "sell": _side(known.asks, lot)},
    }


def _side(levels: tuple[Level, ...], lot: int) -> list[dict[str, object]]:
    # How many orders stand at a price is in no market data here.
    return [
        {
            "price": rupees_of(level.price),
            "quantity": level.quantity // lot,
            "orders": 1 if level.quantity else 0,
        }
        for level in levels
    ]


quote, ohlc, ltp = _quoted(_full), _quoted(_ohlc), _quoted(_ltp)
