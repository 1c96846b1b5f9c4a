"""What `kasauti instruments` prints as JSON: one struct a row."""

from datetime import date

import msgspec

from kasauti.analytics.amounts import Money
from kasauti.compose.masters import LoadedList, spelled
from kasauti.exchange.grammars import Grammar
from kasauti.exchange.master import Listing, Master


class InstrumentRow(msgspec.Struct, frozen=True):
    """One instrument of a day's list; what it does not have is null."""

    instrument: str
    name: str
    kind: str
    day: str
    lot_size: int
    tick_size: Money
    freeze_quantity: int | None
    expiry: str | None
    strike: Money | None
    underlying: str | None
    isin: str | None
    series: str | None
    token: int
    source: str
    tradable: bool
    fault: str | None
    names: dict[Grammar, str]


class LoadedRow(msgspec.Struct, frozen=True):
    """What loading a list did: counts, and why instruments must not trade."""

    day: str
    source: str
    instruments: dict[str, int]
    left_out: dict[str, int]
    compared_with: str | None
    changes: dict[str, int]
    faults: dict[str, str]


def instrument_row(master: Master, listing: Listing, fault: str) -> InstrumentRow:
    """Return one listing as a row; `fault` is why it must not trade, if anything."""
    instrument = listing.instrument
    return InstrumentRow(
        instrument.id,
        instrument.name,
        str(instrument.kind),
        master.day.isoformat(),
        instrument.lot_size,
        instrument.tick_size,
        instrument.freeze_quantity or None,
        _iso(instrument.expiry),
        instrument.strike or None,
        instrument.underlying or None,
        instrument.isin or None,
        instrument.series or None,
        listing.token,
        master.sources[instrument.exchange],
        not fault and instrument.kind != "INDEX",
        fault or None,
        spelled(listing),
    )


def loaded_row(loaded: LoadedList) -> LoadedRow:
    """Return what loading a list did."""
    return LoadedRow(
        loaded.master.day.isoformat(),
        loaded.source,
        counts([str(each.instrument.exchange) for each in loaded.master]),
        loaded.master.left_out,
        _iso(loaded.before),
        counts([str(each.kind) for each in loaded.changes]),
        loaded.faults,
    )


def counts(words: list[str]) -> dict[str, int]:
    """Return how often each word stands in a list."""
    return {word: words.count(word) for word in sorted(set(words))}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
