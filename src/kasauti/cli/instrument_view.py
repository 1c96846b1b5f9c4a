"""How `kasauti instruments` looks in the terminal."""

from collections.abc import Iterator, Mapping, Sequence

from kasauti.cli.instrument_rows import InstrumentRow, counts
from kasauti.cli.sheet import Cell, Column, Sheet
from kasauti.cli.typography import DASH, price, quantity, symbol
from kasauti.compose.masters import LoadedList
from kasauti.compose.price_rules import Bound
from kasauti.exchange.grammars import Grammar
from kasauti.exchange.master import Change, Listing

#: Whose names, as people write them.
_WHO = {Grammar.ZERODHA: "Zerodha", Grammar.OPENALGO: "OpenAlgo", Grammar.ANGEL: "Angel One"}


def loaded_lines(loaded: LoadedList) -> Iterator[str]:
    """Yield what loading a list did, a line each."""
    master = loaded.master
    by_exchange = counts([str(each.instrument.exchange) for each in master])
    yield f"[bold]{loaded.source}[/] of {master.day}: {_words(by_exchange)}"
    if master.left_out:
        yield f"Not traded here and left out: {_words(master.left_out)}"
    if loaded.before is None:
        yield "There is no list of an earlier day to compare it with."
    else:
        changes = counts([str(each.kind) for each in loaded.changes])
        yield f"Since {loaded.before}: {_words(changes) or 'nothing changed'}"
    if loaded.faults:
        yield f"[yellow]{quantity(len(loaded.faults))} must not trade: the list and our rules disagree.[/]"
    else:
        yield "[green]Nothing in it contradicts our rules.[/]"


def faults_table(faults: Mapping[str, str], most: int) -> Sheet:
    """Return why instruments must not trade; those with one reason in one row."""
    by_reason: dict[str, list[str]] = {}
    for instrument, reason in sorted(faults.items()):
        by_reason.setdefault(reason, []).append(instrument)
    rows: list[list[Cell]] = [
        [symbol(which[0]), "" if len(which) == 1 else f"and {quantity(len(which) - 1)} more", reason]
        for reason, which in list(by_reason.items())[:most]
    ]
    return Sheet([Column("Must not trade"), Column("", drop=1), Column("Because", least=30)], rows)


def instrument_view(row: InstrumentRow) -> Sheet:
    """Return one instrument, a fact in each row."""
    facts = [
        ("Instrument", row.instrument),
        ("Name", row.name),
        ("Kind", row.kind),
        ("Lot", quantity(row.lot_size)),
        ("Tick", price(row.tick_size)),
        ("Freeze quantity", DASH if row.freeze_quantity is None else quantity(row.freeze_quantity)),
        ("Expiry", row.expiry),
        ("Strike", None if row.strike is None else price(row.strike)),
        ("Underlying", row.underlying),
        ("ISIN", row.isin),
        ("Series", row.series),
        ("Token", str(row.token)),
        *((_WHO[grammar], name) for grammar, name in row.names.items()),
        ("Listed", f"{row.day}, {row.source}"),
        ("Trades", "yes" if row.tradable else row.fault or "no: it is watched for what is written on it"),
    ]
    return Sheet(
        [Column(""), Column("", least=40)], [[fact, text] for fact, text in facts if text], ruled=False
    )


def listings_table(listings: Sequence[Listing], *, empty: str) -> Sheet:
    """Return instruments, one a row."""
    return Sheet(
        [
            Column("Instrument"),
            Column("Name", drop=1, least=12),
            Column("Kind"),
            Column("Expiry", drop=2),
            Column("Strike", right=True, drop=3),
            Column("Lot", right=True),
            Column("Tick", right=True),
            Column("Freeze", right=True, drop=4),
        ],
        [_listing_row(each) for each in listings],
        empty=empty,
    )


def _listing_row(listing: Listing) -> list[Cell]:
    instrument = listing.instrument
    return [
        symbol(instrument.id),
        instrument.name,
        str(instrument.kind),
        DASH if instrument.expiry is None else instrument.expiry.isoformat(),
        price(instrument.strike),
        quantity(instrument.lot_size),
        price(instrument.tick_size),
        quantity(instrument.freeze_quantity) if instrument.freeze_quantity else DASH,
    ]


def changes_table(changes: Sequence[Change], most: int) -> Sheet:
    """Return changes of terms first, then what came and went, as many as fit."""
    terms = [each for each in changes if each.before]
    others = [each for each in changes if not each.before]
    shown = (terms + others)[:most]
    return Sheet(
        [Column("Instrument"), Column("What"), Column("Before", right=True), Column("After", right=True)],
        [[symbol(e.instrument), str(e.kind), e.before or DASH, e.after or DASH] for e in shown],
        empty="Nothing changed.",
        footer=[f"and {quantity(len(changes) - most)} more", "", "", ""] if len(changes) > most else (),
    )


def bounds_table(bounds: Sequence[Bound]) -> Sheet:
    """Return the rules on a price, one a row."""
    return Sheet(
        [Column("Rule"), Column("Lowest", right=True), Column("Highest", right=True), Column("", least=30)],
        [[each.rule, _or_dash(each.low), _or_dash(each.high), each.note] for each in bounds],
    )


def _or_dash(units: int | None) -> str:
    return DASH if units is None else price(units)


def _words(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{quantity(number)} {word}" for word, number in numbers.items())
