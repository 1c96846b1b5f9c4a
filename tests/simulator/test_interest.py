"""Which ticks are looked at: those at or beyond the prices of what rests, and no others."""

from collections.abc import Sequence

import numpy as np
import pytest

from kasauti.domain.market import TickBatch
from kasauti.simulator.interest import NEVER_HIGH, NEVER_LOW, Interest


def matters(
    batch: TickBatch, interest: Interest, watched: Sequence[bool] = (False, False)
) -> tuple[list[bool], list[bool]]:
    """Return for each tick whether the scan stops at it, and whether it then still matters."""
    flags = np.array(watched, np.bool_)
    rows = interest.rows(batch, 0, len(batch), flags).tolist()
    return (
        [row in rows for row in range(len(batch))],
        [interest.matters(batch, row, flags) for row in range(len(batch))],
    )


def ticks_at(*quotes: tuple[int, int, int], slot: int = 0) -> TickBatch:
    """Return ticks of (last, bid, ask)."""
    last, bid, ask = zip(*quotes, strict=True)
    return TickBatch.of(at=range(1, len(quotes) + 1), slot=[slot] * len(quotes), last=last, bid=bid, ask=ask)


@pytest.mark.parametrize("book_decides", [False, True])
@pytest.mark.parametrize("last_counts", [False, True])
@pytest.mark.parametrize(
    ("quote", "by"),
    [
        # low is 50, high 100; 70 and 80 say nothing
        ((75, 70, 80), ""),
        ((51, 70, 80), ""),
        ((50, 70, 80), "last"),
        ((49, 70, 80), "last"),
        ((99, 70, 80), ""),
        ((100, 70, 80), "last"),
        ((101, 70, 80), "last"),
        ((75, 99, 120), ""),
        ((75, 100, 120), "book"),
        ((75, 101, 120), "book"),
        ((75, 30, 51), ""),
        ((75, 30, 50), "book"),
        ((75, 30, 49), "book"),
        ((49, 0, 80), "last without bids"),
        ((101, 0, 80), "last without bids"),
        ((75, 0, 80), ""),
    ],
)
def test_a_tick_matters_by_its_book_and_by_its_last_price_where_that_counts(
    book_decides: bool,  # noqa: FBT001
    last_counts: bool,  # noqa: FBT001
    quote: tuple[int, int, int],
    by: str,
) -> None:
    interest = Interest(2, book_decides=book_decides)
    interest.set(0, 50, 100, always=False, last_counts=last_counts)
    counts = by in ("book", "last without bids") or (by == "last" and (last_counts or not book_decides))

    assert matters(ticks_at(quote), interest) == ([counts], [counts])


@pytest.mark.parametrize(
    ("quote", "counts"), [((101, 70, 0), True), ((100, 70, 0), True), ((99, 70, 0), False)]
)
def test_where_nobody_offers_a_last_price_counts_although_books_decide(
    quote: tuple[int, int, int],
    counts: bool,  # noqa: FBT001
) -> None:
    interest = Interest(2, book_decides=True)
    interest.set(0, NEVER_LOW, 100, always=False, last_counts=False)

    assert matters(ticks_at(quote), interest) == ([counts], [counts])


def test_every_tick_matters_of_what_is_always_looked_at_or_watched_by_others() -> None:
    interest = Interest(2)
    quiet = ticks_at((75, 70, 80), slot=1)
    assert matters(quiet, interest) == ([False], [False])
    assert matters(quiet, interest, [True, False]) == ([False], [False])
    assert matters(quiet, interest, [False, True]) == ([True], [True])
    interest.watch(1)
    assert matters(quiet, interest) == ([True], [True])
    interest.set(1, NEVER_LOW, NEVER_HIGH, always=False)
    assert matters(quiet, interest) == ([False], [False])


