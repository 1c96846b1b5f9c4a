"""
The instrument master of one day: every instrument that was listed, and what changed since another day.

A master is read from a broker's or an exchange's list (`feeds.instruments`); here it is a value. What is
wrong with an instrument in it is `master_faults`' question.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property

import msgspec

from kasauti.domain.instrument import Exchange, Instrument
from kasauti.domain.money import format_price
from kasauti.exchange.dated_symbols import Contract


class Listing(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row: the instrument, the exchange's number for it, and what was found wrong while reading it."""

    instrument: Instrument
    token: int = 0
    fault: str = ""


class Master(msgspec.Struct, frozen=True, dict=True):
    """
    The instruments of `day`.

    `sources` says, by exchange segment, which list its rows came from; `left_out` counts rows of segments
    that are not traded here. A segment that is in no source is not known, which is not the same as empty.
    """

    day: date
    sources: dict[Exchange, str]
    listings: tuple[Listing, ...]
    left_out: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.listings)

    def __iter__(self) -> Iterator[Listing]:
        return iter(self.listings)

    def find(self, instrument_id: str) -> Listing | None:
        """Return the listing of an id like NFO:NIFTY26NOV26000CE, or None."""
        return self._by_id.get(instrument_id)

    def contract(self, exchange: Exchange, contract: Contract) -> Listing | None:
        """Return the listing of a future or an option by what it trades, or None."""
        return self._by_contract.get((exchange, contract))

    def search(self, text: str) -> list[Listing]:
        """Return the listings whose symbol or name has every word of `text`, whatever the case."""
        words = text.upper().split()
        return [each for each in self.listings if _mentions(each.instrument, words)]

    def with_segments_of(self, later: "Master") -> "Master":
        """Return a master whose segments in `later` are those of `later`, and the others as they were."""
        kept = [each for each in self.listings if each.instrument.exchange not in later.sources]
        return Master(
            later.day,
            {**self.sources, **later.sources},
            (*kept, *later.listings),
            {**self.left_out, **later.left_out},
        )

    def with_freeze_quantities(
        self, quantities: Mapping[str, int], exchange: Exchange = Exchange.NFO
    ) -> "Master":
        """Return a master whose derivatives in `exchange` have the freeze quantity of their underlying."""
        return Master(
            self.day,
            self.sources,
            tuple(_frozen(each, exchange, quantities) for each in self.listings),
            self.left_out,
        )

    @cached_property
    def _by_id(self) -> dict[str, Listing]:
        return {each.instrument.id: each for each in self.listings}

    @cached_property
    def _by_contract(self) -> dict[tuple[Exchange, Contract], Listing]:
        return {
            (i.exchange, Contract(i.name, i.kind, i.expiry, i.strike)): each
            for each in self.listings
            if (i := each.instrument).expiry is not None
        }


class ChangeKind(StrEnum):
    """What happened to an instrument between two days."""

    NEW = "new"
    GONE = "gone"
    EXPIRED = "expired"
    LOT = "lot"
    TICK = "tick"
    FREEZE = "freeze"
    EXPIRY = "expiry"


class Change(msgspec.Struct, frozen=True):
    """One change: of which instrument, what, and the value before and after as people read it."""

    instrument: str
    kind: ChangeKind
    before: str = ""
    after: str = ""


def diff(before: Master, after: Master) -> list[Change]:
    """
    Return what changed, in the order of the ids.

    Segments that only one of the two knows are passed over: that nobody loaded a list is no change of it.
    """
    both = before.sources.keys() & after.sources.keys()
    old = {each.instrument.id: each.instrument for each in before if each.instrument.exchange in both}
    new = {each.instrument.id: each.instrument for each in after if each.instrument.exchange in both}
    changes = [Change(each, ChangeKind.NEW) for each in new.keys() - old.keys()]
    changes += [Change(each, _ended(old[each], after.day)) for each in old.keys() - new.keys()]
    for instrument_id in old.keys() & new.keys():
        changes += _changed(old[instrument_id], new[instrument_id])
    return sorted(changes, key=lambda change: (change.instrument, change.kind))


def _ended(instrument: Instrument, day: date) -> ChangeKind:
    expired = instrument.expiry is not None and instrument.expiry < day
    return ChangeKind.EXPIRED if expired else ChangeKind.GONE


def _changed(old: Instrument, new: Instrument) -> Iterable[Change]:
    """Yield the terms that differ; a freeze quantity that one day does not know is no change."""
    if old.lot_size != new.lot_size:
        yield Change(new.id, ChangeKind.LOT, str(old.lot_size), str(new.lot_size))
    if old.tick_size != new.tick_size:
        yield Change(new.id, ChangeKind.TICK, format_price(old.tick_size), format_price(new.tick_size))
    if old.freeze_quantity != new.freeze_quantity and old.freeze_quantity and new.freeze_quantity:
        yield Change(new.id, ChangeKind.FREEZE, str(old.freeze_quantity), str(new.freeze_quantity))
    if old.expiry != new.expiry:
        yield Change(new.id, ChangeKind.EXPIRY, str(old.expiry), str(new.expiry))


def _mentions(instrument: Instrument, words: Iterable[str]) -> bool:
    text = f"{instrument.id} {instrument.name}".upper()
    return all(word in text for word in words)


def _frozen(listing: Listing, exchange: Exchange, quantities: Mapping[str, int]) -> Listing:
    instrument = listing.instrument
    quantity = quantities.get(instrument.name)
    if quantity is None or instrument.exchange is not exchange or not instrument.is_derivative:
        return listing
    return msgspec.structs.replace(
        listing, instrument=msgspec.structs.replace(instrument, freeze_quantity=quantity)
    )
