"""All endpoints of the native API."""

from kasauti.web.endpoint import Endpoint
from kasauti.web.native import accounts, books, event_log, market, orders, previews, trading
from kasauti.web.native.openapi import described

ENDPOINTS: tuple[Endpoint, ...] = described(
    (
        *accounts.ENDPOINTS,
        *trading.ENDPOINTS,
        *orders.ENDPOINTS,
        *books.ENDPOINTS,
        *market.ENDPOINTS,
        *previews.ENDPOINTS,
        *event_log.ENDPOINTS,
    )
)
