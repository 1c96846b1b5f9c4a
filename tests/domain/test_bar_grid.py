"""A grid says the same as its rows, and a board that is shown one the same as one that is given the rows."""

from bisect import bisect_left

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.grids import FIELDS, grid_of, grids
from tests.tables import bars_of, ticks_of
from tests.trading import CALL, DAY, INDEX, NEXT_DAY, SHARE, UNIVERSE, moment

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.board import Board
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import BarBatch, Candle

SLOTS = {"ACME": SHARE, "NIFTY": INDEX, "CE": CALL}
COLUMNS = (
    "at",
    "fresh",
    "last",
    "bid",
    "ask",
    "bid_quantity",
    "ask_quantity",
    "volume",
    "open_interest",
    "has_depth",
)

TABLE = """
    time      of     open  high  low  close  volume  open_interest
    09:15:00  NIFTY  100   101   99   100.5  0       0
    09:15:00  ACME   50    52    49   51     10      7
    09:16:00  NIFTY  101   102   100  101.5  0       0
    09:17:00  NIFTY  102   103   101  102.5  0       0
    09:17:00  ACME   51    53    50   52     20      8
"""


def bars(table: str, seconds: int = 60) -> BarBatch:
    return bars_of(table, lambda name: UNIVERSE.slot(SLOTS[name].id), DAY, seconds)


def grid(batch: BarBatch) -> BarGrid:
    made = BarGrid.of(batch)
    assert made is not None
    return made


def same(mine: BarBatch, theirs: BarBatch) -> bool:
    names = ("at", "slot", *FIELDS)
    return mine.seconds == theirs.seconds and all(
        np.array_equal(getattr(mine, name), getattr(theirs, name)) for name in names
    )


def columns(board: Board) -> dict[str, list[int]]:
    return {name: getattr(board, name).tolist() for name in COLUMNS} | {"ticks": [board.ticks]}


def test_a_grid_has_a_row_an_instrument_and_a_column_a_moment() -> None:
    made = grid(bars(TABLE))

    assert made.slots.tolist() == [UNIVERSE.slot(INDEX.id), UNIVERSE.slot(SHARE.id)]
    assert made.moments == [moment(clock) for clock in ("09:16:00", "09:17:00", "09:18:00")]
    assert made.close.tolist() == [[100_5000, 101_5000, 102_5000], [51_0000, 0, 52_0000]]
    assert made.present is not None
    assert made.present.tolist() == [[True, True, True], [True, False, True]]
    row = made.row(1, SHARE.id)
    for _ in range(2):  # whether seldom or often asked
        assert [row.traded(0, stop) for stop in range(4)] == [0, 10, 10, 30]
        assert [row.traded(1, stop) for stop in range(1, 4)] == [0, 0, 20]
    assert [made.before(moment) for moment in range(4)] == made.counts.tolist() == [0, 2, 3, 5]


def test_its_candles_are_those_of_the_rows() -> None:
    batch = bars(TABLE)
    made = grid(batch)

    row = made.row(1, SHARE.id)
    candles = [row.candle(number) for number in range(len(made))]

    assert candles == [batch.candle(1, SHARE.id), None, batch.candle(4, SHARE.id)]
    assert candles[2] == made.candle(1, 2, SHARE.id)
    assert candles[0] == Candle(SHARE.id, 60, moment("09:15:00"), 50_0000, 52_0000, 49_0000, 51_0000, 10, 7)


@given(made=grids(5, 12))
def test_rows_of_a_grid_make_the_same_grid(made: BarGrid) -> None:
    assert same(grid(made.rows()).rows(), made.rows())


@given(made=grids(5, 12), other=grids(5, 12))
def test_each_grid_has_its_own_places_whatever_grids_there_were(made: BarGrid, other: BarGrid) -> None:
    for each in (made, other):
        assert [each.slots.item(place) for place in each.places.values()] == list(each.places)
        assert list(each.places) == each.slots.tolist()


@given(made=grids(5, 12), cut=st.integers(0, 12))
def test_a_piece_of_a_grid_is_the_grid_of_a_piece(made: BarGrid, cut: int) -> None:
    early, late = made[:cut].rows(), made[cut:].rows()
    split = int(made.rows().at.searchsorted(made.at[cut])) if cut < len(made) else len(made.rows())

    assert same(early, made.rows()[:split])
    assert same(late, made.rows()[split:])


