"""
What the rules of a day have against orders that somebody wrote down to ask what they would cost.

Nothing is placed, so nothing is refused: the answer says it in a sentence beside the figures.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from kasauti.domain.instrument import Exchange, Instrument
from kasauti.errors import RuleUnknown
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.contract_sizes import ContractSizes
from kasauti.exchange.contracts import ContractBook
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.indices import index_named
from kasauti.exchange.segments import segment
from kasauti.exchange.symbols import parse

#: Exchanges whose lots are in contract_sizes.json.
_BY_SIZE = frozenset({Exchange.MCX, Exchange.CDS})
#: Within which an expiry is looked for that a holiday has moved.
_NEAR = timedelta(days=7)


def doubts(orders: Iterable[tuple[Instrument, int]], on: date) -> list[str]:
    """Return a sentence for each thing that cannot be traded so on the day `on`: day, expiry, lot."""
    calendar = Calendar()
    expiries = Expiries(calendar)
    book = ContractBook(expiries)
    said: dict[str, None] = {}
    for instrument, quantity in orders:
        if not _trades(calendar, instrument, on):
            closed = f"{on} is not a trading day of {instrument.exchange}; these are the rules of that date."
            said[closed] = None
        if instrument.is_derivative:
            said |= dict.fromkeys(_of_contract(instrument, abs(quantity), on, expiries, book))
    return list(said)


def _trades(calendar: Calendar, instrument: Instrument, on: date) -> bool:
    try:
        return calendar.is_trading_day(on, segment(instrument))
    except RuleUnknown:
        return True


def _of_contract(
    instrument: Instrument, quantity: int, on: date, expiries: Expiries, book: ContractBook
) -> list[str]:
    symbol, name = instrument.tradingsymbol, instrument.name
    if instrument.exchange is Exchange.BFO and name not in expiries.names:
        return []  # the rules on shares are NSE's
    try:
        expiry = instrument.expiry or _monthly(instrument, expiries)
        listed = expiries.is_expiry(name, expiry)
    except RuleUnknown:
        return []
    found = []
    if expiry < on:
        found.append(f"{symbol} expired on {expiry}, before {on}.")
    if not listed:
        others = _near(name, expiry, expiries)
        return [*found, f"{expiry} is no expiry of {name}, so nobody lists {symbol}.{others}"]
    home = index_named(name)
    if home is not None and home.derivatives is not instrument.exchange:
        home_of = f"contracts on {name} are {home.derivatives}'s"
        return [*found, f"{instrument.exchange} does not list {symbol}: {home_of}."]
    try:
        lot = _lot(instrument, expiry, on, book)
    except RuleUnknown:
        return found
    if quantity % lot:
        found.append(f"{quantity} of {symbol} cannot be ordered: a lot is {lot} units.")
    return found


def _lot(instrument: Instrument, expiry: date, on: date, book: ContractBook) -> int:
    if instrument.exchange in _BY_SIZE:
        return ContractSizes().of(instrument.exchange, instrument.name, on).units
    return book.lot_size(instrument.name, expiry, on=min(on, expiry))


def _near(name: str, expiry: date, expiries: Expiries) -> str:
    try:
        near = [str(each.day) for each in expiries.expiries(name, expiry - _NEAR, expiry + _NEAR)]
    except RuleUnknown:
        return ""
    return f" Near it are {' and '.join(near)}." if near else ""


def _monthly(instrument: Instrument, expiries: Expiries) -> date:
    """Return the expiry of a symbol that names a month only; `RuleUnknown` where the rules have none."""
    symbol = parse(instrument.tradingsymbol)
    first = date(symbol.year, symbol.month, 1)
    last = date(symbol.year + symbol.month // 12, symbol.month % 12 + 1, 1) - timedelta(days=1)
    found = [each.day for each in expiries.expiries(instrument.name, first, last) if each.monthly]
    if not found:
        raise RuleUnknown(f"{instrument.name} has no monthly expiry in {first:%B %Y}.")
    return found[-1]
