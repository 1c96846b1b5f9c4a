"""Money, time, instruments and orders as values: exact, and refused where they are not."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from math import floor

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trading import CALL, FUTURE, INDEX, NEXT_CALL, PUT, SHARE, UNIVERSE

from kasauti.domain.charges import Charges
from kasauti.domain.commands import PlaceOrder, buy, sell
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import (
    IST,
    ist_clock,
    ist_date,
    ist_datetime,
    ist_day_number,
    ist_iso,
    ist_ns,
    parse_ist,
)
from kasauti.domain.money import (
    PAISA,
    RUPEE,
    format_price,
    format_rupees,
    group_indian,
    rupees,
    to_decimal,
    to_paise_half_up,
    to_rupee_half_up,
)
from kasauti.domain.order import (
    DONE,
    MOVES,
    WORKING,
    Order,
    OrderType,
    Product,
    Side,
    Status,
    Validity,
    position_key,
)
from kasauti.errors import InvalidInput

# Money


@pytest.mark.parametrize(
    ("amount", "units"),
    [("0", 0), ("1", 10_000), ("0.0025", 25), ("-12.34", -123_400), (7, 70_000), (Decimal("1e2"), 1_000_000)],
)
def test_an_amount_is_whole_ten_thousandths(amount: Decimal | str | int, units: int) -> None:
    assert rupees(amount) == units
    assert to_decimal(units) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        ("0.00001", "more than four decimals"),
        ("one", "'one' is not an amount"),
        ("", "is not an amount"),
        ("inf", "not a finite amount"),
        ("nan", "not a finite amount"),
        (None, "is not an amount"),
    ],
)
def test_what_is_no_exact_amount_is_refused_by_name(amount: object, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        rupees(amount)  # type: ignore[arg-type]


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6))
def test_rounding_is_to_the_nearest_halves_away_from_zero(numerator: int, denominator: int) -> None:
    for rounded, step in (
        (to_paise_half_up(numerator, denominator), PAISA),
        (to_rupee_half_up(numerator, denominator), RUPEE),
    ):
        exact = Fraction(abs(numerator), denominator * step)
        sign = -1 if numerator < 0 else 1
        assert rounded == sign * floor(exact + Fraction(1, 2)) * step


@pytest.mark.parametrize(
    ("whole", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1,000"),
        (99_999, "99,999"),
        (1_00_000, "1,00,000"),
        (12_34_567, "12,34,567"),
        (1_00_00_000, "1,00,00,000"),
        (1_02_03_04_005, "1,02,03,04,005"),
    ],
)
def test_thousands_lakhs_and_crores(whole: int, text: str) -> None:
    assert group_indian(whole) == text


@pytest.mark.parametrize(
    ("units", "price", "amount", "signed"),
    [
        (0, "0.00", "₹0.00", "₹0.00"),
        (12_34_567_5000, "12,34,567.50", "₹12,34,567.50", "+₹12,34,567.50"),
        (-50_000, "-5.00", "-₹5.00", "-₹5.00"),
        (900_025, "90.0025", "₹90.0025", "+₹90.0025"),
        (-1, "-0.0001", "-₹0.0001", "-₹0.0001"),
    ],
)
def test_amounts_as_people_in_india_write_them(units: int, price: str, amount: str, signed: str) -> None:
    assert format_price(units) == price
    assert format_rupees(units) == amount
    assert format_rupees(units, signed=True) == signed


# Time


@given(st.integers(0, 4_000_000_000 * 10**9))
def test_ist_agrees_with_the_time_zone_of_the_standard_library(at: int) -> None:
    moment = datetime.fromtimestamp(at // 10**9, UTC).astimezone(IST)

    assert ist_date(at) == moment.date()
    assert ist_clock(at) == f"{moment:%H:%M:%S}"
    assert ist_datetime(at).replace(microsecond=0) == moment
    assert ist_day_number(at) == (moment.date() - date(1970, 1, 1)).days
    assert parse_ist(ist_datetime(at).isoformat()) == at // 1000 * 1000


def test_a_day_begins_at_half_past_six_in_the_evening_utc() -> None:
    midnight = ist_ns(date(2026, 1, 13))

    assert ist_iso(midnight) == "2026-01-13T00:00:00.000+05:30"
    assert datetime.fromtimestamp(midnight / 10**9, UTC) == datetime(2026, 1, 12, 18, 30, tzinfo=UTC)
    assert ist_date(midnight - 1) == date(2026, 1, 12)
    assert (
        ist_ns(date(2026, 1, 13), time(9, 15, 0, 250_000)) - midnight
        == (9 * 3600 + 15 * 60) * 10**9 + 250 * 10**6
    )


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-01-13T09:15:00", "2026-01-13T09:15:00.000+05:30"),
        ("2026-01-13T03:45:00+00:00", "2026-01-13T09:15:00.000+05:30"),
        ("2026-01-13", "2026-01-13T00:00:00.000+05:30"),
    ],
)
def test_a_time_without_an_offset_is_ist(text: str, same: str) -> None:
    assert ist_iso(parse_ist(text)) == same


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'quarter past nine' is not a date and time"):
        parse_ist("quarter past nine")


@given(st.integers(0, ist_ns(date(2100, 1, 1))))
def test_iso_text_is_that_of_the_datetime(at: int) -> None:
    assert ist_iso(at) == ist_datetime(at).isoformat(timespec="milliseconds")


# Instruments


def test_an_instrument_is_known_by_exchange_and_symbol() -> None:
    assert SHARE.id == "NSE:ACME"
    assert [i.is_option for i in (CALL, PUT, FUTURE, SHARE, INDEX)] == [True, True, False, False, False]
    assert [i.is_derivative for i in (CALL, PUT, FUTURE, SHARE, INDEX)] == [True, True, True, False, False]


def test_a_universe_gives_every_instrument_one_place() -> None:
    assert [UNIVERSE.slot(i.id) for i in UNIVERSE] == list(range(len(UNIVERSE)))
    assert UNIVERSE[UNIVERSE.slot(CALL.id)] is CALL
    assert UNIVERSE.find(CALL.id) is CALL
    assert UNIVERSE.find("NSE:NONE") is None
    assert CALL.id in UNIVERSE
    assert "NSE:NONE" not in UNIVERSE
    with pytest.raises(InvalidInput, match="NSE:NONE is not in this session's 7 instruments"):
        UNIVERSE.slot("NSE:NONE")
    with pytest.raises(InvalidInput, match="NSE:ACME is listed twice"):
        Universe([CALL, SHARE, SHARE])


def test_a_chain_is_one_expiry_by_strike_calls_first() -> None:
    low = Instrument(
        Exchange.NFO,
        "NIFTY2611325900PE",
        Kind.PUT,
        500,
        expiry=CALL.expiry,
        strike=rupees(25900),
        underlying=INDEX.id,
    )
    universe = Universe([PUT, NEXT_CALL, CALL, low, FUTURE])
    assert CALL.expiry is not None

    assert universe.chain(INDEX.id, CALL.expiry) == [low, CALL, PUT]
    assert universe.expiries(INDEX.id) == [CALL.expiry, NEXT_CALL.expiry]
    assert universe.chain("NSE:OTHER", CALL.expiry) == []


# Orders


def test_the_life_of_an_order_is_a_table_without_a_way_back() -> None:
    assert set(MOVES) == set(Status)
    assert {status for status, moves in MOVES.items() if not moves} == DONE
    assert {Status.SUBMITTED, Status.TRIGGER_PENDING, Status.OPEN} == WORKING
    assert all(moves <= (DONE | {Status.OPEN, Status.TRIGGER_PENDING}) for moves in MOVES.values())
    assert Status.COMPLETE not in MOVES[Status.TRIGGER_PENDING]
    assert all(Status.SUBMITTED not in moves and Status.DENIED not in moves for moves in MOVES.values())


@pytest.mark.parametrize(
    ("order_type", "limit", "trigger"),
    [
        (OrderType.MARKET, False, False),
        (OrderType.LIMIT, True, False),
        (OrderType.SL, True, True),
        (OrderType.SL_M, False, True),
    ],
)
def test_what_an_order_type_asks_for(order_type: OrderType, limit: bool, trigger: bool) -> None:  # noqa: FBT001
    assert (order_type.has_limit, order_type.has_trigger) == (limit, trigger)


def test_words_are_their_own_text_and_members() -> None:
    for words in (Side, OrderType, Product, Validity, Status):
        for word in words:
            assert msgspec.convert(word.value, words) is word
            assert {word.value: 1}[word] == 1
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)
    assert Side.BUY.opposite is Side.SELL
    assert Side.SELL.opposite is Side.BUY
    with pytest.raises(msgspec.ValidationError, match="HOLD"):
        msgspec.convert("HOLD", Side)


def test_an_order_knows_what_is_left_and_what_it_paid() -> None:
    order = Order("o", SHARE.id, Side.BUY, Product.MIS, OrderType.MARKET, Validity.DAY, 10)
    assert (order.leaves, order.average_price, order.is_working) == (10, 0, True)
    order.filled, order.turnover, order.status = 3, 100, Status.CANCELLED
    assert (order.leaves, order.average_price, order.is_working) == (7, 33, False)


def test_a_position_is_kept_under_instrument_and_product_whether_these_are_known_or_not() -> None:
    for product in (*Product, "NRML", "ELSEWHERE"):
        for _ in range(2):
            assert position_key(SHARE.id, product) == f"{SHARE.id}|{product!s}"


def test_buying_and_selling_in_few_words() -> None:
    assert buy("NSE:ACME", 5, tag="x") == PlaceOrder("NSE:ACME", Side.BUY, 5, tag="x")
    assert sell("NSE:ACME", 5) == PlaceOrder("NSE:ACME", Side.SELL, 5)


charges = st.builds(Charges, *[st.integers(-(10**9), 10**9)] * 7)


@given(charges, charges)
def test_costs_add_up_head_by_head(one: Charges, other: Charges) -> None:
    assert one.plus(other).total == one.total + other.total
    assert one.plus(other).minus(other) == one
    assert one.plus(Charges()) == one
