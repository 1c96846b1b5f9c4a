"""When a market order whose limit is its band becomes a limit order there."""

from kasauti.domain.market import Quote
from kasauti.simulator.book import Resting


def within_reach(order: Resting, quote: Quote) -> bool:
    """
    Return whether what a quote shows may go on inside an order's limit.

    Then a market order whose limit is its band waits for more: beyond what is displayed nobody knows. Where
    the book, or without one the last price, lies beyond the band, the order has come to it.
    """
    ladder, price = (quote.asks, quote.ask) if order.buys else (quote.bids, quote.bid)
    if ladder:
        price = ladder[-1].price
    if not price:
        return not quote.has_book and (not quote.last or order.reaches(quote.last))
    return order.reaches(price)
