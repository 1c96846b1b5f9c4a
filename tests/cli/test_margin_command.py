"""`kasauti margin` explains what orders would block: whole, by leg, by scenario."""

from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from tests.cli.command import kasauti
from tests.exchange.span.spn_files import Commodity, Contract, spn

from kasauti import margin
from kasauti.domain.money import rupees

SOLD, BOUGHT = "SELL 65 NIFTY26N2426000CE @120", "BUY 65 NIFTY26N2426500CE @40"
SPREAD = (SOLD, BOUGHT, "--date", "2026-11-20", "--spot", "NIFTY=25980")


def test_a_spread_says_what_its_hedge_saves() -> None:
    answer = kasauti("margin", *SPREAD, "--json").json()

    sold, bought = answer["legs"]
    assert (sold["premium"], bought["premium"]) == ("-7800.00", "2600.00")
    assert (bought["alone"], sold["saves"]) == ("0.00", "0.00")
    assert rupees(bought["saves"]) == rupees(sold["alone"]) - rupees(answer["total"]) > 0
    assert answer["exposure"] == "33774.00"  # 2 % of 25,980 x 65
    assert rupees(answer["total"]) == rupees(answer["span"]) + rupees(answer["exposure"])
    assert rupees(answer["order_by_order"]) == rupees(sold["alone"]) + rupees(2600)
    assert rupees(answer["cash"]) == rupees(answer["total"]) - rupees(5200)
    assert answer["label"].startswith("approximate (SPAN-lite, no risk file)")


def test_legs_are_read_with_quotes_and_without() -> None:
    bare = [*SOLD.split(), *BOUGHT.split(), *SPREAD[2:]]
    assert kasauti("margin", *bare, "--json").json() == kasauti("margin", *SPREAD, "--json").json()
    assert "write BUY or SELL" in kasauti("margin", "65", "NIFTY26N2426000CE").sentence()


def test_what_a_person_reads_has_the_total_the_scenario_and_the_label() -> None:
    told = kasauti("margin", *SPREAD).out

    for words in ("blocked on 20 Nov 2026", "approximate (SPAN-lite", "worst of 16 scenarios: no. ", "Saves"):
        assert words in told


def test_on_the_last_day_a_sold_option_is_exposed_twice() -> None:
    answer = kasauti("margin", SOLD, "--date", "2026-11-24", "--spot", "NIFTY=25980", "--json").json()

    assert answer["expiry_day"] == answer["exposure"] == "33774.00"


@pytest.mark.parametrize(
    ("legs", "note"),
    [
        ([SOLD], "the strike of NIFTY26N2426000CE stands for it"),
        ([SOLD, "BUY 65 NIFTY26DECFUT @26100"], "taken from NIFTY26DECFUT"),
        ([SOLD, "SELL 65 NIFTY26N2426000PE @110"], "the call and the put at 26000"),
    ],
)
def test_where_the_price_of_the_underlying_comes_from_is_said(legs: list[str], note: str) -> None:
    assert note in margin(legs, on="2026-11-20").notes[0]


def test_a_price_that_cannot_be_is_named_with_what_was_taken_instead() -> None:
    """A call struck at 26,000 for 120 with NIFTY at 26,500: more than 500 by exercising it."""
    answer = margin(["SELL 65 NIFTY26D0126000CE @120"], on="2026-11-20", spot={"NIFTY": 26_500})
    fair = margin(["SELL 65 NIFTY26D0126000CE @620"], on="2026-11-20", spot={"NIFTY": 26_500})

    (note,) = [each for each in answer.notes if "cannot be" in each]
    assert note.startswith("NIFTY26D0126000CE at 120.00 cannot be: exercising it would bring 55")
    assert "the least volatility of the rules, 5%" in note
    assert not [each for each in fair.notes if "cannot be" in each]


