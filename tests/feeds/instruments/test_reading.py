"""Lists of instruments: what is read of each kind, and what is refused with its place."""

import csv
import gzip
import io
import json
import os
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.errors import MarketDataError
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.master import Master
from kasauti.exchange.master_faults import MasterFaults
from kasauti.feeds.instruments.kite import COLUMNS
from kasauti.feeds.instruments.reading import read_list

SHARED = Path(os.environ.get("KASAUTI_SHARED", Path(__file__).parents[4] / "shared"))
DAY = date(2026, 11, 20)

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


def read(file: Path, day: date | None = None) -> Master:
    master = read_list(file, day).master
    assert master is not None
    return master


def found(master: Master, instrument_id: str) -> Instrument:
    listing = master.find(instrument_id)
    assert listing is not None
    return listing.instrument


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


# Angel One


def angel_row(*, number: str = "49543", **fields: str) -> dict[str, str]:
    row = {
        "token": number,
        "symbol": "NIFTY23NOV2626000CE",
        "name": "NIFTY",
        "expiry": "23NOV2026",
        "strike": "2600000.000000",
        "lotsize": "65",
        "instrumenttype": "OPTIDX",
        "exch_seg": "NFO",
        "tick_size": "5.000000",
    }
    return row | fields


def angel(tmp_path: Path, *rows: dict[str, str]) -> Path:
    file = tmp_path / "OpenAPIScripMaster-2026-11-20.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    return file


def test_angels_scrip_master(tmp_path: Path) -> None:
    weekly = angel_row(symbol="NIFTY17NOV2626000CE", expiry="17NOV2026", number="1")
    share = angel_row(
        symbol="SBIN-EQ",
        name="SBIN",
        expiry="",
        strike="-1.000000",
        lotsize="1",
        instrumenttype="",
        exch_seg="NSE",
        number="3045",
    )
    index = share | {
        "symbol": "Nifty 50",
        "name": "NIFTY",
        "instrumenttype": "AMXIDX",
        "tick_size": "0.000000",
        "token": "99926000",
    }
    crude = angel_row(
        symbol="CRUDEOIL18DEC26FUT",
        name="CRUDEOIL",
        expiry="18DEC2026",
        strike="-1.000000",
        lotsize="100",
        instrumenttype="FUTCOM",
        exch_seg="MCX",
        tick_size="100.000000",
        number="7",
    )
    dollar = angel_row(
        symbol="USDINR26NOV2688.25PE",
        name="USDINR",
        expiry="26NOV2026",
        strike="8825000.000000",
        lotsize="1000",
        instrumenttype="OPTCUR",
        exch_seg="CDS",
        tick_size="0.250000",
        number="8",
    )
    spot = angel_row(symbol="GOLD", instrumenttype="COMDTY", exch_seg="MCX", number="9")

    master = read(angel(tmp_path, angel_row(), weekly, share, index, crude, dollar, spot))

    assert master.left_out == {"COMDTY": 1}
    assert found(master, "NFO:NIFTY26NOV26000CE").strike == rupees(26000)  # the last expiry of the month
    assert found(master, "NFO:NIFTY26N1726000CE").expiry == date(2026, 11, 17)
    assert found(master, "NSE:SBIN").series == "EQ"
    assert found(master, "NSE:NIFTY 50").kind is Kind.INDEX
    assert found(master, "MCX:CRUDEOIL26DECFUT") == Instrument(
        Exchange.MCX,
        "CRUDEOIL26DECFUT",
        Kind.FUTURE,
        rupees(1),
        100,
        name="CRUDEOIL",
        expiry=date(2026, 12, 18),
    )
    assert found(master, "CDS:USDINR26NOV88.25PE").strike == rupees("88.25")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"instrumenttype": "OPTXYZ"}, "instrumenttype is 'OPTXYZ'; known are AMXIDX"),
        ({"lotsize": "0"}, "lotsize is '0'"),
        ({"tick_size": "0.000000"}, "tick_size is '0.000000'; a tick is above 0"),
        ({"strike": "-1.000000"}, "strike is '-1.000000'; the strike of an option is above 0"),
        ({"strike": "2605000.000000"}, "symbol is 'NIFTY23NOV2626000CE', the other fields say"),
        ({"expiry": "24NOV2026"}, "the other fields say"),
        ({"expiry": "2026-11-23"}, "expiry is '2026-11-23', which is no day like 29DEC2026"),
        ({"symbol": "NIFTY"}, "an option's ends in CE or PE"),
        ({"exch_seg": "NYSE"}, "exch_seg is 'NYSE'"),
        ({"token": ""}, "token is empty"),
    ],
)
def test_one_object_that_cannot_be_refuses_angels_list(
    tmp_path: Path, change: dict[str, str], says: str
) -> None:
    with pytest.raises(MarketDataError) as refused:
        read(angel(tmp_path, angel_row() | change))

    assert says in str(refused.value)
    assert "line 1: " in str(refused.value)


