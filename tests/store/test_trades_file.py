import csv
from pathlib import Path

import pytest
from tests.store.stories import CALL, Story

from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.order import Product, Side
from kasauti.domain.state import State
from kasauti.store.trades_file import (
    COLUMNS,
    Row,
    append_rows,
    fill_row,
    last_event,
    settlement_row,
    trades_path,
    whole_file,
)


def one_fill(strategy: str = "momentum", tag: str = "entry") -> Row:
    story = Story()
    events = [*story.opened(), *story.started(), *story.day_opened()]
    events += [*story.placed(strategy=strategy, tag=tag), *story.filled(65)]
    state = State.replay(events)
    fill = events[-1].event
    assert isinstance(fill, ev.OrderFilled)
    return fill_row(events[-1], fill, state.orders[fill.order_id])


def cells(row: Row) -> dict[str, str]:
    """Return a row as a program reads it."""
    [read] = list(csv.DictReader(whole_file([row]).decode().splitlines()))
    return read


def test_a_row_says_everything_of_a_trade() -> None:
    assert cells(one_fill()) == {
        "event": "6",
        "time": "2026-01-13T09:14:56.000+05:30",
        "trade_id": "T-000005",
        "order_id": "P-00001",
        "symbol": CALL,
        "side": "BUY",
        "quantity": "65",
        "price": "123.45",
        "value": "8024.25",
        "brokerage": "20.00",
        "stt": "0.00",
        "exchange": "2.81",
        "ipft": "0.04",
        "sebi": "0.01",
        "stamp": "0.24",
        "gst": "4.11",
        "charges": "27.21",
        "strategy": "momentum",
        "tag": "entry",
        "product": "MIS",
        "profile": "depth/1",
        "rule": "took the opposite side of the book",
    }


def test_a_settlement_is_the_trade_that_closes() -> None:
    evidence = Evidence(Source.SETTLEMENT, Rule.SETTLED, 5, 452_500, "settlement/1")
    settled = ev.PositionSettled(CALL, Product.NRML, -65, 452_500, Charges(stt=36_800), evidence)
    row = cells(settlement_row(ev.Recorded(40, Story().at, "timer:close", settled), settled))
    assert (row["side"], row["quantity"], row["value"], row["order_id"]) == (Side.BUY, "65", "2941.25", "")
    assert (row["charges"], row["rule"], row["profile"]) == ("3.68", "settled at expiry", "settlement/1")


@pytest.mark.parametrize(
    ("tag", "cell"),
    [
        ("entry", "entry"),
        ("", ""),
        ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'),
        ("+1", "'+1"),
        ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\t=1+1", "' =1+1"),
        ("  =1", "'  =1"),
        ("a,b", "a,b"),
        ('say "no"', 'say "no"'),
        ("two\r\nlines", "two  lines"),
        ("nul\0\x1b[31m", "nul  [31m"),
        ("next\u2028line", "next line"),
        ("खरीद", "खरीद"),
    ],
)
def test_no_text_becomes_a_formula_or_a_second_line(tag: str, cell: str) -> None:
    row = one_fill(tag=tag, strategy=tag)
    assert cells(row)["tag"] == cells(row)["strategy"] == cell
    assert row.line.count(b"\n") == 1
    assert len(next(csv.reader([row.line.decode()]))) == len(COLUMNS)


def test_the_file_is_named_after_the_start_of_its_session_in_ist(tmp_path: Path) -> None:
    assert trades_path(tmp_path, Story().at) == tmp_path / "logs" / "trades_20260113_091450.csv"


ROWS = [Row(n, f"{n},row {n}\n".encode()) for n in (3, 7, 8, 40)]


def test_rows_are_added_once(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "trades.csv"
    assert last_event(path) == 0
    append_rows(path, ROWS[:1])
    for end in (2, 2, 4, 3):
        append_rows(path, ROWS[:end])
    assert path.read_bytes() == whole_file(ROWS)
    assert last_event(path) == 40


@pytest.mark.parametrize("cut", range(1, len(ROWS[-1].line) + 1))
def test_a_torn_last_line_is_taken_away(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "trades.csv"
    path.write_bytes(whole_file(ROWS)[:-cut])
    assert last_event(path) == 8
    append_rows(path, ROWS)
    assert path.read_bytes() == whole_file(ROWS)


@pytest.mark.parametrize("cut", [0, 1, 50, len(whole_file([])) - 1])
def test_a_file_that_has_hardly_begun_is_continued_or_found_foreign(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "trades.csv"
    path.write_bytes(whole_file([])[: len(whole_file([])) - cut])
    if cut:
        with pytest.raises(ValueError, match="a last line that no trade wrote"):
            append_rows(path, ROWS)
    else:
        append_rows(path, ROWS)
        assert path.read_bytes() == whole_file(ROWS)


def test_a_long_file_is_continued_at_its_end(tmp_path: Path) -> None:
    path, rows = tmp_path / "trades.csv", [Row(n, f"{n},{'x' * 300}\n".encode()) for n in range(1, 400)]
    append_rows(path, rows[:-1])
    append_rows(path, rows)
    assert path.read_bytes() == whole_file(rows)
