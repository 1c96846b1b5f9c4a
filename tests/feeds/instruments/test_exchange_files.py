"""The exchanges' own lists: bhavcopies, NSE's contract file and freeze quantities."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from tests.feeds.instruments.lists import DAY, found, read

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.errors import MarketDataError
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.master_faults import MasterFaults
from kasauti.feeds.instruments.reading import read_list

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


@pytest.mark.parametrize(
    ("row", "instrument"),
    [
        (BE_SHARE.replace("CENTRALBK,BE", "CENTRALBK,SM"), "NSE:CENTRALBK-SM"),
        (BE_SHARE.replace("CM,NSE", "CM,BSE").replace("CENTRALBK,BE", "CENTRALBK,A"), "BSE:CENTRALBK"),
    ],
)
def test_a_share_whose_tick_nobody_knows_is_taken_and_does_not_trade(
    tmp_path: Path, row: str, instrument: str
) -> None:
    faults = MasterFaults(read(bhavcopy(tmp_path, row)), Calendar()).all()

    assert list(faults) == [instrument]
    assert "a bhavcopy has no ticks" in faults[instrument]


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
