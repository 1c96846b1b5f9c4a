"""Quotations in all three ways of rounding, and break-even, against market_rules.md 1.5, 1.8 and 1.9."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import RUPEE, rupees
from kasauti.domain.order import Product, Side
from kasauti.errors import InvalidInput
from kasauti.exchange.brokerage import plan_named
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.estimate import Leg, Rounding, added, break_even, cost_of, debit_of, note_of, round_trip

TODAY = date(2026, 11, 20)
JULY_2023 = date(2023, 7, 13)
BUY, SELL = Side.BUY, Side.SELL
CNC, MIS, NRML = Product.CNC, Product.MIS, Product.NRML
BOOK = ChargeBook()


def leg(exchange: str, kind: str, name: str, product: Product, side: Side, quantity: int, price: str) -> Leg:
    instrument = Instrument(Exchange(exchange), f"{name}{kind}", Kind(kind), 100, name=name)
    return Leg(instrument, product, side, quantity, rupees(price))


# Entry, exit and the note's total of a round trip; delivery is two notes, and pays the depository.
ROUND_TRIPS = {
    "V1": (leg("NSE", "EQ", "RELIANCE", CNC, BUY, 100, "1500"), "1510", "350.61"),
    "V2": (leg("NSE", "EQ", "RELIANCE", MIS, BUY, 100, "1500"), "1510", "101.46"),
    "V3": (leg("NFO", "FUT", "NIFTY", NRML, BUY, 65, "24000"), "24100", "932.40"),
    "V4": (leg("NFO", "CE", "NIFTY", NRML, BUY, 65, "120"), "121", "65.79"),
    "V5": (leg("NFO", "CE", "NIFTY", NRML, SELL, 130, "180.50"), "95.25", "97.28"),
    "V7": (leg("MCX", "FUT", "CRUDEOIL", NRML, BUY, 100, "5800"), "5850", "148.45"),
    "V8": (leg("CDS", "FUT", "USDINR", NRML, BUY, 1000, "88.50"), "88.60", "48.14"),
}


@pytest.mark.parametrize(("entry", "left_at", "total"), ROUND_TRIPS.values(), ids=ROUND_TRIPS)
def test_a_round_trip_costs_what_its_notes_say(entry: Leg, left_at: str, total: str) -> None:
    """V1 is 178.62 and 156.65 on two days, and 15.34 for the debit of the demat account."""
    cost = round_trip(entry, entry.closed_at(rupees(left_at)), TODAY, BOOK, Rounding.CONTRACT_NOTE)

    assert sum(cost.values()) == Fraction(total)


KITES = {
    "SBIN": (leg("NSE", "EQ", "SBIN", CNC, BUY, 1, "560"), "0.5826968"),
    "NIFTY put": (leg("NFO", "PE", "NIFTY", NRML, BUY, 100, "1.5"), "23.689427"),
    "GOLDPETAL": (leg("MCX", "FUT", "GOLDPETAL", NRML, SELL, 1, "5862"), "2.84811132"),
    "NIFTY call": (leg("NFO", "CE", "NIFTY", NRML, SELL, 75, "35.65"), "26.865130025"),
}


@pytest.mark.parametrize(("order", "total"), KITES.values(), ids=KITES)
def test_as_the_api_shows_it_nothing_but_stamp_duty_is_rounded(order: Leg, total: str) -> None:
    """Kite's fixtures; that of the call was made without IPFT of 0.01336875, which a note has."""
    cost = cost_of(order, JULY_2023, BOOK, Rounding.API_EXACT)

    assert abs(sum(cost.values()) - Fraction(total)) < Fraction("0.000000005")
    assert cost["stamp"].denominator == 1


def test_kites_older_fixture_of_infosys() -> None:
    """INFY BUY 1 @ 1498: another price list, and stamp duty to the paisa."""
    always = date(2021, 1, 1)
    plan = plan_named("zerodha")
    rates = (replace(plan.rates[0], effective_from=always, flat=Decimal("0.01")),)
    dp = (replace(plan.dp[0], effective_from=always),)
    closing = (replace(plan.auto_square_off[0], effective_from=always),)
    book = ChargeBook(replace(plan, rates=rates, dp=dp, auto_square_off=closing))
    infosys = leg("NSE", "EQ", "INFY", CNC, BUY, 1, "1498")
    day = date(2022, 6, 1)

    parts = cost_of(infosys, day, book, Rounding.API_EXACT)
    parts["stamp"] = cost_of(infosys, day, book, Rounding.PAISE)["stamp"]

    assert parts["stt"] == Fraction("1.498")
    assert parts["exchange"] + parts["ipft"] == Fraction("0.051681")
    assert parts["sebi"] == Fraction("0.001498")
    assert parts["stamp"] == Fraction("0.22")
    assert parts["gst"] == Fraction("0.01137222")
    assert sum(parts.values()) == Fraction("1.79255122")