def test_a_missing_field_of_angels_is_named(tmp_path: Path) -> None:
    row = angel_row()
    del row["tick_size"]

    with pytest.raises(MarketDataError, match="line 1: the field tick_size is missing"):
        read(angel(tmp_path, row))


def test_the_type_and_the_name_of_an_index_have_to_agree(tmp_path: Path) -> None:
    row = angel_row(name="RELIANCE", symbol="RELIANCE23NOV2626000CE")

    faults = MasterFaults(read(angel(tmp_path, row)), Calendar()).all()

    assert faults == {
        "NFO:RELIANCE26NOV26000CE": "the list says that RELIANCE is an index, our table says otherwise"
    }


# The exchanges

BHAVCOPY = (
    "TradDt,BizDt,Sgmt,Src,FinInstrmTp,FinInstrmId,ISIN,TckrSymb,SctySrs,XpryDt,FininstrmActlXpryDt,StrkPric,OptnTp,"
    "FinInstrmNm,OpnPric,HghPric,LwPric,ClsPric,LastPric,PrvsClsgPric,UndrlygPric,SttlmPric,OpnIntrst,"
    "ChngInOpnIntrst,TtlTradgVol,TtlTrfVal,TtlNbOfTxsExctd,SsnId,NewBrdLotQty,Rmks,Rsvd1,Rsvd2,Rsvd3,Rsvd4"
)
#: Rows as NSE and BSE write them in 2026.
RELIANCE_FUTURE = (
    "2026-07-16,2026-07-16,FO,NSE,STF,140001,,RELIANCE,,2026-07-28,2026-07-28,,,RELIANCE26JULFUT,"
    "1300.00,1313.50,1296.00,1299.10,1299.10,1305.00,1296.00,1299.10,105054000,-756000,20697,"
    "1000000.00,15000,F1,500,,,,,"
)
RELIANCE_CALL = (
    "2026-07-16,2026-07-16,FO,NSE,STO,140002,,RELIANCE,,2026-07-28,2026-07-28,1300.00,CE,"
    "RELIANCE26JUL1300CE,25.00,30.00,22.00,28.00,27.50,29.00,1296.00,28.00,975000,163000,662,"
    "4400000.00,585,F1,500,,,,,"
)
SENSEX_CALL = (
    "2026-08-07,2026-08-07,FO,BSE,IDO,839781,,SENSEX,,2026-08-27,2026-08-27,83900.00,CE,"
    "SENSEX26AUG83900CE,0.00,0.00,0.00,16.50,0.00,91.30,78499.17,74.25,220,0,0,0.00,0,F1,20,,,,,"
)
BE_SHARE = (
    "2026-07-16,2026-07-16,CM,NSE,STK,1594,INE009A01021,CENTRALBK,BE,,,,,CENTRAL BANK OF INDIA,40,"
    "41,39,40.5,40.5,40,,40.5,,,1000,40500.00,10,F1,1,,,,,"
)


def bhavcopy(tmp_path: Path, *rows: str) -> Path:
    file = tmp_path / "BhavCopy.csv"
    file.write_text("\n".join([BHAVCOPY, *rows]) + "\n", encoding="utf-8")
    return file


def test_a_bhavcopy_says_its_day_and_takes_ticks_from_our_rules(tmp_path: Path) -> None:
    master = read(bhavcopy(tmp_path, RELIANCE_FUTURE, RELIANCE_CALL, BE_SHARE))

    assert master.day == date(2026, 7, 16)
    assert found(master, "NFO:RELIANCE26JULFUT").tick_size == rupees("0.10")  # that of a share at 1,296
    assert found(master, "NFO:RELIANCE26JUL1300CE") == Instrument(
        Exchange.NFO,
        "RELIANCE26JUL1300CE",
        Kind.CALL,
        rupees("0.05"),
        500,
        name="RELIANCE",
        expiry=date(2026, 7, 28),
        strike=rupees(1300),
        underlying="NSE:RELIANCE",
    )
    share = found(master, "NSE:CENTRALBK-BE")
    assert (share.series, share.isin, share.tick_size) == ("BE", "INE009A01021", rupees("0.01"))
    assert MasterFaults(master, Calendar()).all() == {}


