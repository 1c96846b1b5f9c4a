"""Data frames and lists of files: the same checks and the same bars as a file with the same rows."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.feeds.recorded.files import columns, counts, rows, save

from kasauti.compose.recorded_markets import market_of_data
from kasauti.errors import InvalidInput, MarketDataError
from kasauti.feeds.recorded.recording import check, open_recording

BARS = """symbol time open high low close volume open_interest
NIFTY26JANFUT 09:15 100 102 99 101 500 65
NIFTY26JANFUT 09:16 101 103 100 102 600 130
RELIANCE 09:15 101 104 100 102 700 0
RELIANCE 09:16 101 103 101 102 600 0
RELIANCE 09:17 102 99 101 102 600 0
"""
NAMES = ("open", "high", "low", "close", "volume", "open_interest")


def _table() -> dict[str, list[Any]]:
    table = columns(BARS.replace(" time ", " ts "))
    return {"time" if name == "ts" else name: values for name, values in table.items()}


def _polars(table: dict[str, list[Any]]) -> object:
    return pytest.importorskip("polars").DataFrame(table)


def _polars_lazy(table: dict[str, list[Any]]) -> object:
    return pytest.importorskip("polars").DataFrame(table).lazy()


def _polars_categories(table: dict[str, list[Any]]) -> object:
    polars = pytest.importorskip("polars")
    return polars.DataFrame(table).with_columns(polars.col("symbol").cast(polars.Categorical))


def _pandas(table: dict[str, list[Any]]) -> object:
    return pytest.importorskip("pandas").DataFrame(table)


def _pandas_by_time(table: dict[str, list[Any]]) -> object:
    return pytest.importorskip("pandas").DataFrame(table).set_index("time")


FRAMES = [_polars, _polars_lazy, _polars_categories, _pandas, _pandas_by_time, pa.table]


@pytest.mark.parametrize("made", FRAMES)
def test_a_data_frame_is_checked_and_read_as_a_file_is(made: Any, tmp_path: Path) -> None:
    in_file = open_recording(save(tmp_path / "bars.parquet", _table()))

    in_memory = open_recording(made(_table()))

    assert rows(in_memory, *NAMES) == rows(in_file, *NAMES)
    assert rows(in_memory, *NAMES)[0] == (
        "09:16:00", "NIFTY26JANFUT", 1_000_000, 1_020_000, 990_000, 1_010_000, 500, 65,
    )  # fmt: skip
    assert counts(in_memory) == counts(in_file) == {"impossible_bar": 1}
    (finding,) = (each for each in in_memory.report.findings if each.kind == "impossible_bar")
    assert (finding.first.file, finding.first.row) == ("the data frame", 5)


def test_a_market_of_a_data_frame_has_its_days_and_instruments() -> None:
    market = market_of_data(pa.table(_table()), symbols=["RELIANCE"], start=date(2026, 1, 22))

    assert [instrument.id for instrument in market.universe] == ["NSE:RELIANCE"]
    assert list(market.days) == [date(2026, 1, 22)]
    assert market.is_bars
    (grid,) = market.play(None)
    assert len(grid) == 2
    assert market.label == "recorded data, the data frame"
    dropped, lacking = market.gaps
    assert dropped.startswith("bar whose high or low is inside its open and close: 1, dropped")
    assert lacking.startswith("stretch of the session without data: 373, kept")


def test_a_data_frame_in_utc_is_read_so() -> None:
    table = _table() | {"time": [datetime.fromisoformat(f"2026-01-22T03:4{n % 3 + 5}") for n in range(5)]}

    market = market_of_data(pa.table(table), time_zone="UTC")

    assert list(market.days) == [date(2026, 1, 22)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pa.table({name: _table()[name] for name in ("time", "symbol", "open")}), "of no known layout: time"),
        (pa.table(_table()).slice(0, 0), "the data frame has no rows"),
        (pa.table(_table()).set_column(0, "symbol", pa.array(range(5))), "'symbol' holds int64"),
        (pa.table(_table() | {"close": ["a"] * 5}), "'close' holds string"),
    ],
)
def test_a_data_frame_that_is_none_of_a_market_is_refused(data: Any, message: str) -> None:
    with pytest.raises(MarketDataError, match=message):
        market_of_data(data)


@pytest.mark.parametrize(("data", "message"), [(7, "int is no market data"), ([], "No data was given")])
def test_anything_else_is_no_data(data: object, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        market_of_data(data)


def test_a_time_zone_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'CET' is not a time zone of data"):
        market_of_data(pa.table(_table()), time_zone="CET")


def test_files_can_be_listed_and_matched(tmp_path: Path) -> None:
    """A file that two names match counts once."""
    for day in ("2026-01-22", "2026-01-23"):
        table = _table()
        table["time"] = [moment.replace(day=int(day[-2:])) for moment in table["time"]]
        save(tmp_path / f"bars_{day}.parquet", table)

    listed = market_of_data([tmp_path / "bars_2026-01-22.parquet", str(tmp_path / "bars_2026-01-23.parquet")])
    matched = market_of_data([str(tmp_path / "*.parquet"), tmp_path])

    assert list(listed.days) == list(matched.days) == [date(2026, 1, 22), date(2026, 1, 23)]
    with pytest.raises(MarketDataError, match=r"none\*\.parquet matches no file"):
        check(tmp_path / "none*.parquet")
