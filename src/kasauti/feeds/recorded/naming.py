"""
Which instrument a row is about.

An index goes by many names; a tradingsymbol names a future or an option; what is neither is a share. Lot,
tick and freeze quantity come from the exchange's rules of the first day in the recording, unless the file
brings its own instruments. An instrument that the rules do not know is refused, never guessed.
"""

import re
from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path

import msgspec

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import PAISA, RUPEE
from kasauti.errors import InvalidInput, MarketDataError, RuleUnknown
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.indices import BY_NAME, INDICES, Index
from kasauti.exchange.symbols import Symbol, future_symbol, option_symbol, parse
from kasauti.feeds.recorded.instrument_map import Entry
from kasauti.feeds.recorded.terms import Terms

_INDEX_TICK = 5 * PAISA
_SHARE = re.compile(r"[A-Z0-9][A-Z0-9&*-]{0,29}")


class Wanted(msgspec.Struct, frozen=True, order=True, cache_hash=True):
    """
    An instrument as a file names it: by `symbol`, or as the index `name` or an option on it.

    `expiry` is days since 1970-01-01, `strike` money units, `side` 0 for a call and 1 for a put.
    """

    symbol: str = ""
    name: str = ""
    expiry: int = 0
    strike: int = 0
    side: int = 0

    @property
    def is_index(self) -> bool:
        """Whether this is the index `name` itself."""
        return not self.symbol and not self.expiry

    @property
    def words(self) -> str:
        """How to name it to a person."""
        if self.symbol:
            return self.symbol
        day = f"{date.fromordinal(self.expiry + _EPOCH)}" if self.expiry else ""
        side = f"{'CE' if self.side == 0 else 'PE'}" if self.expiry else ""
        return " ".join(
            part for part in (self.name, day, f"{self.strike / 10_000:g}" * bool(side), side) if part
        )


_EPOCH = date(1970, 1, 1).toordinal()


def index_in(path: Path) -> Index | None:
    """Return the one index that the name of a file, or else of its folder, mentions, or None."""
    for name in (path.stem, path.parent.name):
        found = {BY_NAME[word] for word in re.split(r"[^A-Z0-9]+", name.upper()) if word in BY_NAME}
        if len(found) == 1:
            return found.pop()
    return None


