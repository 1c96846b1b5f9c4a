"""
What orders would cost: `kasauti.charges`, and what `kasauti charges` shows.

Each order is quoted with its opposite at the same price, so that a round trip and what it takes to break even
are seen. Amounts are exact decimals in rupees.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import msgspec

from kasauti.compose.contract_doubts import doubts
from kasauti.compose.given_day import Day, day_of
from kasauti.compose.quotation_legs import legs_of
from kasauti.domain.charges import Charges
from kasauti.domain.money import RUPEE
from kasauti.domain.order import Product, Side
from kasauti.errors import InvalidInput
from kasauti.exchange.brokerage import Plan
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.estimate import (
    Leg,
    Parts,
    Rounding,
    added,
    break_even,
    cost_of,
    debit_of,
    delivers,
    round_trip,
)

#: Decimals of a rupee, beyond which no rate goes.
_DECIMALS = 12


class QuotedOrder(msgspec.Struct, frozen=True):
    """One order and what it costs by part, in rupees; a sale for delivery with the depository's charge."""

    side: Side
    quantity: int
    instrument: str
    product: Product
    price: Decimal
    turnover: Decimal
    charges: dict[str, Decimal]
    total: Decimal


class Quotation(msgspec.Struct, frozen=True):
    """
    What orders cost, what their opposites at the same prices cost, and both together.

    `break_even` is by how many rupees the price has to move, for one order, or the sum of the prices for
    several of one size; None where it cannot be said. `remarks` are sentences about what the figures rest on.
    """

    plan: str
    on: date
    rounding: Rounding
    orders: list[QuotedOrder]
    closing: list[QuotedOrder]
    round_trip: dict[str, Decimal]
    total: Decimal
    break_even: Decimal | None
    remarks: list[str]


def charges(
    *orders: str,
    on: Day,
    plan: str | Plan = "zerodha",
    product: str | None = None,
    rounding: str | Rounding = Rounding.PAISE,
    series: str = "",
    fund: str | None = None,
) -> Quotation:
    """
    Say what orders like `BUY 65 NIFTY26D0126000CE @120` cost on a day, with their opposites.

    Raises `InvalidInput` for what is no order, `ConfigError` for an unknown plan, `RuleUnknown` where a rate
    is not known on that day.
    """
    legs, day = legs_of(orders, product, series=series, fund=fund), day_of(on, "on")
    if day is None:
        raise InvalidInput("No day is given; charges are those of a day. Say which, like on='2026-11-20'.")
    return quotation(legs, day, ChargeBook(plan), _rounding(rounding))


def _rounding(word: str | Rounding) -> Rounding:
    if word not in set(Rounding):
        raise InvalidInput(f"{word} is no way of rounding; there are {', '.join(Rounding)}.")
    return Rounding(word)


def quotation(legs: Sequence[Leg], on: date, book: ChargeBook, rounding: Rounding) -> Quotation:
    """Return the quotation of `legs`; see `charges`."""
    opposites = [leg.closed_at(leg.price) for leg in legs]
    costs = [_cost(leg, on, book, rounding) for leg in legs]
    closing = [_cost(leg, on, book, rounding) for leg in opposites]
    pairs = zip(legs, opposites, strict=True)
    together = added([round_trip(leg, opposite, on, book, rounding) for leg, opposite in pairs])
    total = sum(together.values(), Fraction(0))
    return Quotation(
        book.plan.name,
        on,
        rounding,
        [_quoted(leg, cost) for leg, cost in zip(legs, costs, strict=True)],
        [_quoted(leg, cost) for leg, cost in zip(opposites, closing, strict=True)],
        _decimals(together),
        _decimal(total),
        _break_even(legs, total, on, book, rounding),
        _remarks(legs, on, book, rounding),
    )


def _cost(leg: Leg, on: date, book: ChargeBook, rounding: Rounding) -> Parts:
    return added([cost_of(leg, on, book, rounding), debit_of(leg, on, book)])


def _break_even(
    legs: Sequence[Leg], total: Fraction, on: date, book: ChargeBook, rounding: Rounding
) -> Decimal | None:
    if len(legs) == 1:
        points = break_even(legs[0], on, book, rounding)
        return None if points is None else Decimal(points) / RUPEE
    sizes = {leg.quantity for leg in legs}
    return _decimal(total / sizes.pop()).quantize(Decimal("0.0001")) if len(sizes) == 1 else None


def _quoted(leg: Leg, cost: Parts) -> QuotedOrder:
    return QuotedOrder(
        leg.side,
        leg.quantity,
        leg.instrument.id,
        leg.product,
        Decimal(leg.price) / RUPEE,
        Decimal(leg.turnover) / RUPEE,
        _decimals(cost),
        _decimal(sum(cost.values(), Fraction(0))),
    )


def _remarks(legs: Sequence[Leg], on: date, book: ChargeBook, rounding: Rounding) -> list[str]:
    plan = book.plan
    said = [f"{plan.title}'s price list as of {plan.as_of}; yours may differ."]
    if any(delivers(leg) for leg in legs):
        said.append(
            "For delivery the two sides are on different days: bought and sold on one day, the exchange taxes"
            " a share as intraday. Services are the depository's charge for each security and day of a sale."
        )
    if rounding is not Rounding.CONTRACT_NOTE:
        said.append("The day's contract note rounds STT and stamp duty to whole rupees, on the day's sums.")
    return [*said, *doubts([(leg.instrument, leg.quantity) for leg in legs], on)]


def _decimals(parts: Parts) -> dict[str, Decimal]:
    return {name: _decimal(parts[name]) for name in Charges.__struct_fields__}


def _decimal(amount: Fraction) -> Decimal:
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return round(exact, _DECIMALS).normalize() + Decimal(0)
