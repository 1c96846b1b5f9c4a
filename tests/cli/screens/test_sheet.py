"""Tables, lines and boxes that fit the room they get."""

import pytest
from rich.layout import Layout
from rich.text import Text
from tests.cli.screens.drawn import drawn

from kasauti.cli.sheet import Abreast, Box, Column, Figures, Grid, Lines, Sheet, joined, spread

COLUMNS = [
    Column("Name"),
    Column("First", right=True, drop=1),
    Column("Second", right=True, drop=2),
    Column("Reason", drop=3, least=10),
]
ROWS = [
    ["NIFTY26NOV26000CE", "1,234.50", "12.00", "because the ask came to its limit"],
    ["INFY", "7.00", "1.00", ""],
]


def _sheet(**more: bool) -> Sheet:
    return Sheet(COLUMNS, ROWS, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", range(20, 161, 7))
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(len(line) for line in drawn(_sheet(), width)) <= width


@pytest.mark.parametrize(
    ("width", "heads"),
    [
        (120, "Name First Second Reason"),
        (60, "Name First Second Reason"),
        (45, "Name First Second"),
        (30, "Name First"),
        (20, "Name"),
    ],
)
def test_the_least_important_columns_go_first(width: int, heads: str) -> None:
    assert drawn(_sheet(), width)[0].split() == heads.split()


def test_a_text_is_shortened_before_its_column_goes() -> None:
    lines = drawn(_sheet(), 60)

    assert "because th" in lines[2]
    assert "…" in lines[2]


def test_numbers_end_in_one_column() -> None:
    first, second = drawn(_sheet(), 120)[2:4]

    assert first.index("1,234.50") + len("1,234.50") == second.index("7.00") + len("7.00")


def test_a_sheet_without_rows_says_so() -> None:
    assert drawn(Sheet(COLUMNS, [], empty="Nothing yet.")) == ["Nothing yet."]


def test_a_footer_has_the_sums() -> None:
    assert drawn(Sheet(COLUMNS, ROWS, footer=["All", "1,241.50", "13.00", ""]))[-1].split() == [
        "All",
        "1,241.50",
        "13.00",
    ]


@pytest.mark.parametrize(("newest_last", "kept"), [(False, ["0", "1"]), (True, ["8", "9"])])
def test_where_not_all_rows_fit_the_right_ones_stay(newest_last: bool, kept: list[str]) -> None:  # noqa: FBT001
    sheet = Sheet([Column("N")], [[str(n)] for n in range(10)], newest_last=newest_last)

    assert drawn(Layout(sheet), 20, 4)[2:] == kept


def test_lines_are_cut_and_the_last_ones_stay() -> None:
    lines = Lines([Text("x" * 50), Text("yesterday"), Text("today")])

    assert drawn(Layout(lines), 8, 2) == ["yesterd…", "today"]


def test_no_lines_say_so() -> None:
    assert drawn(Lines([], empty="Quiet.")) == ["Quiet."]


@pytest.mark.parametrize(("width", "title"), [(40, "A long title"), (16, "Short")])
def test_a_box_takes_the_first_title_that_fits(width: int, title: str) -> None:
    assert title in drawn(Box(["A long title", "Short"], Text("x")), width)[0]


def test_texts_of_a_grid_wrap_under_themselves() -> None:
    lines = drawn(Grid([("label", "one two three four five six")]), 22)

    assert lines[0].startswith("label  one")
    assert all(line.startswith(" " * 7) for line in lines[1:])


def test_a_grid_is_never_wider_than_it_may() -> None:
    assert max(len(line) for line in drawn(Grid([("a", "word " * 60)], widest=60), 160)) <= 60


def test_blocks_stand_side_by_side_where_they_fit() -> None:
    blocks = [Figures("", [("Gross", "1.00"), ("Net", "20.00")]), Figures("", [("Trips", "3")])]

    assert drawn(Abreast(blocks), 60)[0].split() == ["Gross", "1.00", "Trips", "3"]
    assert drawn(Abreast(blocks), 16) == ["Gross   1.00", "Net    20.00", "", "Trips  3"]


def test_a_block_without_rows_says_so() -> None:
    assert drawn(Figures("Charges", [], empty="None.")) == ["Charges", "None."]


def test_two_ends_of_a_line() -> None:
    assert spread(Text("left"), Text("right"), 12).plain == "left   right"
    assert spread(Text("a long left"), Text("right"), 12).plain == "a lon… right"


def test_parts_are_joined() -> None:
    assert joined(["a", Text("b"), "c"], " · ").plain == "a · b · c"
