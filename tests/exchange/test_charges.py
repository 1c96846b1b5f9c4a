"""Errors that others make, what holds for any order, brokers' plans, and what is not known."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kasauti.domain.charges import Charges
from kasauti.domain.instrument import Exchange, Fund, Instrument, Kind
from kasauti.domain.money import PAISA, RUPEE, rupees, to_decimal
from kasauti.domain.order import Product, Side
from kasauti.errors import ConfigError, InvalidInput, RuleUnknown
from kasauti.exchange.brokerage import plan_names
from kasauti.exchange.charge_class import ChargeClass, charge_class
from kasauti.exchange.charges import ChargeBook, ChargeSchedule

TODAY = date(2026, 11, 20)
BUY, SELL = Side.BUY, Side.SELL

BOOK = ChargeBook()


def instrument(exchange: str, kind: str, name: str) -> Instrument:
    return Instrument(Exchange(exchange), f"{name}-{kind}", Kind(kind), tick_size=500, name=name)


SHARE = instrument("NSE", "EQ", "RELIANCE")
NIFTY_FUTURE = instrument("NFO", "FUT", "NIFTY")
NIFTY_CALL = instrument("NFO", "CE", "NIFTY")
SENSEX_CALL = instrument("BFO", "CE", "SENSEX")
CRUDE_FUTURE = instrument("MCX", "FUT", "CRUDEOIL")
USDINR_FUTURE = instrument("CDS", "FUT", "USDINR")


def turnover(price: str, quantity: int) -> int:
    return rupees(price) * quantity


class TestErrorsOthersMake:
    """Errors seen in public projects (market_rules.md 8.3)."""

    def test_option_stt_is_the_rate_of_april_2026(self) -> None:
        sold = BOOK.schedule(NIFTY_CALL, Product.NRML, TODAY).exact(SELL, turnover("100", 1000))

        assert sold["stt"] == 150  # not 62.50, not 100

    def test_exercise_is_not_taxed_on_the_strikes_notional(self) -> None:
        """The notional of 24000 x 65 at 0.15 % would be 2,340 rupees."""
        assert BOOK.exercise_stt(TODAY, rupees("180.55") * 65) < rupees("20")

    def test_nse_options_pay_the_exchange_its_flat_rate(self) -> None:
        bought = BOOK.schedule(NIFTY_CALL, Product.NRML, TODAY).exact(BUY, rupees(10_000_000))

        assert bought["exchange"] == 3553  # a crore of premium; 0.053 % would be 5,300

    @pytest.mark.parametrize("day", [date(2025, 6, 2), TODAY])
    def test_ipft_is_not_counted_twice(self, day: date) -> None:
        bought = BOOK.schedule(NIFTY_CALL, Product.NRML, day).exact(BUY, rupees(10_000_000))

        assert bought["exchange"] + bought["ipft"] == 3553

    def test_there_is_no_gst_on_stt_or_stamp_duty(self) -> None:
        sold = BOOK.schedule(SHARE, Product.CNC, TODAY).exact(SELL, turnover("1510", 100))

        assert sold["gst"] == Fraction(18, 100) * (sold["brokerage"] + sold["exchange"] + sold["sebi"])

    def test_brokerage_is_per_order_not_per_fill(self) -> None:
        """Ten fills of one order reach the cap of 20 rupees once."""
        schedule = BOOK.schedule(NIFTY_FUTURE, Product.NRML, TODAY)
        fill = turnover("24000", 65)
        costs = [schedule.order_charges(BUY, fill * n) for n in range(11)]

        booked = [later.minus(earlier).brokerage for earlier, later in pairwise(costs)]

        assert booked == [rupees(20)] + [0] * 9


# The law's shape, for any order

turnovers = st.integers(0, rupees(10**9))
CLASSES = [
    (SHARE, Product.CNC),
    (SHARE, Product.MIS),
    (instrument("BSE", "EQ", "RELIANCE"), Product.MIS),
    (replace(instrument("BSE", "EQ", "TINY"), series="XT"), Product.CNC),
    (replace(SHARE, fund=Fund.EQUITY), Product.CNC),
    (replace(SHARE, fund=Fund.OTHER), Product.MIS),
    (instrument("BCD", "CE", "USDINR"), Product.NRML),
    (instrument("MCX", "CE", "GOLD"), Product.NRML),
    (instrument("MCX", "FUT", "COTTONCNDY"), Product.MIS),
    (instrument("NCDEX", "FUT", "JEERAUNJHA"), Product.NRML),
    (NIFTY_FUTURE, Product.NRML),
    (NIFTY_CALL, Product.MIS),
    (SENSEX_CALL, Product.NRML),
    (instrument("BFO", "FUT", "SENSEX"), Product.NRML),
    (CRUDE_FUTURE, Product.NRML),
    (USDINR_FUTURE, Product.NRML),
]
BOOKS = {plan: ChargeBook(plan) for plan in plan_names() if plan != "groww"}  # no currency, no commodities
sides = st.sampled_from(Side)


def schedule_of(plan: str, traded: tuple[Instrument, Product], day: date) -> ChargeSchedule:
    return BOOKS[plan].schedule(*traded, day)


schedules = st.builds(
    schedule_of,
    st.sampled_from(sorted(BOOKS)),
    st.sampled_from(CLASSES),
    st.dates(date(2024, 11, 1), date(2026, 12, 31)),
)


def amounts(charges: Charges) -> list[int]:
    return [getattr(charges, name) for name in Charges.__struct_fields__]


@given(schedules, sides, turnovers)
def test_each_part_is_the_exact_part_half_up_to_the_paisa(
    schedule: ChargeSchedule, side: Side, value: int
) -> None:
    charges = schedule.order_charges(side, value)

    for name, exact in schedule.exact(side, value).items():
        paise = int(exact * 100 + Fraction(1, 2))
        assert getattr(charges, name) == paise * PAISA
    assert charges.total == sum(amounts(charges))


@given(schedules, sides, turnovers, turnovers)
def test_no_part_falls_when_an_order_trades_more(
    schedule: ChargeSchedule, side: Side, less: int, more: int
) -> None:
    less, more = sorted((less, more))

    added = schedule.order_charges(side, more).minus(schedule.order_charges(side, less))

    assert min(amounts(added)) >= 0


@given(schedules, sides, st.lists(turnovers, min_size=1, max_size=8))
def test_the_fills_of_an_order_add_up_to_the_order(
    schedule: ChargeSchedule, side: Side, fills: list[int]
) -> None:
    so_far, booked = 0, Charges()
    for fill in fills:
        before = schedule.order_charges(side, so_far)
        so_far += fill
        booked = booked.plus(schedule.order_charges(side, so_far).minus(before))

    assert booked == schedule.order_charges(side, sum(fills))


@given(schedules, turnovers)
def test_sides_differ_only_in_tax_and_stamp_duty(schedule: ChargeSchedule, value: int) -> None:
    bought, sold = schedule.order_charges(BUY, value), schedule.order_charges(SELL, value)

    assert sold.stamp == 0
    assert bought.stt <= sold.stt  # delivery is taxed alike, all else on the sale alone
    for name in ("brokerage", "exchange", "ipft", "sebi", "gst"):
        assert getattr(bought, name) == getattr(sold, name)


@given(schedules, sides)
def test_an_order_that_did_not_trade_costs_nothing(schedule: ChargeSchedule, side: Side) -> None:
    assert schedule.order_charges(side, 0) == Charges()
    assert set(schedule.exact(side, 0).values()) == {Fraction(0)}


def test_a_negative_turnover_is_refused() -> None:
    with pytest.raises(InvalidInput, match="-1"):
        BOOK.schedule(SHARE, Product.CNC, TODAY).order_charges(BUY, -1)


# Broker's plans, unknown dates and names


@pytest.mark.parametrize(
    ("product", "value", "brokerage"),
    [
        (Product.CNC, "100", "2"),  # 0.1 % is 10 paise; the floor is 2 rupees
        (Product.CNC, "5000", "5"),
        (Product.CNC, "100000", "20"),
        (Product.MIS, "100", "0.03"),
        (Product.MIS, "100000", "20"),
    ],
)
def test_brokerage_has_a_floor_and_a_cap(product: Product, value: str, brokerage: str) -> None:
    charges = BOOKS["angelone"].schedule(SHARE, product, TODAY).order_charges(BUY, rupees(value))

    assert to_decimal(charges.brokerage) == Decimal(brokerage)


def test_an_unknown_plan_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"'zeroda'.*angelone, dhan, .*zerodha"):
        ChargeBook("zeroda")


@pytest.mark.parametrize(
    ("traded", "product", "day", "says"),
    [
        (SHARE, Product.CNC, date(2023, 3, 31), "2023-03-31.*2023-04-01 to 2026-12-31"),
        (NIFTY_CALL, Product.NRML, date(2022, 1, 3), "2022-01-03"),
        (SENSEX_CALL, Product.NRML, date(2024, 9, 30), "on BFO in SENSEX.*2024-10-01"),
        (SHARE, Product.CNC, date(2027, 1, 4), "2027-01-04"),
        (instrument("MCX", "FUT", "PLUTONIUM"), Product.NRML, TODAY, "PLUTONIUM is not known on any date"),
        (USDINR_FUTURE, Product.NRML, date(2023, 3, 31), "currency future on CDS"),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(
    traded: Instrument, product: Product, day: date, says: str
) -> None:
    with pytest.raises(RuleUnknown, match=says):
        BOOK.schedule(traded, product, day)


def test_stock_options_on_bse_pay_another_rate_than_sensex() -> None:
    crore = rupees(10_000_000)
    sensex = BOOK.schedule(SENSEX_CALL, Product.NRML, TODAY).exact(BUY, crore)
    stock = BOOK.schedule(instrument("BFO", "CE", "RELIANCE"), Product.NRML, TODAY).exact(BUY, crore)

    assert sensex["exchange"] == 3250
    assert stock["exchange"] == 500


@pytest.mark.parametrize(
    ("traded", "product", "expected"),
    [
        (SHARE, Product.CNC, ChargeClass.EQUITY_DELIVERY),
        (SHARE, Product.MIS, ChargeClass.EQUITY_INTRADAY),
        (NIFTY_FUTURE, Product.MIS, ChargeClass.FUTURE),
        (NIFTY_CALL, Product.NRML, ChargeClass.OPTION),
        (CRUDE_FUTURE, Product.NRML, ChargeClass.COMMODITY_FUTURE),
        (instrument("MCX", "PE", "CRUDEOIL"), Product.NRML, ChargeClass.COMMODITY_OPTION),
        (USDINR_FUTURE, Product.NRML, ChargeClass.CURRENCY_FUTURE),
        (instrument("CDS", "CE", "USDINR"), Product.NRML, ChargeClass.CURRENCY_OPTION),
    ],
)
def test_instrument_and_product_decide_the_class(
    traded: Instrument, product: Product, expected: ChargeClass
) -> None:
    assert charge_class(traded, product) is expected


@pytest.mark.parametrize(
    ("traded", "product"), [(SHARE, Product.NRML), (instrument("NSE", "INDEX", "NIFTY"), Product.MIS)]
)
def test_what_cannot_trade_has_no_class(traded: Instrument, product: Product) -> None:
    with pytest.raises(InvalidInput, match=traded.tradingsymbol):
        charge_class(traded, product)


def test_schedules_are_kept() -> None:
    first = BOOK.schedule(NIFTY_CALL, Product.NRML, TODAY)

    assert BOOK.schedule(NIFTY_CALL, Product.NRML, TODAY) is first
    assert BOOK.schedule(NIFTY_CALL, Product.NRML, date(2026, 11, 19)) is first  # the same rates
    assert BOOK.schedule(NIFTY_CALL, Product.NRML, date(2025, 11, 19)) is not first
    assert BOOK.schedule(NIFTY_CALL, Product.NRML, TODAY) is first  # whatever day was asked for in between


def test_money_scale_is_what_the_rates_assume() -> None:
    """A rate in billionths of a ten-thousandth rupee: one paisa is 100 units."""
    assert (RUPEE, PAISA) == (10_000, 100)
