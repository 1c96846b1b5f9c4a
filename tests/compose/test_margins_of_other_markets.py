"""Margins of commodities and currencies without a file: the published parameters, worked by hand."""

from datetime import date

import pytest

from kasauti.compose.margins import MarginAnswer, margin
from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.domain.order import Product
from kasauti.errors import RuleUnknown
from kasauti.exchange.margins import MarginTable
from kasauti.exchange.span.parameters import SpanParameters, Subject

TODAY = "2026-11-20"


def asked(*legs: str, on: str = TODAY, **spot: str) -> MarginAnswer:
    return margin(list(legs), on=on, spot=spot)


@pytest.mark.parametrize(
    ("leg", "on", "span", "exposure"),
    [
        # NCL/COM/74227: 30 % of 5,800 x 100; extreme loss 1 %
        ("SELL 100 CRUDEOIL26DECFUT @5800", TODAY, "174000", "5800"),
        ("BUY 100 CRUDEOIL26JUNFUT @5800", "2026-05-15", "191400", "5800"),  # 33 % until 2026-05-17
        # NCL/COM/73188: gold is medium, 8 %, since 2026-04-01; 7 % from 2025-10-14 on
        ("BUY 100 GOLD26DECFUT @125000", TODAY, "1000000", "125000"),
        ("BUY 100 GOLD25DECFUT @125000", "2025-10-14", "875000", "125000"),
        ("BUY 100 GOLD25DECFUT @125000", "2025-10-13", "750000", "125000"),
        # 1 % and the additional margins of the day: silver 7 %, gold 3 % from 2026-02-06 to 2026-02-18
        ("SELL 30 SILVER26MARFUT @250000", "2026-02-06", "862500", "600000"),
        ("SELL 30 SILVER26MARFUT @250000", "2026-02-19", "862500", "75000"),
        ("SELL 100 GOLD26APRFUT @150000", "2026-02-18", "1050000", "600000"),
        ("SELL 5000 ZINC26DECFUT @300", TODAY, "120000", "15000"),
        # NSE Clearing's page: 1.50 % and 1 %; 2.65 % and 0.7 %
        ("BUY 1000 USDINR26DECFUT @88", TODAY, "1320", "880"),
        ("SELL 1000 JPYINR26DECFUT @58", TODAY, "1537", "406"),
    ],
)
def test_a_future_is_margined_by_the_rows_of_its_day(leg: str, on: str, span: str, exposure: str) -> None:
    found = asked(leg, on=on)

    assert (found.span, found.exposure) == (rupees(span), rupees(exposure))
    assert "not measured" in found.label


@pytest.mark.parametrize(
    ("near", "far", "charge"),
    [
        ("USDINR26NOVFUT @88", "USDINR26DECFUT @88", 500),
        ("EURINR26NOVFUT @100", "EURINR26DECFUT @100", 750),
    ],
)
def test_a_calendar_spread_of_currencies_costs_rupees_by_the_months_between(
    near: str, far: str, charge: int
) -> None:
    (found,) = asked(f"BUY 1000 {near}", f"SELL 1000 {far}").underlyings

    assert found.calendar_charge == rupees(charge)


def test_further_months_cost_what_the_last_amount_says() -> None:
    """GBPINR: 1,575, 1,875 and from three months on 2,075 a contract."""
    parameters = SpanParameters().ranges(Subject.CURRENCY, "GBPINR", date.fromisoformat(TODAY))

    assert parameters.spread_amounts == (rupees("1.575"), rupees("1.875"), rupees("2.075"))


def test_a_calendar_spread_of_a_commodity_keeps_a_quarter_of_both_legs() -> None:
    """Half of 8 % of the underlying, for which the first future stands; both legs are exposed in full."""
    found = asked("BUY 10 GOLDM26DECFUT @125000", "SELL 10 GOLDM26NOVFUT @125000", on="2026-10-20")

    assert found.underlyings[0].calendar_charge == rupees(125_000 * 10 * 4) // 100
    assert found.exposure == rupees(2 * 125_000 * 10) // 100


def test_a_sold_option_on_a_commodity_has_a_minimum() -> None:
    """Far out of the money no scenario loses 30 % of 5,800: that is asked for, and the option's worth."""
    found = asked("SELL 100 CRUDEOIL26DEC9000CE @5", CRUDEOIL="5800")

    assert found.span == rupees(5800 * 100 * 30) // 100 + rupees(500)
    assert any("The expiry of CRUDEOIL26DEC9000CE is not known" in note for note in found.notes)


def test_an_option_on_currency_is_exposed_by_more_than_its_future() -> None:
    assert asked("SELL 1000 USDINR26DEC89CE @0.20", USDINR="88").exposure == rupees(1320)  # 1.5 %


def test_a_lot_and_a_tender_period_are_spoken_of() -> None:
    found = asked("SELL 50 CRUDEOIL26DECFUT @5800", on="2026-12-16")

    assert any("50 of CRUDEOIL26DECFUT cannot be ordered: a lot is 100 units" in note for note in found.notes)
    assert any("tender, delivery and devolvement margins are not in it" in note for note in found.notes)


@pytest.mark.parametrize(
    ("name", "exchange", "least", "most"),
    [
        ("CRUDEOIL", Exchange.MCX, 25, 40),
        ("GOLD", Exchange.MCX, 8, 15),
        ("SILVER", Exchange.MCX, 12, 20),
        ("NATURALGAS", Exchange.MCX, 30, 45),
        ("USDINR", Exchange.CDS, 2, 5),
        ("EURINR", Exchange.CDS, 2, 5),
        ("GBPINR", Exchange.CDS, 2, 5),
        ("JPYINR", Exchange.CDS, 2, 5),
    ],
)
def test_totals_lie_in_the_range_that_is_usual(name: str, exchange: Exchange, least: int, most: int) -> None:
    """market_rules.md 5.5; the account's buffer of 3 % is on top."""
    on = date.fromisoformat(TODAY)
    future = Instrument(exchange, f"{name}26DECFUT", Kind.FUTURE, 25, name=name, expiry=date(2026, 12, 18))

    blocked = MarginTable().of(future, Product.NRML, on).order(1000, rupees(1000), buys=True)

    assert least <= blocked / 103 * 100 / rupees(1_000_000) * 100 <= most


@pytest.mark.parametrize(
    ("subject", "name", "on"),
    [
        (Subject.COMMODITY, "MENTHAOIL", date(2026, 11, 20)),
        (Subject.COMMODITY, "COPPER", date(2025, 9, 30)),
        (Subject.COMMODITY, "GOLD", date(2023, 9, 30)),
        (Subject.CURRENCY, "USDINR", date(2024, 7, 21)),
        (Subject.CURRENCY, "CHFINR", date(2026, 11, 20)),
    ],
)
def test_what_nobody_published_is_an_error(subject: Subject, name: str, on: date) -> None:
    with pytest.raises(RuleUnknown, match=name):
        SpanParameters().ranges(subject, name, on)


def test_no_exposure_is_guessed_for_a_pair_without_a_row() -> None:
    with pytest.raises(RuleUnknown, match=r"exposure margin of EURUSD \(currency\)"):
        SpanParameters().charges(Subject.CURRENCY, "EURUSD", date.fromisoformat(TODAY))
