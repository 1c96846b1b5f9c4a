"""The instrument masters of the data folder: loading a day's list, finding instruments, comparing days."""

from datetime import date
from pathlib import Path

import msgspec

from kasauti.domain.instrument import Exchange
from kasauti.errors import InvalidInput, MarketDataError
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.contracts import ContractBook
from kasauti.exchange.dated_symbols import parse_dated
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.grammars import Grammar, spell
from kasauti.exchange.indices import INDICES, index_named
from kasauti.exchange.lists import DayLists
from kasauti.exchange.master import Change, Listing, Master, diff
from kasauti.exchange.master_faults import MasterFaults
from kasauti.feeds.instruments.reading import read_list
from kasauti.store.masters import MasterCache

#: The folder of the masters, inside the data folder.
FOLDER = "instruments"


class LoadedList(msgspec.Struct, frozen=True):
    """What loading a list did: the day's master, what must not trade, what changed since `before`."""

    source: str
    master: Master
    faults: dict[str, str]
    before: date | None
    changes: tuple[Change, ...]


class Masters:
    """The masters below a data folder."""

    def __init__(self, data: Path) -> None:
        self._cache = MasterCache(data / FOLDER)

    def load(self, file: Path, day: date | None = None) -> LoadedList:
        """
        Read a list, keep it as the master of its day, and compare it with the day before and with our rules.

        Segments that the day's master has from another list stay. Raises `MarketDataError`.
        """
        read = read_list(file, day)
        kept = self._cache.on(read.day)
        if read.master is None:
            if kept is None:
                raise MarketDataError(
                    f"{file.name} has freeze quantities only, and {read.day} has no instruments yet; load the"
                    " day's list first."
                )
            master = kept.with_freeze_quantities(read.freeze)
        else:
            listed = _with_known_freeze(read.master)
            master = listed if kept is None else kept.with_segments_of(listed)
        self._cache.keep(master)
        before = self._cache.before(read.day)
        changes = () if before is None else tuple(diff(before, master))
        return LoadedList(
            read.source, master, faults_of(master), None if before is None else before.day, changes
        )

    def newest(self, day: date | None = None) -> Master:
        """Return the master of `day`, or the newest there is; `MarketDataError` if there is none."""
        days = self._cache.days()
        wanted = day or (days[-1] if days else None)
        found = None if wanted is None else self._cache.on(wanted)
        if found is None:
            known = f"there are {', '.join(map(str, days[-5:]))}" if days else "none was loaded yet"
            raise MarketDataError(
                f"There is no instrument list of {day or 'any day'}: {known}."
                " Load one: kasauti instruments load FILE."
            )
        return found

    def on(self, day: date) -> Master | None:
        """Return the master of a day, None if none was loaded."""
        return self._cache.on(day)

    def changes(self, first: date | None, last: date | None) -> tuple[date, date, list[Change]]:
        """Return the two days compared and what changed between; without days, the newest two."""
        days = self._cache.days()
        if last is None:
            last = days[-1] if days else None
        if first is None:
            earlier = [each for each in days if last is not None and each < last]
            first = earlier[-1] if earlier else None
        if first is None or last is None:
            raise MarketDataError(
                f"Two days are compared, and {len(days)} was loaded; load another list, or name two days."
            )
        return first, last, diff(self.newest(first), self.newest(last))


def _with_known_freeze(master: Master) -> Master:
    """Return a master whose index contracts have our rules' freeze quantity: brokers' lists have none."""
    known = ContractBook(Expiries(Calendar())).freeze_quantities(master.day)
    for exchange in (Exchange.NFO, Exchange.BFO):
        named = {
            each.name: known[each.name]
            for each in INDICES
            if each.derivatives is exchange and each.name in known
        }
        master = master.with_freeze_quantities(named, exchange)
    return master


def day_lists(data: Path) -> DayLists:
    """Return the lists below a data folder, as a session asks them."""
    return DayLists(MasterCache(data / FOLDER).on, Calendar())


def faults_of(master: Master) -> dict[str, str]:
    """Return why instruments of a master must not trade, by id."""
    return MasterFaults(master, Calendar()).all()


def fault_of(master: Master, listing: Listing) -> str:
    """Return why one instrument must not trade, empty if it may."""
    return MasterFaults(master, Calendar()).of(listing)


def found_in(master: Master, symbol: str) -> Listing:
    """
    Return the listing that `symbol` names: an id, a tradingsymbol of any exchange, or a dated symbol.

    Raises `InvalidInput` if there is none, or if more than one exchange has it.
    """
    direct = master.find(symbol)
    if direct is not None:
        return direct
    index = index_named(symbol)
    listed = None if index is None else master.find(index.id)
    if listed is not None:
        return listed
    code, _, bare = symbol.rpartition(":")
    same = [
        each
        for exchange in master.sources
        if code in {"", exchange}
        for each in _named(master, exchange, bare)
    ]
    if len(same) == 1:
        return same[0]
    if same:
        raise InvalidInput(
            f"{symbol!r} is listed as {' and '.join(each.instrument.id for each in same)}; name one of them."
        )
    close = master.search(bare)[:3]
    hint = f" Close to it: {', '.join(each.instrument.id for each in close)}." if close else ""
    raise InvalidInput(f"{symbol!r} is not in the list of {master.day}.{hint}")


def _named(master: Master, exchange: Exchange, symbol: str) -> list[Listing]:
    found = master.find(f"{exchange}:{symbol}")
    if found is None:
        try:
            found = master.contract(exchange, parse_dated(symbol))
        except InvalidInput:
            return []
    return [] if found is None else [found]


def spelled(listing: Listing) -> dict[Grammar, str]:
    """Return an instrument's names by grammar, as EXCHANGE:SYMBOL; a grammar without one is left out."""
    names = {}
    for grammar in Grammar:
        try:
            spelling = spell(listing.instrument, grammar)
        except InvalidInput:
            continue
        names[grammar] = f"{spelling.exchange}:{spelling.symbol}"
    return names
