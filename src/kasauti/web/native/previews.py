"""What orders would cost and block, before they are placed."""

from typing import Any

import msgspec
from starlette.responses import Response

from kasauti.compose.margins import MarginAnswer
from kasauti.compose.margins import margin as margin_of
from kasauti.compose.quotation import Quotation
from kasauti.compose.quotation import charges as charges_of
from kasauti.domain.ist import ist_date
from kasauti.domain.money import to_decimal
from kasauti.errors import InvalidInput
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.native.dialect import answer
from kasauti.web.native.shown import money

#: More legs than anybody writes, and few enough for the loop.
_MOST_LEGS = 50


class Legs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Orders as people write them: `SELL 65 NIFTY26D0126000CE @120`. `plan` is the account's if left out."""

    orders: tuple[str, ...]
    plan: str = ""
    account: str = ""


class MarginShown(msgspec.Struct, frozen=True, kw_only=True):
    """What orders block together, in rupees; `label` says how good this is, `notes` what was assumed."""

    on: str
    label: str
    total: str
    span: str
    exposure: str
    expiry_day: str
    delivery: str
    premium: str
    order_by_order: str
    cash: str
    legs: list[dict[str, Any]]
    notes: list[str]


async def charges(call: Call) -> Response:
    """Return what orders cost, with their opposites."""
    asked: Legs = call.body
    account = call.account(asked.account)
    opened = account.state.account
    assert opened is not None, "an account of a desk is open"
    found = charges_of(*_few(asked.orders), on=ist_date(call.desk.now), plan=asked.plan or opened.plan)
    return answer(found)


async def margin(call: Call) -> Response:
    """Return what orders block together at the prices that stand."""
    asked: Legs = call.body
    floor = call.desk.floor
    spot = {
        each.name or each.tradingsymbol: to_decimal(floor.board.mark(each.underlying))
        for each in floor.universe
        if each.is_derivative and floor.board.mark(each.underlying)
    }
    written = " ".join(asked.orders).upper()
    spot = {name: price for name, price in spot.items() if name.upper() in written}
    found = margin_of(_few(asked.orders), on=ist_date(call.desk.now), spot=spot)
    return answer(_shown(found))


def _few(orders: tuple[str, ...]) -> tuple[str, ...]:
    if len(orders) > _MOST_LEGS:
        raise InvalidInput(f"{len(orders)} orders are asked about at once; {_MOST_LEGS} is the most")
    return orders


def _shown(found: MarginAnswer) -> MarginShown:
    legs: list[dict[str, Any]] = [
        {
            "side": leg.side,
            "quantity": leg.quantity,
            "instrument": leg.instrument,
            "price": money(leg.price),
            "premium": money(leg.premium),
            "alone": money(leg.alone),
            "saves": money(leg.saves),
        }
        for leg in found.legs
    ]
    return MarginShown(
        on=found.on.isoformat(),
        label=found.label,
        total=money(found.total),
        span=money(found.span),
        exposure=money(found.exposure),
        expiry_day=money(found.expiry_day),
        delivery=money(found.delivery),
        premium=money(found.premium),
        order_by_order=money(found.order_by_order),
        cash=money(found.cash),
        legs=legs,
        notes=list(found.notes),
    )


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/preview/charges",
        handler=charges,
        scope=Scope.READ,
        pace=Pace.READS,
        summary="What orders cost, and what it takes to break even.",
        takes=Legs,
        gives=Quotation,
    ),
    Endpoint(
        method="POST",
        path="/api/preview/margin",
        handler=margin,
        scope=Scope.READ,
        pace=Pace.READS,
        summary="What orders block together.",
        takes=Legs,
        gives=MarginShown,
    ),
)