def test_a_slot_holds_something_if_a_price_or_every_tick_of_it_matters() -> None:
    interest = Interest(5)
    interest.set(1, 50, NEVER_HIGH, always=False)
    interest.set(2, NEVER_LOW, 100, always=False)
    interest.set(3, NEVER_LOW, NEVER_HIGH, always=True)

    assert interest.holds(np.arange(5, dtype=np.int32)).tolist() == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("low", "high", "always", "last_counts", "more"),
    [
        (50, 100, False, False, False),  # the same
        (51, 100, False, False, True),
        (49, 100, False, False, False),
        (50, 99, False, False, True),
        (50, 101, False, False, False),
        (50, 100, True, False, True),
        (50, 100, False, True, True),
        (49, 101, True, False, True),
        (49, 101, False, True, True),
    ],
)
def test_a_scan_is_made_again_where_more_ticks_may_matter_and_nowhere_else(
    low: int,
    high: int,
    always: bool,  # noqa: FBT001
    last_counts: bool,  # noqa: FBT001
    more: bool,  # noqa: FBT001
) -> None:
    interest = Interest(1, book_decides=True)
    interest.set(0, 50, 100, always=False, last_counts=False)
    before = interest.version
    interest.set(0, low, high, always=always, last_counts=last_counts)
    assert (interest.version > before) is more
    before = interest.version
    interest.set(0, low, high, always=always, last_counts=last_counts)
    assert interest.version == before


@pytest.mark.parametrize("book_decides", [False, True])
@pytest.mark.parametrize("last_counts", [False, True])
def test_a_scan_is_made_again_where_every_tick_begins_to_matter_and_not_where_that_ends(
    book_decides: bool,  # noqa: FBT001
    last_counts: bool,  # noqa: FBT001
) -> None:
    interest = Interest(1, book_decides=book_decides)
    interest.set(0, 50, 100, always=False, last_counts=last_counts)
    before = interest.version
    interest.set(0, 50, 100, always=True, last_counts=last_counts)
    assert interest.version == before + 1
    interest.set(0, 50, 100, always=False, last_counts=last_counts)
    assert interest.version == before + 1
    interest.set(0, 50, 100, always=False, last_counts=False)
    assert interest.version == before + 1


@pytest.mark.parametrize("book_decides", [False, True])
def test_where_nothing_rests_nothing_is_looked_at_again(book_decides: bool) -> None:  # noqa: FBT001
    interest = Interest(1, book_decides=book_decides)
    before = interest.version
    interest.set(0, NEVER_LOW, NEVER_HIGH, always=False, last_counts=False)

    assert interest.version == before


@pytest.mark.parametrize(
    ("low", "high", "always", "held"),
    [
        (NEVER_LOW, NEVER_HIGH, False, False),
        (50, NEVER_HIGH, False, True),
        (NEVER_LOW, 100, False, True),
        (NEVER_LOW, NEVER_HIGH, True, True),
        (50, 100, True, True),
        (0, NEVER_HIGH, False, True),
    ],
)
def test_what_is_looked_at_is_known_by_its_slot_and_so_is_what_may_have_changed(
    low: int,
    high: int,
    always: bool,  # noqa: FBT001
    held: bool,  # noqa: FBT001
) -> None:
    interest = Interest(3)
    interest.set(1, low, high, always=always)
    assert interest.held == ({1} if held else set())
    assert interest.changed == {1}
    interest.changed.clear()
    interest.set(2, 40, 90, always=False)
    interest.set(1, NEVER_LOW, NEVER_HIGH, always=False)

    assert interest.held == {2}
    assert interest.changed == {1, 2}


def test_a_slot_that_is_watched_is_looked_at_until_it_is_set() -> None:
    interest = Interest(2)
    interest.watch(1)
    assert (interest.watches(0), interest.watches(1)) == (False, True)
    assert interest.held == {1}
    interest.set(1, NEVER_LOW, 100, always=False)
    interest.watch(1)
    interest.set(1, NEVER_LOW, NEVER_HIGH, always=False)

    assert not interest.watches(1)
    assert interest.held == set()


def test_a_last_price_counts_unless_somebody_says_otherwise() -> None:
    plain, by_books = Interest(2), Interest(2, book_decides=True)
    plain.set(0, 50, 100, always=False, last_counts=False)
    by_books.set(0, 50, 100, always=False)

    for interest in (plain, by_books):
        assert matters(ticks_at((49, 70, 80)), interest) == ([True], [True])
