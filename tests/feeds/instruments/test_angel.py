"""Angel One's scrip master: what is read of it, and what is refused with its place."""

import json
from datetime import date
from pathlib import Path

import pytest
from tests.feeds.instruments.lists import found, read

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.errors import MarketDataError
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.master_faults import MasterFaults


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
