"""What is read off a chain, against hand-worked chains."""

import json
from collections.abc import Sequence
from datetime import date

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.instrument import Kind
from kasauti.domain.money import rupees
from kasauti.domain.view import Chain
from kasauti.strategies.open_interest import OIAnalyzer, OIReading, StrikeInterest, has_unwound


def chain(
    strikes: Sequence[int],
    calls: Sequence[int],
    puts: Sequence[int],
    *,
    spot: int = 0,
    last: Sequence[int] | None = None,
    unlisted: Sequence[int] = (),
) -> Chain:
    """Return a chain with these columns; strikes and spot in rupees, no call listed at `unlisted`."""
    prices = np.array(last if last is not None else [rupees(10)] * len(strikes), np.int64)
    volume = np.zeros(len(strikes), np.int64)
    return Chain(
        0,
        "NSE:NIFTY 50",
        date(2026, 11, 24),
        rupees(spot),
        np.array([rupees(strike) for strike in strikes], np.int64),
        tuple(None if strike in unlisted else f"{strike}CE" for strike in strikes),
        tuple(f"{strike}PE" for strike in strikes),
        prices,
        prices.copy(),
        np.array(calls, np.int64),
        np.array(puts, np.int64),
        volume,
        volume.copy(),
    )


@pytest.mark.parametrize(
    ("spot", "calls", "puts", "call_strike", "put_strike"),
    [
        # strikes     90 100 110 120
        (105, (1, 2, 9, 3), (4, 9, 2, 1), 110, 100),
        (105, (9, 2, 9, 3), (4, 9, 2, 9), 110, 100),  # two most: nearest to spot
        (105, (1, 9, 9, 3), (4, 9, 9, 1), 110, 100),  # at one distance: calls higher, puts lower
        (0, (1, 9, 9, 3), (4, 9, 9, 1), 110, 100),  # no spot: the same end of the equals
        (105, (0, 0, 0, 0), (0, 0, 0, 1), None, 120),  # nothing open is no strike
    ],
)
def test_max_open_interest_strikes_and_their_ties(
    spot: int, calls: Sequence[int], puts: Sequence[int], call_strike: int | None, put_strike: int | None
) -> None:
    reads = OIAnalyzer(chain((90, 100, 110, 120), calls, puts, spot=spot))

    assert reads.max_call_strike() == (None if call_strike is None else rupees(call_strike))
    assert reads.max_put_strike() == (None if put_strike is None else rupees(put_strike))


def test_max_pain_by_hand() -> None:
    """
    Calls 10 at 100, 20 at 110; puts 30 at 110, 10 at 120.

    Pay-out at 100: puts 30*10 + 10*20 = 500. At 110: calls 10*10 and puts 10*10, together 200. At 120: calls
    10*20 + 20*10 = 400.
    """
    assert OIAnalyzer(chain((100, 110, 120), (10, 20, 0), (0, 30, 10))).max_pain() == rupees(110)


def test_max_pain_of_equals_is_nearest_to_spot_then_lower() -> None:
    """One call at 100 and one put at 120: nothing between them pays more than at any other strike there."""
    flat = chain((100, 110, 120), (1, 0, 0), (0, 0, 1), spot=118)

    assert OIAnalyzer(flat).max_pain() == rupees(120)
    assert OIAnalyzer(flat, rupees(105)).max_pain() == rupees(100)
    assert OIAnalyzer(chain((100, 110), (0, 0), (0, 0))).max_pain() is None


columns = st.lists(st.integers(0, 10**8), min_size=1, max_size=40)


@given(columns, columns, st.integers(0, 600))
def test_max_pain_is_what_the_definition_says(calls: list[int], puts: list[int], spot: int) -> None:
    size = min(len(calls), len(puts))
    strikes = [100 + 5 * n for n in range(size)]
    calls, puts = calls[:size], puts[:size]
    found = OIAnalyzer(chain(strikes, calls, puts, spot=spot)).max_pain()

    def payout(at: int) -> int:
        rows = zip(strikes, calls, puts, strict=True)
        return sum(call * max(0, at - strike) + put * max(0, strike - at) for strike, call, put in rows)

    best = min(strikes, key=lambda strike: (payout(strike), abs(strike - spot), strike))
    assert found == (rupees(best) if any(calls) or any(puts) else None)


def test_put_call_ratio_and_walls() -> None:
    reads = OIAnalyzer(chain((90, 100, 110, 120), (5, 50, 30, 40), (60, 20, 20, 99), spot=105))

    assert reads.put_call_ratio() == pytest.approx(199 / 125)
    assert reads.resistances(2) == [StrikeInterest(rupees(120), 40), StrikeInterest(rupees(110), 30)]
    assert reads.supports(5) == [StrikeInterest(rupees(90), 60), StrikeInterest(rupees(100), 20)]
    assert OIAnalyzer(chain((90,), (0,), (5,))).put_call_ratio() is None


