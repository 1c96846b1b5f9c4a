"""All endpoints of the native API."""

from collections.abc import Sequence

from kasauti.web.endpoint import Endpoint
from kasauti.web.native import (
    accounts,
    administration,
    books,
    brokers,
    converting,
    event_log,
    market,
    opening,
    orders,
    portfolio,
    previews,
    replay,
    trading,
)
from kasauti.web.native.openapi import described


def table(more: Sequence[Endpoint] = ()) -> tuple[Endpoint, ...]:
    """Return the endpoints, with `more` of those that need somebody to work behind them."""
    return described((*_ENDPOINTS, *more))


_ENDPOINTS: tuple[Endpoint, ...] = (
    *accounts.ENDPOINTS,
    *opening.ENDPOINTS,
    *trading.ENDPOINTS,
    *orders.ENDPOINTS,
    *books.ENDPOINTS,
    *converting.ENDPOINTS,
    *market.ENDPOINTS,
    *previews.ENDPOINTS,
    *event_log.ENDPOINTS,
    *replay.ENDPOINTS,
    *portfolio.ENDPOINTS,
    *administration.ENDPOINTS,
    *brokers.ENDPOINTS,
)
