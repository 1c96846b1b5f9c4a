"""
Matching against bars.

A bar says what traded, not in which order. So
1. only orders that were there when it opened take part;
2. market orders take its open; one whose band it lies beyond is a limit order from then on;
3. a stop that the open has passed trades at the open, one that the bar reached at its trigger;
4. where a stop has traded, limits on the same side wait for the next bar: the stop came first;
5. a limit better than the open trades at the open, one that the bar reached (by the profile's rule) at its
   limit;
6. a limit whose owner would have taken it back at a price that the bar reached does not trade in it;
7. all of it together trades no more than the bar did, where its volume is known.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from kasauti.domain.bar_grid import BarGrid, Bools
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.market import Candle
from kasauti.simulator.book import Book, Resting
from kasauti.simulator.fills import FillModel
from kasauti.simulator.interest import NEVER_HIGH, NEVER_LOW
from kasauti.simulator.match import Match

# Looked up once: a member of an enum costs a function call.
NO_STOPS: Final[Mapping[str, int]] = {}
_BAR: Final = Source.BAR
_OPEN: Final = Rule.OPEN


def match_bar(
    book: Book, candle: Candle, model: FillModel, stops: Mapping[str, int] = NO_STOPS
) -> Iterator[tuple[Resting, Match, bool]]:
    """
    Yield (order, match, whether its trigger was reached); a match of 0 units only wakes the order.

    `stops` are the prices, by id, at which limits are taken back.
    """
    left = candle.volume or 2**62
    stopped: set[bool] = set()
    present = [order for order in book if order.arrived_at <= candle.start]
    for order in sorted(present, key=partial(_rank, candle.open)):
        if order.trigger:
            match = _stop(order, candle, left)
            if match is None:
                continue
            stopped.add(order.buys)
        elif _rank(candle.open, order):
            gone = order.buys in stopped or (stops and _taken_back(order, candle, stops))
            match = None if gone else _limit(order, candle, model, left)
            if match is None:
                continue
        else:
            match = _at(min(order.leaves, left), candle.open, Rule.OPEN, candle.open, candle.volume)
        match.taken = candle.volume - left if candle.volume else 0
        left -= match.quantity
        if match.quantity or order.trigger:
            yield order, match, bool(order.trigger)


def _taken_back(order: Resting, candle: Candle, stops: Mapping[str, int]) -> bool:
    stop = stops.get(order.order_id)
    return stop is not None and (candle.high >= stop if order.buys else candle.low <= stop)


def lone_match(book: Book, candle: Candle) -> tuple[Resting, Match] | None:
    """Return the match of a market order that is alone and that a bar fills whole, as `match_bar` has it."""
    if len(book.takers) != 1 or book.buys or book.sells or book.buy_stops or book.sell_stops:
        return None
    order, opened, volume = book.takers[0], candle.open, candle.volume
    if _rank(opened, order) or order.arrived_at > candle.start:
        return None
    if order.leaves > (volume or order.leaves):
        return None
    return order, Match(order.leaves, opened, _BAR, _OPEN, opened, volume)


def first_reached(book: Book, grid: BarGrid, place: int, start: int) -> int:
    """
    Return the number of the first moment from `start` on whose bar can matter to `book`, else their count.

    That is the next bar for whoever waits for any, else the first one that reaches a limit or a trigger.
    """
    if book.takers:
        if grid.present is None:
            return start
        hits = grid.present[place, start:]
    else:
        hits = _reaching(book, grid, place, start)
    number = int(hits.argmax()) if len(hits) else 0
    return start + number if len(hits) and hits[number] else len(grid)


def _reaching(book: Book, grid: BarGrid, place: int, start: int) -> Bools:
    """Mark the bars from `start` on that reach a limit or a trigger."""
    low, high = book.low_wake(NEVER_LOW), book.high_wake(NEVER_HIGH)
    if high == NEVER_HIGH:
        hits = grid.low[place, start:] <= low
    else:
        hits = grid.high[place, start:] >= high
        if low > NEVER_LOW:
            hits |= grid.low[place, start:] <= low
    return hits if grid.present is None else hits & grid.present[place, start:]


def _rank(opened: int, order: Resting) -> int:
    """Market orders first, then stops, then limits, and with them market orders whose band is passed."""
    if order.trigger:
        return 1
    return 2 if order.limit and not (order.sweeps and order.reaches(opened)) else 0


def _at(quantity: int, price: int, rule: Rule, evidence_price: int, shown: int) -> Match:
    return Match(quantity, price, Source.BAR, rule, evidence_price, shown)


def _stop(order: Resting, candle: Candle, left: int) -> Match | None:
    passed = candle.open >= order.trigger if order.buys else candle.open <= order.trigger
    reached = candle.high >= order.trigger if order.buys else candle.low <= order.trigger
    if not (passed or reached):
        return None
    price, rule = (candle.open, Rule.GAP) if passed else (order.trigger, Rule.STOP)
    extreme = candle.high if order.buys else candle.low
    quantity = min(order.leaves, left)
    if order.limit and (price > order.limit if order.buys else price < order.limit):
        quantity = 0
    return _at(quantity, price, rule, candle.open if passed else extreme, candle.volume)


def _limit(order: Resting, candle: Candle, model: FillModel, left: int) -> Match | None:
    quantity = min(order.leaves, left)
    if not quantity:
        return None
    better = candle.open < order.limit if order.buys else candle.open > order.limit
    if better:
        return _at(quantity, candle.open, Rule.GAP, candle.open, candle.volume)
    if not model.touches(order, candle.low, candle.high):
        return None
    extreme = candle.low if order.buys else candle.high
    rule = Rule.TOUCHED if extreme == order.limit else Rule.THROUGH
    return _at(quantity, order.limit, rule, extreme, candle.volume)
