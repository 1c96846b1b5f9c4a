"""The rule files can be corrected and completed by hand, and a slip in them is named."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side, Validity
from kasauti.errors import ConfigError
from kasauti.exchange.calendar import Calendar, Segment
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.products import ProductRules

Edit = Callable[[str, Callable[[dict[str, Any]], None]], None]

CALL = Instrument(Exchange.NFO, "NIFTY26NOV26000CE", Kind.CALL, tick_size=500, name="NIFTY")


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Give a function that changes one file of a copy of the rules that everything then reads."""
    with as_file(files("kasauti.exchange").joinpath("data")) as data:
        shutil.copytree(data, tmp_path / "data")
    monkeypatch.setattr("kasauti.exchange.rules.files", lambda _package: tmp_path)

    def change(name: str, how: Callable[[dict[str, Any]], None]) -> None:
        path = tmp_path / "data" / name
        content = json.loads(path.read_text(encoding="utf-8"))
        how(content)
        path.write_text(json.dumps(content), encoding="utf-8")

    return change


def test_a_new_row_changes_the_rate_from_its_day_on(edit: Edit) -> None:
    def add(content: dict[str, Any]) -> None:
        row = next(r for r in content["trades"] if r["charge_classes"] == ["option"])
        content["trades"].append({**row, "effective_from": "2026-12-15", "sell_percent": "0.2"})

    edit("stt.json", add)
    book = ChargeBook()

    def stt(day: date) -> int:
        return book.schedule(CALL, Product.NRML, day).order_charges(Side.SELL, rupees(10_000)).stt

    assert stt(date(2026, 12, 14)) == rupees(15)
    assert stt(date(2026, 12, 15)) == rupees(20)


def test_a_holiday_added_at_short_notice_closes_the_market(edit: Edit) -> None:
    def add(content: dict[str, Any]) -> None:
        content["holidays"].append(
            {"date": "2026-12-16", "name": "Elections", "source": "NSE circular", "confidence": "certain"}
        )

    edit("calendar.json", add)

    assert Calendar().session(date(2026, 12, 16), Segment.DERIVATIVES) is None
    assert Calendar().why(date(2026, 12, 16)) == "Holiday: Elections"


@pytest.mark.parametrize("part", ["holidays", "special_sessions"])
def test_a_date_that_is_listed_twice_is_refused(edit: Edit, part: str) -> None:
    edit("calendar.json", lambda content: content[part].append(content[part][0]))

    with pytest.raises(
        ConfigError, match=r"calendar\.json line 1: a second row from 20\d\d-\d\d-\d\d; keep one"
    ):
        Calendar()


@pytest.mark.parametrize("clock", ["9:15", "24:00", "09:60", "09.15"])
def test_a_clock_time_that_is_none_is_refused(edit: Edit, clock: str) -> None:
    edit("hours.json", lambda content: content["hours"][0].update(open=clock))

    with pytest.raises(
        ConfigError,
        match=rf'hours\.json line 1: "{clock}" cannot be used: a time of day is wanted, like 09:15',
    ):
        Calendar()


def test_a_word_that_no_rule_knows_is_refused(edit: Edit) -> None:
    edit("square_off.json", lambda content: content["special"][0].update(kind="moorat"))

    with pytest.raises(
        ConfigError,
        match=r"\"moorat\" is no kind that is known\. Did you mean 'muhurat'\? Known: regular, special",
    ):
        Calendar()


def test_a_validity_that_is_not_taken_is_refused_by_name(edit: Edit) -> None:
    edit("products.json", lambda content: content["accepted"][0].update(validities=["DAY"]))
    share = Instrument(Exchange.NSE, "RELIANCE", Kind.EQUITY, tick_size=1000)

    refusal = ProductRules().refusal(share, Product.CNC, OrderType.LIMIT, Validity.IOC, on=date(2026, 11, 20))

    assert refusal is not None
    assert (refusal.rule, refusal.message) == (
        "validity.not_allowed",
        "IOC validity is not allowed for RELIANCE.",
    )
