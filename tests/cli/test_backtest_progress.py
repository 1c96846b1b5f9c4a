"""The bar of a backtest: what it says while data goes by, and that a pipe gets none of it."""

import io

import pytest
from rich.console import Console

from kasauti.cli.backtest_progress import rate_words, shown_progress
from kasauti.compose.recorded import Progress
from kasauti.domain.ist import parse_ist


@pytest.mark.parametrize(
    ("rows", "seconds", "words"),
    [(2_500_000, 1.0, "2.5 M rows/s"), (45_000, 1.0, "45 k rows/s"), (10, 0.0, "")],
)
def test_a_rate_is_said_in_thousands_or_millions(rows: int, seconds: float, words: str) -> None:
    assert rate_words(rows, seconds) == words


def test_a_terminal_sees_the_day_and_how_much_is_done() -> None:
    console = Console(force_terminal=True, width=100, file=io.StringIO())
    with shown_progress(console) as tell:
        assert tell is not None
        tell(Progress(500, parse_ist("2026-11-23T15:30:00"), 1, 4))
        tell(Progress(1_000, parse_ist("2026-11-24T15:30:00"), 2, 4))

    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "Tue 24 Nov 2026" in shown
    assert "50%" in shown


def test_of_a_single_day_the_bar_shows_how_much_is_over() -> None:
    morning, noon, evening = (
        Progress(1, parse_ist(f"2026-11-23T{clock}"), 1, 1).part
        for clock in ("09:15:00", "12:22:30", "18:00:00")
    )

    assert (morning, noon, evening) == (0.0, 0.5, 1.0)
    assert Progress(1, parse_ist("2026-11-25T12:22:30"), 2, 4).part == 1.5 / 4


def test_a_pipe_sees_nothing() -> None:
    console = Console(file=io.StringIO())
    with shown_progress(console) as tell:
        assert tell is None

    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == ""
