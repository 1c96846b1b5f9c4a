"""
What brokers bill for the day's orders in shares by what their trades were, not by the product they had.

A broker whose plan has rows in `by_nature` looks at the end of the day at each security on each exchange. If
it was both bought and sold, every order in it is an intraday order, whatever part of it was matched; else
every one is a delivery. Series that are delivered trade by trade are deliveries always. A conversion from
MIS to CNC so gives back what the order paid as an intraday order, and CNC shares that were sold on the same
day pay. Shares on borrowed money (MTF) have a price of their own.

Source: support.zerodha.com, "Why was the brokerage charged on delivery trades?"; support.fyers.in, "What are
the charges if I square off delivery positions in intraday itself?".
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from kasauti.domain.order import Product, Side
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.note_line import NoteLine


def billed_by_nature(lines: Iterable[NoteLine], on: date, book: ChargeBook) -> list[NoteLine]:
    """Return the day's lines with the brokerage that the broker's plan bills for each."""
    found = list(lines)
    if not book.bills_by_nature(on):
        return found
    shares: dict[tuple[str, str], list[NoteLine]] = defaultdict(list)
    for line in found:
        if _counts(line):
            shares[line.exchange, line.security].append(line)
    intraday = {
        key for key, own in shares.items() if _both_ways(own) and not _delivered_always(own[0], on, book)
    }
    return [
        _billed(line, on, book, intraday=(line.exchange, line.security) in intraday)
        if _counts(line)
        else line
        for line in found
    ]


def _counts(line: NoteLine) -> bool:
    return bool(line.orders) and line.charge_class.is_share and line.product != Product.MTF


def _both_ways(lines: list[NoteLine]) -> bool:
    return len({side for line in lines for side, _ in line.orders}) == len(Side)


def _delivered_always(line: NoteLine, on: date, book: ChargeBook) -> bool:
    return book.is_trade_to_trade(line.exchange, line.series, on)


def _billed(line: NoteLine, on: date, book: ChargeBook, *, intraday: bool) -> NoteLine:
    of = line.charge_class.intraday if intraday else line.charge_class.delivered
    if of is line.charge_class:
        return line
    product = Product.MIS if intraday else Product.CNC
    schedule = book.schedule_of(line.exchange, of, line.name, on, series=line.series, product=product.value)
    billed = sum(schedule.order_charges(side, turnover).brokerage for side, turnover in line.orders)
    return replace(line, brokerage=billed)
