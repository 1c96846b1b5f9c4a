"""Rows of the charge files against the tables of market_rules.md 1.1, 1.2, 1.3 and 1.6."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from msgspec.structs import replace

from kasauti.config.sections import Account
from kasauti.domain.charges import Charges
from kasauti.domain.instrument import Exchange, Fund, Instrument, Kind
from kasauti.domain.money import rupees, to_decimal
from kasauti.domain.order import Product, Side
from kasauti.errors import ConfigError, InvalidInput, RuleUnknown
from kasauti.exchange.brokerage import plan_named, plan_names
from kasauti.exchange.charge_class import charge_class, listing
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.services import NOTHING, Fee

TODAY = date(2026, 11, 20)
BUY, SELL = Side.BUY, Side.SELL
CNC, MIS, NRML = Product.CNC, Product.MIS, Product.NRML
CRORE = rupees(10_000_000)

BOOK = ChargeBook()


def share(exchange: str = "NSE", series: str = "", fund: Fund | None = None) -> Instrument:
    return Instrument(Exchange(exchange), "XYZ", Kind.EQUITY, 100, name="XYZ", series=series, fund=fund)


def contract(exchange: str, kind: str, name: str) -> Instrument:
    return Instrument(Exchange(exchange), f"{name}-{kind}", Kind(kind), 100, name=name)


def percent(traded: Instrument, product: Product, side: Side, head: str, on: date = TODAY) -> Fraction:
    """Return a head in per cent of a crore's turnover."""
    return BOOK.schedule(traded, product, on).exact(side, CRORE)[head] / 100_000


@pytest.mark.parametrize(
    ("exchange", "kind", "name", "on", "fee"),
    [
        ("NSE", "EQ", "X", "2022-06-01", "0.00345"),
        ("NSE", "EQ", "X", "2023-04-01", "0.00335"),
        ("NSE", "EQ", "X", "2024-04-01", "0.00332"),
        ("NSE", "EQ", "X", "2024-10-01", "0.00307"),
        ("NSE", "EQ", "X", "2026-03-01", "0.00307"),
        ("NFO", "FUT", "NIFTY", "2023-04-01", "0.0020"),
        ("NFO", "FUT", "NIFTY", "2024-04-01", "0.00198"),
        ("NFO", "FUT", "NIFTY", "2024-10-01", "0.00183"),
        ("NFO", "FUT", "NIFTY", "2026-03-01", "0.00183"),
        ("NFO", "CE", "NIFTY", "2023-04-01", "0.0505"),
        ("NFO", "CE", "NIFTY", "2024-04-01", "0.05"),
        ("NFO", "CE", "NIFTY", "2024-10-01", "0.03553"),
        ("NFO", "CE", "NIFTY", "2026-03-01", "0.03553"),
        ("CDS", "FUT", "USDINR", "2023-04-01", "0.0009"),
        ("CDS", "CE", "USDINR", "2024-09-30", "0.035"),
        ("CDS", "FUT", "USDINR", "2024-10-01", "0.00035"),
        ("CDS", "CE", "USDINR", "2024-10-01", "0.0311"),
        ("BCD", "FUT", "USDINR", "2024-10-01", "0.00045"),
        ("BCD", "CE", "USDINR", "2024-10-01", "0.001"),
        ("BFO", "FUT", "SENSEX", "2023-04-01", "0"),
        ("BFO", "FUT", "SENSEX", "2024-10-01", "0.00005"),
        ("BFO", "PE", "BANKEX", "2024-10-01", "0.033"),
        ("BFO", "PE", "SENSEX50", "2024-10-01", "0.0055"),
        ("MCX", "FUT", "GOLD", "2023-04-01", "0.0026"),
        ("MCX", "FUT", "GOLD", "2024-10-01", "0.0021"),
        ("MCX", "CE", "GOLD", "2024-09-30", "0.05"),
        ("MCX", "CE", "GOLD", "2024-10-01", "0.0418"),
        ("NCDEX", "FUT", "JEERAUNJHA", "2024-10-01", "0.0058"),
        ("NCDEX", "CE", "GUARSEED10", "2024-10-01", "0.03"),
    ],
)
def test_what_exchange_and_levy_take_together(exchange: str, kind: str, name: str, on: str, fee: str) -> None:
    """The price list is made to hold since 2020, so that any day's rates of the exchange can be asked."""
    plan = plan_named("zerodha")
    rates, dp, closing = (
        tuple(replace(row, effective_from=date(2020, 1, 1)) for row in rows)
        for rows in (plan.rates, plan.dp[:1], plan.auto_square_off)
    )
    book = ChargeBook(replace(plan, rates=rates, dp=dp, auto_square_off=closing))
    product = CNC if kind == "EQ" else NRML

    parts = book.schedule(contract(exchange, kind, name), product, date.fromisoformat(on)).exact(BUY, CRORE)

    assert (parts["exchange"] + parts["ipft"]) / 100_000 == Fraction(fee)


