"""Money as files for people and other programs write it: exact rupees, without grouping."""

from decimal import Decimal
from typing import Final

from kasauti.domain.money import PAISA

_DECIMALS_OF_RUPEES: Final = 4
_DECIMALS_OF_PAISE: Final = 2


def exact_rupees(units: int) -> Decimal:
    """Return money units as rupees: with two decimals, or with four where whole paise do not hold it."""
    if units % PAISA:
        return Decimal(units).scaleb(-_DECIMALS_OF_RUPEES)
    return Decimal(units // PAISA).scaleb(-_DECIMALS_OF_PAISE)
