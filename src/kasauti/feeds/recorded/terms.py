"""What the contracts of one index share on a day, each looked up once: a chain has hundreds of them."""

from datetime import date

from kasauti.domain.instrument import Kind
from kasauti.errors import RuleUnknown
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.contracts import ContractBook
from kasauti.exchange.expiries import Expiries


class Terms:
    """
    The terms of index contracts as they trade on a day.

    An expiry may be the one that was listed on that day or the one to which the exchange moved it later: a
    recorder wrote the first, a download made afterwards has the second.
    """

    def __init__(self, calendar: Calendar) -> None:
        self.expiries = Expiries(calendar)
        self.book = ContractBook(self.expiries)
        self._monthly: dict[tuple[str, date, date], bool] = {}
        self._lots: dict[tuple[str, date, date], int] = {}
        self._freeze: dict[tuple[str, date], int] = {}
        self._ticks: dict[date, int] = {}

    def is_monthly(self, name: str, expiry: date, on: date) -> bool:
        """Whether the contracts of this expiry are the month's; `RuleUnknown` if none expire on that day."""
        key = (name, expiry, on)
        if key not in self._monthly:
            try:
                self._monthly[key] = self.expiries.is_monthly(name, expiry)
            except RuleUnknown:
                self._monthly[key] = self.expiries.is_monthly(name, expiry, listed_on=on)
        return self._monthly[key]

    def lot_size(self, name: str, expiry: date, on: date) -> int:
        """Return the units in a lot."""
        key = (name, expiry, on)
        if key not in self._lots:
            try:
                self._lots[key] = self.book.lot_size(name, expiry, on=min(on, expiry))
            except RuleUnknown:
                self._lots[key] = self.book.lot_size(name, expiry)
        return self._lots[key]

    def freeze_quantity(self, name: str, on: date) -> int:
        """Return the largest quantity of one order."""
        if (name, on) not in self._freeze:
            self._freeze[name, on] = self.book.freeze_quantity(name, on)
        return self._freeze[name, on]

    def option_tick(self, on: date) -> int:
        """Return the tick of index options: one at every level."""
        if on not in self._ticks:
            self._ticks[on] = self.book.tick_size(Kind.CALL, 1, on, on_index=True)
        return self._ticks[on]