@pytest.mark.parametrize(
    ("group", "fee"),
    [
        *[(group, "0.00375") for group in ("", "A", "B", "T", "E", "F", "FC", "G", "GC", "I", "W", "NEW")],
        *[(group, "0.00275") for group in ("M", "MT", "MS", "TS", "IF", "IT", "R")],
        *[(group, "0.1") for group in ("X", "XT", "Z")],
        *[(group, "1") for group in ("P", "ZP", "SS", "ST")],
    ],
)
def test_bse_charges_shares_by_their_group(group: str, fee: str) -> None:
    for product in (CNC, MIS):
        assert percent(share("BSE", group), product, BUY, "exchange") == Fraction(fee)
        assert percent(share("BSE", group), product, SELL, "ipft") == 0


@pytest.mark.parametrize(
    ("fund", "product", "bought", "sold"),
    [
        (None, CNC, "0.1", "0.1"),
        (None, MIS, "0", "0.025"),
        (Fund.EQUITY, CNC, "0", "0.001"),
        (Fund.EQUITY, MIS, "0", "0.025"),
        (Fund.OTHER, CNC, "0", "0"),
        (Fund.OTHER, MIS, "0", "0"),
    ],
)
@pytest.mark.parametrize("exchange", ["NSE", "BSE"])
def test_what_a_fund_holds_decides_its_tax(
    exchange: str, fund: Fund | None, product: Product, bought: str, sold: str
) -> None:
    assert percent(share(exchange, fund=fund), product, BUY, "stt") == Fraction(bought)
    assert percent(share(exchange, fund=fund), product, SELL, "stt") == Fraction(sold)


@pytest.mark.parametrize("fund", Fund)
@pytest.mark.parametrize("product", [CNC, MIS])
def test_everything_but_the_tax_of_a_fund_is_that_of_a_share(fund: Fund, product: Product) -> None:
    of_fund = BOOK.schedule(share(fund=fund), product, TODAY).exact(BUY, CRORE)
    of_share = BOOK.schedule(share(), product, TODAY).exact(BUY, CRORE)

    assert {**of_fund, "stt": 0} == {**of_share, "stt": 0}


@pytest.mark.parametrize(
    ("name", "kind", "ctt", "sebi"),
    [
        ("CRUDEOIL", "FUT", "0.01", "0.0001"),
        ("CRUDEOIL", "CE", "0.05", "0.0001"),
        ("COTTONCNDY", "FUT", "0", "0.00001"),
        ("COTTONCNDY", "CE", "0", "0.00001"),
        ("MENTHAOIL", "FUT", "0.01", "0.00001"),
    ],
)
def test_farm_goods_are_exempt_from_the_tax_and_pay_sebi_a_tenth(
    name: str, kind: str, ctt: str, sebi: str
) -> None:
    assert percent(contract("MCX", kind, name), NRML, SELL, "stt") == Fraction(ctt)
    assert percent(contract("MCX", kind, name), NRML, BUY, "stt") == 0
    assert percent(contract("MCX", kind, name), NRML, BUY, "sebi") == Fraction(sebi)


@pytest.mark.parametrize("exchange", ["CDS", "BCD"])
def test_currency_pays_no_tax_and_little_stamp_duty(exchange: str) -> None:
    for kind in ("FUT", "CE"):
        assert percent(contract(exchange, kind, "USDINR"), NRML, SELL, "stt") == 0
        assert percent(contract(exchange, kind, "USDINR"), NRML, BUY, "stamp") == Fraction("0.0001")


# Brokers (1.6). Turnover in rupees and what an order of it costs, by class.

