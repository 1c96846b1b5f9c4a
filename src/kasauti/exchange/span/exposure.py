"""
Exposure margin (ELM) and what the last day adds: percentages of notional that no risk file contains.

- a future: its price times the units that are held, bought or sold; those that form a calendar spread are
  exposed by a part of the far month only, unless one of the two expires today and the benefit has ended
- an option sold: the underlying's price times its units; one that is bought has no exposure
- an option sold that expires today: more, on the same notional

Source: NSE Clearing; market_rules.md 5.1.
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from kasauti.domain.money import PAISA
from kasauti.exchange.span.parameters import Charges
from kasauti.exchange.span.risk import Holding


def exposure(holdings: Sequence[Holding], charges: Charges, on: date) -> int:
    """Return the exposure margin of holdings on one underlying, in whole paise, rounded up."""
    sold, spread = sum(-each.quantity * each.risk.exposed for each in holdings if each.is_sold_option), 0
    futures = sorted(
        (each for each in holdings if not each.risk.is_option), key=lambda each: each.risk.expiry
    )
    left = [each.quantity for each in futures]
    for near, one in enumerate(futures):
        if charges.benefit_ends and one.risk.expiry == on:
            continue
        for far in range(near + 1, len(futures)):
            if left[near] * left[far] >= 0:
                continue
            matched = min(abs(left[near]), abs(left[far]))
            spread += matched * futures[far].risk.exposed
            sign = 1 if left[near] > 0 else -1
            left[near] -= sign * matched
            left[far] += sign * matched
    whole: int | Fraction = sum(
        abs(units) * each.risk.exposed for units, each in zip(left, futures, strict=True)
    )
    if spread:
        whole += spread * charges.calendar_part
    if charges.option_exposure == charges.exposure:
        return part_of(whole + sold, charges.exposure)
    return part_of(whole, charges.exposure) + part_of(sold, charges.option_exposure)


def last_day(holdings: Sequence[Holding], charges: Charges, on: date) -> int:
    """Return what short options that expire on `on` add, in whole paise, rounded up."""
    if not charges.last_day:
        return 0
    notional = sum(
        -each.quantity * each.risk.exposed
        for each in holdings
        if each.risk.expiry == on and each.is_sold_option
    )
    return part_of(notional, charges.last_day) if notional else 0


def part_of(notional: int | Fraction, part: Fraction) -> int:
    """Return a part of a notional, rounded up to the paisa."""
    above, below = part.as_integer_ratio()
    if type(notional) is not int:
        notional, denominator = notional.as_integer_ratio()
        below *= denominator
    return ratio_of(notional, above, below)


def ratio_of(notional: int, above: int, below: int) -> int:
    """Return `above / below` of a notional, rounded up to the paisa."""
    # Whole steps apart: compiled code multiplies small numbers many times as fast as large ones.
    step = below * PAISA
    whole, rest = notional // step, notional % step
    return (whole * above - (-(rest * above) // step)) * PAISA
