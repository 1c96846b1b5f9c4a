"""The table of OpenAlgo's endpoints."""

from typing import Any

from kasauti.web.access import Scope
from kasauti.web.endpoint import Endpoint, Handler, Pace
from kasauti.web.openalgo import (
    account,
    days,
    gtt,
    instruments,
    many_orders,
    margins,
    option_orders,
    options,
    past,
    placing,
    prices,
    server,
    working,
)
from kasauti.web.openalgo import data_requests as data
from kasauti.web.openalgo import option_requests as chains
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


def _get(name: str, handler: Handler, takes: Any, summary: str) -> Endpoint:  # noqa: ANN401  a struct
    return _row(name, handler, takes, summary, Scope.READ, Pace.DATA, "GET")


_ORDERS = (
    _order("placeorder", placing.place, orders.NewOrder, "Place an order."),
    _order("placesmartorder", many_orders.smart, orders.SmartOrder, "Trade to a position that is wanted."),
    _order("modifyorder", working.modify, orders.ChangeOrder, "Change a working order."),
    _order("cancelorder", working.cancel, orders.OneOrder, "Cancel an order."),
    _order("cancelallorder", working.cancel_all, orders.ForStrategy, "Cancel every working order."),
    _order("closeposition", many_orders.close_all, orders.ForStrategy, "Close every position."),
    _order("basketorder", many_orders.basket, orders.Basket, "Place several orders."),
    _order("splitorder", many_orders.split, orders.Split, "Place an order in parts."),
    _order("optionsorder", option_orders.one, chains.OptionsOrder, "Order an option by its offset."),
    _order("optionsmultiorder", option_orders.many, chains.OptionsOrders, "Order several options."),
    _order("placegttorder", gtt.place, gtt.NewGtt, "Place a GTT."),
    _order("modifygttorder", gtt.modify, gtt.ChangeGtt, "Change a GTT."),
    _order("cancelgttorder", gtt.cancel, gtt.OneGtt, "Cancel a GTT."),
    _read("gttorderbook", gtt.book, data.Plain, "The GTTs."),
)

_ACCOUNT = (
    _read("orderstatus", working.status, orders.OneOrder, "One order as it stands."),
    _read("openposition", account.open_position, orders.OnePosition, "What is held of an instrument."),
    _read("funds", account.funds, data.Plain, "The account's money."),
    _read("orderbook", account.order_book, data.Plain, "The orders of the day."),
    _read("tradebook", account.trade_book, data.Plain, "The trades of the day."),
    _read("positionbook", account.position_book, data.Plain, "The positions."),
    _read("holdings", account.holding_book, data.Plain, "The shares held."),
    _read("pnl/symbols", account.profits, data.Plain, "The result of each position."),
    _read("margin", margins.required, data.Legs, "What positions would block together."),
)

_MARKET = (
    _data("quotes", prices.quotes, data.OneInstrument, "A quote."),
    _data("multiquotes", prices.many_quotes, data.Instruments, "Several quotes."),
    _data("depth", prices.depth, data.OneInstrument, "The book of an instrument."),
    _data("history", past.history, past.History, "Candles."),
    _data("intervals", past.intervals, data.Plain, "The lengths of candles."),
    _get("ticker/{symbol}", past.ticker, past.Ticker, "Candles as AmiBroker reads them."),
    _data("symbol", instruments.symbol, data.OneInstrument, "The terms of a symbol."),
    _data("search", instruments.search, instruments.Search, "Symbols by words."),
    _data("expiry", instruments.expiries, instruments.Expiries, "The expiries on something."),
    _get("instruments", instruments.listing, instruments.Listing, "All symbols."),
    _data("optionsymbol", options.symbol, chains.OptionSymbol, "An option by its offset."),
    _data("optionchain", options.chain, chains.OptionChain, "An option chain."),
    _data("optiongreeks", options.option_greeks, chains.Greeks, "The Greeks of an option."),
    _data("multioptiongreeks", options.many_greeks, chains.ManyGreeks, "The Greeks of several options."),
    _data("syntheticfuture", options.synthetic, chains.Synthetic, "A future made of options."),
    _data("market/holidays", days.holidays, days.Holidays, "The holidays of a year."),
    _data("market/timings", days.timings, days.Timings, "The hours of a day."),
)

_SERVER = (
    _read("ping", server.ping, data.Plain, "Whether the server is there."),
    _read("analyzer", server.analyzer, data.AnalyzerState, "Whether orders are simulated."),
    _read("analyzer/toggle", server.toggle, data.Toggle, "Confirm that orders are simulated."),
    _read("whatsapp/notify", server.whatsapp, data.Notice, "Send a message to a telephone."),
    _read("telegram/notify", server.notify, data.Notice, "Send a message to a telephone."),
)

ENDPOINTS = (*_ORDERS, *_ACCOUNT, *_MARKET, *_SERVER)
