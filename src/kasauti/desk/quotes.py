"""All that the floor has shown of one instrument, for whoever asks."""

import msgspec

from kasauti.desk.floor import Floor
from kasauti.domain.market import DEPTH_LEVELS, Level, Quote

_EMPTY = Level(0, 0)


class FloorQuote(msgspec.Struct, frozen=True, kw_only=True):
    """
    What stands in one instrument, with its day. Prices are money units, 0 where there is none.

    `previous_close` is the last price of the trading day before, as far as this market has shown it.
    `bids` and `asks` have five levels each, empty ones at their end.
    """

    quote: Quote
    open: int
    high: int
    low: int
    previous_close: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


def quote_of(floor: Floor, slot: int) -> FloorQuote:
    """Return what stands in a slot."""
    seen, quote = floor.seen, floor.board.quote(slot)
    return FloorQuote(
        quote=quote,
        open=int(seen.day_open[slot]),
        high=int(seen.day_high[slot]),
        low=int(seen.day_low[slot]),
        previous_close=int(floor.previous_close[slot]),
        bids=_five(quote.bids, quote.bid, quote.bid_quantity),
        asks=_five(quote.asks, quote.ask, quote.ask_quantity),
    )


def _five(levels: tuple[Level, ...], price: int, quantity: int) -> tuple[Level, ...]:
    """Return five levels of a side; where only the best is known it is the first."""
    known = levels or ((Level(price, quantity),) if price else ())
    return (*known, *(_EMPTY,) * (DEPTH_LEVELS - len(known)))[:DEPTH_LEVELS]
