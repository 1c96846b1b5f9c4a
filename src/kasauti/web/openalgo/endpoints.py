"""The table of OpenAlgo's endpoints."""

from typing import Any

from kasauti.web.access import Scope
from kasauti.web.endpoint import Endpoint, Handler, Pace
from kasauti.web.openalgo import account, placing, prices, server, working
from kasauti.web.openalgo import data_requests as data
from kasauti.web.openalgo import order_requests as orders

_ROOT = "/api/v1"


def _order(name: str, handler: Handler, takes: Any, summary: str) -> Endpoint:  # noqa: ANN401  a struct
    return _row(name, handler, takes, summary, Scope.TRADE, Pace.ORDERS)


def _read(name: str, handler: Handler, takes: Any, summary: str) -> Endpoint:  # noqa: ANN401  a struct
    return _row(name, handler, takes, summary, Scope.READ, Pace.READS)


def _data(name: str, handler: Handler, takes: Any, summary: str) -> Endpoint:  # noqa: ANN401  a struct
    return _row(name, handler, takes, summary, Scope.READ, Pace.DATA)


def _row(
    name: str,
    handler: Handler,
    takes: Any,  # noqa: ANN401  a struct
    summary: str,
    scope: Scope,
    pace: Pace,
    method: str = "POST",
) -> Endpoint:
    return Endpoint(
        method=method,
        path=f"{_ROOT}/{name}",
        handler=handler,
        scope=scope,
        pace=pace,
        summary=summary,
        takes=takes,
    )


ENDPOINTS = (
    _order("placeorder", placing.place, orders.NewOrder, "Place an order."),
    _order("modifyorder", working.modify, orders.ChangeOrder, "Change a working order."),
    _order("cancelorder", working.cancel, orders.OneOrder, "Cancel an order."),
    _order("cancelallorder", working.cancel_all, orders.ForStrategy, "Cancel every working order."),
    _read("orderstatus", working.status, orders.OneOrder, "One order as it stands."),
    _read("openposition", account.open_position, orders.OnePosition, "What is held of an instrument."),
    _read("funds", account.funds, data.Plain, "The account's money."),
    _read("orderbook", account.order_book, data.Plain, "The orders of the day."),
    _read("tradebook", account.trade_book, data.Plain, "The trades of the day."),
    _read("positionbook", account.position_book, data.Plain, "The positions."),
    _read("holdings", account.holding_book, data.Plain, "The shares held."),
    _data("quotes", prices.quotes, data.OneInstrument, "A quote."),
    _data("multiquotes", prices.many_quotes, data.Instruments, "Several quotes."),
    _data("depth", prices.depth, data.OneInstrument, "The book of an instrument."),
    _read("ping", server.ping, data.Plain, "Whether the server is there."),
    _read("analyzer", server.analyzer, data.AnalyzerState, "Whether orders are simulated."),
)
