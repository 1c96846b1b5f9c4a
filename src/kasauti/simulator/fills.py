"""
Fill models: how much trades, when, and at which price. One class a profile, its conditions as a list.

A model answers four questions about one order and one piece of evidence. It changes nothing: the venue
books what it answers. Evidence that is a standing book (a quote with a bid or ask, or depth) may be traded
against at once; a print or a bar must have come after the order arrived, in every profile.
"""

from typing import ClassVar, Final, Protocol

from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.market import DEPTH_LEVELS, Level, Quote
from kasauti.domain.order import Order, Side
from kasauti.simulator.book import UNSEEN, Resting
from kasauti.simulator.liquidity import Liquidity
from kasauti.simulator.match import Match

# Looked up once: a member of an enum costs a function call, a name of another module a look into it.
_BUY: Final = Side.BUY
_EVIDENCE: Final = Evidence
_TAKE: Final = Rule.TAKE
_CROSSED: Final = Rule.CROSSED
_QUOTE: Final = Source.QUOTE
_DEPTH: Final = Source.DEPTH
_PRINT: Final = Source.PRINT


class Impact(Protocol):
    """What is taken to stand beyond the last level of a book."""

    def match(self, order: Resting, quote: Quote, liquidity: Liquidity, taken: int) -> Match | None:
        """Return what trades there of an order that has traded `taken` units before it, or None."""


class FillModel(Protocol):
    """What a profile answers."""

    profile: ClassVar[str]
    #: Whether every tick is looked at while a resting order's price is among the levels shown, or better.
    watches_every_tick: ClassVar[bool]
    #: Whether an order may trade at once against a standing book.
    takes_what_stands: ClassVar[bool]
    #: Whether prints mean nothing to a resting limit while the quote shows a book.
    book_decides: ClassVar[bool]

    def take(self, order: Resting, quote: Quote, liquidity: Liquidity) -> list[Match]:
        """Match an order that takes: a market order, or a limit the book already satisfies."""

    def rest(self, order: Resting, quote: Quote, liquidity: Liquidity) -> list[Match]:
        """Match a limit order that rests against a new tick."""

    def queue_ahead(self, order: Resting, quote: Quote) -> int:
        """Return the units displayed at the order's price when it joins."""

    def touches(self, order: Resting, low: int, high: int) -> bool:
        """Return whether a bar that traded from `low` to `high` reached a resting limit."""


def against_book(
    order: Resting, quote: Quote, liquidity: Liquidity, deepest: int = DEPTH_LEVELS, *, resting: bool = False
) -> list[Match] | None:
    """
    Walk the opposite side of the book, best first: depth, else the touch; None if the quote shows no book.

    It goes as far as the order's limit, what is left of each level and the level `deepest` allow.
    """
    buys, limit, leaves = order.buys, order.limit, order.leaves
    if buys:
        ladder, price, shown, used = quote.asks, quote.ask, quote.ask_quantity, liquidity.asks
    else:
        ladder, price, shown, used = quote.bids, quote.bid, quote.bid_quantity, liquidity.bids
    source, level, last = _QUOTE, 1, 1
    if ladder:
        source, last = _DEPTH, min(deepest, len(ladder))
        price, shown = ladder[0].price, ladder[0].quantity
    elif not price:
        return [] if quote.has_book else None
    matches = []
    while not limit or (price <= limit if buys else price >= limit):
        taken = used.get(price, 0)
        available = shown - taken if shown else leaves
        if available > leaves:  # noqa: PLR1730  as in the engine: no call
            available = leaves
        if available > 0:
            rule, at = (_CROSSED, limit) if resting else (_TAKE, price)
            matches.append(Match(available, at, source, rule, price, shown, taken, level))
            leaves -= available
        if leaves == 0 or level == last:
            break
        price, shown = ladder[level].price, ladder[level].quantity
        level += 1
    return matches


def taken_whole(new: Order, quote: Quote, liquidity: Liquidity, profile: str) -> Evidence | None:
    """
    Return what pays for a new order that the best opposite level fills whole, and use it; None if none does.

    The commonest order is this one. It is `against_book` for one match: no model that takes what stands may
    answer such an order otherwise.
    """
    limit, buys, source = new.price or new.band, new.side is _BUY, _QUOTE
    if buys:
        ladder, price, shown, used = quote.asks, quote.ask, quote.ask_quantity, liquidity.asks
    else:
        ladder, price, shown, used = quote.bids, quote.bid, quote.bid_quantity, liquidity.bids
    if ladder:
        source, price, shown = _DEPTH, ladder[0].price, ladder[0].quantity
    if not price or (limit and (price > limit if buys else price < limit)):
        return None
    taken = used.get(price, 0) if used else 0
    if shown:
        after = taken + new.quantity
        if after > shown:
            return None
        used[price] = after
    return _EVIDENCE(source, _TAKE, quote.at, price, profile, shown, taken, 1, 0, 0, price, quote.fresh)


def is_print(order: Resting, quote: Quote, liquidity: Liquidity) -> bool:
    """
    Return whether the quote is a trade that came after the order.

    Where the data counts volume, a repeat without new volume is no trade.
    """
    if not quote.last or quote.fresh <= order.fresh:
        return False
    return quote.volume == 0 or liquidity.print_left() > 0


