"""The market-wide circuit breaker (market_rules.md 3.5, NSE's page)."""

from datetime import date, time
from decimal import Decimal

import pytest

from kasauti.domain.ist import ist_clock, ist_ns
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.circuit_breaker import CircuitBreakers, Halt

TODAY = date(2026, 11, 20)
BREAKER = CircuitBreakers().on(TODAY)


def halt(percent: int, clock: str) -> Halt | None:
    return BREAKER.halt(Decimal(percent), ist_ns(TODAY, time.fromisoformat(clock)))


@pytest.mark.parametrize(
    ("percent", "clock", "auction", "resumes"),
    [
        (10, "09:15:00", "10:00:00", "10:15:00"),
        (10, "12:59:59", "13:44:59", "13:59:59"),
        (10, "13:00:00", "13:15:00", "13:30:00"),
        (10, "14:29:59", "14:44:59", "14:59:59"),
        (15, "09:20:00", "11:05:00", "11:20:00"),
        (15, "12:59:59", "14:44:59", "14:59:59"),
        (15, "13:00:00", "13:45:00", "14:00:00"),
        (15, "13:59:59", "14:44:59", "14:59:59"),
    ],
)
def test_a_halt_ends_with_an_auction(percent: int, clock: str, auction: str, resumes: str) -> None:
    found = halt(percent, clock)

    assert found is not None
    assert found.auction is not None
    assert found.resumes is not None
    assert (ist_clock(found.begins), ist_clock(found.auction)) == (clock, auction)
    assert ist_clock(found.resumes) == resumes


@pytest.mark.parametrize("clock", ["14:30:00", "15:29:00"])
def test_ten_per_cent_late_in_the_day_stops_nothing(clock: str) -> None:
    assert halt(10, clock) is None


@pytest.mark.parametrize(
    ("percent", "clock"),
    [(15, "14:00:00"), (15, "14:30:00"), (20, "09:15:00"), (20, "13:30:00"), (20, "15:29:59")],
)
def test_the_market_stays_closed(percent: int, clock: str) -> None:
    found = halt(percent, clock)

    assert found is not None
    assert found.auction is None
    assert found.resumes is None


def test_the_levels_are_points_to_the_nearest_tick() -> None:
    """NSE for 2024-12-19, NIFTY having closed at 24,198.85: 10 % is 2,419.90 points."""
    points = dict(BREAKER.points(rupees("24198.85")))

    assert points == {
        Decimal(10): rupees("2419.90"),
        Decimal(15): rupees("3629.85"),  # NSE printed 3,629.80, against its own rule
        Decimal(20): rupees("4839.75"),
    }


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ("23000", None),
        ("21778.95", 10),  # exactly 2,419.90 lower
        ("21779.00", None),
        ("26618.75", 10),  # a rise stops the market too
        ("20000", 15),
        ("19000", 20),
    ],
)
def test_the_highest_level_that_is_reached(value: str, level: int | None) -> None:
    found = BREAKER.level(rupees("24198.85"), rupees(value))

    assert found == (None if level is None else Decimal(level))


def test_what_is_no_level_is_refused() -> None:
    with pytest.raises(
        InvalidInput, match="12 % is not a level of the circuit breaker; they are 10, 15, 20 %"
    ):
        halt(12, "10:00:00")
    with pytest.raises(InvalidInput, match="is not a close"):
        BREAKER.points(0)


def test_a_day_that_is_not_known_is_refused() -> None:
    with pytest.raises(RuleUnknown, match="market-wide circuit breaker"):
        CircuitBreakers().on(date(2027, 1, 1))
