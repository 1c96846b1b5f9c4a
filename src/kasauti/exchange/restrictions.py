"""
What an exchange says of single instruments for one day: daily price ranges, the ban period, suspensions.

No table of rules knows these: they come with the day's files (NSE `sec_list`, `fo_secban`) or from quotes
(`lower_circuit_limit`, `upper_circuit_limit`). What is not given is not checked. Source: market_rules.md 3.5.
"""

from collections.abc import Collection, Mapping
from datetime import date

from kasauti.exchange.price_range import PriceRange

_NO_RANGES: Mapping[str, PriceRange] = {}


class Restrictions:
    """
    The lists of any number of days.

    `circuits` are the prices an instrument, by its id, may trade at; `banned` the names of shares whose
    futures and options may only be closed; `suspended` the ids of what does not trade at all.
    """

    def __init__(
        self,
        circuits: Mapping[date, Mapping[str, PriceRange]] | None = None,
        banned: Mapping[date, Collection[str]] | None = None,
        suspended: Mapping[date, Collection[str]] | None = None,
    ) -> None:
        self._circuits, self._banned, self._suspended = circuits or {}, banned or {}, suspended or {}

    def circuit(self, instrument_id: str, on: date) -> PriceRange | None:
        """Return the prices that may trade, None where nobody said."""
        return self._circuits.get(on, _NO_RANGES).get(instrument_id)

    def is_banned(self, name: str, on: date) -> bool:
        """Whether positions in the derivatives of a share may only be closed."""
        return name in self._banned.get(on, ())

    def is_suspended(self, instrument_id: str, on: date) -> bool:
        """Whether an instrument does not trade."""
        return instrument_id in self._suspended.get(on, ())
