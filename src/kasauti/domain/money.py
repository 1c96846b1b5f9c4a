"""
Exact money and prices.

Both are `int`, in ten-thousandths of a rupee, so `price * quantity` is money without a conversion and
ticks of ₹0.0025 are exact. Booked amounts are whole paise, multiples of `PAISA`. Columns have numbers of
numpy: what is whole by its type counts as an int here.
"""

from decimal import Decimal, InvalidOperation
from operator import index
from typing import Final, SupportsIndex

from kasauti.errors import InvalidInput

#: Units in a rupee.
RUPEE: Final = 10_000
#: Units in a paisa.
PAISA: Final = 100

#: Amounts are kept in 64 bits by databases, files and frames.
_LARGEST: Final = 2**63 - 1
_LAST_GROUP = 1_000
_LAKH_GROUP = 100


def rupees(amount: Decimal | str | SupportsIndex) -> int:
    """
    Return `amount` rupees in units.

    Raises `InvalidInput` for anything that is not an exact number of ten-thousandths that 64 bits hold.
    """
    if type(amount) is str and amount == "0":  # as most orders have it that name no price
        return 0
    try:
        exact = amount if isinstance(amount, Decimal | str | float) else index(amount)
        units = Decimal(exact) * RUPEE
    except (InvalidOperation, TypeError, ValueError) as error:
        raise InvalidInput(f"{amount!r} is not an amount in rupees; write it like 1234.50") from error
    if not units.is_finite():
        raise InvalidInput(f"{amount!r} is not a finite amount in rupees")
    if abs(units) > _LARGEST:
        raise InvalidInput(f"{str(amount)[:40]} rupees are more than any price or amount can be")
    if units != units.to_integral_value():
        if isinstance(amount, float):
            raise InvalidInput(f'{amount} as a float is not exact; write it as text, "{amount}"')
        raise InvalidInput(f"{amount} has more than four decimals of a rupee; Kasauti keeps four")
    return int(units)


def to_decimal(units: SupportsIndex) -> Decimal:
    """Return `units` as rupees, exact."""
    return Decimal(index(units)) / RUPEE


def to_paise_half_up(numerator: int, denominator: int = 1) -> int:
    """Round `numerator / denominator` units to whole paise, halves away from zero."""
    if numerator < 0:
        return -to_paise_half_up(-numerator, denominator)
    step = PAISA * denominator
    return (2 * numerator + step) // (2 * step) * PAISA


def to_rupee_half_up(numerator: int, denominator: int = 1) -> int:
    """Round `numerator / denominator` units to whole rupees, halves away from zero."""
    if numerator < 0:
        return -to_rupee_half_up(-numerator, denominator)
    step = RUPEE * denominator
    return (2 * numerator + step) // (2 * step) * RUPEE


def group_indian(number: SupportsIndex) -> str:
    """Return `number`, not negative, with lakh and crore grouping: 1234567 is 12,34,567."""
    whole = index(number)
    if whole < _LAST_GROUP:
        return str(whole)
    head, groups = whole // _LAST_GROUP, [f"{whole % _LAST_GROUP:03d}"]
    while head >= _LAKH_GROUP:
        groups.append(f"{head % _LAKH_GROUP:02d}")
        head //= _LAKH_GROUP
    groups.append(str(head))
    return ",".join(reversed(groups))


def format_price(units: SupportsIndex) -> str:
    """Return a price without a currency sign, two decimals, or four where the price has them."""
    exact = index(units)
    sign = "-" if exact < 0 else ""
    whole, rest = divmod(abs(exact), RUPEE)
    decimals = f"{rest // PAISA:02d}" if rest % PAISA == 0 else f"{rest:04d}"
    return f"{sign}{group_indian(whole)}.{decimals}"


def format_rupees(units: SupportsIndex, *, signed: bool = False) -> str:
    """Return an amount as people in India write it: ₹12,34,567.50, with a + where `signed` asks for it."""
    exact = index(units)
    sign = "-" if exact < 0 else "+" if signed and exact > 0 else ""
    return f"{sign}₹{format_price(abs(exact))}"
