"""What corporate actions make of shares, contracts and prices (market_rules.md 3.4)."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.money import rupees
from kasauti.errors import ConfigError
from kasauti.exchange.corporate_actions import Action, Adjusted, CorporateActions, NoCorporateActions
from kasauti.exchange.overlay import Overlay, using


def row(**fields: Any) -> dict[str, Any]:
    return {
        "source": "the company's notice",
        "confidence": "certain",
        "effective_from": "2026-06-02",
    } | fields


def actions(*rows: dict[str, Any]) -> CorporateActions:
    own = Overlay("mine", (("corporate_actions.json", json.dumps({"actions": rows})),))
    with using(own):
        return CorporateActions()


def action(**fields: Any) -> Action:
    (found,) = actions(row(**fields)).of(fields["symbol"])
    return found


TRENT = row(symbol="TRENT", kind="bonus", new=1, **{"for": 2})


def trent() -> Action:
    (found,) = actions(TRENT).of("TRENT")
    return found


def itc() -> Action:
    (found,) = CorporateActions().of("ITC")
    return found


# The two vectors of the sheet


def test_a_bonus_of_one_for_two_multiplies_by_one_and_a_half() -> None:
    """TRENT 1:2, f = 1.5: units and lots times f, strikes and prices divided by f."""
    bonus = trent()
    share, future = bonus.of_share("NSE:TRENT"), bonus.of_contract("NFO:TRENT26JUNFUT")

    assert share == Adjusted("NSE:TRENT", 3, 2)
    assert future == Adjusted("NFO:TRENT26JUNFUT", 3, 2)
    assert future.units(100) == 150  # a lot of 100 is one of 150
    assert future.units(-200) == -300
    assert future.price(rupees(5400)) == rupees(3600)
    assert bonus.strike(rupees(5400)) == rupees(3600)
    assert bonus.strike(rupees(5500)) == rupees("3666.65")  # 3,666.67 to the nearest 5 paise
    option = bonus.of_contract("NFO:TRENT26JUN5500CE")
    assert option is not None
    assert option.into == "NFO:TRENT26JUN3666.65CE"


def test_an_extraordinary_dividend_comes_off_strikes_and_futures() -> None:
    """ITC, 8 rupees, 2026-05-27: strike 255 became 247."""
    dividend = itc()

    assert (dividend.ex_date, dividend.extraordinary) == (date(2026, 5, 27), True)
    assert dividend.of_contract("NFO:ITC26JUN255CE") == Adjusted("NFO:ITC26JUN247CE")
    assert dividend.of_contract("NFO:ITC26JUN255PE") == Adjusted("NFO:ITC26JUN247PE")
    future = dividend.of_contract("NFO:ITC26JUNFUT")
    assert future == Adjusted("NFO:ITC26JUNFUT", off=rupees(8))
    assert future.price(rupees(300)) == rupees(292)
    assert dividend.of_share("NSE:ITC") == Adjusted("NSE:ITC", dividend=rupees(8))


def test_an_ordinary_dividend_changes_no_contract() -> None:
    ordinary = action(symbol="INFY", kind="dividend", rupees="20", extraordinary=False)

    assert ordinary.of_contract("NFO:INFY26JUN1500CE") is None
    assert ordinary.of_contract("NFO:INFY26JUNFUT") is None
    assert ordinary.of_share("NSE:INFY") == Adjusted("NSE:INFY", dividend=rupees(20))


@pytest.mark.parametrize(
    ("fields", "instrument", "adjusted"),
    [
        ({"kind": "split", "held": 1, "becomes": 10}, "NSE:XY", Adjusted("NSE:XY", 10, 1)),
        ({"kind": "split", "held": 10, "becomes": 1}, "BSE:XY", Adjusted("BSE:XY", 1, 10)),
        ({"kind": "rename", "into": "ZED"}, "NSE:XY", Adjusted("NSE:ZED")),
        ({"kind": "rename", "into": "ZED"}, "NSE:XY-BE", Adjusted("NSE:ZED-BE")),
        ({"kind": "rename", "into": "ZED"}, "NFO:XY26JUN100CE", Adjusted("NFO:ZED26JUN100CE")),
        ({"kind": "rename", "into": "ZED"}, "NFO:XY26JUNFUT", Adjusted("NFO:ZED26JUNFUT")),
        ({"kind": "merger", "held": 25, "becomes": 42, "into": "ZED"}, "NSE:XY", Adjusted("NSE:ZED", 42, 25)),
        ({"kind": "split", "held": 1, "becomes": 5}, "NFO:XY26JUN42.5PE", Adjusted("NFO:XY26JUN8.5PE", 5, 1)),
    ],
)
def test_what_each_kind_makes_of_an_instrument(
    fields: dict[str, Any], instrument: str, adjusted: Adjusted
) -> None:
    found = action(symbol="XY", **fields)

    assert (found.of_share(instrument) or found.of_contract(instrument)) == adjusted


@pytest.mark.parametrize(
    "instrument",
    [
        "NSE:TREN",
        "NSE:TRENT2",
        "NSE:TRENTX-BE",
        "NFO:TRENTX26JUNFUT",
        "NFO:NIFTY26JUNFUT",
        "NFO:TRENT",
        "NSE:BAJAJ-AUTO",
    ],
)
def test_other_instruments_stay_as_they_are(instrument: str) -> None:
    bonus = trent()

    assert bonus.of_share(instrument) is None
    assert bonus.of_contract(instrument) is None


def test_a_symbol_with_a_dash_is_no_series() -> None:
    split = action(symbol="BAJAJ-AUTO", kind="split", held=1, becomes=2)

    assert split.of_share("NSE:BAJAJ-AUTO") == Adjusted("NSE:BAJAJ-AUTO", 2, 1)
    assert action(symbol="BAJAJ", kind="split", held=1, becomes=2).of_share("NSE:BAJAJ-AUTO") is None


def test_actions_are_found_by_their_ex_date() -> None:
    known = actions(TRENT, row(symbol="INFY", kind="split", held=1, becomes=2, effective_from="2026-06-05"))
    june = (date(2026, 6, 1), date(2026, 6, 5))

    assert [each.symbol for each in known.between(*june)] == ["TRENT", "INFY"]
    assert [each.symbol for each in known.between(date(2026, 6, 2), june[1])] == ["INFY"]
    assert known.between(date(2026, 6, 5), date(2026, 6, 30)) == []
    assert NoCorporateActions().between(date(2020, 1, 1), date(2030, 1, 1)) == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"symbol": "XY", "kind": "spinoff"}, "spinoff"),
        (
            {"symbol": "XY", "kind": "split", "held": 1},
            "the split of XY on 2026-06-02 needs becomes, held, and nothing else",
        ),
        (
            {"symbol": "XY", "kind": "split", "held": 1, "becomes": 2, "into": "Z"},
            "needs becomes, held, and nothing else",
        ),
        ({"symbol": "XY", "kind": "split", "held": 0, "becomes": 2}, "it is above 0"),
        ({"symbol": "XY", "kind": "split", "held": 1, "becomes": 0}, "it is above 0"),
        (
            {"symbol": "XY", "kind": "dividend", "rupees": "5"},
            "needs extraordinary, rupees, and nothing else",
        ),
        ({"symbol": "XY", "kind": "dividend", "rupees": "-5", "extraordinary": False}, "it is above 0"),
        ({"symbol": "XY", "kind": "rights", "new": 1, "for": 10}, "needs for, new, rupees, and nothing else"),
        ({"symbol": "XY", "kind": "bonus", "new": 0, "for": 2}, "it is above 0"),
        ({"symbol": "XY", "kind": "rename"}, "needs into, and nothing else"),
        ({"symbol": "XY", "kind": "split", "helt": 1, "becomes": 2}, "helt"),
    ],
)
def test_a_row_that_cannot_be_is_refused_at_load(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        actions(row(**fields))


# Any ratio


@given(
    held=st.integers(1, 100),
    becomes=st.integers(1, 100),
    quantity=st.integers(-(10**6), 10**6),
)
def test_units_never_grow_beyond_the_ratio_and_lose_less_than_one(
    held: int, becomes: int, quantity: int
) -> None:
    change = Adjusted("NSE:XY", becomes, held)

    units = change.units(quantity)

    assert abs(units) * held <= abs(quantity) * becomes < (abs(units) + 1) * held
    assert units * quantity >= 0


@given(st.integers(1, 100), st.integers(1, 100), st.integers(500, 10**9), st.sampled_from([100, 500, 1000]))
def test_prices_are_on_the_tick_and_as_near_as_can_be(held: int, becomes: int, price: int, tick: int) -> None:
    found = Adjusted("NSE:XY", becomes, held).price(price, tick)

    assert found % tick == 0
    assert found == tick or abs(2 * found * becomes - 2 * price * held) <= tick * becomes
