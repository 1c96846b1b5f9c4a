"""Frames: the same rows as the run, in exact rupees and IST."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.logs import CALL, SHARE, Logbook, evidence
from tests.analytics.runs import clock, days_of, equity_of, fills_of, orders_of, run_of, trips_of
from tests.analytics.tapes import run_of as run_of_book

from kasauti.analytics import frames
from kasauti.analytics.run import Run
from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Side
from kasauti.errors import InvalidInput

IST = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def run() -> Run:
    return run_of(
        orders=orders_of((clock(10), 0, 1, "SL-M", "101.05"), (clock(11), 1, -1, "LIMIT", "0")),
        fills=fills_of((clock(10), 0, 1, 3, "101.1"), (clock(11), 1, -1, 2, "0.05")),
        trips=trips_of("12.5", "-3", charges="1.25"),
        equity=equity_of("100010", "99990"),
        days=days_of("100010", "99000"),
    )


def test_money_is_exact_rupees_and_moments_are_ist(run: Run) -> None:
    row = frames.trades(run).row(0, named=True)
    assert row["at"] == datetime(2026, 11, 23, 10, 0, tzinfo=IST)
    assert (row["price"], row["value"]) == (Decimal("101.1"), Decimal("303.3"))
    assert (row["symbol"], row["side"], row["quantity"]) == ("INFY", "BUY", 3)


def test_round_trips_have_their_charges_by_head_and_their_net(run: Run) -> None:
    frame = frames.round_trips(run)
    assert frame["net"].to_list() == [Decimal("12.5"), Decimal(-3)]
    assert frame["brokerage"].to_list() == frame["charges"].to_list() == [Decimal("1.25")] * 2
    assert frame["side"].to_list() == ["LONG", "LONG"]
    assert frame["holding"].to_list() == [timedelta(seconds=30)] * 2
    assert frame["exit_reason"].to_list() == ["target"] * 2


def test_what_an_order_does_not_have_is_null(run: Run) -> None:
    row = frames.orders(run).row(0, named=True)
    assert row["trigger_price"] == Decimal("101.05")
    assert (row["price"], row["average_price"], row["ended_at"]) == (None, None, None)


def test_days_have_their_result_by_equity(run: Run) -> None:
    frame = frames.daily(run)
    assert frame["result"].to_list() == [Decimal(10), Decimal(-1010)]
    assert frame["change"].to_list() == pytest.approx([0.0001, -1010 / 100_010])


def test_the_equity_frame_knows_how_far_it_has_fallen(run: Run) -> None:
    frame = frames.equity(run)
    assert frame["drawdown"].to_list() == [Decimal(0), Decimal(-20)]
    assert frame["benchmark"].null_count() == 2


def test_a_contract_that_expired_has_no_order() -> None:
    book = Logbook()
    book.open_day()
    book.trade(Side.SELL, 65, "80")
    why = evidence(book.at, rupees("12"), source=Source.SETTLEMENT, rule=Rule.SETTLED)
    book.write(ev.PositionSettled(CALL, Product.NRML, -65, rupees("12"), Charges(), why))
    assert frames.trades(run_of_book(book))["order_id"].to_list()[1:] == [None]
    assert SHARE not in frames.trades(run_of_book(book))["symbol"]


def test_a_run_without_anything_has_empty_frames_of_the_same_columns(run: Run) -> None:
    empty = run_of()
    for make in frames.FRAMES.values():
        assert len(make(empty)) == 0
        assert make(empty).columns == make(run).columns


@given(st.lists(st.integers(-(2**62), 2**62), max_size=20))
def test_rupees_are_exact_whatever_the_amount(units: list[int]) -> None:
    series = frames._rupees(np.array(units, np.int64))
    assert series.to_list() == [Decimal(each) / 10_000 for each in units]


def test_floats_turn_all_money_and_nothing_else(run: Run) -> None:
    frame = frames.floats(frames.trades(run))
    assert frame["price"].to_list() == pytest.approx([101.1, 0.05])
    assert frame["quantity"].dtype == pl.Int64


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_files_hold_what_the_frames_do(run: Run, tmp_path: Path, suffix: str) -> None:
    frames.write(run, tmp_path / f"run{suffix}")
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {f"run.{name}{suffix}" for name in frames.FRAMES}
    if suffix == ".csv":
        first = (tmp_path / "run.trades.csv").read_text().splitlines()[1]
        assert first.startswith("2026-11-23T10:00:00.000+05:30,INFY,BUY,3,101.1000,303.3000,")
    else:
        read = pl.read_parquet(tmp_path / "run.trades.parquet")
        assert read.equals(frames.trades(run))


def test_another_suffix_is_an_error(run: Run, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"\.csv or \.parquet"):
        frames.write(run, tmp_path / "run.xlsx")


def test_pandas_gets_the_same_rows(run: Run) -> None:
    pytest.importorskip("pandas")
    table = frames.floats(frames.round_trips(run)).to_pandas()
    assert table["net"].tolist() == [12.5, -3.0]
