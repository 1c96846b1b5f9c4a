"""What a large order meets beyond the last level that the data shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trading import SHARE, Session, buys, sells

from kasauti.domain.commands import PlaceOrder
from kasauti.domain.evidence import Rule, derive_price
from kasauti.domain.market import Level, Quote
from kasauti.simulator.book import Resting
from kasauti.simulator.fills import Depth
from kasauti.simulator.impact import BookGoesOn
from kasauti.simulator.liquidity import Liquidity

#: Gaps of 0.05 and 0.10 up, so 0.10 on average on its ticks; 60, 100 and 140 units: 100 on average.
BOOK = """
    time          last    bids                               asks                                 volume
    09:15:00      100     99.95x60,99.90x100,99.80x140       100.05x60,100.10x100,100.20x140      1000
"""
SHOWN = [(60, "100.05"), (100, "100.10"), (140, "100.20")]


@pytest.mark.parametrize(
    ("command", "beyond"),
    [
        (buys(SHARE, 300), []),
        (buys(SHARE, 301), [(1, "100.30")]),  # one level further
        (buys(SHARE, 400), [(100, "100.30")]),
        (buys(SHARE, 500), [(200, "100.35")]),  # half at 100.30, half at 100.40
        (buys(SHARE, 401), [(101, "100.35")]),  # 100 and 1: a little above 100.30, so the next tick
        (buys(SHARE, 500, "100.30"), [(100, "100.30")]),  # the limit ends it
        (buys(SHARE, 500, "100.25"), []),
    ],
)
def test_the_book_goes_on_at_its_mean_gap_with_its_mean_quantity(
    command: PlaceOrder, beyond: list[tuple[int, str]]
) -> None:
    session = Session(model=Depth(BookGoesOn()))
    session.play(BOOK, ("09:15:01", command))

    assert [(quantity, price) for _, quantity, price in session.fills()] == SHOWN + beyond
    last = session.filled()[-1][1].evidence
    assert (last.rule is Rule.BEYOND) == bool(beyond)
    assert session.proof().passed


def test_a_sale_goes_down_and_says_what_it_rests_on() -> None:
    session = Session(model=Depth(BookGoesOn()))
    session.play(BOOK, ("09:15:01", sells(SHARE, 400)))

    _, fill = session.filled()[-1]
    assert (fill.quantity, fill.price) == (100, 99_7000)
    assert (fill.evidence.price, fill.evidence.slip, fill.evidence.level) == (99_8000, 1000, 3)
    assert (fill.evidence.shown, fill.evidence.queue) == (0, 0)
    assert derive_price(fill.evidence, buys=False) == fill.price


def test_the_thinnest_book_goes_on_by_one_unit_a_level() -> None:
    session = Session(model=Depth(BookGoesOn()))
    thin = """
        time          last    bids                 asks                 volume
        09:15:00      100     99.95x1,99.90x1      100.05x1,100.10x1    1000
    """
    session.play(thin, ("09:15:01", buys(SHARE, 4)))

    # One at 100.15 and one at 100.20 make 100.175, so the next tick.
    assert [fill[1:] for fill in session.fills()] == [(1, "100.05"), (1, "100.10"), (2, "100.20")]


def test_what_was_swept_is_not_there_again() -> None:
    session = Session(model=Depth(BookGoesOn()))
    session.play(BOOK, ("09:15:01", buys(SHARE, 400)), ("09:15:02", buys(SHARE, 100)))

    assert session.fills()[-1][1:] == (100, "100.40")


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (buys(SHARE, 100), (100, "100.50")),  # 200 were swept at 100.30 and 100.40
        (
            buys(SHARE, 300, "100.50"),
            (100, "100.50"),
        ),  # of the three levels that the limit allows one is left
    ],
)
def test_what_was_swept_over_several_levels_is_not_there_again(
    second: PlaceOrder, expected: tuple[int, str]
) -> None:
    session = Session(model=Depth(BookGoesOn()))
    session.play(BOOK, ("09:15:01", buys(SHARE, 500)), ("09:15:02", second))

    assert session.fills()[-1][1:] == expected


def test_what_is_hidden_makes_levels_thicker() -> None:
    session = Session(model=Depth(BookGoesOn(hidden_percent=100)))
    session.play(BOOK, ("09:15:01", buys(SHARE, 500)))

    assert session.fills()[-1][1:] == (200, "100.30")


def test_without_an_estimate_the_rest_waits() -> None:
    session = Session(model=Depth())
    session.play(BOOK, ("09:15:01", buys(SHARE, 400)))

    assert [(quantity, price) for _, quantity, price in session.fills()] == SHOWN


def test_one_level_has_no_gap_to_go_on_by() -> None:
    session = Session(model=Depth(BookGoesOn()))
    session.play(
        "time last bids asks volume\n09:15:00 100 99.95x60 100.05x60 1000", ("09:15:01", buys(SHARE, 100))
    )

    assert [quantity for _, quantity, _ in session.fills()] == [60]


def test_a_sale_never_goes_to_nothing() -> None:
    session = Session(model=Depth(BookGoesOn()))
    book = "time last bids asks volume\n09:15:00 0.20 0.15x10,0.10x10 0.20x50 1000"
    session.play(book, ("09:15:01", sells(SHARE, 100)))

    assert [(quantity, price) for _, quantity, price in session.fills()] == [
        (-10, "0.15"),
        (-10, "0.10"),
        (-10, "0.05"),
    ]


@given(
    gaps=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    quantities=st.lists(st.integers(1, 500), min_size=5, max_size=5),
    wanted=st.integers(1, 5_000),
    limit=st.one_of(st.none(), st.integers(0, 60)),
    swept=st.integers(0, 300),
    buys_=st.booleans(),
)
def test_an_estimate_is_worse_than_all_that_is_shown_and_within_the_limit(
    gaps: list[int], quantities: list[int], wanted: int, limit: int | None, swept: int, *, buys_: bool
) -> None:
    tick, sign = 500, 1 if buys_ else -1
    prices = [100_0000]
    for gap in gaps:
        prices.append(prices[-1] + sign * gap * tick)
    ladder = tuple(Level(price, units) for price, units in zip(prices, quantities, strict=False))
    quote = Quote(1, 100_0000, bids=() if buys_ else ladder, asks=ladder if buys_ else ())
    bound = 0 if limit is None else ladder[-1].price + sign * limit * tick
    order = Resting("a", 0, buys_, bound, 0, wanted, wanted, ioc=False)
    liquidity = Liquidity()
    if swept:
        liquidity.take(ladder[-1].price, ladder[-1].quantity + swept, buys=buys_)

    match = BookGoesOn().match(order, quote, liquidity, 0)

    if match is None:
        assert limit is not None, "without a limit there is always more"
        return
    price = match.price + sign * match.slip
    assert 0 < match.quantity <= wanted
    assert match.slip > 0
    assert price % tick == 0
    assert not bound or (price <= bound if buys_ else price >= bound)
