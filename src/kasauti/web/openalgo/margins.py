"""What positions would block together, by the margins that accounts here are held to."""

import asyncio
import re

from starlette.responses import Response

from kasauti.compose.margins import margin
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import ist_date
from kasauti.domain.money import to_decimal
from kasauti.errors import KasautiError
from kasauti.web.dialect import Worded
from kasauti.web.endpoint import Call
from kasauti.web.openalgo.data_requests import Leg, Legs
from kasauti.web.openalgo.fields import Wrong, number, shown
from kasauti.web.openalgo.placing import market
from kasauti.web.openalgo.prices import not_there
from kasauti.web.openalgo.words import MODE, failure, reply

_WHOLE = re.compile(r"[1-9][0-9]{0,11}")


async def required(call: Call) -> Response:
    """Return the margin; it is reckoned beside the loop, for it takes as long as many orders."""
    asked: Legs = call.body
    legs, spot = [], {}
    for leg in asked.positions:
        instrument = market(call).find(leg.exchange, leg.symbol)
        if instrument is None:
            return failure(not_there(leg.exchange, leg.symbol), 404)
        legs.append(_leg(call, leg, instrument))
        underlying = call.desk.floor.board.mark(instrument.underlying) if instrument.underlying else 0
        if underlying:
            spot[instrument.name] = to_decimal(underlying)
    day = ist_date(call.desk.now)
    try:
        found = await asyncio.to_thread(margin, legs, on=day, spot=spot)
    except KasautiError as error:
        return failure(str(error), 400)
    return reply(
        {
            "status": "success",
            "data": {
                "total_margin_required": shown(found.total),
                "span_margin": shown(found.span),
                "exposure_margin": shown(found.beyond_span),
                "premium": shown(found.premium),
                "label": found.label,
            },
            "mode": MODE,
        }
    )


def _leg(call: Call, leg: Leg, instrument: Instrument) -> str:
    """Return a position as margins are asked for; without a price it is valued at the last one."""
    if not _WHOLE.fullmatch(leg.quantity):
        raise Worded(failure("Quantity must be a positive number", 400))
    try:
        price = number(leg.price or "0")
    except Wrong:
        raise Worded(failure("Price must be a number", 400)) from None
    price = price or to_decimal(call.desk.floor.board.mark(instrument.id))
    product = "" if instrument.is_derivative else f" {leg.product}"
    return f"{leg.action.upper()} {leg.quantity} {instrument.id}{product} @{price}"
