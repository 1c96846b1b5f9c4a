"""Settlement prices as the exchange published them, where the user has them: they go before our own."""

from collections.abc import Mapping
from datetime import date


class OfficialPrices:
    """Published prices, in money units, by instrument id and day; empty where nobody has any."""

    def __init__(self, prices: Mapping[tuple[str, date], int] | None = None) -> None:
        self._prices = dict(prices or {})

    def __len__(self) -> int:
        return len(self._prices)

    def price(self, instrument_id: str, day: date) -> int:
        """Return the price of an instrument on a day, 0 if it is not known."""
        return self._prices.get((instrument_id, day), 0)
