"""All that the floor has shown of one instrument, for whoever asks."""

import msgspec
import numpy as np

from kasauti.desk.floor import Floor
from kasauti.domain.market import DEPTH_LEVELS, Level, Quote

_EMPTY = Level(0, 0)


class FloorQuote(msgspec.Struct, frozen=True, kw_only=True):
    """
    What stands in one instrument, with its day. Prices are money units, 0 where there is none.

    `previous_close` is the last price of the trading day before, as far as this market has shown it. The
    last quantity, the average price and the range of open interest are of the ticks that it has shown today.
    `lower_circuit` and `upper_circuit` are the day's limits where a list of the day names them.
    `bids` and `asks` have five levels each, empty ones at their end.
    """

    quote: Quote
    open: int
    high: int
    low: int
    previous_close: int
    last_quantity: int
    average: int
    interest_high: int
    interest_low: int
    lower_circuit: int
    upper_circuit: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


def quote_of(floor: Floor, slot: int) -> FloorQuote:
    """Return what stands in a slot."""
    seen, quote = floor.seen, floor.board.quote(slot)
    trades, circuit = seen.trades, floor.circuit(slot)
    return FloorQuote(
        quote=quote,
        open=int(seen.day_open[slot]),
        high=int(seen.day_high[slot]),
        low=int(seen.day_low[slot]),
        previous_close=int(floor.previous_close[slot]),
        last_quantity=int(trades.last_quantity[slot]),
        average=int(trades.average(np.array([slot]))[0]),
        interest_high=int(trades.interest_high[slot]),
        interest_low=int(trades.interest_low[slot]),
        lower_circuit=0 if circuit is None else circuit.low,
        upper_circuit=0 if circuit is None else circuit.high,
        bids=_five(quote.bids, quote.bid, quote.bid_quantity),
        asks=_five(quote.asks, quote.ask, quote.ask_quantity),
    )


def _five(levels: tuple[Level, ...], price: int, quantity: int) -> tuple[Level, ...]:
    """Return five levels of a side; where only the best is known it is the first."""
    known = levels or ((Level(price, quantity),) if price else ())
    return (*known, *(_EMPTY,) * (DEPTH_LEVELS - len(known)))[:DEPTH_LEVELS]
