"""
What orders would cost, in any of the three ways charges are rounded, and what it takes to break even.

- API_EXACT: nothing is rounded but stamp duty, to the whole rupee, and SEBI's ceiling of brokerage is left
  out: as Kite's own estimates (`/charges/orders`) show it.
- PAISE: each part of each order half up to the paisa, as trades are booked while the day runs.
- CONTRACT_NOTE: as the day's note has it: whole rupees of tax and duty, on the day's sums.

Source: market_rules.md 1.5 and 1.7.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

import msgspec

from kasauti.domain.charges import Charges
from kasauti.domain.instrument import Instrument
from kasauti.domain.money import RUPEE, to_rupee_half_up
from kasauti.domain.order import Product, Side
from kasauti.errors import InvalidInput
from kasauti.exchange.charge_class import charge_class
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.contract_note import contract_note
from kasauti.exchange.note_line import NoteLine, Sums
from kasauti.exchange.rules import ONE

#: Parts of a cost by the names of `Charges`, in exact rupees.
Parts = dict[str, Fraction]

#: No price of an exit is looked for beyond so many times the entry's.
_FARTHEST = 1_000


class Rounding(StrEnum):
    """How a cost is rounded; see the module."""

    API_EXACT = "api_exact"
    PAISE = "paise"
    CONTRACT_NOTE = "contract_note"


class Leg(NamedTuple):
    """One order that trades in full: `price` in money units, `quantity` in units."""

    instrument: Instrument
    product: Product
    side: Side
    quantity: int
    price: int

    @property
    def turnover(self) -> int:
        """Price times quantity."""
        return self.price * self.quantity

    def closed_at(self, price: int) -> "Leg":
        """Return the order that closes this one at `price`."""
        return self._replace(side=self.side.opposite, price=price)


def cost_of(leg: Leg, on: date, book: ChargeBook, rounding: Rounding = Rounding.PAISE) -> Parts:
    """
    Return what one order costs on `on`, by part, taxed by its product alone.

    Raises `RuleUnknown` outside the dates that are known.
    """
    if rounding is Rounding.CONTRACT_NOTE:
        line = msgspec.structs.replace(_line(leg, on, book), security="")
        return _rupees(contract_note([line], on, book))
    schedule = book.schedule(leg.instrument, leg.product, on)
    if rounding is Rounding.PAISE:
        return _rupees(schedule.order_charges(leg.side, leg.turnover))
    parts = {"services": Fraction(0)} | schedule.exact(leg.side, leg.turnover, ceiling=False)
    stamp = schedule.unrounded(leg.side, leg.turnover).stamp
    return _in_order(parts | {"stamp": Fraction(to_rupee_half_up(stamp, ONE), RUPEE)})


def note_of(legs: Sequence[Leg], on: date, book: ChargeBook) -> Parts:
    """Return what the contract note of a day on which just these orders trade would say."""
    lines = [_line(leg, on, book) for leg in legs]
    return _rupees(contract_note(lines, on, book))


def _line(leg: Leg, on: date, book: ChargeBook) -> NoteLine:
    schedule = book.schedule(leg.instrument, leg.product, on)
    buys = leg.side is Side.BUY
    sums = Sums(leg.quantity, leg.turnover) if buys else Sums(0, 0, leg.quantity, leg.turnover)
    brokerage = schedule.order_charges(leg.side, leg.turnover).brokerage
    return NoteLine.of(leg.instrument, leg.product, sums, brokerage=brokerage)


def debit_of(leg: Leg, on: date, book: ChargeBook) -> Parts:
    """Return what it costs that a sale for delivery takes shares out of the demat account; else nothing."""
    charges = Charges()
    if leg.side is Side.SELL and delivers(leg):
        fee = book.services.dp(on, leg.turnover)
        charges = Charges(services=fee.amount, gst=fee.gst)
    return _rupees(charges)


def round_trip(leg: Leg, closing: Leg, on: date, book: ChargeBook, rounding: Rounding) -> Parts:
    """
    Return what an order and the one that closes it cost together.

    In the note's way both are on one note, but for what is delivered: that is two notes of two days.
    """
    debits = debit_of(leg, on, book), debit_of(closing, on, book)
    if rounding is Rounding.CONTRACT_NOTE and not delivers(leg):
        return added([note_of([leg, closing], on, book), *debits])
    return added([cost_of(leg, on, book, rounding), cost_of(closing, on, book, rounding), *debits])


def delivers(leg: Leg) -> bool:
    """Whether an order is for delivery: shares under CNC or margin-funded."""
    of = charge_class(leg.instrument, leg.product)
    return of.is_share and of.delivered is of


def added(costs: Sequence[Parts]) -> Parts:
    """Return several costs together, part by part."""
    return {name: sum((cost[name] for cost in costs), Fraction(0)) for name in Charges.__struct_fields__}


def break_even(leg: Leg, on: date, book: ChargeBook, rounding: Rounding = Rounding.PAISE) -> int | None:
    """
    Return by how many money units the price has to move before the order, once closed, has cost nothing.

    Both orders are on `on`; shares under CNC are sold on another day with the same rates, and pay for the
    debit of the demat account. None where no price does it: a sale cannot gain more than it brought.
    """
    if leg.price <= 0 or leg.quantity <= 0:
        raise InvalidInput("A break-even needs a price and a quantity above 0.")
    sign = leg.side.sign

    def gains(points: int) -> bool:
        closing = leg.closed_at(leg.price + sign * points)
        paid = sum(round_trip(leg, closing, on, book, rounding).values())
        return Fraction(points * leg.quantity, RUPEE) >= paid

    high = 1
    most = leg.price - 1 if leg.side is Side.SELL else leg.price * _FARTHEST
    while high < most and not gains(high):
        high *= 2
    high = min(high, most)
    if high < 1 or not gains(high):
        return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if gains(middle) else (middle, high)
    return high


def _rupees(charges: Charges) -> Parts:
    return {name: Fraction(getattr(charges, name), RUPEE) for name in Charges.__struct_fields__}


def _in_order(parts: Parts) -> Parts:
    return {name: parts[name] for name in Charges.__struct_fields__}
