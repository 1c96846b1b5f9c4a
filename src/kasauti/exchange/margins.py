"""
What an order or a position blocks by its instrument alone: the closed forms of the margin rules.

- equity: a percentage of price times quantity, by product, and by share where a list says so
- future: (scan range + exposure), and the account's buffer, of price times quantity: what SPAN requires of
  one future by itself
- option bought, delivery bought: paid in full, so a position blocks nothing more
- option sold: the same percentage of strike times quantity, plus the option's value: the premium that was
  received is not free money. The strike stands for the underlying's price where that is not known; 2 % more
  on the last day of an index option

Where the price of the underlying is known, and where contracts on one underlying stand beside each other,
`MarginTable.netting` says more (`exchange.span`). The closed form of short NIFTY options is too high: 20 % at
the money, 90 % far out of it (market_rules.md 5.2).
Source of the ranges: market_rules.md 5.1, 5.5, 4.6.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from operator import is_
from typing import Final

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.order import Product
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.margin import Margin
from kasauti.exchange.rules import Row, RuleFile, Timeline, read_rules
from kasauti.exchange.span.account import SpanNetting
from kasauti.exchange.span.parameters import (
    AccountRules,
    Charges,
    SpanParameters,
    Subject,
    subject_of,
)
from kasauti.exchange.span.ranges import Ranges, is_long_dated

_FILE = "margins.json"
# Looked up once: a member of an enum costs a function call.
_INDEX: Final = Kind.INDEX
_CNC: Final = Product.CNC
#: What SPAN's parameters say of one underlying on one day.
_Parameters = tuple[Ranges, Charges, AccountRules]


class _RateRow(Row, frozen=True, kw_only=True):
    products: tuple[Product, ...]
    percent: Decimal
    names: tuple[str, ...] = ()


class _MarginFile(RuleFile, frozen=True, kw_only=True):
    rates: tuple[_RateRow, ...]


class MarginTable:
    """
    Margins by `margins.json` and `span.json`.

    `RuleUnknown` for a product, an instrument or a date that they do not cover.
    """

    def __init__(self) -> None:
        self._file = read_rules(_FILE, _MarginFile)
        self._parameters = SpanParameters()
        #: The parts of derivatives, and what they were put together from: a chain has hundreds of contracts.
        self._parts: dict[tuple[Subject, str, bool, bool, bool], tuple[_Parameters, Fraction]] = {}
        #: Those of the day asked for last: what is the same for every strike.
        self._today: dict[tuple[Exchange, str, date, bool, bool], Fraction] = {}
        self._on = date.min

    def of(self, instrument: Instrument, product: Product, on: date) -> Margin:
        """Return what `instrument` blocks in `product` on `on`."""
        if instrument.kind is _INDEX:
            raise InvalidInput(f"{instrument.id} is an index: it does not trade and blocks no margin.")
        part = self._derivative if instrument.is_derivative else self._equity
        return Margin(instrument, product, part(instrument, product, on))

    def netting(self, on: date) -> SpanNetting:
        """Return how contracts on one underlying are netted on `on`."""
        return SpanNetting(self._parameters, on, on)

    def _equity(self, instrument: Instrument, product: Product, on: date) -> Fraction:
        fitting = [row for row in self._file.rates if product in row.products]
        named = [row for row in fitting if instrument.tradingsymbol in row.names]
        rows = named or [row for row in fitting if not row.names]
        name = f"The margin for {product} in {instrument.name or instrument.id} (equity)"
        percent = Timeline(name, rows, file=_FILE, known_to=self._file.known_to).on(on).percent
        return Fraction(percent) / 100

    def _derivative(self, instrument: Instrument, product: Product, on: date) -> Fraction:
        expiry, name = instrument.expiry, instrument.name
        assert expiry is not None, "a derivative expires"
        if product is _CNC:
            raise RuleUnknown(
                f"The margin for {product} in {name or instrument.id} ({subject_of(instrument)}) is not"
                f" known: futures and options are traded as {Product.NRML} or {Product.MIS}. Choose one of"
                " them."
            )
        if on != self._on:
            self._today.clear()
            self._on = on
        key = (instrument.exchange, name, expiry, instrument.on_index, instrument.is_option)
        found = self._today.get(key)
        if found is None:
            found = self._today[key] = self._part(instrument, expiry, on)
        return found

    def _part(self, instrument: Instrument, expiry: date, on: date) -> Fraction:
        """Return the part of a derivative that ends on `expiry`, put together anew where a rule changed."""
        subject, name, rules = subject_of(instrument), instrument.name, self._parameters
        known = rules.ranges(subject, name, on), rules.charges(subject, name, on), rules.account(on)
        is_option = instrument.is_option
        key = (subject, name, is_long_dated(expiry, on), is_option, is_option and expiry == on)
        found = self._parts.get(key)
        if found is None or not all(map(is_, found[0], known)):
            ranges, charges, account = known
            part = ranges.price_part(expiry, on)
            part += charges.option_exposure if is_option else charges.exposure
            if is_option and expiry == on:
                part += charges.last_day
            found = self._parts[key] = known, part * account.buffer
        return found[1]
