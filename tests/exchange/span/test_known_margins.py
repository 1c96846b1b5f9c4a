"""Without a file: how far the approximation is from what a broker asked for (market_rules.md 5.2, 5.3)."""

from datetime import date
from decimal import Decimal

import pytest

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.exchange.span.approximation import LABEL, Market, spot_of_future
from kasauti.exchange.span.parameters import SpanParameters, Subject
from kasauti.exchange.span.portfolio import Requirement
from kasauti.exchange.span.sources import Approximation, Leg, required

PARAMETERS = SpanParameters()
MAY, JUNE = date(2026, 5, 29), date(2026, 6, 30)
JULY, JULY_EXPIRY = date(2023, 7, 11), date(2023, 7, 27)
#: The exposure of the broker's own answer is 2 % of 19,434.15 times 75.
JULY_SPOT = "19434.15"


def nifty(kind: Kind, expiry: date, strike: int = 0) -> Instrument:
    symbol = f"NIFTY{strike or ''}{kind}"
    return Instrument(
        Exchange.NFO, symbol, kind, 500, name="NIFTY", expiry=expiry, strike=rupees(strike), on_index=True
    )


def approximated(on: date, spot: str, *legs: tuple[Instrument, int, str]) -> Requirement:
    def seconds(instrument: Instrument) -> int:
        assert instrument.expiry is not None
        return (instrument.expiry - on).days * 86_400

    source = Approximation({"NIFTY": Market(rupees(spot), on)}, seconds, PARAMETERS, on)
    return required([Leg(which, units, rupees(price)) for which, units, price in legs], source, on)


FUTURE = (nifty(Kind.FUTURE, JUNE), 65, "23748.5")
AT_THE_MONEY = (nifty(Kind.CALL, JUNE, 23700), -65, "437.65")
FAR_OUT = (nifty(Kind.CALL, JULY_EXPIRY, 20600), -75, "35.65")
HEDGE = (nifty(Kind.CALL, JULY_EXPIRY, 20700), 75, "6.95")


@pytest.mark.parametrize(
    ("found", "span", "exposure", "off_by"),
    [
        (approximated(MAY, "23547.75", FUTURE), "143666", "30873", "-0.1"),
        (approximated(MAY, "23547.75", AT_THE_MONEY), "141962", "31197", "0.9"),
        (approximated(JULY, JULY_SPOT, FAR_OUT), "66832.50", "29151.225", "0.7"),
        (approximated(JULY, JULY_SPOT, FAR_OUT, HEDGE), "7788.00", "29151.225", "-0.3"),
    ],
    ids=["future", "short call at the money", "short call far out of the money", "100-point credit spread"],
)
def test_the_error_against_the_brokers_figures_is_the_one_that_is_stated(
    found: Requirement, span: str, exposure: str, off_by: str
) -> None:
    asked = rupees(span) + rupees(exposure)
    error = Decimal(100 * (found.total - asked)) / asked

    assert round(error, 1) == Decimal(off_by)
    assert off_by.removesuffix("0") in LABEL or abs(error) < Decimal("0.9")


@pytest.mark.parametrize(
    ("found", "span"),
    [
        # What the sheet measured with its own script of the model, in whole rupees.
        (approximated(MAY, "23547.75", FUTURE), 143_560),
        (approximated(MAY, "23547.75", AT_THE_MONEY), 144_084),
    ],
)
def test_the_model_is_the_documented_one(found: Requirement, span: int) -> None:
    assert abs(found.span - rupees(span)) < rupees(1)


def test_the_exposure_of_the_broker_is_met_exactly() -> None:
    spread = approximated(JULY, JULY_SPOT, FAR_OUT, HEDGE)

    assert approximated(JULY, JULY_SPOT, FAR_OUT).exposure == spread.exposure  # a hedge lowers SPAN alone
    assert abs(spread.exposure - rupees("29151.225")) < rupees("0.01")
    assert approximated(MAY, "23547.75", FUTURE).exposure == rupees("30873.05")  # 2 % of 23748.5 x 65


def test_an_option_that_is_bought_blocks_nothing_beside_its_premium() -> None:
    bought = approximated(JULY, JULY_SPOT, HEDGE)

    assert (bought.span, bought.exposure) == (0, 0)
    assert bought.option_value == rupees("521.25")


def test_an_option_with_no_time_value_can_be_margined() -> None:
    """Deep in the money at its intrinsic value nothing is implied: the least volatility stands."""
    deep = (nifty(Kind.CALL, JUNE, 20000), -65, "3547.75")

    assert approximated(MAY, "23547.75", deep).total > approximated(MAY, "23547.75", AT_THE_MONEY).total / 2


def test_a_future_implies_the_price_of_its_underlying() -> None:
    ranges = PARAMETERS.ranges(Subject.INDEX, "NIFTY", MAY)

    assert abs(spot_of_future(rupees("23682.32"), 32 * 86_400, ranges) - rupees("23547.75")) < rupees("0.01")