def printed(leaves: int, quote: Quote, liquidity: Liquidity) -> int:
    """Return how many of `leaves` units the latest print can pay for."""
    return leaves if quote.volume == 0 else min(leaves, liquidity.print_left())


def beyond(order: Resting, price: int) -> bool:
    """Return whether a trade at `price` went through the order's limit."""
    return price < order.limit if order.buys else price > order.limit


def take_last(order: Resting, quote: Quote, liquidity: Liquidity) -> list[Match]:
    """Match a taker on data that has only last prices: at the next trade, for what it traded."""
    if not is_print(order, quote, liquidity):
        return []
    if order.limit and not (beyond(order, quote.last) or quote.last == order.limit):
        return []
    return [_on_print(order.leaves, quote, liquidity, quote.last, Rule.LAST)]


def through(order: Resting, quote: Quote, liquidity: Liquidity, leaves: int) -> list[Match]:
    """Match `leaves` units of a resting limit that a later trade went through: they traded first."""
    if not (is_print(order, quote, liquidity) and beyond(order, quote.last)):
        return []
    return [_on_print(leaves, quote, liquidity, order.limit, Rule.THROUGH)]


def _on_print(leaves: int, quote: Quote, liquidity: Liquidity, price: int, rule: Rule) -> Match:
    quantity = printed(leaves, quote, liquidity)
    return Match(quantity, price, _PRINT, rule, quote.last, liquidity.traded, liquidity.printed)


class Depth:
    """
    Walks the book, rests in the queue. The most honest profile, and the default.

    Fills when
    1. taking: each level of the opposite side, best first, up to the limit, for what is displayed there and
       has not been used; without depth the touch; without a book the next trade, for what it traded;
    2. resting: the opposite side comes to the limit, for what it displays;
    3. resting: a later trade goes through the limit, for what it traded;
    4. resting: trades at the limit use up the queue that was displayed when the order joined, for what they
       trade beyond it. The queue also shrinks when less is displayed: cancels are taken to be behind us
       until that is impossible.
    Flatters: our order does not move the market. Is too harsh: hidden quantity and cancels ahead of us.
    On data with last prices only, or bars, 4 cannot happen and a touch is not enough.
    What an order wants beyond the last level shown waits for later quotes, or is estimated by an `impact`.
    With `fair_cancels` a cancel is taken to be as likely ahead of us as behind. Of an order in `shown` only
    so many units stand in the queue; when they have traded there, the next ones join its end.
    """

    profile: ClassVar[str] = "depth/1"
    watches_every_tick: ClassVar[bool] = True
    takes_what_stands: ClassVar[bool] = True
    book_decides: ClassVar[bool] = False

    def __init__(self, impact: Impact | None = None, *, fair_cancels: bool = False) -> None:
        self._impact = impact
        self._fair_cancels = fair_cancels
        #: How many units of an order the market is shown at a time, by its id; all where it is not here.
        self.shown: dict[str, int] = {}

    def take(self, order: Resting, quote: Quote, liquidity: Liquidity) -> list[Match]:
        """See the class."""
        matches = against_book(order, quote, liquidity)
        if matches is None:
            return take_last(order, quote, liquidity)
        if self._impact is not None:
            beyond = self._impact.match(order, quote, liquidity, sum(match.quantity for match in matches))
            if beyond is not None:
                matches.append(beyond)
        return matches

    def rest(self, order: Resting, quote: Quote, liquidity: Liquidity) -> list[Match]:
        """See the class."""
        matches = against_book(order, quote, liquidity, resting=True)
        if matches is None:
            return through(order, quote, liquidity, order.leaves)
        leaves = order.leaves - sum(match.quantity for match in matches)
        if leaves:
            matches += through(order, quote, liquidity, leaves) or self._queue(
                order, quote, liquidity, leaves
            )
        return matches

    def _queue(self, order: Resting, quote: Quote, liquidity: Liquidity, leaves: int) -> list[Match]:
        before = order.queue
        if before == UNSEEN:
            order.queue = self.queue_ahead(order, quote)
            return []
        matches, joins_again = [], False
        if quote.last == order.limit and is_print(order, quote, liquidity) and quote.volume:
            left = liquidity.print_left()
            order.queue = max(0, before - left)
            quantity = min(leaves, left - before)
            if quantity > 0:
                shown = order.stands(self.shown.get(order.order_id, 0))
                joins_again = quantity >= shown < leaves
                match = _on_print(leaves, quote, liquidity, order.limit, Rule.QUEUE)
                match.quantity, match.queue = min(quantity, shown), before
                matches.append(match)
        displayed = self.displayed(order, quote)
        if joins_again:
            order.queue = UNSEEN if displayed is None else displayed
        if displayed is not None:
            if self._fair_cancels:
                traded = liquidity.traded if quote.last == order.limit else 0
                order.cancel_fairly(displayed, traded)
            order.queue = min(order.queue, displayed)
            order.displayed = displayed
        return matches

    def queue_ahead(self, order: Resting, quote: Quote) -> int:
        """Return what is displayed at the price; beyond the last level shown, what that level shows."""
        displayed = self.displayed(order, quote)
        if displayed is None:
            own = quote.bids if order.buys else quote.asks
            return own[-1].quantity if own else 0
        return displayed

    @staticmethod
    def displayed(order: Resting, quote: Quote) -> int | None:
        """Return the units displayed on our side at our price, None if the data does not reach that far."""
        own = quote.bids if order.buys else quote.asks
        if not own:
            best, quantity = (
                (quote.bid, quote.bid_quantity) if order.buys else (quote.ask, quote.ask_quantity)
            )
            own = (Level(best, quantity),) if best else ()
        if not own:
            return None
        for level in own:
            if level.price == order.limit:
                return level.quantity
            if beyond(order, level.price):
                return 0
        return None

    def touches(self, order: Resting, low: int, high: int) -> bool:
        """A bar has to go through the limit."""
        return low < order.limit if order.buys else high > order.limit


