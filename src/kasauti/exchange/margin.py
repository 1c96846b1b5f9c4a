"""What one instrument blocks by itself, in a product on a day; `exchange.margins` has the rules."""

from fractions import Fraction
from typing import Final

from kasauti.domain.instrument import Instrument
from kasauti.domain.money import PAISA
from kasauti.domain.order import Product

# Looked up once: a member of an enum costs a function call.
_CNC: Final = Product.CNC


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
        self._buys_free = instrument.is_option or product is _CNC
        self._strike = instrument.strike

    def order(self, quantity: int, price: int, *, buys: bool) -> int:
        """
        Return the money an order blocks for the `quantity` units that open exposure at `price`.

        A purchase that is paid in full blocks its price.
        """
        if self._is_option:
            premium = -(-(price * quantity) // PAISA) * PAISA
            return premium if buys else premium + self._part(self._strike * quantity)
        return self._part(price * quantity)

    def position(self, quantity: int, price: int) -> int:
        """
        Return the money a position of the signed `quantity` blocks at `price`.

        A bought option and a bought share in delivery are paid for and block nothing.
        """
        if quantity > 0 and self._buys_free:
            return 0
        if self._is_option:
            return self.order(-quantity, price, buys=False)
        return self._part(price * (-quantity if quantity < 0 else quantity))

    def _part(self, worth: int) -> int:
        """Return what is blocked of a worth, rounded up to the paisa."""
        # Whole steps apart: compiled code multiplies small numbers many times as fast as large ones.
        whole, rest = worth // self._step, worth % self._step
        return (whole * self.numerator - (-(rest * self.numerator) // self._step)) * PAISA
