"""Charges against the vectors of the fact sheet and Zerodha's own figures (market_rules.md 1.8, 1.9)."""

from datetime import date
from fractions import Fraction

import pytest

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import PAISA, rupees
from kasauti.domain.order import Product, Side
from kasauti.errors import RuleUnknown
from kasauti.exchange.charge_class import ChargeClass
from kasauti.exchange.charge_rates import ChargeRates
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


def exact_parts(schedule: ChargeSchedule, legs: list[tuple[Side, int]]) -> dict[str, Fraction]:
    parts = [schedule.exact(side, value) for side, value in legs]
    return {name: sum((part[name] for part in parts), Fraction(0)) for name in parts[0]}


def round_trip(bought: str, sold: str, quantity: int) -> list[tuple[Side, int]]:
    return [(BUY, turnover(bought, quantity)), (SELL, turnover(sold, quantity))]


VECTORS = {
    # id: instrument, product, legs; brokerage, STT/CTT, exchange, SEBI, stamp, GST, exact total
    "V1 share, delivery": (
        SHARE, Product.CNC, round_trip("1500", "1510", 100),
        "0", "301.00", "9.2407", "0.3010", "22.50", "1.717506", "334.759206",
    ),
    "V2 share, intraday": (
        SHARE, Product.MIS, round_trip("1500", "1510", 100),
        "40", "37.75", "9.2407", "0.3010", "4.50", "8.917506", "100.709206",
    ),
    "V3 NIFTY future": (
        NIFTY_FUTURE, Product.NRML, round_trip("24000", "24100", 65),
        "40", "783.25", "57.21495", "3.1265", "31.20", "18.061461", "932.852911",
    ),
    "V4 NIFTY option": (
        NIFTY_CALL, Product.NRML, round_trip("120", "121", 65),
        "40", "11.7975", "5.565774", "0.015665", "0.234", "8.204659", "65.817599",
    ),
    "V5 NIFTY option sold first": (
        NIFTY_CALL, Product.NRML, [(SELL, turnover("180.50", 130)), (BUY, turnover("95.25", 130))],
        "40", "35.1975", "12.736617", "0.035848", "0.371475", "9.499044", "97.840483",
    ),
    "V7 crude oil future": (
        CRUDE_FUTURE, Product.NRML, round_trip("5800", "5850", 100),
        "40", "58.50", "24.465", "1.165", "11.60", "11.8134", "147.543400",
    ),
    "V8 USDINR future": (
        USDINR_FUTURE, Product.NRML, round_trip("88.50", "88.60", 1000),
        "40", "0", "0.61985", "0.1771", "0.0885", "7.343451", "48.228901",
    ),
}  # fmt: skip

Vector = tuple[Instrument, Product, list[tuple[Side, int]], str, str, str, str, str, str, str]


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
def test_each_part_is_that_of_the_fact_sheet(vector: Vector) -> None:
    """The fact sheet shows at most six decimals; the parts are compared at as many."""
    traded, product, legs, *expected = vector

    parts = exact_parts(BOOK.schedule(traded, product, TODAY), legs)

    assert parts.pop("ipft") == 0
    found = [*parts.values(), sum(parts.values())]
    for amount, text in zip(found, expected, strict=True):
        assert abs(amount - Fraction(text)) <= Fraction("0.0000005"), (text, float(amount))


SENSEX_LEGS = round_trip("300", "350", 20)


@pytest.mark.parametrize(
    ("bse_ipf", "total"), [(False, "62.880840"), (True, "62.945840")], ids=["without IPF", "with IPF"]
)
def test_the_bse_levy_is_a_switch_that_is_on(bse_ipf: bool, total: str) -> None:  # noqa: FBT001
    """V6. The levy is 0.0005 % of premium: 0.065 here, outside Zerodha's GST base."""
    schedule = ChargeBook(bse_ipf=bse_ipf).schedule(SENSEX_CALL, Product.NRML, TODAY)

    assert sum(exact_parts(schedule, SENSEX_LEGS).values()) == Fraction(total)
    assert sum(
        exact_parts(BOOK.schedule(SENSEX_CALL, Product.NRML, TODAY), SENSEX_LEGS).values()
    ) == Fraction("62.945840")


