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

from kasauti.domain.instrument import Kind
from kasauti.domain.money import rupees
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.contracts import ContractBook
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.segments import has_derivatives
from kasauti.exchange.symbols import future_symbol, option_symbol, parse

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
