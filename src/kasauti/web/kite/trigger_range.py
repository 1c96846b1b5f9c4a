"""Where the trigger of a cover order's stop may be, by EXCHANGE:SYMBOL or token."""

from typing import Annotated, Literal

import msgspec
from starlette.responses import Response

from kasauti.domain.ist import ist_date
from kasauti.exchange.standing_rules import standing_rules
from kasauti.web.endpoint import Call
from kasauti.web.kite.tokens import tokens_of
from kasauti.web.kite.words import reply, rupees_of

_MOST = 500
#: A percentage in hundredths of a per cent.
_WHOLE = 10_000


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which way the entry goes, and of what."""

    transaction_type: Literal["buy", "sell", "BUY", "SELL"]
    i: Annotated[list[Annotated[str, msgspec.Meta(max_length=80)]], msgspec.Meta(max_length=_MOST)] = []


async def trigger_range(call: Call) -> Response:
    """Return the lowest and the highest trigger; what has no cover orders, or no price, is left out."""
    asked: Asked = call.body
    floor, rules = call.desk.floor, standing_rules()
    tokens, buys, found = tokens_of(floor.universe), asked.transaction_type.lower() == "buy", {}
    day = ist_date(floor.clock.now())
    for name in asked.i:
        slot = tokens.named(name)
        if slot is None:
            continue
        instrument, last = floor.universe[slot], floor.board.quote(slot).last
        rule = rules.cover(instrument, day)
        if rule is None or not last:
            continue
        away, tick = last * int(rule.max_distance_percent * 100) // _WHOLE, instrument.tick_size
        low, high = (last - away, last - 1) if buys else (last + 1, last + away)
        found[name] = {
            "instrument_token": int(tokens.column[slot]),
            "lower": rupees_of(-(-low // tick) * tick),
            "upper": rupees_of(high // tick * tick),
        }
    return reply(found)
