"""Lists of instruments: what is read of each kind, and what is refused with its place."""

import gzip
import os
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.feeds.instruments.lists import DAY, found, read

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.errors import MarketDataError
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.master_faults import MasterFaults
from kasauti.feeds.instruments.kite import COLUMNS
from kasauti.feeds.instruments.reading import read_list

SHARED = Path(os.environ.get("KASAUTI_SHARED", Path(__file__).parents[4] / "shared"))

KITE = [
    "256265,1001,NIFTY 50,NIFTY 50,0,,0,0,0,EQ,INDICES,NSE",
    "779521,3045,SBIN,STATE BANK OF INDIA,0,,0,0.05,1,EQ,NSE,NSE",
    "3813889,14898,CENTRALBK-BE,CENTRAL BANK OF INDIA,0,,0,0.01,1,EQ,NSE,NSE",
    "12683010,49543,NIFTY26NOV26000CE,NIFTY,0,2026-11-23,26000,0.05,65,CE,NFO-OPT,NFO",
    "9485826,37054,RELIANCE26NOVFUT,RELIANCE,0,2026-11-23,0,0.1,500,FUT,NFO-FUT,NFO",
    "109124103,426266,CRUDEOIL26DECFUT,CRUDEOIL,0,2026-12-18,0,1,1,FUT,MCX-FUT,MCX",
    "1283,5,USDINR26NOVFUT,USDINR,0,2026-11-26,0,0.0025,1,FUT,CDS-FUT,CDS",
    "1542,6,USDINR26NOVFUT,USDINR,0,2026-11-26,0,0.0025,1,FUT,BCD-FUT,BCD",
]


def kite(tmp_path: Path, *rows: str, header: str = ",".join(COLUMNS)) -> Path:
    file = tmp_path / "instruments-2026-11-20.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def test_kites_dump(tmp_path: Path) -> None:
    master = read(kite(tmp_path, *KITE))

    assert master.day == DAY
    assert master.left_out == {"BCD": 1}
    assert set(master.sources) == {Exchange.NSE, Exchange.NFO, Exchange.MCX, Exchange.CDS}
    assert found(master, "NFO:NIFTY26NOV26000CE") == Instrument(
        Exchange.NFO,
        "NIFTY26NOV26000CE",
        Kind.CALL,
        rupees("0.05"),
        65,
        name="NIFTY",
        expiry=date(2026, 11, 23),
        strike=rupees(26000),
        underlying="NSE:NIFTY 50",
        on_index=True,
    )
    assert found(master, "NFO:RELIANCE26NOVFUT").underlying == "NSE:RELIANCE"
    assert not found(master, "NFO:RELIANCE26NOVFUT").on_index
    assert found(master, "NSE:NIFTY 50").kind is Kind.INDEX
    assert found(master, "NSE:SBIN").series == "EQ"
    assert found(master, "NSE:CENTRALBK-BE").series == "BE"
    assert MasterFaults(master, Calendar()).all() == {}


def test_lots_of_commodities_and_currencies_become_units(tmp_path: Path) -> None:
    """Kite counts them in lots: one lot of CRUDEOIL is 100 barrels, one of USDINR 1,000 dollars."""
    master = read(kite(tmp_path, *KITE))

    assert found(master, "MCX:CRUDEOIL26DECFUT").lot_size == 100
    assert found(master, "CDS:USDINR26NOVFUT").lot_size == 1000


