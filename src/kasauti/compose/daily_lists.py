"""What an exchange says of single instruments each day, from a CSV file of the user's."""

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

from kasauti.domain.money import rupees
from kasauti.errors import ConfigError, InvalidInput
from kasauti.exchange.price_range import PriceRange
from kasauti.exchange.restrictions import Restrictions

_COLUMNS = ["date", "symbol", "what", "low", "high"]
_EXAMPLE = "write 2026-11-24,RBLBANK,ban,, or 2026-11-24,NSE:SBIN,circuit,702.10,858.10"


class _Lists:
    """What has been read so far."""

    def __init__(self) -> None:
        self.circuits: defaultdict[date, dict[str, PriceRange]] = defaultdict(dict)
        self.banned: defaultdict[date, set[str]] = defaultdict(set)
        self.suspended: defaultdict[date, set[str]] = defaultdict(set)

    def add(self, row: dict[str, str]) -> None:
        """Take one row in; `InvalidInput` or `ValueError` for one that says nothing."""
        day, symbol, what = date.fromisoformat(row["date"]), row["symbol"], row["what"]
        low, high = row["low"], row["high"]
        if what == "circuit":
            self._circuit(day, _instrument(symbol), PriceRange(rupees(low), rupees(high)))
            return
        if low or high:
            raise InvalidInput(f"a {what} has no prices, {low or high} was given")
        if what == "ban" and symbol and ":" not in symbol:
            self.banned[day].add(symbol)
        elif what == "suspended":
            self.suspended[day].add(_instrument(symbol))
        else:
            raise InvalidInput(f"{what!r} of {symbol!r} is none of ban (of a name), circuit, suspended")

    def _circuit(self, day: date, symbol: str, prices: PriceRange) -> None:
        if not 0 < prices.low <= prices.high:
            raise InvalidInput(f"{prices} is no range of prices")
        if self.circuits[day].setdefault(symbol, prices) != prices:
            raise InvalidInput(f"{symbol} has another range on {day} already; keep one")


def daily_lists(file: Path) -> Restrictions:
    """
    Read a CSV file with the header `date,symbol,what,low,high`.

    `what` is ban (the symbol is the name of a share), circuit (EXCHANGE:TRADINGSYMBOL, with the lowest and
    the highest price in rupees) or suspended (EXCHANGE:TRADINGSYMBOL). Raises `ConfigError` with the line of
    what cannot be read.
    """
    lists = _Lists()
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines)
            if rows.fieldnames != _COLUMNS:
                raise ConfigError(f"{file} line 1: the header has to be {','.join(_COLUMNS)}.")
            for row in rows:
                try:
                    lists.add(row)
                except (ValueError, TypeError, InvalidInput) as error:
                    raise ConfigError(f"{file} line {rows.line_num}: {error}; {_EXAMPLE}.") from error
    except OSError as error:
        raise ConfigError(f"rules.daily_lists cannot be read: {error}.") from error
    return Restrictions(lists.circuits, lists.banned, lists.suspended)


def _instrument(symbol: str) -> str:
    if ":" not in symbol:
        raise InvalidInput(f"{symbol!r} is no EXCHANGE:TRADINGSYMBOL")
    return symbol
