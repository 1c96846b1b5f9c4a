"""Netting, exposure and the last day, worked by hand."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import pytest

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.span.exposure import exposure, last_day
from kasauti.exchange.span.netting import net, scan, with_credits
from kasauti.exchange.span.parameters import Charges, SpanParameters, Subject, subject_of
from kasauti.exchange.span.portfolio import Group, part
from kasauti.exchange.span.risk import (
    ONE_DELTA,
    CalendarSpread,
    Holding,
    InterSpread,
    Risk,
    Underlying,
    scenario_words,
)

NEAR, FAR, LAST = date(2026, 6, 30), date(2026, 7, 28), date(2026, 8, 25)
NO_CHARGES = Charges(Fraction(0), Fraction(0), Fraction(1, 3), Fraction(0), benefit_ends=False)
ENDED = Charges(Fraction(2, 100), Fraction(2, 100), Fraction(1, 3), Fraction(2, 100), benefit_ends=True)


def risk(
    *losses: int,
    kind: Kind = Kind.FUTURE,
    expiry: date = NEAR,
    price: int = 0,
    exposed: int = 0,
    delta: int = 1,
) -> Risk:
    """Losses from the first scenario on, the rest 0; whole rupees."""
    padded = [rupees(loss) for loss in losses] + [0] * (16 - len(losses))
    return Risk(
        f"{kind}{expiry}", kind, expiry, rupees(price), rupees(exposed), tuple(padded), delta * ONE_DELTA
    )


PLAIN = Underlying("X")


def test_the_largest_loss_of_all_together_counts_and_never_less_than_nothing() -> None:
    one, other = risk(10, -20, 5), risk(-10, 30, 2)

    found = scan([Holding(one, 2), Holding(other, 1)])

    assert found.losses[:3] == (rupees(10), rupees(-10), rupees(12))
    assert (found.worst, found.risk) == (2, rupees(12))
    assert scan([Holding(risk(*[-1] * 16), 1)]).risk == 0


def test_the_value_of_sold_options_is_added_and_of_bought_ones_taken_off() -> None:
    option = risk(10, kind=Kind.CALL, price=4)

    assert net(PLAIN, [Holding(option, -1)]).span == rupees(
        4
    )  # no loss in any scenario, but what it is worth
    assert net(PLAIN, [Holding(option, 1)]).span == rupees(6)
    assert net(PLAIN, [Holding(risk(3, kind=Kind.CALL, price=4), 1)]).span == 0


def test_options_sold_have_a_minimum() -> None:
    underlying = Underlying("X", minimum=rupees(7))
    option = risk(kind=Kind.PUT)

    assert net(underlying, [Holding(option, -3)]).span == rupees(21)
    assert net(underlying, [Holding(option, 3)]).span == 0


SPREADS = Underlying(
    "X",
    (
        CalendarSpread(NEAR, FAR, rupees(5)),
        CalendarSpread(NEAR, LAST, rupees(7)),
        CalendarSpread(FAR, LAST, rupees(9)),
    ),
)


@pytest.mark.parametrize(
    ("near", "far", "last", "charged"),
    [
        (10, -10, 0, 50),
        (10, 10, 0, 0),  # the same way: no spread
        (10, -4, 0, 20),
        (10, -4, -10, 20 + 6 * 7),  # what the first spread used is gone
        (0, 3, -8, 27),
        (-10, 4, 10, 20 + 6 * 7),
    ],
)
def test_expiries_that_stand_against_each_other_are_charged_once(
    near: int, far: int, last: int, charged: int
) -> None:
    held = [
        Holding(risk(expiry=expiry), units)
        for expiry, units in ((NEAR, near), (FAR, far), (LAST, last))
        if units
    ]

    assert net(SPREADS, held).calendar == rupees(charged)


def test_a_ratio_says_how_much_delta_makes_a_spread() -> None:
    underlying = Underlying("X", (CalendarSpread(NEAR, FAR, rupees(5), far_ratio=2 * ONE_DELTA),))
    held = [Holding(risk(expiry=NEAR), 10), Holding(risk(expiry=FAR), -8)]

    assert net(underlying, held).calendar == rupees(20)  # 8 of the far month make 4 spreads


def test_what_expires_today_helps_nothing_else_once_the_benefit_has_ended() -> None:
    near, far = risk(100, -100, expiry=NEAR), risk(90, -90, expiry=FAR)
    held = [Holding(near, 1), Holding(far, -1)]

    together, apart = net(SPREADS, held), net(SPREADS, held, apart=NEAR)

    assert (together.scan_risk, together.calendar) == (rupees(10), rupees(5))
    assert (apart.scan_risk, apart.calendar) == (rupees(190), 0)


def test_contracts_of_the_last_day_still_help_each_other() -> None:
    sold, bought = risk(-50, 40, kind=Kind.CALL), risk(-45, 35, kind=Kind.CALL)

    assert net(PLAIN, [Holding(sold, -1), Holding(bought, 1)], apart=NEAR).scan_risk == rupees(5)


def test_underlyings_that_stand_against_each_other_are_forgiven_a_part_of_their_price_risk() -> None:
    """
    A loses 300 by price in the worst scenario (340 with volatility up, 260 down) on 10 of delta, B 200 on 20.

    Six units of A meet six of B at a ratio of 1: 50 % of 30 a unit, and of 10 a unit.
    """
    a, b = [0] * 16, [0] * 16
    a[12], a[13] = 34, 26
    b[10], b[11] = -10, -10
    held = {"A": [Holding(risk(*a), 10)], "B": [Holding(risk(*b), -20)]}
    netted = {name: net(Underlying(name), each) for name, each in held.items()}
    spread = InterSpread((("A", ONE_DELTA, "A"), ("B", ONE_DELTA, "B")), ONE_DELTA // 2)

    found = with_credits(netted, held, [spread])

    assert netted["A"].scan_risk == rupees(340)
    assert found["A"].inter_credit == rupees(150)  # all ten of delta, 30 each, half of it
    assert found["B"].inter_credit == rupees(50)
    assert found["A"].span == rupees(190)
    same_way = with_credits(netted, {**held, "B": [Holding(risk(*b), 20)]}, [spread])
    assert same_way["A"].inter_credit == 0


def sold(units: int, expiry: date = NEAR) -> Holding:
    return Holding(risk(kind=Kind.CALL, expiry=expiry, exposed=24_000), -units)


def future(units: int, expiry: date, price: int = 24_000) -> Holding:
    return Holding(risk(expiry=expiry, exposed=price), units)


@pytest.mark.parametrize(
    ("held", "percent_of"),
    [
        ([future(65, NEAR)], 24_000 * 65),
        ([sold(65)], 24_000 * 65),
        ([Holding(risk(kind=Kind.CALL, exposed=24_000), 65)], 0),  # bought
        ([future(65, NEAR), future(-65, FAR, 24_300)], Fraction(24_300 * 65, 3)),  # a calendar spread
        ([future(65, NEAR), future(-130, FAR, 24_300)], Fraction(24_300 * 65, 3) + 24_300 * 65),
        ([future(65, NEAR), future(65, FAR)], 48_000 * 65),
    ],
)
def test_exposure_is_two_per_cent_of_notional(held: Sequence[Holding], percent_of: Fraction) -> None:
    assert exposure(held, ENDED, date(2026, 6, 1)) == rupees(1) * percent_of * 2 / 100


def test_a_calendar_spread_is_exposed_in_full_on_the_last_day_of_its_near_month() -> None:
    held = [future(65, NEAR), future(-65, FAR)]

    assert exposure(held, ENDED, NEAR) == rupees(48_000 * 65 * 2) // 100


def test_sold_options_are_exposed_by_more_on_their_last_day() -> None:
    held = [sold(65), sold(65, FAR), future(65, NEAR)]

    assert last_day(held, ENDED, NEAR) == rupees(24_000 * 65 * 2) // 100
    assert last_day(held, ENDED, date(2026, 6, 29)) == 0
    assert last_day(held, NO_CHARGES, NEAR) == 0


def test_a_part_is_whole_paise_in_all_its_sums() -> None:
    option = Holding(Risk("X", Kind.CALL, NEAR, 3, 100_001, tuple([-1] * 16), ONE_DELTA), -1)

    found = part(Group(PLAIN, ENDED), [option], NEAR)

    assert (found.span, found.exposure, found.last_day) == (100, 2_100, 2_100)
    assert found.total == 4_300


PARAMETERS = SpanParameters()


@pytest.mark.parametrize(
    ("subject", "day", "more", "ends"),
    [
        (Subject.INDEX, date(2024, 11, 19), 0, False),
        (Subject.INDEX, date(2024, 11, 20), 2, False),
        (Subject.INDEX, date(2025, 2, 9), 2, False),
        (Subject.INDEX, date(2025, 2, 10), 2, True),
        (Subject.SHARE, date(2026, 5, 4), 0, False),
        (Subject.SHARE, date(2026, 5, 5), 0, True),
    ],
)
def test_the_rules_of_the_last_day_have_their_dates(
    subject: Subject, day: date, more: int, *, ends: bool
) -> None:
    found = PARAMETERS.charges(subject, "NIFTY" if subject is Subject.INDEX else "RELIANCE", day)

    assert (found.last_day, found.benefit_ends) == (Fraction(more, 100), ends)


@pytest.mark.parametrize("day", [date(2021, 8, 31), date(2027, 1, 1)])
def test_outside_the_known_days_nothing_is_guessed(day: date) -> None:
    with pytest.raises(RuleUnknown, match=f"NIFTY.*{day}"):
        PARAMETERS.ranges(Subject.INDEX, "NIFTY", day)


def test_only_futures_and_options_have_margins_by_span() -> None:
    share = Instrument(Exchange.NSE, "RELIANCE", Kind.EQUITY, 100, name="RELIANCE")
    with pytest.raises(InvalidInput, match="no future and no option"):
        subject_of(share)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (0, "price unchanged, volatility up"),
        (3, "price up by 1/3 of its range, volatility down"),
        (13, "price down by its whole range, volatility down"),
        (14, "price up by twice its range, a part of the loss counted"),
    ],
)
def test_a_scenario_says_what_happens(place: int, words: str) -> None:
    assert scenario_words(place) == words
