"""Positions in another product, over the native API."""

import msgspec
from starlette.responses import Response

from kasauti.domain.commands import ConvertPosition
from kasauti.domain.order import Product, Side
from kasauti.domain.product_events import ProductChangeDenied
from kasauti.errors import InvalidInput
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.native.dialect import answer


class Conversion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Units of a position that are to be in another product.

    `side` is BUY for a long position, `today` whether those that were traded today are meant, or others.
    """

    instrument: str
    side: Side
    quantity: int
    product: Product
    to: Product
    today: bool = True
    account: str = ""


class Converted(msgspec.Struct, frozen=True):
    """What is held in both products now, signed units."""

    instrument: str
    product: Product
    quantity: int
    to: Product
    to_quantity: int


async def convert(call: Call) -> Response:
    """Have units of a position be in another product."""
    asked: Conversion = call.body
    account = call.account(asked.account)
    wish = ConvertPosition(asked.instrument, asked.side, asked.quantity, asked.product, asked.to, asked.today)
    became = await call.ask(account, wish, "api")
    for each in became.events:
        if isinstance(each.event, ProductChangeDenied):
            raise InvalidInput(each.event.message)
    held = [account.state.position(asked.instrument, product) for product in (asked.product, asked.to)]
    left, there = (0 if each is None else each.quantity for each in held)
    return answer(Converted(asked.instrument, asked.product, left, asked.to, there))


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/positions/convert",
        handler=convert,
        scope=Scope.TRADE,
        pace=Pace.ORDERS,
        summary="Have units of a position be in another product.",
        takes=Conversion,
        gives=Converted,
    ),
)
