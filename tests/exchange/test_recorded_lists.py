"""Our rules against what was published: NSE's F&O bhavcopies and Kite's instrument dump."""

import csv
import gzip
import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.contracts import ContractBook
from kasauti.exchange.dated_symbols import Contract, parse_dated
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.grammars import Grammar, Spelling, canonical, contract_of, spell
from kasauti.exchange.segments import has_derivatives
from kasauti.exchange.symbols import future_symbol, option_symbol, parse
from kasauti.exchange.udiff import columns, read_columns

SHARED = Path(os.environ.get("KASAUTI_SHARED", Path(__file__).parents[3] / "shared"))
BHAVCOPY = SHARED / "data/fo_bhavcopy_udiff/nse_fo_udiff_bhavcopy_2025-01_2026-01_9sym.parquet"
KITE_DUMP = SHARED / "data/instruments/kite_NFO_2025-11_38752rows.csv.gz"
DUMPED_ON = date(2025, 11, 10)

CALENDAR = Calendar()
EXPIRIES = Expiries(CALENDAR)
CONTRACTS = ContractBook(EXPIRIES)
LAST_KNOWN = CALENDAR.known[1]


class Listed(NamedTuple):
    """A contract as the exchange listed it on a day."""

    on: date
    name: str
    expiry: date
    lot: int


#: Expiries that stood on a holiday: the exchange had not yet moved them on the day of the list.
NOT_YET_MOVED = {
    (date(2025, 1, 1), "BANKNIFTY", date(2025, 2, 26)): date(2025, 2, 25),
    (date(2025, 1, 1), "MIDCPNIFTY", date(2025, 3, 31)): date(2025, 3, 28),
    (DUMPED_ON, "NIFTY", date(2026, 3, 31)): date(2026, 3, 30),
    (DUMPED_ON, "BANKNIFTY", date(2026, 3, 31)): date(2026, 3, 30),
}


def needs(path: Path) -> None:
    if not path.exists():
        pytest.skip(f"{path.name} is not here; set KASAUTI_SHARED to the folder that has it")


@pytest.fixture(scope="module")
def bhavcopy() -> list[Listed]:
    needs(BHAVCOPY)
    table = pq.read_table(BHAVCOPY, columns=["TradDt", "TckrSymb", "XpryDt", "NewBrdLotQty"])
    contracts = table.group_by(table.column_names).aggregate([]).to_pylist()
    return [
        Listed(row["TradDt"].date(), row["TckrSymb"], row["XpryDt"].date(), row["NewBrdLotQty"])
        for row in contracts
        if row["XpryDt"].date() <= LAST_KNOWN
    ]


