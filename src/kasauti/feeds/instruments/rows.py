"""
What the readers of all lists share: cells that are read strictly, and instruments that are put together.

A word that nobody knows, a number that cannot be or a cell that is empty is an error with file, line, column
and value. Nothing is ever filled in.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

import msgspec

from kasauti.domain.instrument import Exchange, Fund, Instrument, Kind
from kasauti.domain.money import PAISA, rupees
from kasauti.errors import InvalidInput, MarketDataError, RuleUnknown
from kasauti.exchange.contract_sizes import ContractSizes
from kasauti.exchange.indices import Index, index_named
from kasauti.exchange.master import Listing

#: The step of an index' values; an index does not trade.
_INDEX_TICK = 5 * PAISA
#: Where the shares are listed that contracts are written on.
_SHARES_OF = {Exchange.NFO: Exchange.NSE, Exchange.BFO: Exchange.BSE}
#: Segments that brokers list and that are not traded here.
NOT_TRADED = ("BCD", "NCO", "NCDEX", "GLOBAL", "NSEIX")
#: Exchanges whose contracts Zerodha counts in lots.
COUNTED_IN_LOTS = (Exchange.MCX, Exchange.CDS)


# A list has a hundred thousand rows and a few thousand different numbers.
@lru_cache(maxsize=65_536)
def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


@lru_cache(maxsize=65_536)
def _units(number: Decimal, divisor: int) -> int | None:
    try:
        return rupees(number / divisor)
    except InvalidInput:
        return None


class Place(msgspec.Struct, frozen=True):
    """Where a row is, for messages."""

    file: Path
    line: int

    def refused(self, says: str) -> MarketDataError:
        """Return the error for a row that cannot be used."""
        return MarketDataError(
            f"{self.file.name}, line {self.line}: {says}. Nothing of this file was taken; get it again, or"
            " correct it."
        )


class Cells:
    """One row, cell by cell; every question names its column."""

    __slots__ = ("_columns", "_place", "_values")

    def __init__(self, place: Place, columns: dict[str, int], values: Sequence[str]) -> None:
        if len(values) != len(columns):
            raise place.refused(f"it has {len(values)} cells, the first line names {len(columns)} columns")
        self._place = place
        self._columns = columns
        self._values = values

    @property
    def place(self) -> Place:
        """Where the row is."""
        return self._place

    def text(self, column: str) -> str:
        """Return a cell as it stands, without spaces around it; it may be empty."""
        return self._values[self._columns[column]].strip()

    def word(self, column: str) -> str:
        """Return a cell that must not be empty."""
        text = self.text(column)
        if not text:
            raise self.wrong(column, "is empty")
        return text

    def whole(self, column: str) -> int:
        """Return a whole number above 0; Angel One writes some with decimals that are zeros."""
        number = self.number(column)
        if number != number.to_integral_value() or number <= 0:
            raise self.wrong(column, f"is {self.text(column)!r}, not a whole number above 0")
        return int(number)

    def number(self, column: str) -> Decimal:
        """Return a number."""
        text = self.word(column)
        number = _number(text)
        if number is None:
            raise self.wrong(column, f"is {text!r}, which is no number")
        return number

    def price(self, column: str, divisor: int = 1) -> int:
        """Return a number of rupees, divided by `divisor`, in money units."""
        units = _units(self.number(column), divisor)
        if units is None:
            raise self.wrong(column, f"is {self.text(column)!r}, finer than money is kept here")
        return units

    def tick(self, column: str, divisor: int = 1) -> int:
        """Return a tick in money units; one that is not above 0 is an error."""
        tick = self.price(column, divisor)
        if tick <= 0:
            raise self.wrong(column, f"is {self.text(column)!r}; a tick is above 0")
        return tick

    def wrong(self, column: str, says: str) -> MarketDataError:
        """Return the error for one cell."""
        return self._place.refused(f"{column} {says}")


def columns_of(place: Place, header: Iterable[str], needed: Iterable[str]) -> dict[str, int]:
    """Return the position of every column; an error if one that is needed is missing."""
    columns = {name.strip(): position for position, name in enumerate(header)}
    missing = [name for name in needed if name not in columns]
    if missing:
        raise place.refused(f"the column{'s' * (len(missing) > 1)} {', '.join(missing)} is missing")
    return columns


def exchange_of(cells: Cells, column: str, left_out: dict[str, int]) -> Exchange | None:
    """Return the segment a row is of; None, and counted, for one that is known and not traded here."""
    code = cells.word(column)
    if code in NOT_TRADED:
        left_out[code] = left_out.get(code, 0) + 1
        return None
    try:
        return Exchange(code)
    except ValueError as error:
        raise cells.wrong(column, f"is {code!r}; known are {', '.join((*Exchange, *NOT_TRADED))}") from error


class Contracts:
    """Puts instruments together from what a row says; knows how large a lot of a commodity is on `day`."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._sizes = ContractSizes()

    def share(
        self, exchange: Exchange, symbol: str, tick: int, *, name: str, lot: int = 1, token: int, **more: str
    ) -> Listing:
        """Return the listing of a share."""
        fund = Fund(more.pop("fund")) if more.get("fund") else None
        instrument = Instrument(
            exchange,
            symbol,
            Kind.EQUITY,
            tick,
            lot,
            name=name,
            fund=fund,
            **more,  # type: ignore[arg-type]
        )
        return Listing(instrument, token)

    def index(self, exchange: Exchange, symbol: str, token: int) -> Listing:
        """Return the listing of an index; its name is that of its contracts, where it has some."""
        known = index_named(f"{exchange}:{symbol}")
        name = symbol if known is None else known.name
        return Listing(Instrument(exchange, symbol, Kind.INDEX, _INDEX_TICK, name=name), token)

    def derivative(
        self,
        exchange: Exchange,
        symbol: str,
        kind: Kind,
        tick: int,
        lot: int,
        *,
        name: str,
        expiry: date,
        strike: int = 0,
        token: int,
        on_index: bool | None = None,
        in_lots: bool = False,
    ) -> Listing:
        """
        Return the listing of a future or an option.

        `on_index` is what the list says, None if it says nothing: then a known index is one, and the rest are
        shares. `in_lots` is whether the list counts commodities and currencies in lots.
        """
        index = index_named(name) if exchange in _SHARES_OF else None
        fault = ""
        if in_lots:
            lot, fault = self._units(exchange, name, lot)
        instrument = Instrument(
            exchange,
            symbol,
            kind,
            tick,
            lot,
            name=name,
            expiry=expiry,
            strike=strike,
            underlying=_underlying(exchange, name, index),
            on_index=index is not None if on_index is None else on_index,
        )
        if on_index is not None and on_index != (index is not None):
            word = "is" if on_index else "is not"
            fault = f"the list says that {name} {word} an index, our table says otherwise"
        return Listing(instrument, token, fault)

    def _units(self, exchange: Exchange, name: str, lots: int) -> tuple[int, str]:
        """Return units for a number of lots, or what is wrong if nobody knows how many a lot has."""
        try:
            size = self._sizes.of(exchange, name, self._day)
        except RuleUnknown as unknown:
            return lots, str(unknown)
        return lots * size.units, ""


def _underlying(exchange: Exchange, name: str, index: Index | None) -> str:
    """Return the id of what a contract is written on; commodities and currencies have none here."""
    if index is not None:
        return index.id
    shares = _SHARES_OF.get(exchange)
    return "" if shares is None else f"{shares}:{name}"