@pytest.mark.parametrize(
    ("spot", "above", "below", "expected"),
    [
        (105, 1, 1, [100, 110]),
        (110, 2, 1, [100, 110, 120]),  # a strike at spot counts as above
        (105, 9, 9, [90, 100, 110, 120]),
        (300, 2, 2, [110, 120]),
        (10, 2, 2, [90, 100]),
        (0, 2, 2, []),  # without spot nothing is near
    ],
)
def test_near_takes_strikes_on_each_side_of_spot(
    spot: int, above: int, below: int, expected: list[int]
) -> None:
    near = OIAnalyzer(chain((90, 100, 110, 120), (1,) * 4, (1,) * 4, spot=spot)).near(above, below)

    assert near.chain.strikes.tolist() == [rupees(strike) for strike in expected]
    assert near.chain.put_ids == tuple(f"{strike}PE" for strike in expected)


def test_change_matches_strikes_and_leaves_out_what_is_not_known() -> None:
    before = OIReading.of(chain((90, 100, 110), (10, 20, 0), (5, 5, 5)), at=7)
    now = chain((100, 110, 120), (15, 9, 9), (0, 8, 8))

    calls, puts = OIAnalyzer(now).change(before)

    assert calls.tolist() == [-5, 0, 0]
    assert puts.tolist() == [0, 3, 0]
    assert before.of_strike(rupees(90), Kind.CALL) == 10
    assert before.of_strike(rupees(95), Kind.PUT) == 0


def test_a_reading_goes_through_json() -> None:
    reading = OIReading.of(chain((90, 100), (10, 20), (5, 6)), at=7)

    assert msgspec.json.decode(msgspec.json.encode(reading), type=OIReading) == reading
    assert json.loads(msgspec.json.encode(reading))["calls"] == [10, 20]


@pytest.mark.parametrize(
    ("before", "now", "least", "expected"),
    [
        (10_000, 9_999, 0, True),
        (10_000, 10_000, 0, False),  # no change is no unwinding, even if none is asked for
        (10_000, 10_001, 0, False),
        (10_000, 9_901, 100, False),  # 0.99 % where 1 % is asked for
        (10_000, 9_900, 100, True),  # 1.00 %
        (10_000, 9_899, 100, True),
        (3, 2, 3_333, True),  # a third is 33.33 % and more
        (3, 2, 3_334, False),
        (0, 5, 0, False),
        (5, 0, 0, False),  # a reading that is missing is not a fall to nothing
    ],
)
def test_unwinding_at_its_threshold(before: int, now: int, least: int, *, expected: bool) -> None:
    assert has_unwound(before, now, least) is expected


def test_missing_counts_listed_options_without_data() -> None:
    reads = OIAnalyzer(chain((90, 100), (0, 1), (1, 1), last=(rupees(1), 0), unlisted=(90,)))

    assert reads.missing() == 2  # both options at 100 have no price; the call at 90 is not listed


def test_a_strike_that_is_not_there_is_not_known() -> None:
    reads = OIAnalyzer(chain((90, 100), (3, 4), (5, 6), unlisted=(90,)))

    assert reads.of_strike(rupees(100), Kind.CALL) == 4
    assert reads.price(rupees(100), Kind.PUT) == rupees(10)
    assert reads.option(rupees(100), Kind.PUT) == "100PE"
    assert reads.option(rupees(90), Kind.CALL) is None
    assert reads.of_strike(rupees(95), Kind.CALL) == 0
    assert reads.of_strike(rupees(999), Kind.PUT) == 0
    assert reads.option(rupees(95), Kind.CALL) is None


def test_an_empty_chain_says_nothing_and_raises_nothing() -> None:
    empty = OIAnalyzer(chain((), (), (), spot=100))
    reading = OIReading.of(chain((90,), (1,), (1,)), at=0)

    assert empty.max_call_strike() is None
    assert empty.max_put_strike() is None
    assert empty.max_pain() is None
    assert empty.put_call_ratio() is None
    assert empty.resistances(3) == empty.supports(3) == []
    assert empty.near(2, 2).missing() == 0
    assert [column.tolist() for column in empty.change(reading)] == [[], []]
    unread = OIAnalyzer(chain((90,), (1,), (1,))).change(OIReading(0, [], [], []))
    assert [column.tolist() for column in unread] == [[0], [0]]


def test_the_largest_chains_do_not_overflow() -> None:
    """A lakh of rupees, ten crore units at each strike: equal everywhere, so the middle hurts least."""
    strikes = list(range(50_000, 100_000, 500))
    reads = OIAnalyzer(chain(strikes, [10**8] * 100, [10**8] * 100, spot=99_000))

    assert reads.max_pain() == rupees(75_000)  # 74,500 pays the same; this is nearer to spot
