"""What can be traded: one symbol, a search, expiries, the whole list."""

import csv
import io
from typing import Annotated, ClassVar
from zlib import crc32

from starlette.responses import Response

from kasauti.domain.instrument import Instrument, Kind
from kasauti.web.endpoint import Call
from kasauti.web.openalgo.data_requests import OneInstrument, Plain
from kasauti.web.openalgo.fields import Text, shown
from kasauti.web.openalgo.order_requests import Words
from kasauti.web.openalgo.placing import market
from kasauti.web.openalgo.prices import asked_slot
from kasauti.web.openalgo.symbols import Symbols
from kasauti.web.openalgo.words import DERIVATIVES, EXCHANGES, reply

_MOST_FOUND = 500
_AnyExchange = Annotated[str, Text(one_of=EXCHANGES, nullable=True)]


class Search(Plain, kw_only=True, frozen=True):
    """Words to look for."""

    query: Words
    exchange: _AnyExchange = ""


class Expiries(Plain, kw_only=True, frozen=True):
    """The expiries of futures or options on something."""

    symbol: Words
    exchange: Annotated[str, Text(one_of=DERIVATIVES)]
    instrumenttype: Annotated[str, Text(one_of=("futures", "options"))]


class Listing(Plain, kw_only=True, frozen=True):
    """The list of an exchange, or of all: OpenAlgo answers 400 without one, by mistake."""

    OPEN: ClassVar[bool] = True
    exchange: _AnyExchange = ""
    format: Annotated[str, Text(one_of=("json", "csv"))] = "json"


async def symbol(call: Call) -> Response:
    """Return one symbol's terms."""
    asked: OneInstrument = call.body
    return reply({"status": "success", "data": row(market(call), asked_slot(call, asked))})


async def search(call: Call) -> Response:
    """Return the symbols in which every word is found; none is a success too."""
    asked: Search = call.body
    words, symbols = asked.query.upper().split(), market(call)
    found: list[dict[str, object]] = []
    for slot, instrument in enumerate(symbols.universe):
        spelled = symbols.at(slot)
        if asked.exchange and spelled.exchange != asked.exchange:
            continue
        text = f"{spelled.symbol} {instrument.name} {instrument.tradingsymbol} {_expiry(instrument)}".upper()
        if words and all(word in text for word in words):
            found.append(row(symbols, slot))
            if len(found) == _MOST_FOUND:
                break
    message = f"Found {len(found)} matching symbols" if found else "No matching symbols found"
    return reply({"status": "success", "message": message, "data": found})


async def expiries(call: Call) -> Response:
    """Return the expiries, nearest first, like 25-AUG-26."""
    asked: Expiries = call.body
    wants_futures = asked.instrumenttype == "futures"
    days = sorted(
        {
            each.expiry
            for each in market(call).universe
            if each.expiry is not None
            and each.name == asked.symbol.upper()
            and each.exchange == asked.exchange
            and (each.kind is Kind.FUTURE) == wants_futures
        }
    )
    told = [f"{day:%d-%b-%y}".upper() for day in days]
    what = f"for {asked.symbol} {asked.instrumenttype} in {asked.exchange}"
    message = f"Found {len(told)} expiry dates {what}" if told else f"No expiry dates found {what}"
    return reply({"status": "success", "message": message, "data": told})


async def listing(call: Call) -> Response:
    """Return the list, as JSON or as a CSV file."""
    asked: Listing = call.body
    symbols = market(call)
    rows = [
        row(symbols, slot)
        for slot in range(len(symbols.universe))
        if not asked.exchange or symbols.at(slot).exchange == asked.exchange
    ]
    if asked.format == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, _COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
        name = f"instruments_{asked.exchange or 'ALL'}.csv"
        headers = {"content-disposition": f"attachment; filename={name}"}
        return Response(text.getvalue(), media_type="text/csv", headers=headers)
    return reply({"status": "success", "message": f"Found {len(rows)} instruments", "data": rows})


_COLUMNS = (
    "id", "symbol", "brsymbol", "name", "exchange", "brexchange", "token", "expiry", "strike", "lotsize",
    "instrumenttype", "tick_size", "freeze_qty",
)  # fmt: skip


def row(symbols: Symbols, slot: int) -> dict[str, object]:
    """Return an instrument; its token is a number made of our id, the same on every day."""
    instrument, spelled = symbols.universe[slot], symbols.at(slot)
    return {
        "id": slot + 1,
        "symbol": spelled.symbol,
        "brsymbol": instrument.tradingsymbol,
        "name": instrument.name or instrument.tradingsymbol,
        "exchange": spelled.exchange,
        "brexchange": str(instrument.exchange),
        "token": str(crc32(instrument.id.encode())),
        "expiry": _expiry(instrument),
        "strike": shown(instrument.strike),
        "lotsize": instrument.lot_size,
        "instrumenttype": str(instrument.kind),
        "tick_size": shown(instrument.tick_size),
        "freeze_qty": instrument.freeze_quantity or instrument.lot_size,
    }


def _expiry(instrument: Instrument) -> str:
    return "" if instrument.expiry is None else f"{instrument.expiry:%d-%b-%y}".upper()
