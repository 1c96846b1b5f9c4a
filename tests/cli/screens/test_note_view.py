"""What strategies remember, whatever the shape of their note."""

import json

import msgspec
import pytest
from rich.layout import Layout
from tests.analytics.logs import Logbook
from tests.cli.screens.drawn import NOON, board, drawn

from kasauti.cli.note_view import NotesView, Remembered, read_note
from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.money import rupees
from kasauti.domain.order import Side


def _read(note: object, mark: int = 0) -> list[tuple[str, str]]:
    return [(each.label, each.value) for each in read_note(json.dumps(note).encode(), mark)]


@pytest.mark.parametrize(
    ("key", "value", "label", "text"),
    [
        ("entry_price", rupees("152.30"), "entry price", "152.30"),
        ("peak", rupees("171.05"), "peak", "171.05"),
        ("strike", rupees("26000"), "strike", "26000"),
        ("open_interest", 7_080_000, "open interest", "70.80L"),
        ("entry_at", NOON, "entry at", "12:00:00"),
        ("trades_today", 1, "trades today", "1"),
        ("direction", "CALL", "direction", "CALL"),
        ("armed", True, "armed", "yes"),
        ("armed", False, "armed", "no"),
        ("share", 0.25, "share", "0.25"),
        ("tags", ["a", "b"], "tags", "a, b"),
        ("peak", 524_256, "peak", "52.43"),
        ("entry_order", "PAPER_20261123102500_NIFTY26NOV25900CE_2G", "entry order", "#2G"),
        ("instrument", "NFO:NIFTY26NOV25900CE", "instrument", "NIFTY26NOV25900CE"),
        ("candle", {"ends": NOON}, "candle ends", "12:00:00"),
        ("held", {"peak": rupees("130")}, "peak", "130.00"),
    ],
)
def test_keys_say_what_numbers_are(key: str, value: object, label: str, text: str) -> None:
    assert _read({key: value}) == [(label, text)]


@pytest.mark.parametrize("empty", [None, "", [], {}, list(range(20)), {str(n): n for n in range(20)}])
def test_what_is_empty_or_long_is_left_out(empty: object) -> None:
    assert _read({"reason": empty, "strike": rupees("26000")}) == [("strike", "26000")]


def test_stops_come_first_and_are_prices_but_for_open_interest() -> None:
    note = {"held": {"peak": rupees("130"), "levels": {"initial": rupees("75"), "oi_reversal": 7_080_000}}}

    assert _read(note) == [("initial stop", "75.00"), ("oi reversal stop", "70.80L"), ("peak", "130.00")]


def test_stops_say_how_far_they_are_from_the_price() -> None:
    note = {"stops": {"initial": rupees("75"), "trailing": 0, "oi_reversal": 7_080_000}}

    assert _read(note, mark=rupees("100")) == [
        ("initial stop", "75.00 (-25.00 %)"),
        ("trailing stop", "–"),  # noqa: RUF001
        ("oi reversal stop", "70.80L"),
    ]


def test_conditions_say_whether_they_hold() -> None:
    verdict = {"condition": "vwap", "holds": False, "because": "99.00 is below 101.00"}

    assert read_note(json.dumps({"verdicts": [verdict]}).encode()) == [
        Remembered("vwap", "99.00 is below 101.00", holds=False)
    ]


def test_a_note_that_is_no_object_is_shown_as_it_is() -> None:
    assert _read([1, 2]) == [("note", "[1, 2]")]


def _view(note: object, market: Board | None = None) -> list[str]:
    book = Logbook()
    book.open_day()
    book.trade(Side.BUY, 75, "10", strategy="oi")
    book.write(ev.StrategyNoted("oi", msgspec.Raw(json.dumps(note).encode())))
    return drawn(NotesView(book.state, market or board()), 100)


def test_stops_are_measured_from_what_the_strategy_holds() -> None:
    """The call lasts at 9.00."""
    assert "7.50 (-16.67 %)" in _view({"stops": {"initial": rupees("7.50")}})[1]


def test_short_values_stand_side_by_side_where_they_fit() -> None:
    note = {f"number_{n}": n for n in range(6)}

    assert len(_view(note)) == 1 + 2
    assert _view(note)[1].split() == ["number", "0", "0", "number", "2", "2", "number", "4", "4"]


def _verdicts(because: str) -> list[dict[str, object]]:
    return [{"condition": c, "holds": h, "because": because} for c, h in (("chain", True), ("vwap", False))]


def test_conditions_have_a_line_each_and_what_does_not_hold_comes_first() -> None:
    assert _view({"verdicts": _verdicts("so")})[1:] == ["no  vwap: so", "yes chain: so"]


def test_conditions_wrap_where_there_is_room_and_are_cut_where_there_is_not() -> None:
    book = Logbook()
    book.open_day()
    note = json.dumps({"verdicts": _verdicts("word " * 12)}).encode()
    book.write(ev.StrategyNoted("oi", msgspec.Raw(note)))

    tall = drawn(Layout(NotesView(book.state, board())), 40, 10)
    short = drawn(Layout(NotesView(book.state, board())), 40, 4)

    assert tall[2].startswith("    word")
    assert short[1].endswith("…")
    assert short[2].startswith("yes chain: word")


def test_a_strategy_that_holds_nothing_measures_nothing() -> None:
    book = Logbook()
    book.open_day()
    book.write(ev.StrategyNoted("oi", msgspec.Raw(b'{"stops":{"initial":75000}}')))

    assert "%" not in "\n".join(drawn(NotesView(book.state, board())))
