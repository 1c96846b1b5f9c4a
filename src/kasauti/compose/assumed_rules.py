"""
Rules for days before any are known: those of a later day, because somebody asked for that.

What holds on the assumed day holds on every day before it: square-off, charges, margins, what is accepted.
Whether such a day was a holiday nobody knows; that there is data of it says that it was none.
"""

from datetime import date

from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import ist_ns
from kasauti.domain.order import OrderType, Product, Validity
from kasauti.exchange.calendar import Calendar, Segment
from kasauti.exchange.margin import Margin
from kasauti.exchange.margins import MarginTable
from kasauti.exchange.products import ProductRules, Refusal
from kasauti.exchange.refusal_texts import RefusalTexts
from kasauti.exchange.span.account import SpanNetting

_SATURDAY = 5


class AssumedCalendar(Calendar):
    """
    A calendar on which every weekday before the first known day is a trading day with the usual hours.

    The square-off before `assumed` is at its clock time. Holidays and special sessions are facts, not rules:
    where they are known they hold, on whichever side of `assumed`.
    """

    def __init__(self, assumed: date, plan: str = "zerodha") -> None:
        super().__init__(plan=plan)
        known = max(assumed, self.known[0])
        self._assumed = known if self.is_regular_day(known) else self.next_trading_day(known)

    def is_trading_day(self, day: date, segment: Segment = Segment.EQUITY) -> bool:
        """Whether there is any session on `day`."""
        if day < self.known[0]:
            return self.is_regular_day(day, segment)
        return super().is_trading_day(day, segment)

    def is_regular_day(self, day: date, segment: Segment = Segment.EQUITY) -> bool:
        """Whether `day` is a weekday that is not known to be a holiday."""
        return day.weekday() < _SATURDAY if day < self.known[0] else super().is_regular_day(day, segment)

    def why(self, day: date, segment: Segment = Segment.EQUITY) -> str:
        """Return in words what kind of day it is."""
        if day >= self.known[0]:
            return super().why(day, segment)
        return f"{day:%A}" if day.weekday() >= _SATURDAY else "Regular trading day, as far as is known"

    def square_off(self, day: date, segment: Segment, plan: str | None = None) -> int:
        """Return when the broker closes MIS positions; before the assumed day, at its clock time."""
        if day >= self._assumed or (day >= self.known[0] and not self.is_regular_day(day, segment)):
            return super().square_off(day, segment, plan)
        return super().square_off(self._assumed, segment, plan) - ist_ns(self._assumed) + ist_ns(day)


class AssumedMargins(MarginTable):
    """Margins that are those of `assumed` on every day before it."""

    def __init__(self, assumed: date) -> None:
        super().__init__()
        self._assumed = assumed

    def of(self, instrument: Instrument, product: Product, on: date) -> Margin:
        """Return what `instrument` blocks in `product` on `on`."""
        return super().of(instrument, product, max(on, self._assumed))

    def netting(self, on: date) -> SpanNetting:
        """Return how contracts on one underlying are netted on `on`."""
        return SpanNetting(self._parameters, on, max(on, self._assumed))


class AssumedProducts(ProductRules):
    """What is accepted on `assumed` is accepted on every day before it."""

    def __init__(self, assumed: date, texts: RefusalTexts | None = None) -> None:
        super().__init__(texts)
        self._assumed = assumed

    def refusal(
        self,
        instrument: Instrument,
        product: Product,
        order_type: OrderType,
        validity: Validity,
        *,
        on: date,
    ) -> Refusal | None:
        """Return why an order of this make is not taken on `on`, or None if it is."""
        return super().refusal(instrument, product, order_type, validity, on=max(on, self._assumed))
