"""
What a large order meets beyond the last level that the data shows.

An exchange has more than five levels, but a feed shows no more. Either the rest of an order waits for the
book to fill up again, or the book is taken to go on as it looks: a level every so far, with so much on it,
both as on average in what is shown. The second is an estimate, and its evidence says so.
"""

from math import gcd

from kasauti.domain.evidence import Rule, Source
from kasauti.domain.market import Level, Quote
from kasauti.simulator.book import Resting
from kasauti.simulator.liquidity import Liquidity
from kasauti.simulator.match import Match

_PERCENT = 100
#: No limit, in levels.
_NO_END = 2**62


class BookGoesOn:
    """
    The book beyond its last level, for orders that take.

    Level k beyond the last is k gaps away; a gap is the mean one between the levels shown, rounded up to what
    their prices are multiples of, and a level holds their mean quantity, `hidden_percent` more: what icebergs
    do not show. The units pay the mean price of the levels they reach, rounded against the order. What was
    swept before is not there again while the last level shown stays.
    """

    def __init__(self, hidden_percent: int = 0) -> None:
        self._hidden_percent = hidden_percent

    def match(self, order: Resting, quote: Quote, liquidity: Liquidity, taken: int) -> Match | None:
        """Return what trades beyond the last level, `taken` units of the order having traded before it."""
        ladder, used = (quote.asks, liquidity.asks) if order.buys else (quote.bids, liquidity.bids)
        leaves = order.leaves - taken
        if len(ladder) < 2 or not leaves:  # noqa: PLR2004  one level has no gap
            return None
        last, step = ladder[-1], _step(ladder)
        gap, each = _gap(ladder, step), self._each(ladder)
        swept = max(0, used.get(last.price, 0) - last.quantity)
        quantity = min(leaves, _levels(order, last.price, gap, step) * each - swept)
        if quantity <= 0:
            return None
        places = _places(swept + quantity, each) - _places(swept, each)
        slip = gap + -(-gap * places // (quantity * step)) * step
        return Match(
            quantity, last.price, Source.DEPTH, Rule.BEYOND, last.price, 0, swept, len(ladder), 0, slip
        )

    def _each(self, ladder: tuple[Level, ...]) -> int:
        """Return the units on a level beyond the last."""
        shown = sum(level.quantity for level in ladder)
        return max(1, shown * (_PERCENT + self._hidden_percent) // (_PERCENT * len(ladder)))


def _step(ladder: tuple[Level, ...]) -> int:
    """Return what all prices shown are multiples of, counted from the best."""
    best, step = ladder[0].price, 0
    for level in ladder:
        step = gcd(step, abs(level.price - best))
    return step


def _gap(ladder: tuple[Level, ...], step: int) -> int:
    whole = abs(ladder[-1].price - ladder[0].price)
    return -(-whole // (step * (len(ladder) - 1))) * step


def _levels(order: Resting, last: int, gap: int, step: int) -> int:
    """Return how many levels beyond the last the order's limit allows; a sale ends above zero."""
    if order.buys:
        return (order.limit - last) // gap if order.limit else _NO_END
    return (last - max(order.limit, step)) // gap


def _places(units: int, each: int) -> int:
    """Return the sum over the first `units` units of how many whole levels lie before each."""
    whole, rest = divmod(units, each)
    return each * whole * (whole - 1) // 2 + rest * whole
