"""Risk arrays and totals are those of the textbook and of their parts, however they are worked out."""

from datetime import date
from fractions import Fraction
from math import ceil, exp, log, sqrt
from statistics import NormalDist

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import PAISA, RUPEE
from kasauti.exchange.span.approximation import (
    Market,
    future_risk,
    nearest,
    option_risk,
    underlying_of,
    volatility_of,
)
from kasauti.exchange.span.parameters import Charges, SpanParameters, Subject
from kasauti.exchange.span.portfolio import Group, part, total
from kasauti.exchange.span.risk import (
    FIRST_EXTREME,
    ONE_DELTA,
    SCENARIOS,
    CalendarSpread,
    Holding,
    Risk,
    Underlying,
)

DAY, NEAR, FAR = date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 28)
YEAR = 365 * 86_400
RANGES = SpanParameters().ranges(Subject.INDEX, "NIFTY", DAY)
SPOT = 24_900 * RUPEE
below = NormalDist().cdf


def contract(kind: Kind, strike: int = 0) -> Instrument:
    return Instrument(
        Exchange.NFO,
        f"NIFTY{strike}{kind}",
        kind,
        500,
        name="NIFTY",
        expiry=NEAR,
        strike=strike,
        on_index=True,
    )


def black(forward: float, strike: int, spread: float, *, is_call: bool) -> float:
    d1 = log(forward / strike) / spread + spread / 2
    call = forward * below(d1) - strike * below(d1 - spread)
    return call if is_call else call - forward + strike


@pytest.mark.parametrize("kind", [Kind.CALL, Kind.PUT])
@pytest.mark.parametrize("strike", [20_000, 24_500, 24_900, 25_300, 30_000])
@pytest.mark.parametrize("seconds", [900, 86_400, 30 * 86_400])
def test_each_loss_is_the_difference_of_two_prices_of_the_textbook(
    kind: Kind, strike: int, seconds: int
) -> None:
    """Scenario by scenario, as market_rules.md 5.3 has them; a money unit is a hundredth of a paisa."""
    years, volatility, price = seconds / YEAR, 0.14, 10**9
    root, forward = sqrt(years), SPOT * exp(RANGES.carry * years)
    option = contract(kind, strike * RUPEE)

    def worth(moved: Fraction, points: float) -> float:
        at = forward + float(moved * RANGES.price) * SPOT
        spread = max(points, RANGES.least_scanned) * root
        return black(at, option.strike, spread, is_call=kind is Kind.CALL)

    found = option_risk(option, price, Market(SPOT, DAY), RANGES, seconds, volatility)

    for place, ((move, way), loss) in enumerate(zip(SCENARIOS, found.losses, strict=True)):
        moved, counted = move, 1.0
        if place >= FIRST_EXTREME:
            moved = (1 if move > 0 else -1) * Fraction(RANGES.extreme_ranges)
            counted = float(RANGES.extreme_counted)
        lost = worth(Fraction(0), volatility) - worth(moved, volatility + way * RANGES.volatility)
        assert loss == pytest.approx(counted * lost, abs=0.51), place
    assert 0 <= found.delta * (1 if kind is Kind.CALL else -1) <= ONE_DELTA


@pytest.mark.parametrize("away", [-800, -300, -50, 0, 50, 300, 800])
@pytest.mark.parametrize("days", [1, 8, 29])
def test_an_option_loses_what_it_does_at_the_volatility_that_halving_finds(away: int, days: int) -> None:
    """To the paisa and beyond: every scenario to a hundredth of it, at prices on the tick."""
    option, market, seconds = contract(Kind.PUT, SPOT + away * RUPEE), Market(SPOT, DAY), days * 86_400
    root, forward = sqrt(seconds / YEAR), round(market.forward(seconds / YEAR, RANGES.carry))
    for volatility in (0.09, 0.13, 0.31):
        price = round(black(forward, option.strike, volatility * root, is_call=False) / 500) * 500
        low, high = 1e-3, 10.0
        for _ in range(60):
            middle = (low + high) / 2
            if black(forward, option.strike, middle * root, is_call=False) < price:
                low = middle
            else:
                high = middle

        found = volatility_of(option, price, market, RANGES, seconds)

        expected = option_risk(option, price, market, RANGES, seconds, max(low, RANGES.least_volatility))
        assert option_risk(option, price, market, RANGES, seconds, found).losses == expected.losses


