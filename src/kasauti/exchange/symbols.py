"""
Zerodha's tradingsymbols for derivatives, both ways.

- future:         NAME YY MMM FUT              NIFTY26NOVFUT
- monthly option: NAME YY MMM strike CE|PE     NIFTY26FEB24900PE, also where a holiday moved the day
- weekly option:  NAME YY M DD strike CE|PE    NIFTY2660223700CE is 2 June 2026; M is 1 to 9, O, N or D

A symbol does not name the day of a monthly contract. Names can end in digits or hold a sign (NIFTYNXT50,
360ONE, M&M, BAJAJ-AUTO), so the instrument master is the way to read a symbol; `parse` is for symbols
without one. Source: market_rules.md 3.6; Kite's own instrument dumps.
"""

import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal

import msgspec

from kasauti.domain.instrument import Kind
from kasauti.domain.money import RUPEE, rupees, to_decimal
from kasauti.errors import InvalidInput

#: The months as all grammars write them.
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKLY_MONTHS = "123456789OND"
#: Two digits of a year are of this century.
CENTURY = 2000

#: Index names whose last characters are digits, which a reader of symbols would take for a year.
_NAMES_ENDING_IN_DIGITS = ("NIFTYNXT50", "SENSEX50")

#: The end of an option's symbol in every grammar.
STRIKE = r"(?P<strike>[1-9][0-9]*(?:\.[0-9]{1,4})?)(?P<kind>CE|PE)"
_MONTHLY = re.compile(
    rf"(?P<name>[^.]+)(?P<year>[0-9]{{2}})(?P<month>{'|'.join(MONTHS)})(?:{STRIKE}|(?P<future>FUT))"
)
_WEEKLY_TAIL = re.compile(rf"(?P<year>[0-9]{{2}})(?P<month>[1-9OND])(?P<day>[0-9]{{2}}){STRIKE}")


class Symbol(msgspec.Struct, frozen=True):
    """
    What a tradingsymbol says.

    `expiry` is the day for a weekly contract, None for a monthly one, of which only year and month are
    known. `strike` is money units, 0 for a future.
    """

    name: str
    kind: Kind
    year: int
    month: int
    monthly: bool
    expiry: date | None = None
    strike: int = 0


def future_symbol(name: str, expiry: date) -> str:
    """Return the tradingsymbol of a future: NIFTY26NOVFUT."""
    return f"{name}{_year_month(expiry)}FUT"


def option_symbol(name: str, expiry: date, strike: int, kind: Kind, *, monthly: bool) -> str:
    """
    Return the tradingsymbol of an option: NIFTY26D0126000CE, or NIFTY26NOV26000CE for the monthly one.

    `strike` is money units. Raises `InvalidInput` for a strike that is not above 0 or a kind that is no
    option.
    """
    digits = strike_text(strike, kind)
    if monthly:
        return f"{name}{_year_month(expiry)}{digits}{kind}"
    month = _WEEKLY_MONTHS[expiry.month - 1]
    return f"{name}{year_text(expiry)}{month}{expiry.day:02d}{digits}{kind}"


def parse(symbol: str, names: Collection[str] = ()) -> Symbol:
    """
    Read a tradingsymbol.

    `names` are the underlyings it may be of, as the instrument master has them; without them a name may
    only end in digits if it is one of the indices known to. Raises `InvalidInput` if the symbol is
    not a future or an option of one of them.
    """
    readings = [reading for reading in _readings(symbol, names) if _fits(reading.name, names)]
    if not readings:
        known = f" on one of the {len(names)} names given" if names else ""
        raise InvalidInput(
            f"{symbol!r} is not the tradingsymbol of a future or an option{known};"
            " they look like NIFTY26NOVFUT, NIFTY26NOV26000CE or NIFTY26D0126000CE."
        )
    return max(readings, key=lambda reading: len(reading.name))


def _readings(symbol: str, names: Collection[str]) -> list[Symbol]:
    """Return every way to read a symbol: digits at the end of a name look like a date."""
    monthly = _MONTHLY.fullmatch(symbol)
    if monthly:
        month = MONTHS.index(monthly["month"]) + 1
        year = CENTURY + int(monthly["year"])
        if monthly["future"]:
            return [Symbol(monthly["name"], Kind.FUTURE, year, month, monthly=True)]
        strike = rupees(Decimal(monthly["strike"]))
        return [Symbol(monthly["name"], Kind(monthly["kind"]), year, month, monthly=True, strike=strike)]
    ends = {len(name) for name in names if symbol.startswith(name)} if names else range(1, len(symbol))
    return [reading for end in ends if (reading := _weekly(symbol[:end], symbol[end:])) is not None]


def _weekly(name: str, tail: str) -> Symbol | None:
    found = _WEEKLY_TAIL.fullmatch(tail)
    if found is None:
        return None
    month = _WEEKLY_MONTHS.index(found["month"]) + 1
    try:
        expiry = date(CENTURY + int(found["year"]), month, int(found["day"]))
    except ValueError:
        return None  # the digits are no date: part of them belongs to the name or the strike
    strike = rupees(Decimal(found["strike"]))
    return Symbol(name, Kind(found["kind"]), expiry.year, month, monthly=False, expiry=expiry, strike=strike)


def _fits(name: str, names: Collection[str]) -> bool:
    if names:
        return name in names
    return not name[-1].isdigit() or name in _NAMES_ENDING_IN_DIGITS


def year_text(expiry: date) -> str:
    """Return the two digits of a year; `InvalidInput` outside this century."""
    if not CENTURY <= expiry.year < CENTURY + 100:
        raise InvalidInput(f"{expiry} is outside this century; a symbol has two digits for the year.")
    return f"{expiry.year % 100:02d}"


def strike_text(strike: int, kind: Kind) -> str:
    """Return a strike as symbols have it, without zeros at its end; `InvalidInput` if it can be none."""
    if not kind.is_option:
        raise InvalidInput(f"{kind} is not an option; an option's symbol ends in CE or PE.")
    if strike <= 0:
        raise InvalidInput(f"{to_decimal(strike)} is not a strike; it has to be above 0.")
    whole, rest = divmod(strike, RUPEE)
    return f"{whole}.{rest:04d}".rstrip("0") if rest else str(whole)


def _year_month(expiry: date) -> str:
    return f"{year_text(expiry)}{MONTHS[expiry.month - 1]}"
