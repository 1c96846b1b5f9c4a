"""`kasauti calendar`: whether an exchange trades on a day, and which days of a year are unlike the others."""

from typing import Any

import pytest
from tests.cli.command import kasauti


# market_rules.md 2.4: the exchanges' own lists of 2026.
@pytest.mark.parametrize(
    ("day", "exchange", "trades", "why"),
    [
        ("2026-11-24", "NSE", False, "Guru Nanak"),
        ("2026-11-24", "MCX", True, "evening session only"),
        ("2026-11-08", "BSE", True, "Muhurat session"),
        ("2026-11-21", "NFO", False, "Saturday"),
        ("2026-11-20", "CDS", True, "Regular trading day"),
    ],
)
def test_a_day_is_told_by_exchange(day: str, exchange: str, *, trades: bool, why: str) -> None:
    found = kasauti("calendar", day, "--exchange", exchange, "--json").json()
    assert found["is_trading_day"] is trades
    assert why in found["hours"][0]["why"]
    assert bool(found["hours"][0]["phases"]) is trades


def of_year(exchange: str) -> dict[str, Any]:
    found: dict[str, Any] = kasauti("calendar", "2026", "--exchange", exchange, "--json").json()
    return found


def test_a_year_has_its_holidays_and_special_sessions() -> None:
    shares, commodities = of_year("nse"), of_year("MCX")
    assert {"2026-01-26", "2026-04-03", "2026-11-24"} <= {each["date"] for each in shares["holidays"]}
    assert {each["date"] for each in shares["special_sessions"]} >= {"2026-02-01", "2026-11-08"}
    assert {each["trades"] for each in shares["holidays"]} == {"none"}
    assert "evening" in {each["trades"] for each in commodities["holidays"]}
    told = kasauti("calendar", "2026").out
    assert "Republic Day" in told
    assert "closed on Saturdays and Sundays" in told


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("2028",), "is not known"),
        (("2028-01-03",), "is not known"),
        (("2026-02-30",), "is not a day"),
        (("26",), "no year"),
        (("0000",), "no year"),
        (("2026", "--exchange", "LSE"), "choose NSE"),
    ],
)
def test_what_is_not_known_is_said(asked: tuple[str, ...], sentence: str) -> None:
    assert sentence in kasauti("calendar", *asked).sentence()
