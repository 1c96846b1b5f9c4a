"""
What an order or a position blocks: a first, conservative margin table.

This is not SPAN. It gives no offset between legs and takes the clearing house's minimum ranges where they
are known, the upper end of what is usual elsewhere, so that what fits here fits at a broker. By instrument:

- equity: a percentage of price times quantity, by product
- future: (scan range + exposure) of price times quantity
- option bought, delivery bought: paid in full, so a position blocks nothing more
- option sold: (scan range + exposure) of strike times quantity, plus the option's value: the premium that
  was received is not free money. The strike stands for the underlying's price, which is at or beyond it for
  calls out of the money and short of it for puts; 2 % more on the last day of an index option

Known error, short NIFTY options (market_rules.md 5.2): 20 % too high at the money, 90 % far out of it.
Source of the ranges: market_rules.md 5.1, 5.5, 4.6.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import PAISA
from kasauti.domain.order import Product
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.rules import Row, RuleFile, Timeline, read_rules

_FILE = "margins.json"

#: Exchanges whose derivatives are on equity; the others have no rows yet.
_EQUITY_DERIVATIVES = (Exchange.NFO, Exchange.BFO)


class Margin:
    """
    What one instrument blocks in one product on one day, compiled.

    `numerator / denominator` is the exact fraction of price times quantity; for a short option, of strike
    times quantity, with its premium on top. Amounts are rounded up to the paisa.
    """

    __slots__ = ("_buys_free", "_is_option", "_step", "_strike", "denominator", "numerator")

    def __init__(self, instrument: Instrument, product: Product, fraction: Fraction) -> None:
        self.numerator, self.denominator = fraction.numerator, fraction.denominator
        self._step = self.denominator * PAISA
        self._is_option = instrument.is_option
        self._buys_free = instrument.is_option or product is Product.CNC
        self._strike = instrument.strike

    def order(self, quantity: int, price: int, *, buys: bool) -> int:
        """
        Return the money an order blocks for the `quantity` units that open exposure at `price`.

        A purchase that is paid in full blocks its price.
        """
        if self._is_option:
            premium = -(-price * quantity // PAISA) * PAISA
            return (
                premium
                if buys
                else premium - (-self._strike * quantity * self.numerator // self._step) * PAISA
            )
        return -(-price * quantity * self.numerator // self._step) * PAISA

    def position(self, quantity: int, price: int) -> int:
        """
        Return the money a position of the signed `quantity` blocks at `price`.

        A bought option and a bought share in delivery are paid for and block nothing.
        """
        if quantity > 0 and self._buys_free:
            return 0
        if self._is_option:
            return self.order(-quantity, price, buys=False)
        if quantity < 0:
            quantity = -quantity
        return -(-price * quantity * self.numerator // self._step) * PAISA


class _Subject(StrEnum):
    EQUITY = "equity"
    INDEX = "index"
    SHARE = "share"


class _RateRow(Row, frozen=True, kw_only=True):
    applies_to: _Subject
    products: tuple[Product, ...]
    scan_percent: Decimal
    exposure_percent: Decimal
    buffer_percent: Decimal
    names: tuple[str, ...] = ()


class _PercentRow(Row, frozen=True, kw_only=True):
    percent: Decimal


class _MarginFile(RuleFile, frozen=True, kw_only=True):
    rates: tuple[_RateRow, ...]
    expiry_day: tuple[_PercentRow, ...]


class MarginTable:
    """Margins by `margins.json`; `RuleUnknown` for a product, an instrument or a date it does not cover."""

    def __init__(self) -> None:
        self._file = read_rules(_FILE, _MarginFile)
        self._expiry_day = Timeline(
            "The expiry-day margin", self._file.expiry_day, file=_FILE, known_to=self._file.known_to
        )
        self._timelines: dict[tuple[_Subject, Product, str], Timeline[_RateRow]] = {}

    def of(self, instrument: Instrument, product: Product, on: date) -> Margin:
        """Return what `instrument` blocks in `product` on `on`."""
        row = self._timeline(instrument, product).on(on)
        percent = row.scan_percent + row.exposure_percent
        if instrument.is_option and instrument.on_index and instrument.expiry == on:
            percent += self._expiry_day.on(on).percent
        return Margin(instrument, product, Fraction(percent * (100 + row.buffer_percent)) / 10_000)

    def _timeline(self, instrument: Instrument, product: Product) -> Timeline[_RateRow]:
        subject = _subject(instrument)
        key = (subject, product, instrument.name)
        if key not in self._timelines:
            rows = [r for r in self._file.rates if r.applies_to is subject and product in r.products]
            named = [row for row in rows if instrument.name in row.names]
            self._timelines[key] = Timeline(
                f"The margin for {product} in {instrument.name or instrument.id} ({subject})",
                named or [row for row in rows if not row.names],
                file=_FILE,
                known_to=self._file.known_to,
            )
        return self._timelines[key]


def _subject(instrument: Instrument) -> _Subject:
    if instrument.kind is Kind.EQUITY:
        return _Subject.EQUITY
    if instrument.kind is Kind.INDEX:
        raise InvalidInput(f"{instrument.id} is an index: it does not trade and blocks no margin.")
    if instrument.exchange not in _EQUITY_DERIVATIVES:
        raise RuleUnknown(
            f"The margin of {instrument.id} is not known: {instrument.exchange} has no rows yet."
            f" Add rows with their source to exchange/data/{_FILE}."
        )
    return _Subject.INDEX if instrument.on_index else _Subject.SHARE