def test_the_ways_of_rounding_differ_in_stamp_duty_and_tax() -> None:
    """V4's purchase: duty of 0.234 is 0, 0.23 and 0; its sale: tax of 11.7975 is whole, 11.80 and 12."""
    bought, sold = ROUND_TRIPS["V4"][0], ROUND_TRIPS["V4"][0].closed_at(rupees("121"))
    ways = [Rounding.API_EXACT, Rounding.PAISE, Rounding.CONTRACT_NOTE]

    assert [cost_of(bought, TODAY, BOOK, way)["stamp"] for way in ways] == [0, Fraction("0.23"), 0]
    assert [cost_of(sold, TODAY, BOOK, way)["stt"] for way in ways] == [
        Fraction("11.7975"),
        Fraction("11.80"),
        12,
    ]


@pytest.mark.parametrize(
    ("order", "debited"),
    [
        (leg("NSE", "EQ", "SBIN", CNC, SELL, 5, "800"), True),
        (leg("NSE", "EQ", "SBIN", CNC, BUY, 5, "800"), False),
        (leg("NSE", "EQ", "SBIN", MIS, SELL, 5, "800"), False),
        (leg("NFO", "FUT", "SBIN", NRML, SELL, 750, "800"), False),
    ],
)
def test_only_a_sale_for_delivery_takes_shares_out(order: Leg, debited: bool) -> None:  # noqa: FBT001
    assert sum(debit_of(order, TODAY, BOOK).values()) == (Fraction("15.34") if debited else 0)


# Break-even


def test_v4_breaks_even_a_little_above_one_point() -> None:
    """A gain of one point on 65 units is 65 rupees; both orders cost 65.81."""
    assert break_even(ROUND_TRIPS["V4"][0], TODAY, BOOK) == rupees("1.0125")


legs = st.builds(
    lambda which, side, price: ROUND_TRIPS[which][0]._replace(side=side, price=price),
    st.sampled_from(["V2", "V3", "V4", "V7", "V8"]),
    st.sampled_from(Side),
    st.integers(500, rupees(30_000)),
)


@given(legs, st.sampled_from([Rounding.PAISE, Rounding.API_EXACT]))
def test_at_break_even_the_round_trip_has_paid_for_itself_and_just_before_it_has_not(
    order: Leg, way: Rounding
) -> None:
    points = break_even(order, TODAY, BOOK, way)

    def net(moved: int) -> Fraction:
        closing = order.closed_at(order.price + order.side.sign * moved)
        paid = sum(round_trip(order, closing, TODAY, BOOK, way).values())
        return Fraction(moved * order.quantity, RUPEE) - paid

    if points is None:
        assert order.side is SELL
        assert net(order.price - 1) < 0
    else:
        assert net(points) >= 0
        assert points == 1 or net(points - 1) < Fraction(1, 50)


def test_an_option_sold_for_next_to_nothing_cannot_break_even() -> None:
    """65 units at 5 paise bring 3.25; the law alone takes a part of it, and the exit costs more."""
    sold = leg("NFO", "CE", "NIFTY", NRML, SELL, 1, "0.0001")

    assert break_even(sold, TODAY, BOOK, Rounding.API_EXACT) is None
    with pytest.raises(InvalidInput, match="above 0"):
        break_even(sold._replace(price=0), TODAY, BOOK)


def test_a_note_of_several_orders_rounds_their_sums() -> None:
    """Two sales with a tax of 11.7975 each: 23.595 is 24 together, and 12 each alone."""
    sold = ROUND_TRIPS["V4"][0].closed_at(rupees("121"))

    assert note_of([sold, sold], TODAY, BOOK)["stt"] == 24
    assert added([note_of([sold], TODAY, BOOK)] * 2)["stt"] == 24
    thirds = [leg("NFO", "CE", "NIFTY", NRML, SELL, 1, "226.9")] * 3  # 0.34035 each
    assert note_of(thirds, TODAY, BOOK)["stt"] == 1
    assert added([note_of([each], TODAY, BOOK) for each in thirds])["stt"] == 0
