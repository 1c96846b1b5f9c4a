"""Numbers as people in India write them."""

from datetime import date

import pytest
from tests.cli.screens.drawn import option

from kasauti.cli import typography as ty
from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees


@pytest.mark.parametrize(
    ("units", "text", "style"),
    [
        (rupees("1234567.50"), "+12,34,567.50", ty.UP),
        (rupees("-640"), "-640.00", ty.DOWN),
        (0, "0.00", ""),
    ],
)
def test_a_result_has_a_sign_as_well_as_a_colour(units: int, text: str, style: str) -> None:
    made = ty.result(units)

    assert (made.plain, made.style) == (text, style)


def test_a_results_sign_stands_before_the_rupee() -> None:
    assert ty.result(rupees("-4916.83"), sign="₹").plain == "-₹4,916.83"


@pytest.mark.parametrize(
    ("units", "text"),
    [
        (0, ty.DASH),
        (98_450, "98,450"),
        (7_080_000, "70.80L"),
        (28_300_000, "2.83Cr"),
        (-120_000, "-1.20L"),
    ],
)
def test_large_counts_are_short(units: int, text: str) -> None:
    assert ty.compact(units) == text


@pytest.mark.parametrize(("units", "text"), [(65_000, "0.65"), (12_213_000, "122.13"), (0, ty.DASH)])
def test_counts_in_lakhs(units: int, text: str) -> None:
    assert ty.lakhs(units) == text


def test_a_change_in_lakhs_is_signed_and_may_be_nothing() -> None:
    assert [ty.lakhs(units, signed=True) for units in (50_000, -346_000, 0)] == ["+0.50", "-3.46", "+0.00"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min 00 s"),
        (303, "5 min 03 s"),
        (3600, "1 h 00 min"),
        (7620, "2 h 07 min"),
    ],
)
def test_lengths_of_time(seconds: float, text: str) -> None:
    assert ty.duration(round(seconds * 1e9)) == text


def test_a_missing_number_is_a_dash_and_never_a_zero() -> None:
    assert [ty.price(0), ty.mean_price(0), ty.percent(None), ty.clock(0)] == [ty.DASH] * 4


def test_an_average_is_shown_to_the_paisa() -> None:
    assert ty.mean_price(106_667) == "10.67"


def test_whole_rupees_are_rounded_and_grouped() -> None:
    assert [ty.whole_rupees(rupees(text)) for text in ("484084.50", "-0.40", "-1500.60")] == [
        "₹4,84,085",
        "₹0",
        "-₹1,501",
    ]


def test_contracts_are_named_as_people_say_them() -> None:
    call = option(26_000, Kind.CALL)
    future = Instrument(
        Exchange.NFO, "NIFTY26NOVFUT", Kind.FUTURE, 500, name="NIFTY", expiry=date(2026, 11, 23)
    )
    share = Instrument(Exchange.NSE, "INFY", Kind.EQUITY, 1000)

    assert ty.contract(call) == "NIFTY 23 NOV 26000 CE"
    assert ty.contract(call, short=True) == "NIFTY 26000 CE"
    assert ty.contract(future) == "NIFTY 23 NOV FUT"
    assert ty.contract(share) == "INFY"


def test_strikes_keep_the_paise_they_have() -> None:
    assert [ty.strike(rupees(text)) for text in ("26000", "102.50")] == ["26000", "102.50"]


def test_the_short_id_of_an_order_is_its_last_part() -> None:
    assert ty.short_id("PAPER_20261123091500_NIFTY26NOV26000CE_1A") == "#1A"


@pytest.mark.parametrize(
    ("part", "right", "left"),
    [
        (0.0, "    ", "    "),
        (0.5, "██  ", "  ██"),
        (0.375, "█▌  ", "  ▐█"),
        (1.0, "████", "████"),
        (7, "████", "████"),
    ],
)
def test_bars_grow_from_the_strike_outwards(part: float, right: str, left: str) -> None:
    assert (ty.bar(part, 4), ty.bar(part, 4, to_left=True)) == (right, left)


def test_a_line_of_bars_runs_from_its_lowest_to_its_highest_value() -> None:
    assert ty.sparkline([10, 80, 45], 8) == "▁█▄"
    assert ty.sparkline([5, 5], 8) == "▁▁"
    assert ty.sparkline([5], 8) == ""
    assert ty.sparkline([1, 2], 0) == ""


def test_a_long_line_is_thinned_and_keeps_its_last_value() -> None:
    line = ty.sparkline([*range(100), 1000], 10)

    assert len(line) == 10
    assert line[-1] == "█"