ORDERS = {
    "zerodha": {"CNC": (10**5, "0"), "MIS": (10**4, "3"), "FUT": (10**6, "20"), "CE": (8000, "20")},
    "angelone": {"CNC": (1000, "2"), "MIS": (10**4, "3"), "FUT": (10**4, "20"), "CE": (8000, "20")},
    "upstox": {"CNC": (10**5, "20"), "MIS": (10**4, "10"), "FUT": (10**4, "5"), "CE": (8000, "20")},
    "fyers": {"CNC": (4000, "12"), "MIS": (10**4, "3"), "FUT": (10**4, "3"), "CE": (8000, "20")},
    "dhan": {"CNC": (10**5, "0"), "MIS": (10**4, "3"), "FUT": (10**4, "3"), "CE": (8000, "20")},
    "kotakneo": {"CNC": (10**5, "250"), "MIS": (10**4, "0"), "FUT": (10**4, "20"), "CE": (8000, "20")},
    "groww": {"CNC": (1000, "5"), "MIS": (10**5, "20"), "FUT": (10**4, "20"), "CE": (8000, "20")},
}


@pytest.mark.parametrize("plan", ORDERS)
def test_an_order_costs_what_the_brokers_list_says(plan: str) -> None:
    book = ChargeBook(plan)
    for kind, (value, brokerage) in ORDERS[plan].items():
        traded, product = (share(), Product(kind)) if kind in {"CNC", "MIS"} else (None, NRML)
        schedule = book.schedule(traded or contract("NFO", kind, "NIFTY"), product, TODAY)
        assert to_decimal(schedule.order_charges(BUY, rupees(value)).brokerage) == Decimal(brokerage), kind


def test_every_plan_can_be_chosen_in_the_configuration() -> None:
    assert set(ORDERS) == set(plan_names())
    for plan in plan_names():
        assert Account(plan=plan).plan == plan


def test_kotak_takes_nothing_for_derivatives_closed_on_the_day() -> None:
    call = contract("NFO", "CE", "NIFTY")
    book = ChargeBook("kotakneo")

    assert book.schedule(call, MIS, TODAY).order_charges(BUY, rupees(8000)).brokerage == 0
    assert book.schedule(call, NRML, TODAY).order_charges(BUY, rupees(8000)).brokerage == rupees(20)


def test_groww_has_no_currency() -> None:
    with pytest.raises(RuleUnknown, match="groww brokerage for currency future on CDS"):
        ChargeBook("groww").schedule(contract("CDS", "FUT", "USDINR"), NRML, TODAY)


@pytest.mark.parametrize(
    ("kind", "value", "brokerage"),
    [("CE", "799.9", "20.00"), ("CE", "100", "2.50"), ("CE", "3.25", "0.08"), ("FUT", "100", "0.03")],
)
def test_brokerage_is_never_above_sebis_ceiling(kind: str, value: str, brokerage: str) -> None:
    """2.5 % of turnover: a lot of 65 at 5 paise is worth 3.25, and costs 8 paise instead of 20 rupees."""
    schedule = BOOK.schedule(contract("NFO", kind, "NIFTY"), NRML, TODAY)

    assert to_decimal(schedule.order_charges(BUY, rupees(value)).brokerage) == Decimal(brokerage)


# Services (1.6); GST comes on top.


@pytest.mark.parametrize(
    ("plan", "value", "total"),
    [
        ("zerodha", 10**5, "15.34"),
        ("angelone", 10**5, "23.60"),
        ("upstox", 10**5, "23.60"),
        ("fyers", 10**5, "4.13"),
        ("dhan", 10**5, "14.75"),
        ("kotakneo", 10**4, "23.60"),
        ("kotakneo", 10**5, "47.20"),
        ("groww", 10**5, "23.60"),
    ],
)
def test_shares_that_leave_the_demat_account_cost_the_depository_charge(
    plan: str, value: int, total: str
) -> None:
    assert to_decimal(ChargeBook(plan).services.dp(TODAY, rupees(value)).total) == Decimal(total)


def test_the_depository_charge_of_zerodha_was_more_before_october_2024() -> None:
    assert to_decimal(BOOK.services.dp(date(2024, 9, 30), 0).total) == Decimal("15.93")
    assert to_decimal(BOOK.services.dp(date(2024, 10, 1), 0).total) == Decimal("15.34")