def test_a_broker_may_have_the_levy_inside_its_gst_base() -> None:
    """V6 again, with IPF inside: 62.957540."""
    lookup = ChargeRates("zerodha", bse_ipf=True).lookup(Exchange.BFO, ChargeClass.OPTION, "SENSEX")
    schedule = ChargeSchedule(lookup(TODAY)._replace(ipft_in_gst=True))

    assert sum(exact_parts(schedule, SENSEX_LEGS).values()) == Fraction("62.957540")


@pytest.mark.parametrize(
    ("traded", "legs", "day", "total"),
    [
        (NIFTY_FUTURE, round_trip("24000", "24100", 65), date(2024, 9, 30), "350.386546"),
        (NIFTY_FUTURE, round_trip("24000", "24100", 65), date(2024, 10, 1), "462.340141"),
        (NIFTY_FUTURE, round_trip("24000", "24100", 65), date(2026, 2, 28), "462.340141"),
        (NIFTY_FUTURE, round_trip("24000", "24100", 65), date(2026, 3, 1), "462.902911"),
        (NIFTY_FUTURE, round_trip("24000", "24100", 65), date(2026, 3, 31), "462.902911"),
        (NIFTY_FUTURE, round_trip("24000", "24100", 65), date(2026, 4, 1), "932.852911"),
        (NIFTY_CALL, round_trip("120", "121", 65), date(2023, 5, 2), "61.688785"),
        (NIFTY_CALL, round_trip("120", "121", 65), date(2024, 9, 30), "61.596361"),
        (NIFTY_CALL, round_trip("120", "121", 65), date(2025, 6, 2), "61.871000"),
        (NIFTY_CALL, round_trip("120", "121", 65), date(2026, 3, 31), "61.885099"),
        (NIFTY_CALL, round_trip("120", "121", 65), date(2026, 4, 1), "65.817599"),
    ],
)
def test_the_trades_date_picks_the_rates(
    traded: Instrument, legs: list[tuple[Side, int]], day: date, total: str
) -> None:
    """The same trade through the years: V3 and V4 by date."""
    found = sum(exact_parts(BOOK.schedule(traded, Product.NRML, day), legs).values())

    assert abs(found - Fraction(total)) <= Fraction("0.0000005")


def test_the_parts_of_the_historical_future_are_those_of_the_fact_sheet() -> None:
    parts = exact_parts(
        BOOK.schedule(NIFTY_FUTURE, Product.NRML, date(2025, 6, 2)), round_trip("24000", "24100", 65)
    )

    assert parts["stt"] == Fraction("313.30")
    assert parts["exchange"] == Fraction("54.08845")
    assert parts["ipft"] == Fraction("3.1265")
    assert abs(parts["gst"] - Fraction("17.498691")) <= Fraction("0.0000005")


@pytest.mark.parametrize(
    ("traded", "product", "legs", "total"),
    [
        (SHARE, Product.CNC, round_trip("1500", "1510", 100), "334.76"),
        (SHARE, Product.MIS, [(BUY, turnover("1500", 100))], "33.71"),
        (SHARE, Product.MIS, [(SELL, turnover("1510", 100))], "67.00"),
        (NIFTY_FUTURE, Product.NRML, round_trip("24000", "24100", 65), "932.86"),
        (NIFTY_CALL, Product.NRML, round_trip("120", "121", 65), "65.81"),
        (NIFTY_CALL, Product.NRML, [(SELL, turnover("180.50", 130)), (BUY, turnover("95.25", 130))], "97.83"),
    ],
)
def test_orders_rounded_part_by_part_agree_with_an_independent_calculator(
    traded: Instrument, product: Product, legs: list[tuple[Side, int]], total: str
) -> None:
    """
    The package indian-trading-charges 0.1.1 rounds every part of every order to the paisa, as we do.

    It has 334.76 for V1, where the exchange's 4.605 on the buy goes up here: half a paisa is always up.
    """
    schedule = BOOK.schedule(traded, product, TODAY)

    found = sum(schedule.order_charges(side, value).total for side, value in legs)

    assert abs(found - rupees(total)) <= PAISA


