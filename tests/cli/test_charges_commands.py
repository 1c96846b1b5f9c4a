"""`kasauti charges` and `kasauti note` as a person has them, and a sentence for each error."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.cli.command import kasauti

DAY = ("--date", "2026-11-20")
CALL = "NIFTY26N2426000CE"


def quoted(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = kasauti("charges", *words, *DAY, "--json").json()
    return found


def test_an_order_is_quoted_on_both_sides_with_its_break_even() -> None:
    """V4 bought and sold at 120: 27.11 and 38.58; the tax of the exit rises with its price: 1.0125."""
    found = quoted("BUY", "65", CALL, "@120")

    assert found["orders"][0]["instrument"] == f"NFO:{CALL}"
    assert found["orders"][0]["charges"]["stamp"] == "0.23"
    assert (found["orders"][0]["total"], found["closing"][0]["total"]) == ("27.11", "38.58")
    assert (found["total"], found["break_even"]) == ("65.69", "1.0125")


def test_the_table_has_every_part_and_the_points() -> None:
    ended = kasauti("charges", "BUY", "65", CALL, "@120", *DAY, env={"COLUMNS": "160"})

    assert ended.code == 0
    for word in ("brokerage", "STT", "exchange", "SEBI", "stamp", "GST", "total", "65.69", "Round trip"):
        assert word in ended.out
    assert "Break-even in points: 1.0125" in ended.out


@pytest.mark.parametrize(
    ("words", "instrument"),
    [
        ("BUY 65 NIFTY26NOVFUT @24000", "NFO:NIFTY26NOVFUT"),
        ("BUY 20 SENSEX26N2680000CE @300", "BFO:SENSEX26N2680000CE"),
        ("BUY 100 CRUDEOIL26DECFUT @5800", "MCX:CRUDEOIL26DECFUT"),
        ("BUY 1000 USDINR26DECFUT @88.5", "CDS:USDINR26DECFUT"),
        ("BUY 1000 BCD:USDINR26DECFUT @88.5", "BCD:USDINR26DECFUT"),
        ("buy 5 reliance @1,500", "NSE:RELIANCE"),
        ("BUY 5 BSE:RELIANCE@1500", "BSE:RELIANCE"),
        ("SELL 5 M&M @3000", "NSE:M&M"),
    ],
)
def test_a_symbol_without_an_exchange_is_where_it_is_listed(words: str, instrument: str) -> None:
    assert quoted(*words.split())["orders"][0]["instrument"] == instrument


def test_several_orders_are_quoted_together_also_in_quotes() -> None:
    found = quoted("SELL 65 NIFTY26N2426000CE @120", "SELL 65 NIFTY26N2426000PE @110")

    assert [order["side"] for order in found["orders"]] == ["SELL", "SELL"]
    assert Decimal(found["break_even"]) == (Decimal(found["total"]) / 65).quantize(Decimal("0.0001"))


def test_each_order_may_name_its_product() -> None:
    first, second = quoted("BUY", "100", "SBIN", "MIS", "@800", "SELL", "100", "SBIN", "@801")["orders"]
    assert (first["product"], second["product"]) == ("MIS", "CNC")
    [third] = quoted("buy 100 SBIN mis @800", "--product", "CNC")["orders"]
    assert third == first


def test_plan_product_series_and_fund_are_taken() -> None:
    assert (
        quoted("BUY", "100", "SBIN", "@800", "--plan", "upstox")["orders"][0]["charges"]["brokerage"] == "20"
    )
    assert quoted("SELL", "100", "SBIN", "@800", "--product", "mis")["orders"][0]["charges"]["stt"] == "20"
    assert (
        quoted("BUY", "100", "BSE:SBIN", "@800", "--series", "xt")["orders"][0]["charges"]["exchange"] == "80"
    )
    assert quoted("BUY", "100", "GOLDBEES", "@80", "--fund", "other")["orders"][0]["charges"]["stt"] == "0"


def test_a_plan_of_ones_own_is_read_from_the_overlay(tmp_path: Path) -> None:
    about = {"effective_from": "2024-01-01", "source": "my contract", "confidence": "certain"}
    plan = {
        "name": "mine", "title": "My broker", "as_of": "2026-11-01", "ipft_in_gst": False,
        "rates": [{"charge_classes": ["option"], "percent": "0.01", "cap": "10", **about}],
        "dp": [{"flat": "10", **about}], "auto_square_off": [{"flat": "0", **about}],
    }  # fmt: skip
    (tmp_path / "brokerage.json").write_text(json.dumps({"plans": [plan]}, indent=1))
    own = ("--set", f"rules.overlay={tmp_path}", "--plan", "mine")

    assert quoted("BUY", "65", CALL, "@120", *own)["orders"][0]["charges"]["brokerage"] == "0.78"
    (tmp_path / "brokerage.json").write_text(
        json.dumps({"plans": [plan]}, indent=1).replace('"cap"', '"capp"')
    )
    said = kasauti("charges", "BUY", "65", CALL, "@120", *DAY, *own)
    assert said.code == 3
    assert "line 14: 'capp' is not a field here. Did you mean 'cap'?" in said.sentence()


ERRORS = {
    "BUY": (2, "is not an order; write side, units, symbol and price"),
    "HOLD 5 SBIN @800": (2, "'HOLD' is neither BUY nor SELL"),
    "BUY x SBIN @800": (2, "x is not a number of units"),
    "BUY 0 SBIN @800": (2, "0 is not a number of units"),
    "BUY 5 SBIN": (2, "BUY 5 SBIN has no price"),
    "BUY 5 SBIN @-3": (2, "@-3 is not a price above 0"),
    "BUY 5 SBIN @abc": (2, "'abc' is not an amount in rupees"),
    "BUY 5 NIFTY @100": (2, "NIFTY is an index and does not trade"),
    "BUY 5 NFX:SBIN @3": (2, "NFX in NFX:SBIN is no exchange"),
    "BUY 5 NFO:SBIN @3": (2, "'SBIN' is not the tradingsymbol of a future or an option"),
    "BUY 5 SBIN @3 --product NRML": (2, "NSE:SBIN (EQ) does not trade under NRML"),
    "BUY 5 SBIN @3 --product CNCC": (
        2,
        "CNCC is no product; there are CNC, MIS, NRML, MTF. Did you mean CNC?",
    ),
    "BUY 5 SBIN @3 --fund gold": (2, "gold is no kind of fund"),
    "BUY 5 SBIN @3 --rounding up": (2, "up is no way of rounding"),
    "BUY 5 SBIN @3 --plan zeroda": (3, "Did you mean zerodha?"),
    "BUY 5 SBIN @3 --date 2020-01-01": (7, "it is known from 2023-04-01"),
    "BUY 5 MCX:PLUTONIUM26DECFUT @3": (7, "PLUTONIUM is not known on any date"),
}


@pytest.mark.parametrize("words", ERRORS)
def test_every_error_is_a_sentence(words: str) -> None:
    code, says = ERRORS[words]
    day = () if "--date" in words else DAY

    ended = kasauti("charges", *words.split(), *day)

    assert ended.code == code
    assert says in ended.sentence()


def test_the_note_of_an_account_is_shown_and_written(account: Path, tmp_path: Path) -> None:
    page = tmp_path / "note.html"
    ended = kasauti("note", "--data", account, "--html", page, env={"COLUMNS": "160"})
    said = kasauti("note", "--data", account, "--json").json()
    funds = kasauti("funds", "--data", account, "--json").json()

    assert ended.code == 0
    assert said["charges"] == funds["charges"], "the account has one day, so its note is all it has paid"
    assert said["charges"]["total"] in ended.out
    assert said["charges"]["total"] in page.read_text(encoding="utf-8")
    assert "no note of 2020-01-01" in kasauti("note", "--data", account, "--date", "2020-01-01").sentence()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        # market_rules.md 2.6: 24 November 2026 is a holiday, so the month's contracts ended on the 23rd.
        (
            "BUY 65 NIFTY26N2426000CE @120",
            (
                "2026-11-24 is no expiry of NIFTY, so nobody lists NIFTY26N2426000CE. Near it are"
                " 2026-11-17 and 2026-11-23 and 2026-12-01."
            ),
        ),
        ("BUY 64 NIFTY26D0126000CE @120", "64 of NIFTY26D0126000CE cannot be ordered: a lot is 65 units."),
        ("BUY 30 NIFTY26DECFUT @24000", "30 of NIFTY26DECFUT cannot be ordered: a lot is 65 units."),
        (
            "BUY 65 BFO:NIFTY26DECFUT @24000",
            "BFO does not list NIFTY26DECFUT: contracts on NIFTY are NFO's.",
        ),
        ("SELL 65 NIFTY26OCTFUT @24000", "NIFTY26OCTFUT expired on 2026-10-27, before 2026-11-20."),
    ],
)
def test_what_nobody_could_order_is_said_beside_its_cost(words: str, says: str) -> None:
    assert quoted(*words.split())["remarks"][-1] == says


def test_a_day_without_trading_is_said() -> None:
    found = kasauti("charges", "BUY", "5", "SBIN", "@800", "--date", "2026-11-24", "--json").json()

    assert found["remarks"][-1] == "2026-11-24 is not a trading day of NSE; these are the rules of that date."


def test_what_looks_like_a_contract_and_is_none_is_not_taken_for_a_share() -> None:
    ended = kasauti("charges", "BUY", "65", "NIFTY26N3126000CE", "@120", *DAY)

    assert ended.code == 2
    assert "'NIFTY26N3126000CE' is not the tradingsymbol of a future or an option" in ended.err
