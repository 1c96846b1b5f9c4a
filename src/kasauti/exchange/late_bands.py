"""
The band of futures while shares are in their closing auction, around their own average before it.

It begins with the auction, holds to the close and is not widened. Source: market_rules.md 2.2 and
NSE/CMTR/73362; rows in `price_bands.json`, list `late`.
"""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from kasauti.domain.instrument import Instrument
from kasauti.exchange.contract_class import ContractClass, contract_class
from kasauti.exchange.overlay import Overlay, overlay_in_use
from kasauti.exchange.price_bands import FILE, Banded, BandFile
from kasauti.exchange.price_range import PriceRange, around
from kasauti.exchange.rules import Timeline, per_billion, read_rules

_OF = {
    ContractClass.STOCK_FUTURE: Banded.STOCK_FUTURE,
    ContractClass.INDEX_FUTURE: Banded.INDEX_FUTURE,
}


class LateBands:
    """Who has such a band on which day."""

    def __init__(self) -> None:
        file = read_rules(FILE, BandFile)
        self._rows = {
            of: Timeline(
                f"The late band of {of.replace('_', ' ')}s",
                [row for row in file.late if row.of is of],
                file=FILE,
                known_to=file.known_to,
            )
            for of in _OF.values()
        }

    def percent(self, instrument: Instrument, on: date) -> Decimal | None:
        """Return how far a price may be from the reference, None for what has no such band on the day."""
        of = _OF.get(contract_class(instrument)) if instrument.is_derivative else None
        row = None if of is None else self._rows[of].find(on)
        return None if row is None else row.percent

    def around(self, instrument: Instrument, on: date, reference: int) -> PriceRange | None:
        """Return the prices that may trade around `reference`, money units; None where any may."""
        percent = self.percent(instrument, on)
        if percent is None or not reference:
            return None
        away = reference * per_billion(percent, file=FILE)
        return around(reference, away, away, instrument.tick_size)


def late_bands() -> LateBands:
    """Return the bands of the rules in use; many accounts ask on the same day, and they are read once."""
    return _of_rules(overlay_in_use())


@lru_cache(maxsize=8)
def _of_rules(overlay: Overlay) -> LateBands:
    """Return the bands as they are with `overlay` in use."""
    return LateBands()
