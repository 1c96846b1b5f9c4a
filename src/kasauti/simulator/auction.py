"""
A call auction: orders have collected, and meet once, at one price.

The price is the market's own: the first trade that is seen once the exchange matches. Of our orders
1. market orders trade first, those with a band within it, then limits, the better price first, then the
   earlier;
2. a limit at the auction's very price trades only where the profile takes a touch for a trade;
3. together they trade no more than the auction did, where its volume is known.
"""

from collections.abc import Iterator

from kasauti.domain.evidence import Rule, Source
from kasauti.domain.market import Quote
from kasauti.simulator.book import Book, Resting
from kasauti.simulator.fills import FillModel
from kasauti.simulator.match import Match


def is_met(quote: Quote) -> bool:
    """Return whether a tick is a trade of the auction: where the data counts volume, there has to be some."""
    return bool(quote.last and (quote.traded or not quote.volume))


def meet(book: Book, quote: Quote, model: FillModel) -> Iterator[tuple[Resting, Match]]:
    """Yield what trades in the auction that `quote` ended, at its last price."""
    price, left = quote.last, quote.traded if quote.volume else 2**62
    for order in [*book.takers, *reversed(book.buys), *reversed(book.sells)]:
        quantity = min(order.leaves, left)
        if quantity and _takes_part(order, price, model):
            left -= quantity
            yield order, Match(quantity, price, Source.PRINT, Rule.AUCTION, price, quote.traded, 0)


def _takes_part(order: Resting, price: int, model: FillModel) -> bool:
    if not order.limit or (order.sweeps and order.reaches(price)):
        return True
    better = price < order.limit if order.buys else price > order.limit
    return better or (price == order.limit and model.touches(order, price, price))
