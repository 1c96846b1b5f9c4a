"""Contracts on shares ask for more as their delivery comes near; figures by hand, by Zerodha's policy."""

from datetime import date

import pytest
from msgspec import structs
from tests.cli.command import kasauti

from kasauti import margin
from kasauti.compose.assumptions import assumptions_of
from kasauti.compose.markets import built_in_market
from kasauti.config import load_config
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import rupees

#: RELIANCE's monthly contract ends on Tuesday, 29 December 2026; the 25th is a holiday.
LAST, SPOT = date(2026, 12, 29), {"RELIANCE": 1500}
FUTURE, CALL = "SELL 500 RELIANCE26DECFUT @1500", "BUY 500 RELIANCE26DEC1400CE @120"


def delivery(leg: str, on: str) -> int:
    return margin([leg], on=on, spot=SPOT).delivery


@pytest.mark.parametrize(
    ("on", "more"),
    [("2026-12-24", "0"), ("2026-12-28", "0"), ("2026-12-29", "88125")],
)
def test_a_future_asks_for_half_as_much_again_on_its_last_day(on: str, more: str) -> None:
    """20 % scan and 3.5 % exposure of 7.5 lakh are 1,76,250; times 1.5 is less than half of the value."""
    found = margin([FUTURE], on=on)

    assert found.total == rupees("176250") + rupees(more)
    assert (found.delivery, found.legs[0].delivery) == (rupees(more), rupees(more))
    assert found.span + found.exposure == rupees("176250")


def test_no_more_than_half_of_the_value_is_asked_for() -> None:
    """A sold option deep in the money requires more than a third of the value by itself already."""
    found = margin(["SELL 500 RELIANCE26DEC1000CE @500"], on=LAST, spot=SPOT)

    alone = found.span + found.exposure
    assert rupees("250000") < alone
    assert found.total == max(alone, rupees("375000"))


@pytest.mark.parametrize(
    ("on", "more"),
    [
        ("2026-12-21", "0"),
        ("2026-12-22", "15000"),  # 10 % of 20 % of 7.5 lakh
        ("2026-12-23", "37500"),
        ("2026-12-24", "67500"),
        ("2026-12-28", "105000"),
        ("2026-12-29", "375000"),  # half of the value
    ],
)
def test_a_bought_option_in_the_money_asks_for_more_from_four_trading_days_before(on: str, more: str) -> None:
    assert delivery(CALL, on) == rupees(more)
    assert delivery("BUY 500 RELIANCE26DEC1600PE @120", on) == rupees(more)


@pytest.mark.parametrize(
    "leg",
    [
        "BUY 500 RELIANCE26DEC1500CE @12",  # at the money
        "BUY 500 RELIANCE26DEC1600CE @2",
        "BUY 500 RELIANCE26DEC1400PE @2",
        "SELL 65 NIFTY26D2926000CE @120",  # settled in cash
    ],
)
def test_what_delivers_nothing_asks_for_nothing(leg: str) -> None:
    assert margin([leg], on=LAST, spot=SPOT | {"NIFTY": 26_000}).delivery == 0


def test_a_hedge_takes_nothing_off_and_the_answer_says_so() -> None:
    legs = [CALL, "SELL 500 RELIANCE26DEC1500CE @50"]
    shown = kasauti("margin", *legs, "--date", "2026-12-28", "--spot", "RELIANCE=1500")

    assert margin(legs, on="2026-12-28", spot=SPOT).delivery == rupees("105000")
    assert "+ deliveries 1,05,000.00 = " in " ".join(shown.out.split())
    assert "RELIANCE26DEC1400CE: it ends in a delivery" in " ".join(shown.out.split())
    assert "Accounts of Kasauti do not block that" in " ".join(shown.out.split())


def test_the_least_for_sold_options_is_in_the_sum_that_is_shown() -> None:
    """30 % of 5,800 for 100 barrels is more than what the scenarios lose."""
    leg = "SELL 100 MCX:CRUDEOIL26DEC5800CE @180"
    shown = kasauti("margin", leg, "--date", "2026-11-30", "--spot", "CRUDEOIL=5800")

    part = margin([leg], on="2026-11-30", spot={"CRUDEOIL": 5800}).underlyings[0]
    assert part.option_minimum == rupees("174000")
    assert part.span == part.option_minimum - part.net_option_value
    assert ", raised to 1,74,000.00 (the least for sold options) - value of the options" in " ".join(
        shown.out.split()
    )


@pytest.mark.parametrize(
    ("day", "name", "times"),
    [
        (date(2026, 12, 24), "RELIANCE", 1),
        (date(2026, 12, 29), "RELIANCE", 1),
        (date(2026, 12, 21), "RELIANCE", 0),
        (date(2026, 12, 29), "NIFTY", 0),
    ],
)
def test_a_run_over_the_last_days_says_that_an_account_does_not_block_it(
    day: date, name: str, times: int
) -> None:
    future = Instrument(
        Exchange.NFO,
        f"{name}26DECFUT",
        Kind.FUTURE,
        tick_size=500,
        name=name,
        expiry=LAST,
        on_index=name == "NIFTY",
    )
    market = structs.replace(built_in_market(7, date(2026, 11, 23)), days=(day,), universe=Universe([future]))
    remarks = assumptions_of(load_config(None, {}, {}).config, market).remarks

    assert sum("end in a delivery" in each for each in remarks) == times
