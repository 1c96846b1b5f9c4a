"""The table of Kite's calls."""

from collections.abc import Callable

from kasauti.web.access import Scope
from kasauti.web.endpoint import Endpoint, Handler, Pace
from kasauti.web.kite import (
    alerts,
    books,
    candles,
    funds,
    gtt,
    instruments,
    mutual_funds,
    order_requests,
    placing,
    portfolio,
    quotes,
    trigger_range,
)
from kasauti.web.kite.session import session_endpoints
from kasauti.web.kite.sessions import Sessions


def _order(method: str, path: str, handler: Handler, takes: type, summary: str) -> Endpoint:
    return _row(method, path, handler, takes, summary, Scope.TRADE, Pace.ORDERS)


def _read(path: str, handler: Handler, takes: type | None, summary: str) -> Endpoint:
    return _row("GET", path, handler, takes, summary, Scope.READ, Pace.READS)


def _quote(path: str, handler: Handler, takes: type, summary: str) -> Endpoint:
    return _row("GET", path, handler, takes, summary, Scope.READ, Pace.QUOTES)


def _asked(path: str, handler: Handler, summary: str) -> Endpoint:
    return _row("POST", path, handler, funds.Items, summary, Scope.READ, Pace.READS)


def _row(
    method: str,
    path: str,
    handler: Handler,
    takes: type | None,
    summary: str,
    scope: Scope,
    pace: Pace,
) -> Endpoint:
    return Endpoint(
        method=method, path=path, handler=handler, scope=scope, pace=pace, summary=summary, takes=takes
    )


_ORDERS = (
    _order("POST", "/orders/{variety}", placing.place, order_requests.NewOrder, "Place an order"),
    _order(
        "PUT", "/orders/{variety}/{order_id}", placing.modify, order_requests.ChangedOrder, "Change an order"
    ),
    _order(
        "DELETE", "/orders/{variety}/{order_id}", placing.cancel, order_requests.CancelledOrder, "Cancel one"
    ),
    _read("/orders", books.orders, None, "The orders of the day"),
    _read("/orders/{order_id}", books.trail, order_requests.OneOrder, "Every status of an order"),
    _read("/trades", books.trades, None, "The trades of the day"),
    _read(
        "/orders/{order_id}/trades", books.order_trades, order_requests.OneOrder, "The trades of one order"
    ),
)
_PORTFOLIO = (
    _read("/portfolio/positions", portfolio.positions, None, "Positions, net and of the day"),
    _row(
        "PUT",
        "/portfolio/positions",
        portfolio.convert,
        portfolio.Conversion,
        "Have units of a position be in another product",
        Scope.TRADE,
        Pace.READS,
    ),
    _read("/portfolio/holdings", portfolio.holdings, None, "Shares bought before today"),
    _read("/portfolio/holdings/compact", portfolio.compact, None, "How many of each share are held"),
    _read("/portfolio/holdings/summary", portfolio.summary, None, "What all shares held made"),
    _read("/portfolio/holdings/auctions", portfolio.auctions, None, "Auctions of shares held"),
)
_MONEY = (
    _read("/user/margins", funds.margins, None, "The account's money"),
    _read("/user/margins/{segment}", funds.segment, funds.Segment, "The account's money in a segment"),
    _asked("/margins/orders", funds.order_margins, "What each order would block"),
    _asked("/margins/basket", funds.basket, "What orders would block together"),
    _asked("/charges/orders", funds.charges, "What orders would cost"),
)
_GTT = (
    _order("POST", "/gtt/triggers", gtt.place, gtt.Wanted, "Place a GTT"),
    _order("PUT", "/gtt/triggers/{trigger_id}", gtt.modify, gtt.Wanted, "Change a GTT"),
    _order("DELETE", "/gtt/triggers/{trigger_id}", gtt.delete, gtt.OneGtt, "Delete a GTT"),
    _read("/gtt/triggers", gtt.listing, None, "The GTTs"),
    _read("/gtt/triggers/{trigger_id}", gtt.one, gtt.OneGtt, "One GTT"),
)
_ALERTS = (
    _row("POST", "/alerts", alerts.create, alerts.Wanted, "Make an alert", Scope.TRADE, Pace.READS),
    _row("PUT", "/alerts/{uuid}", alerts.modify, alerts.Wanted, "Change an alert", Scope.TRADE, Pace.READS),
    _row("DELETE", "/alerts", alerts.delete, alerts.SomeAlerts, "Delete alerts", Scope.TRADE, Pace.READS),
    _read("/alerts", alerts.listing, alerts.Listing, "The alerts"),
    _read("/alerts/{uuid}", alerts.one, alerts.OneAlert, "One alert"),
    _read("/alerts/{uuid}/history", alerts.history, alerts.OneAlert, "What an alert did"),
)
_MARKET = (
    _read("/instruments", instruments.listing, instruments.Listing, "All instruments, as CSV"),
    _read("/instruments/{exchange}", instruments.listing, instruments.Listing, "Those of an exchange"),
    _row(
        "GET",
        "/instruments/historical/{token}/{interval}",
        candles.candles,
        candles.Past,
        "Candles",
        Scope.READ,
        Pace.HISTORY,
    ),
    _read(
        "/instruments/trigger_range/{transaction_type}",
        trigger_range.trigger_range,
        trigger_range.Asked,
        "Where the stop of a cover order may be",
    ),
    _quote("/quote", quotes.quote, quotes.ForQuotes, "Quotes with their books"),
    _quote("/quote/ohlc", quotes.ohlc, quotes.ForPrices, "Last prices and the day's"),
    _quote("/quote/ltp", quotes.ltp, quotes.ForPrices, "Last prices"),
)


def endpoints(sessions: Sessions, now: Callable[[], int]) -> tuple[Endpoint, ...]:
    """Return every call."""
    return (
        *session_endpoints(sessions, now),
        *_ORDERS,
        *_PORTFOLIO,
        *_MONEY,
        *_GTT,
        *_ALERTS,
        *mutual_funds.ENDPOINTS,
        *_MARKET,
    )