class Naming:
    """
    Makes instruments from what files say.

    `given` are the instruments that files bring, by id, and `entries` those of an instrument map, by key.
    `stepped` lists the shares whose tick no rule knows: theirs is the step of the prices in the file.
    """

    def __init__(
        self, calendar: Calendar, given: dict[str, Instrument], entries: dict[str, Entry] | None = None
    ) -> None:
        self._terms = Terms(calendar)
        self._entries = entries or {}
        self.given = given
        self.stepped: list[str] = []

    def instrument(
        self, wanted: Wanted, on: date, level_of: Callable[[], int], tick_of: Callable[[], int]
    ) -> Instrument:
        """
        Return the instrument as it trades on `on`.

        `level_of` tells a price of it on its first days, `tick_of` the step of all its prices.

        Raises `InvalidInput` or `RuleUnknown` if there is none.
        """
        if wanted.symbol:
            return self._by_symbol(wanted.symbol, on, level_of, tick_of)
        index = BY_NAME.get(wanted.name)
        if index is None:
            names = ", ".join(each.name for each in INDICES)
            raise InvalidInput(f"{wanted.name!r} is not an index with options; known ones: {names}")
        if wanted.is_index:
            return self.index(index)
        kind = Kind.CALL if wanted.side == 0 else Kind.PUT
        return self.option(index, date.fromordinal(wanted.expiry + _EPOCH), wanted.strike, kind, on)

    def index(self, index: Index) -> Instrument:
        """Return the index itself."""
        own = Instrument(index.exchange, index.tradingsymbol, Kind.INDEX, _INDEX_TICK, name=index.name)
        return self.given.get(own.id, own)

    def option(self, index: Index, expiry: date, strike: int, kind: Kind, on: date) -> Instrument:
        """Return an option on an index."""
        monthly = self._terms.is_monthly(index.name, expiry, on)
        symbol = option_symbol(index.name, expiry, strike, kind, monthly=monthly)
        known = self.given.get(f"{index.derivatives}:{symbol}")
        return known or self._derivative(index, symbol, kind, expiry, strike, on)

    def _derivative(
        self, index: Index, symbol: str, kind: Kind, expiry: date, strike: int, on: date
    ) -> Instrument:
        return Instrument(
            index.derivatives,
            symbol,
            kind,
            # An index option has one tick at every level; the caller sees to a future's.
            tick_size=self._terms.option_tick(on),
            lot_size=self._terms.lot_size(index.name, expiry, on),
            freeze_quantity=self._terms.freeze_quantity(index.name, on),
            name=index.name,
            expiry=expiry,
            strike=strike,
            underlying=index.id,
            on_index=True,
        )

    def _by_symbol(
        self, symbol: str, on: date, level_of: Callable[[], int], tick_of: Callable[[], int]
    ) -> Instrument:
        known = self.given.get(symbol)
        if known is not None:
            return known
        entry = self._entries.get(symbol)
        if entry is not None:
            return self._mapped(entry, on, level_of, tick_of)
        index = BY_NAME.get(symbol)
        if index is not None:
            return self.index(index)
        prefix, _, bare = symbol.rpartition(":")
        read = _read(bare) if prefix in {"", "NFO", "BFO"} else None
        if prefix in {"NFO", "BFO"} or read is not None:
            return self._contract(bare, read, on, level_of)
        if prefix not in {"", "NSE", "BSE"} or not _SHARE.fullmatch(bare):
            raise InvalidInput(
                f"{symbol!r} is not the name of an index, a share or a contract; write NSE:RELIANCE, NIFTY or"
                " NFO:NIFTY26JAN25000CE, or say what a vendor's key is in instrument_map.csv beside the file"
            )
        return self._share(Exchange(prefix or "NSE"), bare, on, level_of, tick_of)

    def _contract(
        self, symbol: str, read: Symbol | None, on: date, level_of: Callable[[], int]
    ) -> Instrument:
        index = None if read is None else BY_NAME.get(read.name)
        if read is None or index is None:
            names = ", ".join(each.name for each in INDICES)
            raise InvalidInput(
                f"{symbol!r} is not a future or an option on an index ({names}); others are read from files"
                " that bring their own instruments"
            )
        expiry = read.expiry or self._month_end(read.name, read.year, read.month)
        if read.kind is Kind.FUTURE:
            future = self._derivative(index, future_symbol(index.name, expiry), Kind.FUTURE, expiry, 0, on)
            tick = self._terms.book.tick_size(Kind.FUTURE, level_of(), on, on_index=True)
            return msgspec.structs.replace(future, tick_size=tick)
        return self.option(index, expiry, read.strike, read.kind, on)

    def _mapped(
        self, entry: Entry, on: date, level_of: Callable[[], int], tick_of: Callable[[], int]
    ) -> Instrument:
        if entry.kind is Kind.EQUITY:
            exchange = Exchange.BSE if entry.key.startswith("BSE") else Exchange.NSE
            return self._share(exchange, entry.symbol, on, level_of, tick_of)
        contract = self._contract(entry.symbol, _read(entry.symbol), on, level_of)
        said = (entry.kind, entry.expiry or contract.expiry, entry.strike or contract.strike)
        if said != (contract.kind, contract.expiry, contract.strike):
            raise InvalidInput(f"the map says {entry.symbol} is {said[0]} {said[1]} {said[2] / RUPEE:g}")
        return msgspec.structs.replace(contract, lot_size=entry.lot or contract.lot_size)

    def _month_end(self, name: str, year: int, month: int) -> date:
        first, last = date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
        for expiry in self._terms.expiries.expiries(name, first, date.fromordinal(last.toordinal() - 1)):
            if expiry.monthly:
                return expiry.day
        raise RuleUnknown(f"The monthly expiry of {name} in {first:%B %Y} is not known.")

    def _share(
        self,
        exchange: Exchange,
        symbol: str,
        on: date,
        level_of: Callable[[], int],
        tick_of: Callable[[], int],
    ) -> Instrument:
        try:
            tick = self._terms.book.tick_size(Kind.EQUITY, level_of(), on)
        except RuleUnknown:
            tick = tick_of()
            self.stepped.append(symbol)
        return Instrument(exchange, symbol, Kind.EQUITY, tick_size=tick, name=symbol)


def _read(symbol: str) -> Symbol | None:
    """Return what the tradingsymbol of a contract says, None if it is none."""
    for names in ([index.name for index in INDICES], ()):
        try:
            return parse(symbol, names)
        except InvalidInput:
            continue
    return None


def unknown(where: str, wanted: Wanted, error: Exception) -> MarketDataError:
    """Return the error for an instrument that cannot be made."""
    return MarketDataError(
        f"{where}: {wanted.words} is not a known instrument: {error}. Correct the file, or name the"
        " instruments you want and leave this one out."
    )


def matches(wanted: Wanted, instrument: Instrument | None, asked: Collection[str]) -> bool:
    """Whether one of the names `asked` is this instrument's symbol, id or name, or that of its underlying."""
    names = {wanted.symbol, wanted.name}
    if instrument is not None:
        names |= {instrument.id, instrument.tradingsymbol, instrument.name, instrument.underlying}
    for index in INDICES:
        if index.name in names:
            names |= {index.tradingsymbol, index.id, *index.aliases}
    return any(name in names for name in asked)
