"""The list of instruments, as CSV."""

import csv
import io
from typing import Annotated

import msgspec
from starlette.responses import Response

from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.ist import ist_date
from kasauti.domain.money import to_decimal
from kasauti.web.endpoint import Call
from kasauti.web.kite.tokens import tokens_of

_HEADER = (
    "instrument_token", "exchange_token", "tradingsymbol", "name", "last_price", "expiry", "strike",
    "tick_size", "lot_size", "instrument_type", "segment", "exchange",
)  # fmt: skip


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The exchange whose list is asked for, "" for all."""

    exchange: Annotated[str, msgspec.Meta(max_length=20)] = ""


async def listing(call: Call) -> Response:
    """Return the instruments of the day, without contracts that have expired."""
    asked: Listing = call.body
    universe, day = call.desk.floor.universe, ist_date(call.desk.now)
    column = tokens_of(universe).column.tolist()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    for token, each in zip(column, universe, strict=True):
        if asked.exchange in ("", each.exchange) and (each.expiry is None or each.expiry >= day):
            writer.writerow(_row(token, each))
    return Response(text.getvalue(), media_type="text/csv")


def _row(token: int, each: Instrument) -> tuple[object, ...]:
    index = each.kind is Kind.INDEX
    word = "EQ" if index else str(each.kind)
    return (
        token,
        token >> 8,
        each.tradingsymbol,
        each.name,
        "0.0",
        "" if each.expiry is None else each.expiry.isoformat(),
        float(to_decimal(each.strike)),
        float(to_decimal(each.tick_size)),
        each.lot_size,
        word,
        _segment(each),
        each.exchange,
    )


def _segment(each: Instrument) -> str:
    if each.kind is Kind.INDEX:
        return "INDICES"
    if each.kind is Kind.EQUITY:
        return str(each.exchange)
    return f"{each.exchange}-{'OPT' if each.is_option else 'FUT'}"
