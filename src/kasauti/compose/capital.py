"""Capital as people in India write it."""

import re
from decimal import Decimal
from typing import SupportsIndex

from kasauti.errors import InvalidInput

_WORDS = {
    "": 1,
    "l": 10**5,
    "lakh": 10**5,
    "lakhs": 10**5,
    "lac": 10**5,
    "cr": 10**7,
    "crore": 10**7,
    "crores": 10**7,
}
_AMOUNT = re.compile(r"₹?\s*(\d[\d,_]*(?:\.\d+)?)\s*([a-z]*)\Z", re.IGNORECASE)


def whole_rupees(amount: SupportsIndex | str | Decimal) -> int:
    """
    Return an amount in whole rupees: 500000, "5,00,000", "5 lakh", "5L" and "0.05 crore" are the same.

    Raises `InvalidInput` for what is not a whole, positive number of rupees.
    """
    found = _AMOUNT.match(str(amount).strip())
    if found is None or isinstance(amount, bool) or found[2].lower() not in _WORDS:
        raise InvalidInput(
            f"capital is {amount!r}, which is not an amount in rupees; write it like 500000, 5,00,000 or"
            " 5 lakh"
        )
    rupees = Decimal(found[1].replace(",", "").replace("_", "")) * _WORDS[found[2].lower()]
    if rupees != rupees.to_integral_value() or rupees < 1:
        raise InvalidInput(f"capital is {amount}, which is not a whole number of rupees from 1 on")
    return int(rupees)
