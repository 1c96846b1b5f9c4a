"""
What bounds the prices of a day beside the exchange's own list: what no band can reach, and late bands.

Where no list names a share's band, nothing is guessed: only what lies beyond every band there is is refused.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Protocol

from kasauti.domain.instrument import Instrument, Kind
from kasauti.exchange.price_bands import PriceBands
from kasauti.exchange.price_range import PriceRange
from kasauti.exchange.restrictions import Restrictions


class Narrowed(Protocol):
    """Terms of one instrument that can be narrowed."""

    instrument: Instrument

    def narrow(self, band: PriceRange | None) -> None:
        """Bound today's prices by a band as well."""


class DayLimits:
    """The bounds of one day; `closes` returns the last close that is known of an instrument, or 0."""

    def __init__(self, restrictions: Restrictions, day: date, closes: Callable[[str], int]) -> None:
        self._restrictions, self._day, self._closes = restrictions, day, closes
        self._late_band: Callable[[Instrument], PriceRange | None] | None = None

    def bound(self, terms: Narrowed) -> None:
        """Bound new terms by what holds now."""
        terms.narrow(self._widest(terms.instrument))
        if self._late_band is not None:
            terms.narrow(self._late_band(terms.instrument))

    def begin_late(
        self, late_band: Callable[[Instrument], PriceRange | None], known: Iterable[Narrowed]
    ) -> None:
        """Bound by `late_band` from now on, what is `known` already too."""
        self._late_band = late_band
        for terms in known:
            terms.narrow(late_band(terms.instrument))

    def _widest(self, instrument: Instrument) -> PriceRange | None:
        if instrument.kind is not Kind.EQUITY:
            return None
        close = self._closes(instrument.id)
        if not close or self._restrictions.circuit(instrument.id, self._day) is not None:
            return None
        return PriceBands().widest(instrument, self._day, close)


def nothing_known(_: str) -> int:
    """Return that no close is known."""
    return 0
