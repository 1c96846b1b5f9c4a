"""Mutual funds: there are none in this market, and the calls of clients that ask for them say so."""

import msgspec
from starlette.responses import Response

from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Handler, Pace
from kasauti.web.kite.order_requests import Word
from kasauti.web.kite.words import Fault, failure, reply

_COLUMNS = (
    "tradingsymbol,amc,name,purchase_allowed,redemption_allowed,minimum_purchase_amount,"
    "purchase_amount_multiplier,minimum_additional_purchase_amount,minimum_redemption_quantity,"
    "redemption_quantity_multiplier,dividend_type,scheme_type,plan,settlement_type,last_price,last_price_date"
)


class OneFund(msgspec.Struct, frozen=True, kw_only=True):
    """An order or a plan by its id."""

    number: Word


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Whatever is asked for."""

    number: str = ""


async def none_held(call: Call) -> Response:
    """Return an empty list."""
    return reply([])


async def none_listed(call: Call) -> Response:
    """Return a list of instruments with its columns alone."""
    return Response(f"{_COLUMNS}\n", media_type="text/csv")


async def refuse(call: Call) -> Response:
    """Refuse what is asked for."""
    return failure(Fault.INPUT, "There are no mutual funds in this market.", 404)


def _row(method: str, path: str, handler: Handler, takes: type | None, summary: str) -> Endpoint:
    scope = Scope.READ if method == "GET" else Scope.TRADE
    return Endpoint(
        method=method, path=path, handler=handler, scope=scope, pace=Pace.READS, summary=summary, takes=takes
    )


ENDPOINTS = (
    *(
        _row("GET", f"/mf/{name}", none_held, None, "None: no mutual funds here")
        for name in ("orders", "sips", "holdings")
    ),
    _row("GET", "/mf/instruments", none_listed, None, "No mutual funds, as CSV"),
    *(
        _row(method, f"/mf/{name}/{{number}}", refuse, OneFund, "Refused: no mutual funds here")
        for name in ("orders", "sips")
        for method in ("GET", "DELETE")
    ),
    _row("PUT", "/mf/sips/{number}", refuse, OneFund, "Refused: no mutual funds here"),
    *(
        _row("POST", f"/mf/{name}", refuse, Wanted, "Refused: no mutual funds here")
        for name in ("orders", "sips")
    ),
)
