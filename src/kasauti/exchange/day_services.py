"""
What a broker takes besides orders for one day: shares that left the demat account, positions it squared off.

The depository charge is for each security once a day, whatever was sold of it and on how many exchanges; what
was bought and sold on the day does not leave the account. Squaring off is charged for each order that traded.
Source: market_rules.md 1.6.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from kasauti.domain.charges import Service, ServiceKind
from kasauti.domain.instrument import Exchange
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.contract_note import sums_of
from kasauti.exchange.note_line import NoteLine


def day_services(
    lines: Iterable[NoteLine], squared_off: Mapping[str, int], on: date, book: ChargeBook
) -> tuple[Service, ...]:
    """
    Return what the services of a day cost; `RuleUnknown` where the plan has no price for one.

    `lines` are those of the day's note, `squared_off` says how many orders of the square-off traded, by
    instrument.
    """
    return (*_debits(lines, on, book), *_square_offs(squared_off, on, book))


def _debits(lines: Iterable[NoteLine], on: date, book: ChargeBook) -> Iterator[Service]:
    by_security: dict[str, dict[Exchange, list[NoteLine]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        if line.charge_class.is_share and line.security:
            by_security[line.security][line.exchange].append(line)
    for security, exchanges in by_security.items():
        value = sum(_given(own, on, book) for own in exchanges.values())
        if value:
            fee = book.services.dp(on, value)
            yield Service(ServiceKind.DP, security, fee.amount, fee.gst)


def _given(lines: list[NoteLine], on: date, book: ChargeBook) -> int:
    """Return the value of what left the demat account of one security on one exchange, in money units."""
    if not any(line.sell_quantity for line in lines if line.charge_class.delivered is line.charge_class):
        return 0
    sums, first = sums_of(lines), lines[0]
    given = sums.sold if book.is_trade_to_trade(first.exchange, first.series, on) else sums.given
    return (2 * sums.received * given + sums.sold) // (2 * sums.sold) if given else 0


def _square_offs(squared_off: Mapping[str, int], on: date, book: ChargeBook) -> Iterator[Service]:
    for instrument, count in squared_off.items():
        fee = book.services.auto_square_off(on)
        if fee.amount and count:
            yield Service(ServiceKind.SQUARE_OFF, instrument, fee.amount * count, fee.gst * count, count)