def test_what_is_bought_loses_at_most_what_it_costs() -> None:
    found = option_risk(contract(Kind.CALL, SPOT), 100 * RUPEE, Market(SPOT, DAY), RANGES, 30 * 86_400, 0.14)

    assert max(found.losses) == 100 * RUPEE


def test_a_future_loses_by_parts_of_its_own_price() -> None:
    price = 24_999 * RUPEE + 1

    found = future_risk(contract(Kind.FUTURE), price, RANGES, DAY)

    scan = price * RANGES.price
    counted = scan * RANGES.extreme_ranges * RANGES.extreme_counted
    expected = [ceil(-move * scan) for move, _ in SCENARIOS[:FIRST_EXTREME]]
    assert found.losses == (*expected, ceil(-counted), ceil(counted))


@given(value=st.floats(-1e15, 1e15) | st.integers(-(10**9), 10**9).map(lambda whole: whole / 2))
@example(value=0.49999999999999994)
@example(value=-0.49999999999999994)
@example(value=-5e-324)
def test_the_nearest_whole_number_is_the_one_that_python_rounds_to(value: float) -> None:
    assert nearest(value) == round(value)


def test_two_expiries_are_charged_by_the_price_of_the_underlying_rounded_up() -> None:
    found = underlying_of("NIFTY", [FAR, NEAR, FAR], Market(SPOT + 1, DAY), RANGES)

    assert found.spreads == (CalendarSpread(NEAR, FAR, ceil((SPOT + 1) * RANGES.calendar_charge)),)
    assert underlying_of("NIFTY", [NEAR], Market(SPOT, DAY), RANGES) == Underlying("NIFTY")


risks = st.builds(
    Risk,
    key=st.just("X"),
    kind=st.sampled_from([Kind.CALL, Kind.PUT, Kind.PUT, Kind.FUTURE]),
    expiry=st.sampled_from([NEAR, NEAR, FAR]),
    price=st.integers(0, 10_000 * RUPEE),
    exposed=st.integers(1, 30_000 * RUPEE),
    losses=st.tuples(*[st.integers(-3_000 * RUPEE, 3_000 * RUPEE)] * len(SCENARIOS)),
    delta=st.integers(-ONE_DELTA, ONE_DELTA),
)
held = st.lists(st.builds(Holding, risks, st.integers(-1_800, 1_800).filter(bool)), min_size=1, max_size=4)
charges = st.builds(
    Charges,
    exposure=st.sampled_from([Fraction(2, 100), Fraction(35, 1000)]),
    calendar_part=st.just(Fraction(1, 3)),
    last_day=st.sampled_from([Fraction(0), Fraction(2, 100)]),
    benefit_ends=st.booleans(),
)
underlyings = st.sampled_from(
    [
        Underlying("X"),
        Underlying("X", minimum=7 * RUPEE),
        Underlying("X", (CalendarSpread(NEAR, FAR, 5 * RUPEE),)),
    ]
)


@settings(deadline=None)
@given(underlying=underlyings, charges=charges, holdings=held, on=st.sampled_from([DAY, NEAR]))
def test_a_total_is_that_of_its_parts(
    underlying: Underlying, charges: Charges, holdings: list[Holding], on: date
) -> None:
    group = Group(underlying, charges)

    found = total(group, holdings, on)

    assert found == part(group, holdings, on).total
    assert found % PAISA == 0
