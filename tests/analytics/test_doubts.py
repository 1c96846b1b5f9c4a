"""What is doubtful about a run is said, and nothing else is."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests.analytics.runs import ASSUMPTIONS, clock, days_of, equity_of, fills_of, orders_of, run_of, trips_of

from kasauti.analytics.doubts import doubts_about
from kasauti.analytics.metrics import metrics_of
from kasauti.analytics.run import Ending, Run
from kasauti.domain.evidence import Rule
from kasauti.domain.ist import NS_PER_DAY


def doubts(run: Run) -> str:
    return "\n".join(doubts_about(run, metrics_of(run)))


def steady() -> Run:
    """A run without a blemish but those it must have: 40 trips on quotes, over 100 days of small gains."""
    rng = np.random.default_rng(1)
    results = rng.integers(-400, 500, 100).cumsum() + 100_000
    fills = fills_of(*[(clock(10), 0, 1 if n % 2 == 0 else -1, 1, "100") for n in range(80)])
    fills = replace(fills, source=["quote"] * 80, rule=[Rule.TAKE.value] * 80)
    run = run_of(trips=trips_of(*["100", "-60"] * 20), days=days_of(*map(str, results.tolist())), fills=fills)
    return replace(run, orders=orders_of(*[(clock(10), 0, 1, "MARKET", "0")] * 80))


def with_trips(*nets: str) -> Run:
    return replace(steady(), trips=trips_of(*nets))


def with_days(*equity: str) -> Run:
    return replace(steady(), days=days_of(*equity))


def with_fills(**columns: object) -> Run:
    run = steady()
    return replace(run, fills=replace(run.fills, **columns))  # type: ignore[arg-type]


def charged(gross: int, charges: int) -> Run:
    """The first day of a hundred made `gross` and paid `charges`, in rupees."""
    run = with_days(*[str(100_000 + gross - charges)] * 100)
    first = np.zeros(100, np.int64)
    first[0] = 10_000
    return replace(run, days=replace(run.days, gross=first * gross, charges=first * charges))


def overnight() -> Run:
    """The first of forty positions is closed a day later; all others are opened and closed on that day."""
    at = steady().fills.at.copy()
    at[1:] += NS_PER_DAY
    return with_fills(at=at)


def touched() -> Run:
    return with_fills(rule=[Rule.TOUCHED.value] * 3 + [Rule.TAKE.value] * 77)


def on_bars() -> Run:
    return with_fills(source=["bar"] * 80)


def benchmarked() -> Run:
    run = steady()
    curve = equity_of("100000", "100000")
    return replace(run, equity=replace(curve, benchmark=np.array([100, 200], np.int64)))


def same_bar() -> Run:
    run = on_bars()
    return replace(run, trips=replace(run.trips, exit_at=run.trips.entry_at))


def two_carry() -> Run:
    return with_trips("100", "100", *["10"] * 10, *["-10"] * 18)


def denied() -> Run:
    run = steady()
    return replace(run, orders=replace(run.orders, status=["DENIED"] + ["COMPLETE"] * 79))


def refused() -> Run:
    why = [
        "Quantity should be a multiple of lot size 50.",
        "Too late.",
        "Quantity should be a multiple of lot size 50.",
    ]
    orders = replace(
        steady().orders, status=["DENIED", "REJECTED", "DENIED"] + ["COMPLETE"] * 77, why=why + [""] * 77
    )
    return replace(steady(), orders=orders)


CASES: list[tuple[str, Callable[[], Run]]] = [
    ("was interrupted", lambda: replace(steady(), ending=Ending.INTERRUPTED)),
    ("ended there: ValueError", lambda: replace(steady(), ending=Ending.FAILED, failure="ValueError")),
    ("made up", lambda: replace(steady(), assumptions=replace(ASSUMPTIONS, data="built-in market, seed 7"))),
    ("1 intraday position (MIS) went over night", overnight),
    ("Nothing was traded", run_of),
    ("no trade to judge", with_trips),
    ("2 round trips: below about 30", lambda: with_trips("5", "6")),
    ("3 trading days: figures by year", lambda: with_days("100100", "100200", "100150")),
    (
        "One round trip (+₹900) carries the result; all the others together made \N{MINUS SIGN}₹20",
        lambda: with_trips("900", "-20"),
    ),
    (
        "Without its 2 best round trips of 30 the result would be \N{MINUS SIGN}₹80",
        lambda: with_trips("100", "100", *["10"] * 10, *["-10"] * 18),
    ),
    (
        "One day (+₹500) carries the result; all the others together made \N{MINUS SIGN}₹200",
        lambda: with_days("100500", "100300"),
    ),
    ("Charges of ₹60 ate all of the gross profit of ₹50", lambda: charged(50, 60)),
    ("The profit (₹20) is smaller than the charges (₹30)", lambda: charged(50, 30)),
    ("3 of 80 fills happened when a price merely touched", touched),
    ("All fills rest on last prices or bars", on_bars),
    ("No slippage was added", on_bars),
    ("40 round trips began and ended in the same bar", same_bar),
    ("is too good", lambda: with_days(*[str(100_000 + 100 * n + n % 2) for n in range(1, 100)])),
    ("holding the benchmark made +100.00%", benchmarked),
    ("1 position still open", lambda: replace(steady(), open_at_end={0: 5})),
    ("3 orders refused", refused),
    ("Said of 2: Quantity should be a multiple of lot size 50.", refused),
    ("new to the strategy", steady),
]


@pytest.mark.parametrize(("said", "make"), CASES, ids=[said[:28] for said, _ in CASES])
def test_it_is_said(said: str, make: Callable[[], Run]) -> None:
    assert said in doubts(make())


@pytest.mark.parametrize(
    "said", [said for said, make in CASES if make is not steady], ids=lambda said: said[:28]
)
def test_it_is_not_said_of_a_run_without_it(said: str) -> None:
    assert said not in doubts(steady())


def test_a_delivery_that_goes_over_night_is_what_it_should_be() -> None:
    run = overnight()
    run = replace(run, orders=replace(run.orders, product=["CNC"] * 80))

    assert "over night" not in doubts(run)


def test_the_weightiest_comes_first() -> None:
    run = replace(steady(), ending=Ending.INTERRUPTED, open_at_end={0: 1})
    said = doubts_about(run, metrics_of(run))
    assert "interrupted" in said[0]
    assert "new to the strategy" in said[-1]
