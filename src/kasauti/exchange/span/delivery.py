"""
What a contract on a share blocks more because it ends in a delivery.

A future and a sold option do so on their last day, a bought option in the money on the days before as well.
No hedge takes anything off, and no risk file has it. Source: brokers' policies; market_rules.md 4.6.
"""

from decimal import Decimal
from fractions import Fraction

from kasauti.exchange.span.exposure import part_of
from kasauti.exchange.span.span_rows import DeliveryRow

_WHOLE = 100


def of_what_binds(row: DeliveryRow, notional: int, alone: int) -> int:
    """
    Return what a future or a sold option blocks more on its last day, in money units.

    `notional` is the value of what is delivered, `alone` what the contract requires by itself.
    """
    times = Fraction(row.last_day_times) * alone
    return max(0, min(part_of(notional, _part(row.last_day_percent)), int(times)) - alone)


def of_what_is_bought(row: DeliveryRow, notional: int, of_share: int, days_left: int) -> int:
    """
    Return what a bought option in the money blocks, so many trading days before its last one.

    `of_share` is the share's own margin, in money units, for what is delivered.
    """
    if days_left == 0:
        return part_of(notional, _part(row.bought_last_day_percent))
    if days_left > len(row.bought_percents):
        return 0
    return part_of(of_share, _part(row.bought_percents[days_left - 1]))


def _part(percent: Decimal) -> Fraction:
    return Fraction(percent) / _WHOLE
