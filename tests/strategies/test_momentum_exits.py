"""Every stop on both sides of its threshold, in exact whole numbers."""

from fractions import Fraction

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kasauti.domain.money import rupees
from kasauti.strategies.momentum_exits import Held, Levels, Stops, exit_reason, levels
from kasauti.strategies.session_vwap import SessionVwap

#: 25 % initial, 5 % VWAP, 10 % OI reversal, 10 % trailing after 10 % profit: the source document's.
STOPS = Stops(initial=2_500, vwap=500, oi_reversal=1_000, trailing=1_000, trailing_after=1_000)
LOT = 75


def reason(
    last: str,
    *,
    entry: str = "100",
    peak: str = "0",
    vwap: str = "0",
    oi_at_entry: int = 0,
    oi: int = 0,
    stops: Stops = STOPS,
) -> str:
    """Return which exit fires, prices in rupees."""
    average = SessionVwap(rupees(vwap) * 1_000, 1_000 if rupees(vwap) else 0)
    held = Held("NFO:X", max(rupees(peak), rupees(entry)), oi_at_entry, average)
    return exit_reason(levels(stops, held, rupees(entry) * LOT, LOT), rupees(last), oi)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("75.01", ""),  # a loss of 24.99 %
        ("75.0001", ""),
        ("75", "initial"),  # 25.00 %
        ("74.99", "initial"),  # 25.01 %
    ],
)
def test_the_initial_stop(last: str, expected: str) -> None:
    assert reason(last) == expected


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("114.01", ""),  # 4.99 % below a VWAP of 120
        ("114.0001", ""),
        ("114", "vwap"),  # 5.00 %
        ("113.99", "vwap"),
    ],
)
def test_the_vwap_stop(last: str, expected: str) -> None:
    assert reason(last, vwap="120") == expected


@pytest.mark.parametrize(
    ("oi", "expected"),
    [
        (1_099_999, ""),  # 9.99 % more than at the entry
        (1_100_000, "oi_reversal"),  # 10.00 %
        (1_100_001, "oi_reversal"),
        (900_000, ""),
        (0, ""),  # not known
    ],
)
def test_the_oi_reversal_stop(oi: int, expected: str) -> None:
    assert reason("100", oi_at_entry=1_000_000, oi=oi) == expected


@pytest.mark.parametrize(("oi", "expected"), [(3, ""), (4, "oi_reversal")])
def test_the_oi_reversal_stop_between_whole_units(oi: int, expected: str) -> None:
    """Ten per cent more than 3 units is 3.3 units."""
    assert reason("100", oi_at_entry=3, oi=oi) == expected


def test_without_the_open_interest_of_the_entry_there_is_no_reversal() -> None:
    assert reason("100", oi_at_entry=0, oi=10**9) == ""


@pytest.mark.parametrize(
    ("peak", "last", "expected"),
    [
        ("109.99", "98.99", ""),  # a profit of 9.99 % does not arm it
        ("109.9999", "90", ""),
        ("110", "99.01", ""),  # 10.00 % arms it; 9.99 % below the peak
        ("110", "99", "trailing"),  # 10.00 % below
        ("200", "180.01", ""),
        ("200", "180", "trailing"),
        ("200", "179.99", "trailing"),
    ],
)
def test_the_trailing_stop_and_what_arms_it(peak: str, last: str, expected: str) -> None:
    assert reason(last, peak=peak) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"last": "75", "vwap": "120", "peak": "130", "oi": 2}, "initial"),
        ({"last": "80", "vwap": "120", "peak": "130", "oi": 2}, "vwap"),
        ({"last": "80", "vwap": "80", "peak": "130", "oi": 2}, "oi_reversal"),
        ({"last": "80", "vwap": "80", "peak": "130", "oi": 1}, "trailing"),
        ({"last": "118", "vwap": "80", "peak": "130", "oi": 1}, ""),
    ],
)
def test_the_first_of_several_names_the_exit(values: dict[str, str | int], expected: str) -> None:
    assert reason(**values, oi_at_entry=1) == expected  # type: ignore[arg-type]


def test_a_price_that_is_not_known_stops_nothing() -> None:
    assert reason("0", vwap="120", peak="200") == ""


def test_an_average_between_two_prices_is_not_rounded() -> None:
    """Units at 100.00 and 100.05 average 100.025; three quarters of it are 75.01875."""
    held = Held("NFO:X", rupees("100.05"))
    at = levels(STOPS, held, rupees(100) * LOT + rupees("100.05") * LOT, 2 * LOT)

    assert exit_reason(at, rupees("75.0188"), 0) == ""
    assert exit_reason(at, rupees("75.0187"), 0) == "initial"


def test_levels_are_what_people_see() -> None:
    held = Held("NFO:X", rupees(120), 1_000, SessionVwap(rupees(100) * 10, 10))

    assert levels(STOPS, held, rupees(100) * LOT, LOT) == Levels(
        initial=rupees(75), vwap=rupees(95), oi_reversal=1_100, trailing=rupees(108)
    )
    assert levels(STOPS, Held("NFO:X", rupees(100)), rupees(100) * LOT, LOT) == Levels(initial=rupees(75))


amounts = st.integers(1, 10**9)
interest = st.integers(0, 10**8)
averages = st.builds(SessionVwap, amounts, st.integers(0, 10**6))
holdings = st.builds(Held, st.just("NFO:X"), amounts, interest, averages)


@given(holdings, amounts, st.integers(1, 10**6), st.integers(0, 10**9), interest, st.integers(1, 9_999))
@example(Held("NFO:X", peak=110), 100, 1, 99, 0, 1_000)
def test_whole_levels_decide_like_fractions(
    held: Held, cost: int, quantity: int, last: int, now: int, percent: int
) -> None:
    """The rule in the words of the module, in fractions, decides the same at any size."""
    then, peak = held.open_interest, held.peak
    turnover, volume = held.vwap.turnover, held.vwap.volume
    at = levels(Stops(percent, percent, percent, percent, percent), held, cost, quantity)
    entry, share = Fraction(cost, quantity), Fraction(percent, 10_000)

    expected = ""
    if last:
        if last <= entry * (1 - share):
            expected = "initial"
        elif volume and last <= Fraction(turnover, volume) * (1 - share):
            expected = "vwap"
    if not expected and then and now >= then * (1 + share):
        expected = "oi_reversal"
    if not expected and last and peak >= entry * (1 + share) and last <= peak * (1 - share):
        expected = "trailing"
    assert exit_reason(at, last, now) == expected


def test_what_is_held_goes_through_json() -> None:
    held = Held("NFO:X", 5, 6, SessionVwap(7, 8, 9), "vwap", 10, Levels(1, 2, 3, 4))

    assert msgspec.json.decode(msgspec.json.encode(held), type=Held) == held