def test_a_commodity_whose_lot_nobody_knows_is_taken_and_does_not_trade(tmp_path: Path) -> None:
    row = "109124103,426266,CARDAMOM26DECFUT,CARDAMOM,0,2026-12-18,0,1,1,FUT,MCX-FUT,MCX"

    master = read(kite(tmp_path, KITE[1], row))

    assert "How many units" in MasterFaults(master, Calendar()).all()["MCX:CARDAMOM26DECFUT"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (KITE[1].replace(",EQ,", ",WARRANT,"), "line 2: instrument_type is 'WARRANT'; on NSE it is EQ"),
        (KITE[3].replace(",CE,", ",EQ,"), "instrument_type is 'EQ'; on NFO it is FUT, CE, PE"),
        (KITE[1].replace("0.05", "0"), "tick_size is '0'; a tick is above 0"),
        (KITE[1].replace("0.05", "-1"), "tick_size is '-1'"),
        (KITE[1].replace("0.05", "0.00001"), "tick_size is '0.00001', finer than"),
        (KITE[1].replace("0.05", ""), "tick_size is empty"),
        (KITE[1].replace("0.05", "NaN"), "tick_size is 'NaN', which is no number"),
        (KITE[3].replace(",65,", ",0,"), "lot_size is '0', not a whole number above 0"),
        (KITE[3].replace(",65,", ",6.5,"), "lot_size is '6.5', not a whole"),
        (KITE[3].replace(",26000,", ",0,"), "strike is '0'; the strike of an option is above 0"),
        (KITE[3].replace("2026-11-23", ""), "expiry is empty"),
        (KITE[3].replace("2026-11-23", "23NOV2026"), "expiry is '23NOV2026', which is no day"),
        (KITE[1].replace("NSE,NSE", "NSE,LSE"), "exchange is 'LSE'; known are NSE, BSE"),
        (
            KITE[1].replace("779521", "779522"),
            "instrument_token is 779522, which exchange_token 3045 does not give",
        ),
        (KITE[1].replace(",SBIN,", ",,"), "tradingsymbol is empty"),
        (KITE[1] + ",more", "it has 13 cells, the first line names 12 columns"),
    ],
)
def test_one_line_that_cannot_be_refuses_the_list(tmp_path: Path, row: str, says: str) -> None:
    with pytest.raises(MarketDataError) as refused:
        read(kite(tmp_path, row, KITE[4]))

    assert says in str(refused.value)
    assert str(refused.value).startswith("instruments-2026-11-20.csv, line 2: ")


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    header = ",".join(name for name in COLUMNS if name not in {"lot_size", "strike"})

    with pytest.raises(MarketDataError, match="line 1: the columns strike, lot_size is missing"):
        read(kite(tmp_path, header=header))


def test_what_is_listed_twice_does_not_trade(tmp_path: Path) -> None:
    master = read(kite(tmp_path, KITE[3], KITE[3].replace(",65,", ",75,"), KITE[4]))

    assert MasterFaults(master, Calendar()).all() == {
        "NFO:NIFTY26NOV26000CE": "the list has it twice, and not the same"
    }


def test_a_list_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MarketDataError, match="has no instrument in it"):
        read(kite(tmp_path))


def test_packed_lists_are_opened(tmp_path: Path) -> None:
    plain = kite(tmp_path, *KITE)
    packed = tmp_path / "kite_20261120.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    zipped = tmp_path / "kite_20112026.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(plain, "instruments.csv")

    assert read(packed) == read(plain) == read(zipped)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a,b\n1,2\n", "is no list of instruments that is known"),
        (b"", "is no list of instruments that is known"),
        (b"\x1f\x8b\x08broken", "cannot be unpacked"),
        (b"PKbroken", "cannot be unpacked"),
        (b"\xff\xfe\x00", "is no text in UTF-8"),
        (b"[{]", "is no JSON list"),
        (b"[1]", "line 1: it is 1, not an object"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "list-2026-11-20"
    file.write_bytes(content)

    with pytest.raises(MarketDataError, match=says):
        read_list(file)


def test_the_day_is_in_the_name_or_is_given(tmp_path: Path) -> None:
    file = kite(tmp_path, *KITE).rename(tmp_path / "instruments.csv")

    with pytest.raises(MarketDataError, match="does not say of which day it is; give --date"):
        read(file)
    assert read(file, DAY).day == DAY


# What was really published


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not here; set KASAUTI_SHARED to the folder that has it")
    return path


def test_kites_own_dump_of_november_2025_agrees_with_our_rules_in_every_row() -> None:
    master = read(shared("data/instruments/kite_NFO_2025-11_38752rows.csv.gz"), date(2025, 11, 10))

    assert len(master) == 38_752
    assert MasterFaults(master, Calendar()).all() == {}
    assert found(master, "NFO:ADANIENT25NOV2423.7CE").strike == rupees(Decimal("2423.7"))


def test_kites_sample_dump_and_angels_sample_are_read() -> None:
    kites = read(shared("fixtures/kite/instruments_all.csv"), date(2017, 12, 1))
    angels = read(shared("fixtures/smartapi/scrip_master_sample.json"), DAY)

    assert found(kites, "NFO:BANKNIFTY18JAN23500CE").name == "BANKNIFTY"  # the sample leaves the name out
    assert found(kites, "NSE:HUDCO-N8").series == "N8"
    assert found(angels, "NFO:NIFTY26DEC24500CE").lot_size == 65
    assert MasterFaults(angels, Calendar()).all() == {}