@given(steps=st.lists(st.integers(1, 3), max_size=7), asked=st.integers(-2, 25), start=st.integers(0, 8))
@example(steps=[2, 2, 2], asked=3, start=0).via("a clock that ticks as ever")
@example(steps=[2, 1, 3], asked=3, start=0).via("as far from first to last as three steps of two")
def test_a_moment_is_found_whether_or_not_moments_follow_each_other_regularly(
    steps: list[int], asked: int, start: int
) -> None:
    moments = [int(each) for each in moment("09:15") + np.cumsum([0, *steps])]
    empty = np.zeros((1, len(moments)), np.int64)
    made = BarGrid(60, np.array(moments), np.array([0], np.int32), empty, empty, empty, empty, empty, empty)
    start, wanted = min(start, len(moments)), moments[0] + asked

    assert list(made.ends) == made.moments == moments
    assert made.first_from(wanted, start) == bisect_left(moments, wanted, start)


def test_bars_known_late_are_rows() -> None:
    late = moment("09:17:00")

    assert grid(bars(TABLE)).not_before(late).at.tolist() == [late, late, late, *[moment("09:18:00")] * 2]


@pytest.mark.parametrize(
    ("what", "table"),
    [
        (
            "a moment's bars out of order of their slots",
            "time of open high low close\n09:15:00 ACME 1 1 1 1\n09:15:00 NIFTY 1 1 1 1",
        ),
        ("a bar twice", "time of open high low close\n09:15:00 ACME 1 1 1 1\n09:15:00 ACME 2 2 2 2"),
    ],
)
def test_what_no_grid_can_say_stays_rows(what: str, table: str) -> None:
    assert BarGrid.of(bars(table)) is None, what


def test_neither_nothing_nor_two_days_are_a_grid() -> None:
    batch = bars(TABLE)
    tomorrow = bars_of(TABLE, lambda name: UNIVERSE.slot(SLOTS[name].id), NEXT_DAY, 60)
    both = (np.concatenate((getattr(batch, n), getattr(tomorrow, n))) for n in ("at", "slot", *FIELDS))

    assert BarGrid.of(batch[:0]) is None
    assert BarGrid.of(BarBatch(60, *both)) is None


@given(
    first=grids(7, 10),
    second=st.integers(0, 2**32),
    looks=st.lists(st.sampled_from(["quote", "mark", "columns", "ticks"]), min_size=10, max_size=10),
    before=st.booleans(),
)
def test_a_board_that_is_shown_a_grid_says_what_one_says_that_is_given_its_rows(
    first: BarGrid,
    second: int,
    looks: list[str],
    before: bool,  # noqa: FBT001
) -> None:
    shown, given_rows = Board(UNIVERSE), Board(UNIVERSE)
    if before:
        table = "time of last bid ask bid_quantity ask_quantity volume\n09:15:00 ACME 100 99 101 5 6 40"
        batch = ticks_of(table, lambda _: UNIVERSE.slot(SHARE.id), DAY)
        for board in (shown, given_rows):
            board.apply(batch, 0, 1)
    later = grid_of(second, list(range(len(UNIVERSE))), 3, opens=int(first.at[-1]))
    for grid_ in (first, later):
        rows = grid_.rows()
        shown.show(grid_)
        for number, (at, look) in enumerate(zip(grid_.moments, looks, strict=False)):
            shown.moment = number
            start, stop = rows.at.searchsorted(at, "left"), rows.at.searchsorted(at, "right")
            given_rows.apply_bars(rows, int(start), int(stop))
            if look in ("quote", "columns"):
                slots = range(len(UNIVERSE))
                assert [shown.quote(s) for s in slots] == [given_rows.quote(s) for s in slots]
            if look == "mark":
                assert [shown.mark(i.id) for i in UNIVERSE] == [given_rows.mark(i.id) for i in UNIVERSE]
            if look == "columns":
                assert columns(shown) == columns(given_rows)
            if look == "ticks":
                assert shown.ticks == given_rows.ticks
    assert columns(shown) == columns(given_rows)
    for board in (shown, given_rows):
        board.clear()
    assert columns(shown) == columns(given_rows)


def test_a_shown_grid_stands_until_its_moment_and_no_further() -> None:
    made = grid(bars(TABLE))
    board = Board(UNIVERSE)
    board.show(made)

    assert board.mark(SHARE.id) == board.mark(INDEX.id) == 0

    board.moment = 1

    assert (board.mark(INDEX.id), board.mark(SHARE.id)) == (101_5000, 51_0000)
    assert board.quote(UNIVERSE.slot(SHARE.id)).at == moment("09:15:00") + 60 * NS_PER_SECOND
    assert board.last[UNIVERSE.slot(INDEX.id)] == 101_5000
