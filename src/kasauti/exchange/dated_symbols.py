"""
Tradingsymbols with the whole expiry date in them, both ways: OpenAlgo's and Angel One's.

- future: NAME DD MMM YY FUT            NIFTY28MAR24FUT
- option: NAME DD MMM YY strike CE|PE   NIFTY28MAR2420800CE, VEDL25APR24292.5CE

The date says everything, so weekly and monthly contracts look alike and a symbol can be read without knowing
what is listed: the day is the two digits before the month's letters, whatever the name ends in
(NIFTYNXT5025NOV25FUT). Source: market_rules.md 3.6.
"""

import re
from datetime import date
from decimal import Decimal

import msgspec

from kasauti.domain.instrument import Kind
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput
from kasauti.exchange.symbols import CENTURY, MONTHS, STRIKE, strike_text, year_text


class Contract(msgspec.Struct, frozen=True):
    """What is traded: an underlying's name, the kind, the last day, and for options the strike (money)."""

    name: str
    kind: Kind
    expiry: date
    strike: int = 0


_DATED = re.compile(
    rf"(?P<name>.+)(?P<day>[0-9]{{2}})(?P<month>{'|'.join(MONTHS)})(?P<year>[0-9]{{2}})(?:{STRIKE}|(?P<future>FUT))"
)


def dated_symbol(contract: Contract) -> str:
    """Return the symbol of a contract; `InvalidInput` for a strike that its kind cannot have."""
    expiry = contract.expiry
    head = f"{contract.name}{expiry.day:02d}{MONTHS[expiry.month - 1]}{year_text(expiry)}"
    if contract.kind is Kind.FUTURE:
        return f"{head}FUT"
    return f"{head}{strike_text(contract.strike, contract.kind)}{contract.kind}"


def parse_dated(symbol: str) -> Contract:
    """Read a symbol; `InvalidInput` if it is not that of a future or an option."""
    found = _DATED.fullmatch(symbol)
    if found is not None:
        month = MONTHS.index(found["month"]) + 1
        try:
            expiry = date(CENTURY + int(found["year"]), month, int(found["day"]))
        except ValueError:
            pass  # no such day: the sentence below is about the whole symbol
        else:
            if found["future"]:
                return Contract(found["name"], Kind.FUTURE, expiry)
            return Contract(found["name"], Kind(found["kind"]), expiry, rupees(Decimal(found["strike"])))
    raise InvalidInput(
        f"{symbol!r} is not the symbol of a future or an option with its date;"
        " they look like NIFTY28MAR24FUT or NIFTY28MAR2420800CE."
    )