class TestKitesOwnFigures:
    """
    Zerodha's public API fixtures of July 2023 (market_rules.md 1.9).

    Where they differ from a real note, the fixture says less, not other: stamp duty is shown in whole
    rupees, so 0, and one option fixture was made without the exchange's IPFT. Kite's estimate also leaves out
    SEBI's ceiling of 2.5 %, which the option bought for 150 rupees would reach.
    """

    DAY = date(2023, 7, 13)

    def parts(self, traded: Instrument, product: Product, side: Side, value: int) -> dict[str, Fraction]:
        return BOOK.schedule(traded, product, self.DAY).exact(side, value, ceiling=False)

    def test_share_bought_for_delivery(self) -> None:
        parts = self.parts(instrument("NSE", "EQ", "SBIN"), Product.CNC, BUY, turnover("560", 1))

        assert parts["stt"] == Fraction("0.56")
        assert parts["exchange"] + parts["ipft"] == Fraction("0.01876")
        assert parts["sebi"] == Fraction("0.00056")
        assert parts["brokerage"] == 0
        assert parts["gst"] == Fraction("0.0033768")  # IPFT is outside: 18 % of 0.0182 + 0.00056
        assert parts.pop("stamp") == Fraction("0.084")  # the fixture shows 0: whole rupees
        assert sum(parts.values()) == Fraction("0.5826968")

    def test_option_bought(self) -> None:
        parts = self.parts(instrument("NFO", "PE", "NIFTY"), Product.NRML, BUY, turnover("1.5", 100))

        assert parts["stt"] == 0
        assert parts["exchange"] + parts["ipft"] == Fraction("0.07575")
        assert parts["sebi"] == Fraction("0.00015")
        assert parts["brokerage"] == 20
        assert parts["gst"] == Fraction("3.613527")
        assert parts.pop("stamp") == Fraction("0.0045")  # the fixture shows 0: whole rupees
        assert sum(parts.values()) == Fraction("23.689427")

    def test_option_sold(self) -> None:
        parts = self.parts(NIFTY_CALL, Product.NRML, SELL, turnover("35.65", 75))

        assert parts["stt"] == Fraction("1.67109375")
        assert parts["exchange"] == Fraction("1.336875")
        assert parts["sebi"] == Fraction("0.00267375")
        assert parts["gst"] == Fraction("3.841118775")
        assert parts.pop("ipft") == Fraction("0.01336875")  # the fixture has none
        assert sum(parts.values()) == Fraction("26.851761275")

    def test_commodity_future_sold(self) -> None:
        parts = self.parts(instrument("MCX", "FUT", "GOLDPETAL"), Product.NRML, SELL, turnover("5862", 1))

        assert parts["stt"] == Fraction("0.5862")
        assert parts["exchange"] == Fraction("0.152412")
        assert parts["sebi"] == Fraction("0.005862")
        assert parts["brokerage"] == Fraction("1.7586")
        assert parts["gst"] == Fraction("0.34503732")
        assert sum(parts.values()) == Fraction("2.84811132")


def test_an_exercised_option_pays_on_its_intrinsic_value() -> None:
    """V9: a 24000 call of 65 settles at 24180.55: 17.603625, before April 2026 14.6696875."""
    intrinsic = rupees("180.55") * 65

    assert BOOK.exercise_stt(TODAY, intrinsic) == rupees("17.60")
    assert BOOK.exercise_stt(date(2026, 3, 31), intrinsic) == rupees("14.67")
    with pytest.raises(RuleUnknown, match="2019-08-31"):
        BOOK.exercise_stt(date(2019, 8, 31), intrinsic)