class Touch(Depth):
    """
    Trades at the touch, no queue.

    Fills when
    1. taking: the best opposite price, for what is displayed there (all of it where the data shows no
       quantity), then whatever the next quotes show;
    2. resting: the best opposite price comes to the limit, for what it displays;
    3. on data with last prices only: a later trade touches the limit, for what it traded; a bar, likewise.
    Flatters: there is no queue, and beyond the touch there is no book.
    """

    profile: ClassVar[str] = "touch/1"
    watches_every_tick: ClassVar[bool] = False
    book_decides: ClassVar[bool] = True

    def take(self, order: Resting, quote: Quote, liquidity: Liquidity) -> list[Match]:
        """See the class."""
        matches = against_book(order, quote, liquidity, 1)
        return take_last(order, quote, liquidity) if matches is None else matches

    def rest(self, order: Resting, quote: Quote, liquidity: Liquidity) -> list[Match]:
        """See the class."""
        matches = against_book(order, quote, liquidity, 1, resting=True)
        if matches is not None:
            return matches
        return through(order, quote, liquidity, order.leaves) or _touched(order, quote, liquidity)

    def queue_ahead(self, order: Resting, quote: Quote) -> int:
        """There is no queue."""
        return 0

    def touches(self, order: Resting, low: int, high: int) -> bool:
        """A bar has to touch the limit."""
        return low <= order.limit if order.buys else high >= order.limit


class LastPrice:
    """
    The rule of the simplest documents, for testing plumbing. Never the default.

    Fills when
    1. taking: in full at the next last price, whatever the book shows;
    2. resting: in full at the limit when a later last price touches it.
    Flatters: no spread, no size, no queue.
    """

    profile: ClassVar[str] = "ltp/1"
    watches_every_tick: ClassVar[bool] = False
    takes_what_stands: ClassVar[bool] = False
    book_decides: ClassVar[bool] = False

    def take(self, order: Resting, quote: Quote, liquidity: Liquidity) -> list[Match]:
        """See the class."""
        if not quote.last or quote.fresh <= order.fresh:
            return []
        if order.limit and not (beyond(order, quote.last) or quote.last == order.limit):
            return []
        return [Match(order.leaves, quote.last, Source.PRINT, Rule.LAST, quote.last)]

    def rest(self, order: Resting, quote: Quote, liquidity: Liquidity) -> list[Match]:
        """See the class."""
        if not quote.last or quote.fresh <= order.fresh:
            return []
        if beyond(order, quote.last) or quote.last == order.limit:
            return [Match(order.leaves, order.limit, Source.PRINT, Rule.TOUCHED, quote.last)]
        return []

    def queue_ahead(self, order: Resting, quote: Quote) -> int:
        """There is no queue."""
        return 0

    def touches(self, order: Resting, low: int, high: int) -> bool:
        """A bar has to touch the limit."""
        return low <= order.limit if order.buys else high >= order.limit


class Pessimistic(Depth):
    """
    Trade-through only.

    Fills when
    1. taking: as `depth`;
    2. resting: a later trade goes through the limit, for what it traded; a quote that merely comes to the
       limit, or trades at it, fills nothing; a bar has to go through.
    Is too harsh: a real order at the front of its queue trades without a trade-through.
    """

    profile: ClassVar[str] = "pessimistic/1"

    def rest(self, order: Resting, quote: Quote, liquidity: Liquidity) -> list[Match]:
        """See the class."""
        return through(order, quote, liquidity, order.leaves)

    def queue_ahead(self, order: Resting, quote: Quote) -> int:
        """The queue never ends."""
        return 0


def _touched(order: Resting, quote: Quote, liquidity: Liquidity) -> list[Match]:
    if quote.last != order.limit or not is_print(order, quote, liquidity):
        return []
    return [_on_print(order.leaves, quote, liquidity, order.limit, Rule.TOUCHED)]


#: Every profile by the name a configuration uses.
PROFILES: dict[str, type[FillModel]] = {
    "depth": Depth,
    "touch": Touch,
    "ltp": LastPrice,
    "pessimistic": Pessimistic,
}