def test_a_bhavcopy_of_bse(tmp_path: Path) -> None:
    master = read(bhavcopy(tmp_path, SENSEX_CALL))

    call = found(master, "BFO:SENSEX26AUG83900CE")
    assert (call.lot_size, call.on_index, call.underlying) == (20, True, "BSE:SENSEX")
    assert MasterFaults(master, Calendar()).all() == {}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (RELIANCE_CALL.replace(",STO,", ",XXX,"), "FinInstrmTp is 'XXX'"),
        (RELIANCE_CALL.replace(",F1,500,", ",F1,,"), "NewBrdLotQty is empty"),
        (RELIANCE_CALL.replace(",1300.00,CE,", ",0.00,CE,"), "a strike is above 0"),
        (RELIANCE_CALL.replace("1296.00", "0"), "is not a price level"),
        (
            RELIANCE_CALL.replace("2026-07-16", "2026-07-15", 1),
            "TradDt is 2026-07-15, the file is of 2026-07-16",
        ),
    ],
)
def test_one_line_that_cannot_be_refuses_a_bhavcopy(tmp_path: Path, row: str, says: str) -> None:
    with pytest.raises(MarketDataError, match=f"line 3: .*{says}"):
        read(bhavcopy(tmp_path, RELIANCE_FUTURE, row))


def test_the_day_of_a_bhavcopy_is_its_own(tmp_path: Path) -> None:
    with pytest.raises(MarketDataError, match="is of 2026-07-16, not of 2026-07-17"):
        read(bhavcopy(tmp_path, RELIANCE_FUTURE), date(2026, 7, 17))


def contract_file(tmp_path: Path, **change: str) -> Path:
    """NSE writes days as seconds since 1980 and prices in paise."""
    seconds = (date(2026, 11, 23) - date(1980, 1, 1)).days * 86_400 + 52_200
    row = {
        "FinInstrmId": "49543",
        "UndrlygFinInstrmId": "26000",
        "FinInstrmNm": "OPTIDX",
        "TckrSymb": "NIFTY",
        "XpryDt": str(seconds),
        "StrkPric": "2600000",
        "OptnTp": "CE",
        "MinLot": "65",
        "NewBrdLotQty": "65",
        "BidIntrvl": "5",
    } | change
    text = io.StringIO()
    writer = csv.DictWriter(text, list(row))
    writer.writeheader()
    writer.writerow(row)
    file = tmp_path / "NSE_FO_contract_20112026.csv"
    file.write_text(text.getvalue(), encoding="utf-8")
    return file


def test_nses_contract_file(tmp_path: Path) -> None:
    master = read(contract_file(tmp_path))

    call = found(master, "NFO:NIFTY26NOV26000CE")
    assert (master.day, call.tick_size, call.strike) == (DAY, rupees("0.05"), rupees(26000))
    assert MasterFaults(master, Calendar()).all() == {}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"FinInstrmNm": "SPREAD"}, "FinInstrmNm is 'SPREAD'; known are FUTIDX"),
        ({"BidIntrvl": "0"}, "BidIntrvl is '0'"),
        ({"OptnTp": "XX"}, "OptnTp is 'XX'"),
        ({"StrkPric": "-1"}, "StrkPric is '-1'"),
    ],
)
def test_one_line_that_cannot_be_refuses_the_contract_file(
    tmp_path: Path, change: dict[str, str], says: str
) -> None:
    with pytest.raises(MarketDataError, match=f"line 2: {says}"):
        read(contract_file(tmp_path, **change))


def test_freeze_quantities(tmp_path: Path) -> None:
    file = tmp_path / "qtyfreeze_20112026.csv"
    file.write_text(
        "S.No.,SYMBOL    ,VOL_FRZ_QTY    \n1    ,BANKNIFTY ,600            \n2,NIFTY ,1800\n",
        encoding="utf-8",
    )

    read = read_list(file)

    assert (read.master, read.freeze) == (None, {"BANKNIFTY": 600, "NIFTY": 1800})
    file.write_text("S.No.,SYMBOL,VOL_FRZ_QTY\n1,NIFTY,1800\n2,NIFTY,1200\n", encoding="utf-8")
    with pytest.raises(MarketDataError, match="line 3: SYMBOL is 'NIFTY', which stands in a line before"):
        read_list(file)


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
