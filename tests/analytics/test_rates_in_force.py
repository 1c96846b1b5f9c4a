"""The rates a run paid, in words; the numbers are the exchange's circulars', by date."""

from dataclasses import replace
from datetime import date

import numpy as np
from tests.analytics.runs import ASSUMPTIONS, clock, days_of, orders_of, run_of

from kasauti.analytics.rates_in_force import rates_in_force
from kasauti.analytics.run import Run


def traded(place: int, product: str, first: date, days: int = 1) -> Run:
    orders = orders_of((clock(10), place, 1, "MARKET", "0"))
    orders = replace(orders, product=[product], filled=np.ones(1, np.int64))
    return run_of(orders=orders, days=days_of(*["100000"] * days, first=first))


def test_options_before_and_after_the_finance_act_of_2024() -> None:
    """STT on option sells: 0.0625 % until 2024-09-30, 0.1 % from 2024-10-01 (Finance (No. 2) Act 2024)."""
    before, after = rates_in_force(traded(1, "NRML", date(2024, 9, 30), days=2))
    assert before.startswith("Options on NFO: brokerage ₹20 an order, STT 0.0625 % of sells, ")
    assert after.startswith("Options on NFO from 2024-10-01: brokerage ₹20 an order, STT 0.1 % of sells, ")
    assert "GST 18 %" in after


def test_delivery_pays_stt_on_both_sides_and_intraday_on_sells() -> None:
    (delivery,) = rates_in_force(traded(0, "CNC", date(2026, 11, 23)))
    (intraday,) = rates_in_force(traded(0, "MIS", date(2026, 11, 23)))
    assert "STT 0.1 % of both sides" in delivery
    assert "STT 0.025 % of sells" in intraday
    assert "brokerage 0.03 %, at most ₹20 an order" in intraday


def test_nothing_is_said_of_what_is_not_known() -> None:
    run = traded(0, "CNC", date(2026, 11, 23))
    assert rates_in_force(replace(run, assumptions=replace(ASSUMPTIONS, plan="somebody else"))) == []
    assert rates_in_force(traded(0, "CNC", date(1990, 1, 1))) == []
    assert rates_in_force(run_of(days=days_of("100000"))) == []