@pytest.fixture(scope="module")
def dump() -> list[dict[str, str]]:
    needs(KITE_DUMP)
    with gzip.open(KITE_DUMP, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def dumped(rows: list[dict[str, str]]) -> Iterator[Listed]:
    for row in rows:
        expiry = date.fromisoformat(row["expiry"])
        if expiry <= LAST_KNOWN:
            yield Listed(DUMPED_ON, row["name"], expiry, int(row["lot_size"]))


def moved(listed: Listed) -> date:
    return NOT_YET_MOVED.get((listed.on, listed.name, listed.expiry), listed.expiry)


def disagreements(contracts: set[Listed]) -> list[Listed]:
    return [c for c in contracts if not EXPIRIES.is_expiry(c.name, moved(c), listed_on=c.on)]


def wrong_lots(contracts: set[Listed]) -> list[Listed]:
    indices = [c for c in contracts if c.name in EXPIRIES.names]
    assert indices
    return [c for c in indices if CONTRACTS.lot_size(c.name, moved(c), on=c.on) != c.lot]


def test_every_expiry_in_the_bhavcopies_is_ours(bhavcopy: list[Listed]) -> None:
    assert len({c.expiry for c in bhavcopy}) >= 40
    assert disagreements(set(bhavcopy)) == []


def test_every_index_lot_in_the_bhavcopies_is_ours(bhavcopy: list[Listed]) -> None:
    assert wrong_lots(set(bhavcopy)) == []


def test_our_weekly_expiries_of_january_2026_were_traded(bhavcopy: list[Listed]) -> None:
    """The other way round: no expiry of ours is missing from the exchange's lists."""
    listed = {c.expiry for c in bhavcopy if c.name == "NIFTY" and c.on.year == 2026}

    assert {e.day for e in EXPIRIES.expiries("NIFTY", date(2026, 1, 6), date(2026, 2, 17))} <= listed


def test_every_expiry_and_lot_in_kites_dump_is_ours(dump: list[dict[str, str]]) -> None:
    contracts = set(dumped(dump))

    assert disagreements(contracts) == []
    assert wrong_lots(contracts) == []


def test_every_share_in_kites_dump_is_known_to_have_derivatives(dump: list[dict[str, str]]) -> None:
    shares = {row["name"] for row in dump} - set(EXPIRIES.names)

    assert [name for name in sorted(shares) if not has_derivatives(name, ever=True)] == []


def test_every_symbol_in_kites_dump_is_read_and_written(dump: list[dict[str, str]]) -> None:
    """38,752 symbols, without and with the list of names."""
    names = {row["name"] for row in dump}
    assert len(dump) == 38_752
    for row in dump:
        symbol, name, expiry = row["tradingsymbol"], row["name"], date.fromisoformat(row["expiry"])
        kind, strike = Kind(row["instrument_type"]), rupees(Decimal(row["strike"]))

        read = parse(symbol)

        assert read == parse(symbol, names)
        assert (read.name, read.kind, read.strike) == (name, kind, strike), symbol
        assert (read.year, read.month) == (expiry.year, expiry.month), symbol
        assert read.expiry in {None, expiry}, symbol
        if kind is Kind.FUTURE:
            assert future_symbol(name, expiry) == symbol
        else:
            assert option_symbol(name, expiry, strike, kind, monthly=read.monthly) == symbol


def test_kites_dump_uses_the_monthly_form_for_our_monthly_expiries(dump: list[dict[str, str]]) -> None:
    for row in dump:
        expiry = date.fromisoformat(row["expiry"])
        listed = Listed(DUMPED_ON, row["name"], expiry, 0)
        if expiry <= LAST_KNOWN:
            monthly = EXPIRIES.is_monthly(row["name"], moved(listed), listed_on=DUMPED_ON)
            assert parse(row["tradingsymbol"]).monthly == monthly, row["tradingsymbol"]


def listed_instrument(row: dict[str, str]) -> Instrument:
    return Instrument(
        Exchange.NFO,
        row["tradingsymbol"],
        Kind(row["instrument_type"]),
        rupees(Decimal(row["tick_size"])),
        int(row["lot_size"]),
        name=row["name"],
        expiry=date.fromisoformat(row["expiry"]),
        strike=rupees(Decimal(row["strike"])),
        on_index=row["name"] in EXPIRIES.names,
    )


def test_every_contract_in_kites_dump_goes_through_every_grammar_and_back(dump: list[dict[str, str]]) -> None:
    """38,752 contracts: each has a name of its own in every grammar, which says the same contract."""
    seen: dict[Grammar, set[Spelling]] = {grammar: set() for grammar in Grammar}
    for row in dump:
        instrument = listed_instrument(row)
        contract = contract_of(instrument)
        for grammar in Grammar:
            seen[grammar].add(spell(instrument, grammar))
        for grammar in (Grammar.OPENALGO, Grammar.ANGEL):
            assert parse_dated(spell(instrument, grammar).symbol) == contract
        named = read_columns(columns(instrument))
        assert (Contract(named.name, named.kind, named.expiry or LAST_KNOWN, named.strike)) == contract
        assert (named.exchange, named.on_index) == (instrument.exchange, instrument.on_index)

    assert {grammar: len(spellings) for grammar, spellings in seen.items()} == dict.fromkeys(Grammar, 38_752)


def test_our_symbols_are_those_of_kites_dump_where_our_rules_know_the_expiry(
    dump: list[dict[str, str]],
) -> None:
    written = 0
    for row in dump:
        instrument = listed_instrument(row)
        assert instrument.expiry is not None
        if (
            instrument.expiry <= LAST_KNOWN
            and (DUMPED_ON, row["name"], instrument.expiry) not in NOT_YET_MOVED
        ):
            written += 1
            spelling = spell(instrument, Grammar.OPENALGO)
            assert canonical(spelling, Grammar.OPENALGO, EXPIRIES) == instrument.id

    assert written > 35_000


def test_every_row_of_the_bhavcopies_is_named_as_the_exchange_names_it() -> None:
    """NSE's own names (FinInstrmNm) of 2025 and January 2026 are Zerodha's symbols."""
    needs(BHAVCOPY)
    wanted = ["FinInstrmTp", "TckrSymb", "XpryDt", "StrkPric", "OptnTp", "FinInstrmNm"]
    table = pq.read_table(BHAVCOPY, columns=["TradDt", *wanted])
    rows = table.group_by(wanted).aggregate([("TradDt", "min")]).to_pylist()
    assert len(rows) > 10_000
    wrong = []
    for row in rows:
        named = read_columns(row, Exchange.NFO)
        assert named.expiry is not None
        on = row["TradDt_min"].date()
        listed = Listed(on, named.name, named.expiry, 0)
        if named.expiry > LAST_KNOWN:
            continue
        if named.kind is Kind.FUTURE:
            symbol = future_symbol(named.name, named.expiry)
        else:
            monthly = EXPIRIES.is_monthly(named.name, moved(listed), listed_on=on)
            symbol = option_symbol(named.name, named.expiry, named.strike, named.kind, monthly=monthly)
        if symbol != row["FinInstrmNm"]:
            wrong.append((on, row["FinInstrmNm"], symbol))
    assert wrong == []