def test_legs_of_one_contract_are_added_up() -> None:
    spot = {"NIFTY": "25980"}

    assert margin([SOLD, SOLD], on=date(2026, 11, 20), spot=spot).total == (
        margin(["SELL 130 NIFTY26N2426000CE @120"], on=date(2026, 11, 20), spot=spot).total
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """CRUDEOIL alone: a future loses 300 at most, its call 200 when sold, and 90 together."""
    expiry = date(2026, 12, 18)
    future = ["300.00", "-300.00", *["0"] * 14]
    call = ["210.00", "-200.00", *["0"] * 14]
    crude = Commodity(
        "CRUDEOIL",
        "5000.00",
        [Contract(expiry, "FUT", "5020.00", future), Contract(expiry, "C", "80.00", call, "0.6", "5100.00")],
    )
    path = tmp_path / "mcx.zip"
    with ZipFile(path, "w") as packed:
        packed.writestr("mcx.spn", spn(date(2026, 11, 20), [crude]))
    return path


def test_a_span_file_makes_it_exact_for_any_segment(file: Path) -> None:
    legs = ("BUY 100 MCX:CRUDEOIL26DECFUT @5020", "SELL 100 MCX:CRUDEOIL26DEC5100CE @80")

    answer = kasauti("margin", *legs, "--file", file, "--json").json()

    assert (answer["on"], answer["label"]) == (
        "2026-11-20",
        "exact: risk arrays of mcx.zip, made for 2026-11-20",
    )
    (crude,) = answer["underlyings"]
    assert (crude["scan_risk"], crude["worst"]) == ("9000.00", 1)
    assert answer["span"] == "17000.00"  # and the 8,000 that the call is worth
    assert answer["exposure"] == "10020.00"  # 1 % of 5,020 x 100 and of 5,000 x 100


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["SELL NIFTY26N2426000CE"], "is not a leg; write BUY or SELL, units, symbol and price"),
        (["SELL 0 NIFTY26N2426000CE @120"], "has a quantity of 0"),
        (["SELL 65 NIFTY26N2426000CE", "--date", "2026-11-20"], "has no price"),
        (["SELL 65 NIFTYCE @120", "--date", "2026-11-20"], "is not the tradingsymbol"),
        (["SELL 65 XYZ:NIFTY26DECFUT @1"], "XYZ in 'SELL 65 XYZ:NIFTY26DECFUT @1' is no exchange"),
        ([SOLD, "--date", "2026-11-25"], "expired on 2026-11-24; its margin is asked for 2026-11-25"),
        ([SOLD, "--date", "20th"], "is not a day"),
        ([SOLD, "--date", "2026-11-20", "--spot", "25980"], "--spot 25980 is not a price"),
        (["SELL 65 NIFTY28DECFUT @1", "--date", "2026-11-20"], "are not known"),
        (["SELL 1 MCX:MENTHAOIL26DECFUT @950", "--date", "2026-11-20"], "MENTHAOIL are not known"),
        (["SELL 1 CRUDEOIL26DECFUT @5000", "--date", "2023-09-29"], "(commodity) is not known on 2023"),
        (["SELL 1 PALLADIUM26DECFUT @5000", "--date", "2026-11-20"], "contract on no index, share"),
        ([SOLD, "--file", "nowhere.spn"], "There is no SPAN file nowhere.spn"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(arguments: list[str], says: str) -> None:
    assert says in kasauti("margin", *arguments).sentence()


def test_a_contract_that_the_file_lacks_is_named(file: Path) -> None:
    sentence = kasauti("margin", "BUY 100 MCX:CRUDEOIL27JANFUT @5020", "--file", file).sentence()

    assert sentence == "The SPAN file has no CRUDEOIL27JANFUT; check symbol and file."


def test_a_broken_zip_is_named(tmp_path: Path) -> None:
    path = tmp_path / "half.zip"
    path.write_bytes(b"PK\x03\x04half")

    assert "half.zip is not a whole zip file" in kasauti("margin", SOLD, "--file", path).sentence()


def test_what_nobody_could_order_and_what_is_not_used_is_said() -> None:
    found = margin(["SELL 64 NIFTY26D0126000CE @120"], on="2026-11-21", spot={"NIFTY": 25980, "SENSEX": 1})

    assert found.notes == (
        "The price of SENSEX is not used: no leg is on it.",
        "2026-11-21 is not a trading day of NFO; these are the rules of that date.",
        "64 of NIFTY26D0126000CE cannot be ordered: a lot is 65 units.",
    )


@pytest.mark.parametrize("price", ["119.95", "120", "120.05", "87.35"])
def test_the_parts_of_the_span_margin_that_are_shown_make_it_up(price: str) -> None:
    found = margin([f"SELL 65 NIFTY26D0126000CE @{price}"], on="2026-11-20", spot={"NIFTY": 25980})

    part = found.underlyings[0]
    assert part.scan_risk + part.calendar_charge - part.inter_credit - part.net_option_value == part.span
    assert found.total == part.span + part.exposure