@pytest.mark.parametrize(
    ("plan", "square_off", "by_telephone"),
    [
        ("zerodha", 50, 50),
        ("angelone", 20, 20),
        ("upstox", 50, 50),
        ("fyers", 50, 50),
        ("dhan", 20, 50),
    ],
)
def test_what_a_broker_takes_for_squaring_off_and_by_telephone(
    plan: str, square_off: int, by_telephone: int
) -> None:
    services = ChargeBook(plan).services

    assert services.auto_square_off(TODAY) == Fee(rupees(square_off), rupees(square_off) * 18 // 100)
    assert services.call_and_trade(TODAY) == Fee(rupees(by_telephone), rupees(by_telephone) * 18 // 100)


def test_a_service_without_a_price_is_not_guessed() -> None:
    with pytest.raises(RuleUnknown, match="kotakneo call-and-trade charge"):
        ChargeBook("kotakneo").services.call_and_trade(TODAY)


# What ends without a trade (1.1, 1.3)


def test_shares_delivered_for_a_stock_contract_are_taxed_on_both_sides() -> None:
    """500 shares at a strike of 1400: 7 lakh; 0.1 % each, 0.015 % from the receiver, 0.25 % to the broker."""
    value = rupees(1400) * 500
    received = BOOK.services.physical_delivery(TODAY, value, receives=True)
    given = BOOK.services.physical_delivery(TODAY, value, receives=False)
    netted = BOOK.services.physical_delivery(TODAY, value, receives=True, netted=True)

    assert received == Charges(rupees(1750), rupees(700), 0, 0, 0, rupees(105), rupees(315))
    assert given == Charges(rupees(1750), rupees(700), 0, 0, 0, 0, rupees(315))
    assert netted == Charges(rupees(700), rupees(700), 0, 0, 0, rupees(105), rupees(126))
    with pytest.raises(InvalidInput, match="-1 is not the value"):
        BOOK.services.physical_delivery(TODAY, -1, receives=True)


def test_a_commodity_option_that_devolves_is_taxed_on_its_settlement_value() -> None:
    """0.0001 % of 58 lakh is 5.80."""
    assert BOOK.services.devolvement_ctt(TODAY, rupees(5_800_000)) == rupees("5.80")


def test_the_broker_takes_nothing_for_exercise_unless_the_plan_says_so() -> None:
    plan = plan_named("zerodha")
    billed = replace(plan, exercise=plan.auto_square_off)

    assert BOOK.services.exercise(TODAY) == NOTHING
    assert ChargeBook(billed).services.exercise(TODAY) == Fee(rupees(50), rupees(9))


@pytest.mark.parametrize(
    ("exchange", "series", "matched"),
    [
        ("NSE", "EQ", True),
        ("NSE", "BE", False),
        ("NSE", "BZ", False),
        ("BSE", "A", True),
        ("BSE", "T", False),
    ],
)
def test_some_series_settle_trade_by_trade(exchange: str, series: str, matched: bool) -> None:  # noqa: FBT001
    assert BOOK.is_trade_to_trade(Exchange(exchange), series, TODAY) is not matched


@pytest.mark.parametrize(
    ("traded", "told"),
    [
        (share(), ""),
        (share("BSE", "A"), ""),
        (share("BSE", "XT"), "XT"),
        (share(fund=Fund.OTHER), ":other"),
        (share("BSE", "F", Fund.EQUITY), "F:equity"),
        (contract("NFO", "CE", "NIFTY"), ""),
    ],
)
def test_a_listing_tells_what_the_id_does_not(traded: Instrument, told: str) -> None:
    assert listing(traded) == told


def test_no_derivative_is_delivered_as_a_share() -> None:
    with pytest.raises(InvalidInput, match="does not trade under CNC"):
        charge_class(contract("NFO", "CE", "NIFTY"), CNC)


def test_a_plan_of_its_own_is_used_as_it_is() -> None:
    with pytest.raises(ConfigError, match="'mine'"):
        ChargeBook("mine")
    mine = replace(plan_named("dhan"), name="mine", ipft_in_gst=True)
    day = date(2025, 6, 2)
    inside = ChargeBook(mine).schedule(contract("NFO", "FUT", "NIFTY"), NRML, day).exact(BUY, CRORE)

    assert inside["gst"] == Fraction(18, 100) * (
        inside["brokerage"] + inside["exchange"] + inside["ipft"] + inside["sebi"]
    )


@pytest.mark.parametrize("service", ["dp", "auto_square_off"])
def test_a_plan_whose_day_could_not_be_closed_is_refused(service: str) -> None:
    """A sale of shares or a square-off without a price would stop the account at the close."""
    plan = plan_named("zerodha")
    late = replace(getattr(plan, service)[0], effective_from=date(2024, 1, 1))

    with pytest.raises(ValueError, match=f"zerodha have rates from 2023-04-01, its {service} has not"):
        replace(plan, **{service: (late,)})
    with pytest.raises(ValueError, match=f"its {service} has not"):
        replace(plan, **{service: ()})
