"""Two runs differ by signals, fills, timing, size and charges, and by nothing else."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.logs import CALL, SHARE, Logbook
from tests.analytics.runs import ASSUMPTIONS, run_of
from tests.analytics.tapes import run_of as run_of_book

from kasauti.analytics.comparison import Attribution, attribution, compare
from kasauti.analytics.report.comparison_page import html_comparison
from kasauti.analytics.run import Run
from kasauti.domain.charges import Charges
from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.domain.money import rupees
from kasauti.domain.order import Side
from kasauti.errors import InvalidInput

BUY, SELL = Side.BUY, Side.SELL
PARTS = ("signals", "fills", "timing", "size", "charges", "notes", "still_open")


def traded(*trades: tuple[int, Side, int, str, str], rounding: str = "0", label: str = "run") -> Run:
    """Return a run of trades of one share: minute after 10:00, side, quantity, price, charges in rupees."""
    book = Logbook()
    book.open_day()
    for minute, side, quantity, price, charges in trades:
        book.clock(10 + minute // 60, minute % 60)
        book.trade(side, quantity, price, charges, SHARE, strategy="orb")
    book.close_day(Charges(stamp=rupees(rounding)))
    return replace(run_of_book(book), label=label)


def parts(why: Attribution) -> dict[str, int]:
    """Return the parts that are not zero, in rupees."""
    return {name: getattr(why, name) // 10_000 for name in PARTS if getattr(why, name)}


BASE = ((0, BUY, 10, "100", "5"), (30, SELL, 10, "110", "5"))


def test_a_run_does_not_differ_from_itself() -> None:
    why = attribution(traded(*BASE), traded(*BASE))
    assert (parts(why), why.total, why.first_difference) == ({}, 0, 0)
    assert (why.paired, why.only_here, why.only_there) == (1, 0, 0)


@pytest.mark.parametrize(
    ("trades", "found"),
    [
        pytest.param(
            ((0, BUY, 10, "101", "5"), (30, SELL, 10, "109", "5")), {"fills": -20}, id="worse prices"
        ),
        pytest.param(((2, BUY, 10, "98", "5"), (30, SELL, 10, "110", "5")), {"timing": 20}, id="later entry"),
        pytest.param(((1, BUY, 10, "99", "5"), (30, SELL, 10, "110", "5")), {"timing": 10}, id="a minute"),
        pytest.param(((5, BUY, 10, "97", "5"), (30, SELL, 10, "110", "5")), {"timing": 30}, id="just paired"),
        pytest.param(((6, BUY, 10, "97", "5"), (30, SELL, 10, "110", "5")), {"signals": 30}, id="not paired"),
        pytest.param(((0, BUY, 10, "100", "7"), (30, SELL, 10, "110", "5")), {"charges": -2}, id="dearer"),
        pytest.param(((0, BUY, 15, "100", "5"), (30, SELL, 15, "110", "5")), {"size": 50}, id="more units"),
        pytest.param(
            ((9, BUY, 10, "100", "5"), (30, SELL, 10, "110", "5")), {}, id="another signal, same result"
        ),
        pytest.param(
            (*BASE, (40, BUY, 1, "50", "1"), (50, SELL, 1, "80", "1")), {"signals": 28}, id="one signal more"
        ),
        pytest.param((*BASE, (40, BUY, 1, "50", "1")), {"still_open": -1}, id="one left open"),
        pytest.param(
            ((0, BUY, 10, "101", "5"), (35, SELL, 10, "120", "6")),
            {"fills": -10, "timing": 100, "charges": -1},
            id="several at once",
        ),
    ],
)
def test_each_difference_has_its_name(
    trades: tuple[tuple[int, Side, int, str, str], ...], found: dict[str, int]
) -> None:
    why = attribution(traded(*trades), traded(*BASE))
    assert parts(why) == found
    assert why.total == sum(found.values()) * 10_000


def test_contract_notes_round_on_their_own() -> None:
    assert parts(attribution(traded(*BASE, rounding="1"), traded(*BASE))) == {"notes": -1}


def test_signals_of_one_side_do_not_pair_with_those_of_the_other() -> None:
    short = ((0, SELL, 10, "100", "5"), (30, BUY, 10, "110", "5"))
    why = attribution(traded(*short), traded(*BASE))
    assert (why.paired, why.only_here, why.only_there) == (0, 1, 1)
    assert parts(why) == {"signals": -200}


def test_what_began_together_is_paired_before_what_began_close_by() -> None:
    """The base lacks the trip of 10:01; that of 10:03 must not be taken for it."""
    later = ((3, BUY, 1, "100", "0"), (4, SELL, 1, "101", "0"))
    why = attribution(traded((1, BUY, 1, "50", "0"), (2, SELL, 1, "60", "0"), *later), traded(*later))
    assert (why.paired, why.only_here) == (1, 1)
    assert parts(why) == {"signals": 10}


def test_the_first_difference_is_found() -> None:
    run = traded(*BASE, (40, BUY, 1, "50", "1"), (50, SELL, 1, "80", "1"))
    assert attribution(run, traded(*BASE)).first_difference == int(run.trips.entry_at[1])


_TRADES = st.lists(
    st.tuples(
        st.integers(0, 200),
        st.sampled_from([BUY, SELL]),
        st.integers(1, 5),
        st.integers(1, 400),
        st.integers(0, 30),
        st.sampled_from([SHARE, CALL]),
    ),
    max_size=14,
)


def _of(trades: list[Any], rounding: int) -> Run:
    book = Logbook()
    book.open_day()
    begin = book.at + 60 * NS_PER_MINUTE
    for minute, side, quantity, price, charges, name in sorted(trades, key=lambda trade: trade[0]):
        book.at = begin + minute * NS_PER_MINUTE
        book.trade(side, quantity, f"{price / 4:.2f}", f"{charges / 7:.2f}", name)
    book.close_day(Charges(stt=rounding))
    return run_of_book(book)


@given(_TRADES, _TRADES, st.integers(0, 99), st.integers(0, 99))
def test_the_parts_add_up_to_the_difference(
    trades: list[Any], others: list[Any], rounding: int, other_rounding: int
) -> None:
    run, base = _of([*trades, *others[:5]], rounding), _of(others, other_rounding)
    why = attribution(run, base)
    assert why.total == sum(getattr(why, name) for name in PARTS)
    assert why.total == int(run.days.equity[-1]) - int(base.days.equity[-1])
    assert why.paired + why.only_here == len(run.trips.side)
    assert why.paired + why.only_there == len(base.trips.side)
    back = attribution(base, run)
    assert (back.total, back.signals, back.charges) == (-why.total, -why.signals, -why.charges)


# Several runs


def test_runs_of_one_name_are_numbered_and_compared_with_the_first() -> None:
    runs = [traded(*BASE), traded(*BASE[:1], (30, SELL, 10, "111", "5")), traded(*BASE, label="other")]
    compared = compare(runs).runs
    assert [each.label for each in compared] == ["run (1)", "run (2)", "other"]
    assert [each.why and each.why.total for each in compared] == [None, rupees("10"), 0]


def test_only_what_was_set_differently_is_listed() -> None:
    one = replace(run_of(), parameters={"fast": "5", "slow": "20"})
    slipped = replace(ASSUMPTIONS, slippage="2 ticks")
    other = replace(one, parameters={"fast": "9", "slow": "20", "stop": "1"}, assumptions=slipped)
    assert {row.name: row.values for row in compare([one, other]).settings} == {
        "parameter fast": ["5", "9"],
        "parameter stop": ["not set", "1"],
        "slippage": ["1 tick", "2 ticks"],
    }


def test_one_run_cannot_be_compared() -> None:
    with pytest.raises(InvalidInput, match="two or more"):
        compare([run_of()])


def test_the_page_names_every_part_and_every_run() -> None:
    html = html_comparison(
        [traded(*BASE, label="<bars>"), traded(*BASE[:1], (30, SELL, 10, "111", "5"), label="ticks")]
    )
    assert "&lt;bars&gt;" in html
    assert "ticks against &lt;bars&gt;" in html
    for title in ("Signals", "Fills", "Timing", "Size", "Charges", "+10.00"):
        assert title in html


def test_runs_without_a_day_can_be_compared() -> None:
    html = html_comparison([run_of(), run_of()])
    assert "No run has a trading day" in html
    assert np.isfinite(len(html))
